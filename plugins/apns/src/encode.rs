//! Message to request: the path, the headers, and the body from `payload`.
//!
//! In: a channel, a message, a device, the grant. Out: one HTTP/2 request, or the field
//! for which APNs would refuse it. After "Sending notification requests to APNs".

use nudged_plugin_api::{
    Badge, Click, Context, EncodeError, HttpRequest, Kind, Lifetime, Message, Notice, Priority,
    Rendered, Target, Timestamp,
};

use crate::options::{BAD_OPTION, Options};
use crate::payload;
use crate::push_type::PushType;
use crate::settings::{Channel, Credential};

/// Apple: at most 64 bytes, not characters.
const COLLAPSE_ID_LIMIT: usize = 64;
/// Apple promises no length; a token is 64 digits today, and this is a bound against nonsense.
const TOKEN_LIMIT: usize = 200;

/// The request that delivers `message` to `target`.
pub fn request(
    channel: &Channel,
    message: &Message,
    target: &Target,
    context: &Context<'_>,
) -> Result<Rendered, EncodeError> {
    let options = Options::read(message.options.as_deref())?;
    let push_type = push_type(message.kind, options.push_type)?;
    options.check(push_type)?;
    let topic = topic(channel, push_type)?;
    let collapse_id = collapse_id(message, &options)?;
    let token = device_token(&target.token)?;
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
    Ok(Rendered::new(request.body(body)).notices(notices(message, target)))
}

/// What of an alert a phone does not do as asked.
fn notices(message: &Message, target: &Target) -> Vec<Notice> {
    let mut notices = Vec::new();
    if message.kind != Kind::Alert {
        return notices;
    }
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
    notices
}

/// The message's kind says it; the option is for what the kind has no word for.
fn push_type(kind: Kind, option: Option<PushType>) -> Result<PushType, EncodeError> {
    let meant = match kind {
        Kind::Alert => return Ok(option.unwrap_or(PushType::Alert)),
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
        Some(other) if other != meant => Err(EncodeError::new(
            BAD_OPTION,
            "options.push_type",
            format!(
                "is {}, but the message is of kind {}; leave one of them out",
                other.as_str(),
                meant.as_str()
            ),
        )),
        _ => Ok(meant),
    }
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

fn collapse_id<'a>(
    message: &'a Message,
    options: &'a Options<'_>,
) -> Result<Option<&'a str>, EncodeError> {
    let (field, id) = match (&options.collapse_id, &message.collapse_key) {
        (Some(id), _) => ("options.collapse_id", id),
        (None, Some(id)) => ("collapse_key", id),
        (None, None) => return Ok(None),
    };
    let refuse = |problem| Err(EncodeError::new("BadCollapseId", field, problem));
    if id.len() > COLLAPSE_ID_LIMIT {
        return refuse(format!(
            "is {} bytes, APNs takes {COLLAPSE_ID_LIMIT}",
            id.len()
        ));
    }
    if !id.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return refuse("has characters that a header cannot carry; use printable ASCII".to_owned());
    }
    Ok(Some(id))
}

/// Tokens are hexadecimal; one phone's token must not look like two.
pub fn device_token(token: &str) -> Result<String, EncodeError> {
    let problem = if token.is_empty() {
        "is empty".to_owned()
    } else if token.len() > TOKEN_LIMIT {
        format!("is {} characters, more than {TOKEN_LIMIT}", token.len())
    } else if !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        "is not hexadecimal; the app must report the token's bytes as hex digits".to_owned()
    } else if !token.len().is_multiple_of(2) {
        format!("has {} hex digits, half a byte too many", token.len())
    } else {
        return Ok(token.to_ascii_lowercase());
    };
    Err(EncodeError::new("BadDeviceToken", "token", problem))
}

#[cfg(test)]
mod tests;
