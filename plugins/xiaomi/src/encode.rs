//! Message and devices to request: `POST /v3/message/regid`.
//!
//! In: the channel, the batch and the time. Out: the request with what there is to say about
//! it, or which option Xiaomi would refuse for sure. A message that is too long is fitted, see
//! [`nudged_driver_kit::fit`]. One that Xiaomi may refuse for its words or its channel leaves a
//! memo, see `again`. The form's fields are put together in `plan`: the message's class is decided
//! in `route`, what is seen and heard in `shown`, what a tap does in `click`, and what keys of the
//! sender's own go along in `extras`.

mod again;
mod click;
mod extras;
mod plan;
mod route;
mod shown;

use nudged_driver_kit::fit::{Extras, fitted};
use nudged_driver_kit::text::present;
use nudged_driver_kit::token;
use nudged_driver_kit::trial::{Trial, names_a_test};
use nudged_plugin_api::{
    Batch, Context, EncodeError, HttpRequest, Kind, Message, Notice, Rendered, Timestamp, too_large,
};

use crate::options::Options;
use crate::settings::{Channel, MAX_BODY};

pub(crate) use again::Again;
use plan::Plan;
use route::{Class, route};

/// Longest regid; real ones are base64 of 44 to about 100 characters.
const MAX_REGID: usize = 256;

/// The request that delivers the batch's message to its devices.
pub(crate) fn request(
    channel: &Channel,
    batch: Batch<'_>,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let pass_through = match batch.message.kind {
        Kind::Alert => false,
        Kind::Background => true,
        _ => {
            return Err(EncodeError::new(
                "KindUnsupported",
                "kind",
                "is not one of Xiaomi's; expected alert or background",
            ));
        }
    };
    let options = Options::read(batch.message)?;
    let registration_id = token::each(batch.targets, check_token)?.join(",");
    fitted(batch.message, |message, extras| {
        let make = |message: &Message| {
            let batch = Batch::new(message, batch.targets);
            made(
                channel,
                batch,
                context.now,
                &options,
                extras,
                &registration_id,
            )
        };
        let made = make(message)?;
        let mut notices = made.notices;
        let mut named = None;
        let looks_like_test = || Trial::of(message, &channel.default_title, names_a_test);
        if let Some(trial) = looks_like_test().filter(|_| !pass_through) {
            notices.push(Notice::new(
                trial.field,
                "speaks of a test, which Xiaomi may refuse; the message then goes out once more \
                 with the sender's name in front",
            ));
            named = trial.again.and_then(|again| make(&again).ok());
        }
        let asked = present(&message.channel_id).filter(|_| options.channel_id.is_none());
        let elsewhere = asked.filter(|asked| !channel.lists(asked)).and_then(|_| {
            let mut message = message.clone();
            message.channel_id = None;
            make(&message).ok()
        });
        let memo = Again::memo(named, elsewhere);
        Ok(Rendered::new(post(channel, &channel.send_url, made.body))
            .class(made.class.name())
            .recall_key(made.notify_id.map(|id| id.to_string()).unwrap_or_default())
            .memo(memo)
            .notices(notices))
    })
}

/// A form, and what there is to say of it.
struct Made {
    body: String,
    class: Class,
    notify_id: Option<u32>,
    notices: Vec<Notice>,
}

fn made(
    channel: &Channel,
    batch: Batch<'_>,
    now: Timestamp,
    options: &Options,
    extras: Extras,
    registration_id: &str,
) -> Result<Made, EncodeError> {
    let mut plan = Plan {
        channel,
        message: batch.message,
        options,
        extras,
        batch,
        now,
        notices: Vec::new(),
    };
    let route = route(channel, batch.message, options, &mut plan.notices)?;
    let form = match batch.message.kind {
        Kind::Background => plan.transparent(registration_id, &route)?,
        _ => plan.notification(registration_id, &route)?,
    };
    let body = form.encode();
    if body.len() > MAX_BODY {
        return Err(too_large("message", body.len(), MAX_BODY, "bytes"));
    }
    Ok(Made {
        body,
        class: route.class,
        notify_id: form.notify_id,
        notices: plan.notices,
    })
}

/// A form of this app.
pub(crate) fn post(channel: &Channel, url: &str, form: String) -> HttpRequest {
    HttpRequest::post(url)
        .header("authorization", channel.authorization.reveal())
        .header(
            "content-type",
            "application/x-www-form-urlencoded;charset=UTF-8",
        )
        .body(form)
}

/// Only what would tear the list apart or can be no regid is refused.
pub(crate) fn check_token(regid: &str) -> Result<&str, EncodeError> {
    let never: [token::Never<'_>; 2] = [
        (
            |c| c == ',',
            "has a comma, which parts one regid from the next",
        ),
        (
            |c| !c.is_ascii_graphic(),
            "has a space, a control character or a letter that is not ASCII, which no regid has",
        ),
    ];
    token::check(regid, "a regid of Xiaomi's", MAX_REGID, &never)
}
