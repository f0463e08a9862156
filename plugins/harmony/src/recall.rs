//! Taking back what Push Kit accepted: `POST /v1/{clientId}/messages:revoke`.
//!
//! In: the `notifyId` that the message was sent with, and its devices. Out: the request, and
//! what the answer means. Push Kit takes back what is not on the phone yet, or shown there and
//! not tapped; the number on the icon stays.

use nudged_driver_kit::token;
use nudged_plugin_api::{
    Class, Context, EncodeError, Exchange, HttpRequest, Recall, Rendered, Timestamp, Verdict,
};
use serde::Serialize;

use crate::decode;
use crate::encode::{ALERT, bearer, check_token};
use crate::settings::Channel;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    notify_id: u32,
    token: &'a [&'a str],
}

/// The request that takes the message back from the devices.
pub(crate) fn request(
    channel: &Channel,
    recall: Recall<'_>,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let bearer = bearer(context)?;
    let Some(url) = &channel.recall_url else {
        return Err(EncodeError::new(
            "NoClientId",
            "settings.client_id",
            "is not set, and Push Kit takes messages back by the app's client id only",
        ));
    };
    let notify_id = recall.key.parse().ok().filter(|id| *id <= i32::MAX as u32);
    let notify_id = notify_id.ok_or_else(|| {
        EncodeError::new("BadRecallKey", "recall_key", "is no notifyId of Push Kit's")
    })?;
    let tokens = token::each(recall.targets, check_token)?;
    let body = Body {
        notify_id,
        token: &tokens,
    };
    let json = serde_json::to_vec(&body).expect("texts and numbers make JSON");
    let request = HttpRequest::post(url.as_str())
        .header("authorization", bearer)
        .header("content-type", "application/json")
        .header("push-type", ALERT)
        .body(json);
    Ok(request.into())
}

/// What the answer says of each device. It is no witness against a token: the message went
/// through it a while ago.
pub(crate) fn verdicts(exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
    let mut verdicts = decode::verdicts(exchange, now);
    for verdict in &mut verdicts {
        if verdict.class == Class::InvalidToken {
            verdict.class = Class::BadRequest;
        }
    }
    verdicts
}
