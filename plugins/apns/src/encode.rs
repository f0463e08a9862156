//! Message to request: the path, the headers, and the body from `payload`.
//!
//! In: a channel, a message, a device, the grant. Out: one HTTP/2 request, or the field
//! for which APNs would refuse it. After "Sending notification requests to APNs".

use std::borrow::Cow;

use nudged_driver_kit::apple;
use nudged_driver_kit::fit::{self, Extras};
use nudged_plugin_api::{
    Badge, Batch, Click, Context, EncodeError, HttpRequest, Kind, Lifetime, Message, Notice,
    Priority, Rendered, Target, Timestamp, bad_option,
};

use crate::options::Options;
use crate::payload;
use crate::push_type::PushType;
use crate::settings::{Channel, Credential};
use crate::token;

/// The request that delivers the message, or as much of it as APNs takes, to its one device.
pub(crate) fn request(
    channel: &Channel,
    batch: Batch<'_>,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let target = batch.single();
    fit::fitted(batch.message, |message, extras| {
        fitting(channel, message, extras, target, context)
    })
    .map_err(payload::too_large_data)
}

fn fitting(
    channel: &Channel,
    message: &Message,
    extras: Extras,
    target: &Target,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let mut notices = Vec::new();
    let mut options = Options::read(message)?;
    let push_type = push_type(message.kind, options.push_type)?;
    options.check(push_type)?;
    if extras == Extras::LeftOut {
        options.leave_out(message, &mut notices);
    }
    let topic = topic(channel, push_type)?;
    let collapse_id = collapse_id(message, &options);
    let token = token::form(&target.token)?;
    let body = payload::body(
        push_type,
        message,
        &options,
        target,
        channel.mutable_content,
    )?;

    let mut request = HttpRequest::post(format!("{}/3/device/{token}", channel.origin));
    request.headers.reserve_exact(7);
    if let Some(authorization) = authorization(channel, context)? {
        request = request.header("authorization", authorization);
    }
    request = request
        .header("apns-id", target.id.as_str())
        .header("apns-push-type", push_type.as_str())
        .header("apns-topic", topic)
        .header("apns-expiration", expiration(message.lifetime, context.now))
        .header(
            "apns-priority",
            priority(message.priority, push_type, &options).to_string(),
        );
    if let Some(collapse_id) = collapse_id {
        request = request.header("apns-collapse-id", collapse_id);
    }
    notice(message, target, &mut notices);
    Ok(Rendered::new(request.body(body))
        .class(push_type.class())
        .notices(notices))
}

/// What of an alert a phone does not do as asked.
fn notice(message: &Message, target: &Target, notices: &mut Vec<Notice>) {
    if message.kind != Kind::Alert {
        return;
    }
    // req 67: what a tap cannot open becomes the app, with a notice.
    if message.click != Click::OpenApp {
        notices.push(Notice::new(
            "click",
            "a tap opens the app: APNs has no other click action; let the app read its target from ext",
        ));
    }
    if let Badge::Add(_) = target.badge.unwrap_or(message.badge) {
        notices.push(Notice::new(
            "badge",
            "stays as it is: APNs can set a badge and not add to it",
        ));
    }
}

/// The message's kind says it; the option is for what the kind has no word for.
fn push_type(kind: Kind, option: Option<PushType>) -> Result<PushType, EncodeError> {
    let meant = match kind {
        Kind::Alert => return of_alert(option.unwrap_or(PushType::Alert)),
        Kind::Background => PushType::Background,
        Kind::Voip => PushType::Voip,
        Kind::LiveActivity => PushType::LiveActivity,
        _ => {
            return Err(EncodeError::new(
                "InvalidPushType",
                "kind",
                "is of a kind that this driver is too old for",
            ));
        }
    };
    match option {
        Some(other) if other != meant => Err(bad_option(
            "push_type",
            format!(
                "is {}, but the message is of kind {}; leave one of them out",
                other.as_str(),
                meant.as_str()
            ),
        )),
        _ => Ok(meant),
    }
}

/// The daemon picks the token by the kind: an alert's is of no use to a call.
fn of_alert(option: PushType) -> Result<PushType, EncodeError> {
    // req 72: tokens are of a kind.
    let kind = match option {
        PushType::Voip => "voip",
        PushType::LiveActivity => "live_activity",
        other => return Ok(other),
    };
    Err(bad_option(
        "push_type",
        format!(
            "is {}, but the message is an alert and goes to an alert's token; set its kind to {kind}",
            option.as_str()
        ),
    ))
}

/// The bundle ID with the push type's suffix, if the credential may send to it.
fn topic(channel: &Channel, push_type: PushType) -> Result<String, EncodeError> {
    let topic = format!("{}{}", channel.topic, push_type.topic_suffix());
    let Credential::Certificate(certificate) = &channel.credential else {
        return Ok(topic);
    };
    if push_type.needs_key() {
        return Err(EncodeError::new(
            "KeyRequired",
            "kind",
            format!(
                "push type {} cannot be sent with a certificate; the channel needs a .p8 key",
                push_type.as_str()
            ),
        ));
    }
    if !certificate.covers(&topic) {
        return Err(EncodeError::new(
            "TopicDisallowed",
            "kind",
            format!(
                "push type {} goes to topic {topic}, which the channel's certificate does not list",
                push_type.as_str()
            ),
        ));
    }
    Ok(topic)
}

fn authorization(channel: &Channel, context: &Context<'_>) -> Result<Option<String>, EncodeError> {
    match (&channel.credential, context.grant) {
        (Credential::Certificate(_), _) => Ok(None),
        (Credential::Key(_), Some(grant)) => Ok(Some(format!("bearer {}", grant.value))),
        (Credential::Key(_), None) => Err(EncodeError::new(
            "MissingProviderToken",
            "grant",
            "the channel has a key, but the request was asked for without a grant",
        )),
    }
}

/// 0 = one attempt, never stored.
fn expiration(lifetime: Lifetime, now: Timestamp) -> String {
    match lifetime {
        Lifetime::Until(end) if end > now => end.seconds().to_string(),
        _ => "0".to_owned(),
    }
}

fn priority(priority: Priority, push_type: PushType, options: &Options<'_>) -> u8 {
    let asked = options.priority.unwrap_or(match priority {
        Priority::Normal => 5,
        _ => 10,
    });
    // `Options::check` left only one way to get here with another: a background push.
    if push_type.priorities().contains(&asked) {
        asked
    } else {
        5
    }
}

fn collapse_id<'a>(message: &'a Message, options: &'a Options<'_>) -> Option<Cow<'a, str>> {
    let asked = options.collapse_id.as_deref();
    let id = asked.or(message.collapse_key.as_deref())?;
    Some(apple::collapse_id(id))
}
