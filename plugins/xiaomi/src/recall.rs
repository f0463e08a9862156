//! Taking back what Xiaomi accepted: `POST /v3/message/regid/revoke`.
//!
//! In: the `notify_id` that the message was sent with, and its devices. Out: the request, and
//! what the answer means. Xiaomi names the address in its notice on the end of the older ones
//! (pId=2367) and the fields in its SDK: one `registration_ids` for each device, no list.

use form_urlencoded::Serializer;
use nudged_driver_kit::token;
use nudged_plugin_api::{Class, EncodeError, Exchange, Recall, Rendered, Timestamp, Verdict};

use crate::decode;
use crate::encode::{check_token, post};
use crate::options::MAX_NOTIFY_ID;
use crate::settings::Channel;

/// The request that takes the message back from the devices.
pub(crate) fn request(channel: &Channel, recall: Recall<'_>) -> Result<Rendered, EncodeError> {
    let notify_id: Option<u32> = recall.key.parse().ok().filter(|id| *id <= MAX_NOTIFY_ID);
    let notify_id = notify_id.ok_or_else(|| {
        EncodeError::new("BadRecallKey", "recall_key", "is no notify_id of Xiaomi's")
    })?;
    let mut form = Serializer::new(String::with_capacity(recall.targets.len() * 90 + 128));
    for regid in token::each(recall.targets, check_token)? {
        form.append_pair("registration_ids", regid);
    }
    form.append_pair("restricted_package_name", &channel.package);
    form.append_pair("notify_id", &notify_id.to_string());
    Ok(post(channel, &channel.recall_url, form.finish()).into())
}

/// What the answer says of all the devices, as Xiaomi names none of them. It is no witness
/// against a regid: the message went through it a while ago.
pub(crate) fn verdicts(exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
    let Exchange {
        targets, response, ..
    } = exchange;
    let mut verdict = decode::verdict(targets, response, now).split(false);
    if verdict.class == Class::InvalidToken {
        verdict.class = Class::BadRequest;
    }
    vec![verdict; targets.len()]
}
