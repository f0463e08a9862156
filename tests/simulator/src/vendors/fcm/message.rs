//! What FCM checks of a message whose shape is right: targets, reserved keys, ranges, size.
//! From Google's "REST Resource: projects.messages" and "About FCM messages".

use serde_json::{Map, Value};

use super::error::{INVALID_TOKEN, Refusal, Violation};
use super::parser::{parse, seconds};
use super::schema::REQUEST;

type Object = Map<String, Value>;

const MAX_TTL_SECS: f64 = 2_419_200.0;
const LIMIT_BYTES: usize = 4096;
const TOPIC_LIMIT_BYTES: usize = 2048;
/// Of APNs, to which FCM hands the header on.
const COLLAPSE_ID_BYTES: usize = 64;
const CONDITION_TOPICS: usize = 5;

/// A message that may be sent.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Token, Firebase installation id, topic or condition.
    pub(crate) target: String,
    /// Whether the target is one device.
    pub(crate) is_device: bool,
    pub(crate) validate_only: bool,
    /// Token of the Live Activity that the message is about.
    pub(crate) activity: Option<String>,
}

pub(crate) fn check(body: &Value) -> Result<Checked, Refusal> {
    let object = body.as_object().ok_or_else(|| {
        Refusal::malformed("Invalid JSON payload received. Root element must be a message.")
    })?;
    let request = parse(object, &REQUEST).map_err(|found| Refusal::violations(&found))?;
    let empty = Object::new();
    let message = object_at(&request, "message").unwrap_or(&empty);
    if message.is_empty() {
        return Err(violation("message", "The message is not set."));
    }
    let (kind, target) = target(message)?;
    check_data(message)?;
    check_android(message)?;
    check_apns(message)?;
    check_activity(message, kind)?;
    check_webpush(message)?;
    check_labels(message)?;
    let limit = match kind {
        "token" | "fid" => LIMIT_BYTES,
        _ => TOPIC_LIMIT_BYTES,
    };
    if size(message) > limit {
        let text = format!("Message is too big: the limit is {limit} bytes");
        return Err(violation("message", &text));
    }
    // A token does not say whose it is, so each may be an iPhone's.
    if matches!(kind, "token" | "fid") && apple_size(message) > LIMIT_BYTES {
        return Err(Refusal::argument_of_apns(413, "PayloadTooLarge"));
    }
    check_target(kind, target)?;
    Ok(Checked {
        target: target.to_owned(),
        is_device: matches!(kind, "token" | "fid"),
        validate_only: request.get("validate_only") == Some(&Value::Bool(true)),
        activity: activity(message).map(str::to_owned),
    })
}

fn target(message: &Object) -> Result<(&'static str, &str), Refusal> {
    ["token", "fid", "topic", "condition"]
        .into_iter()
        .find_map(|kind| Some((kind, text_at(message, kind)?)))
        .filter(|(_, target)| !target.is_empty())
        .ok_or_else(|| Refusal::argument("Recipient of the message is not set."))
}

fn check_target(kind: &str, target: &str) -> Result<(), Refusal> {
    match kind {
        "token" if !is_token(target, 20) => Err(Refusal::argument(INVALID_TOKEN)),
        "fid" if !is_token(target, 20) => Err(Refusal::argument(
            "The Firebase installation ID is not valid",
        )),
        "topic" if !is_topic(target) => Err(Refusal::argument("Invalid topic name")),
        "condition" => {
            let topics = target.matches("in topics").count();
            if (1..=CONDITION_TOPICS).contains(&topics) {
                Ok(())
            } else {
                Err(Refusal::argument("Invalid condition expression provided."))
            }
        }
        _ => Ok(()),
    }
}

fn check_data(message: &Object) -> Result<(), Refusal> {
    for place in ["", "android", "android_v2"] {
        let holder = match place {
            "" => Some(message),
            place => object_at(message, place),
        };
        let Some(data) = holder.and_then(|holder| object_at(holder, "data")) else {
            continue;
        };
        for key in data.keys() {
            let reserved = matches!(key.as_str(), "" | "from" | "message_type")
                || key.starts_with("google.")
                || key.starts_with("gcm.notification.");
            if reserved {
                let field = match place {
                    "" => "message.data".to_owned(),
                    place => format!("message.{place}.data"),
                };
                return Err(violation(
                    &field,
                    &format!("Invalid data payload key: {key}"),
                ));
            }
        }
    }
    Ok(())
}

fn check_android(message: &Object) -> Result<(), Refusal> {
    let (v1, v2) = (
        object_at(message, "android"),
        object_at(message, "android_v2"),
    );
    if v1.is_some() && v2.is_some() {
        return Err(violation(
            "message.android_v2",
            "android and android_v2 cannot both be set.",
        ));
    }
    for (place, config) in [("android", v1), ("android_v2", v2)] {
        let Some(config) = config else { continue };
        let ttl = text_at(config, "ttl").and_then(seconds);
        if ttl.is_some_and(|ttl| !(0.0..=MAX_TTL_SECS).contains(&ttl)) {
            let text = format!(
                "TTL value is out of range, it must be at least 0 and at most {MAX_TTL_SECS} seconds"
            );
            return Err(violation(&format!("message.{place}.ttl"), &text));
        }
        let (notification, inner) = match place {
            "android" => (object_at(config, "notification"), "notification"),
            _ => (
                object_at(config, "remote_notification")
                    .and_then(|remote| object_at(remote, "notification")),
                "remote_notification.notification",
            ),
        };
        if let Some(notification) = notification {
            check_android_notification(notification, &format!("message.{place}.{inner}"))?;
        }
    }
    Ok(())
}

fn check_android_notification(notification: &Object, path: &str) -> Result<(), Refusal> {
    if text_at(notification, "color").is_some_and(|color| !is_color(color)) {
        let field = format!("{path}.color");
        return Err(violation(
            &field,
            "Invalid color. It must be in the form #RRGGBB",
        ));
    }
    for (args, key) in [
        ("title_loc_args", "title_loc_key"),
        ("body_loc_args", "body_loc_key"),
    ] {
        if notification.contains_key(args) && !notification.contains_key(key) {
            let text = format!("{key} is required when specifying {args}");
            return Err(violation(&format!("{path}.{key}"), &text));
        }
    }
    // A file in the app's res/raw is a resource: its name has no suffix. The real FCM lets others
    // pass, and the phone plays its own.
    let sound = text_at(notification, "sound");
    if sound.is_some_and(|sound| !is_resource(sound)) {
        let field = format!("{path}.sound");
        return Err(violation(&field, "Invalid sound: it is no resource's name"));
    }
    let count = notification
        .get("notification_count")
        .and_then(Value::as_i64);
    if count.is_some_and(|count| count < 0) {
        let field = format!("{path}.notification_count");
        return Err(violation(&field, "notification_count must not be negative"));
    }
    Ok(())
}

/// FCM looks into the headers that it passes on, and no deeper into the payload than `aps`.
fn check_apns(message: &Object) -> Result<(), Refusal> {
    let Some(apns) = object_at(message, "apns") else {
        return Ok(());
    };
    if let Some(headers) = object_at(apns, "headers") {
        let priority = text_at(headers, "apns-priority");
        if priority.is_some_and(|priority| !matches!(priority, "1" | "5" | "10")) {
            return Err(violation(
                "message.apns.headers[apns-priority]",
                "Invalid apns-priority",
            ));
        }
        let expiration = text_at(headers, "apns-expiration");
        if expiration.is_some_and(|text| text.parse::<i64>().is_err()) {
            return Err(violation(
                "message.apns.headers[apns-expiration]",
                "Invalid apns-expiration",
            ));
        }
    }
    if let Some(id) = object_at(apns, "headers").and_then(|it| text_at(it, "apns-collapse-id")) {
        let fits = id.len() <= COLLAPSE_ID_BYTES && id.bytes().all(|b| matches!(b, b' '..=b'~'));
        if !fits {
            return Err(Refusal::argument_of_apns(400, "BadCollapseId"));
        }
    }
    let aps = object_at(apns, "payload").and_then(|payload| payload.get("aps"));
    if aps.is_some_and(|aps| !aps.is_object()) {
        return Err(violation(
            "message.apns.payload.aps",
            "aps must be an object",
        ));
    }
    Ok(())
}

fn activity(message: &Object) -> Option<&str> {
    text_at(object_at(message, "apns")?, "live_activity_token")
}

/// "This token can either be a push token or push-to-start token", beside the token of the device:
/// APNs gets it, so it has APNs' form, and `aps` must be what ActivityKit takes.
fn check_activity(message: &Object, kind: &str) -> Result<(), Refusal> {
    let Some(token) = activity(message) else {
        return Ok(());
    };
    let is_hex = token.len() >= 64
        && token.len().is_multiple_of(2)
        && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex {
        return Err(violation(
            "message.apns.live_activity_token",
            "Invalid Live Activity token",
        ));
    }
    if !matches!(kind, "token" | "fid") {
        return Err(violation(
            "message.apns.live_activity_token",
            "A Live Activity needs the registration token of its device",
        ));
    }
    let aps = object_at(message, "apns")
        .and_then(|apns| object_at(apns, "payload"))
        .and_then(|payload| object_at(payload, "aps"));
    let event = aps.and_then(|aps| text_at(aps, "event"));
    let dated = aps.is_some_and(|aps| aps.get("timestamp").is_some_and(Value::is_u64));
    match event {
        Some("start" | "update" | "end") if dated => Ok(()),
        _ => Err(violation(
            "message.apns.payload.aps",
            "A Live Activity needs aps.event and aps.timestamp",
        )),
    }
}

fn check_webpush(message: &Object) -> Result<(), Refusal> {
    let link = object_at(message, "webpush")
        .and_then(|webpush| object_at(webpush, "fcm_options"))
        .and_then(|options| text_at(options, "link"));
    if link.is_some_and(|link| !link.starts_with("https://")) {
        return Err(violation(
            "message.webpush.fcm_options.link",
            "Invalid link: it must be an HTTPS URL",
        ));
    }
    Ok(())
}

fn check_labels(message: &Object) -> Result<(), Refusal> {
    let holders = [
        ("message", Some(message)),
        ("message.android", object_at(message, "android")),
        ("message.android_v2", object_at(message, "android_v2")),
        ("message.apns", object_at(message, "apns")),
        ("message.webpush", object_at(message, "webpush")),
    ];
    for (path, holder) in holders {
        let label = holder
            .and_then(|holder| object_at(holder, "fcm_options"))
            .and_then(|options| text_at(options, "analytics_label"));
        if label.is_some_and(|label| !is_label(label)) {
            return Err(violation(
                &format!("{path}.fcm_options.analytics_label"),
                "Invalid analytics label: it must match ^[a-zA-Z0-9-_.~%]{1,50}$",
            ));
        }
    }
    Ok(())
}

/// Keys and values of what goes to the device. The data of a platform replaces the common one.
fn size(message: &Object) -> usize {
    let common = map_size(object_at(message, "data"));
    let notification = map_size(object_at(message, "notification"));
    let android = ["android", "android_v2"]
        .iter()
        .filter_map(|place| object_at(message, place))
        .map(|config| {
            let data = match object_at(config, "data") {
                Some(data) => map_size(Some(data)),
                None => common,
            };
            let shown = ["notification", "remote_notification"]
                .iter()
                .map(|key| map_size(object_at(config, key)))
                .sum::<usize>();
            data + shown + notification
        })
        .max();
    android.unwrap_or(common + notification)
}

/// What FCM makes for APNs: the payload of the `apns` block, with the notification for its alert
/// where it has none, and the data beside `aps`.
fn apple_size(message: &Object) -> usize {
    let payload = object_at(message, "apns").and_then(|apns| object_at(apns, "payload"));
    let mut payload = payload.cloned().unwrap_or_default();
    let aps = payload
        .entry("aps")
        .or_insert_with(|| Object::new().into())
        .as_object_mut();
    if let (Some(aps), Some(shown)) = (aps, object_at(message, "notification")) {
        let mut alert = shown.clone();
        alert.remove("image");
        aps.entry("alert").or_insert(alert.into());
    }
    for (key, value) in object_at(message, "data").into_iter().flatten() {
        payload.entry(key).or_insert_with(|| value.clone());
    }
    Value::Object(payload).to_string().len()
}

fn map_size(map: Option<&Object>) -> usize {
    map.map_or(0, |map| {
        map.iter()
            .map(|(key, value)| {
                key.len()
                    + match value {
                        Value::String(text) => text.len(),
                        Value::Object(inner) => map_size(Some(inner)),
                        other => other.to_string().len(),
                    }
            })
            .sum()
    })
}

fn violation(field: &str, description: &str) -> Refusal {
    Refusal::violations(&[Violation {
        field: field.to_owned(),
        description: description.to_owned(),
    }])
}

fn object_at<'a>(object: &'a Object, key: &str) -> Option<&'a Object> {
    object.get(key)?.as_object()
}

fn text_at<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

fn is_token(text: &str, shortest: usize) -> bool {
    text.len() >= shortest
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-'))
}

fn is_resource(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_topic(text: &str) -> bool {
    text.len() <= 900
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~%".contains(&byte))
}

fn is_label(text: &str) -> bool {
    (1..=50).contains(&text.len()) && is_topic(text)
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}
