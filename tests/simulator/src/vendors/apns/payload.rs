//! Payload rules, from Apple's "Generating a remote notification" and ActivityKit's
//! "Starting and updating Live Activities with ActivityKit push notifications".
//!
//! The real APNs lets most of these pass and the phone ignores the notification. Here a
//! broken rule is refused, with a reason that Apple does not have.

use serde_json::{Map, Value};

use super::push_type::PushType;
use super::reason::Refusal;

type Object = Map<String, Value>;
type Rule = fn(&Value) -> bool;

/// Keys of `aps`, the value each may have, and that in words.
const APS: [(&str, Rule, &str); 24] = [
    ("alert", is_alert, "a string or an alert object"),
    ("badge", is_count, "an integer of at least 0"),
    ("sound", is_sound, "a string or a critical sound object"),
    ("thread-id", Value::is_string, "a string"),
    ("category", Value::is_string, "a string"),
    ("content-available", is_one, "1"),
    ("mutable-content", is_one, "1"),
    ("target-content-id", Value::is_string, "a string"),
    (
        "interruption-level",
        is_interruption_level,
        "passive, active, time-sensitive or critical",
    ),
    ("relevance-score", Value::is_number, "a number"),
    ("filter-criteria", Value::is_string, "a string"),
    ("url-args", is_strings, "an array of strings"),
    ("content-changed", is_true, "true"),
    ("timestamp", is_count, "UNIX seconds"),
    ("event", is_event, "start, update or end"),
    ("content-state", Value::is_object, "an object"),
    ("stale-date", is_count, "UNIX seconds"),
    ("dismissal-date", is_count, "UNIX seconds"),
    ("attributes-type", Value::is_string, "a string"),
    ("attributes", Value::is_object, "an object"),
    ("input-push-token", is_one, "1"),
    ("input-push-channel", Value::is_string, "a string"),
    // Written by older clients, ignored by newer systems.
    ("summary-arg", Value::is_string, "a string"),
    ("summary-arg-count", is_count, "an integer of at least 0"),
];

const ALERT: [(&str, Rule, &str); 12] = [
    ("title", Value::is_string, "a string"),
    ("subtitle", Value::is_string, "a string"),
    ("body", Value::is_string, "a string"),
    ("launch-image", Value::is_string, "a string"),
    ("title-loc-key", Value::is_string, "a string"),
    ("title-loc-args", is_strings, "an array of strings"),
    ("subtitle-loc-key", Value::is_string, "a string"),
    ("subtitle-loc-args", is_strings, "an array of strings"),
    ("loc-key", Value::is_string, "a string"),
    ("loc-args", is_strings, "an array of strings"),
    ("summary-arg", Value::is_string, "a string"),
    ("summary-arg-count", is_count, "an integer of at least 0"),
];

/// The alert of a Live Activity, which carries its own sound (ActivityKit).
const LIVE_ALERT: [(&str, Rule, &str); 3] = [
    (
        "title",
        is_text_or_localized,
        "a string or loc-key with loc-args",
    ),
    (
        "body",
        is_text_or_localized,
        "a string or loc-key with loc-args",
    ),
    ("sound", Value::is_string, "a string"),
];

/// Keys that only a Live Activity has.
const LIVE_ONLY: [&str; 9] = [
    "timestamp",
    "event",
    "content-state",
    "stale-date",
    "dismissal-date",
    "attributes-type",
    "attributes",
    "input-push-token",
    "input-push-channel",
];

pub(crate) fn check(body: &[u8], push_type: Option<PushType>) -> Result<Value, Refusal> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Refusal::payload(format!("not JSON: {error}")))?;
    let payload = value
        .as_object()
        .ok_or_else(|| Refusal::payload("not a JSON object"))?;
    match (push_type, payload.get("aps")) {
        (Some(PushType::Mdm), aps) => check_mdm(payload, aps)?,
        (_, Some(Value::Object(aps))) => check_aps(aps, push_type)?,
        (_, Some(_)) => return Err(Refusal::payload("aps is not an object")),
        (push_type, None) if needs_aps(push_type) => {
            return Err(Refusal::payload("aps is missing"));
        }
        (_, None) => {}
    }
    Ok(value)
}

/// Payloads of the other types belong to the app alone.
fn needs_aps(push_type: Option<PushType>) -> bool {
    !matches!(
        push_type,
        Some(
            PushType::Voip
                | PushType::Complication
                | PushType::FileProvider
                | PushType::Location
                | PushType::PushToTalk
        )
    )
}

fn check_mdm(payload: &Object, aps: Option<&Value>) -> Result<(), Refusal> {
    let magic = payload.get("mdm").is_some_and(Value::is_string);
    if magic && aps.is_none() {
        Ok(())
    } else {
        Err(Refusal::payload("mdm is a string, and there is no aps"))
    }
}

fn check_aps(aps: &Object, push_type: Option<PushType>) -> Result<(), Refusal> {
    let alert_keys = match push_type {
        Some(PushType::LiveActivity) => &LIVE_ALERT[..],
        _ => &ALERT[..],
    };
    for (key, value) in aps {
        check_key(&APS, "aps", key, value)?;
        if let ("alert", Value::Object(alert)) = (key.as_str(), value) {
            for (key, value) in alert {
                check_key(alert_keys, "aps.alert", key, value)?;
            }
        }
    }
    match push_type {
        Some(PushType::LiveActivity) => return check_live_activity(aps),
        Some(PushType::Background) if aps.len() != 1 || !aps.contains_key("content-available") => {
            return Err(Refusal::payload(
                "aps of a background push has content-available and nothing else",
            ));
        }
        Some(PushType::Alert) if !shows_something(aps) => {
            return Err(Refusal::payload(
                "aps of an alert push has an alert, a badge or a sound",
            ));
        }
        Some(PushType::Widgets | PushType::Controls) if !aps.contains_key("content-changed") => {
            return Err(Refusal::payload("aps.content-changed is missing"));
        }
        _ => {}
    }
    if push_type.is_some()
        && let Some(key) = LIVE_ONLY.iter().find(|key| aps.contains_key(**key))
    {
        let text = format!("aps.{key} belongs to push type liveactivity");
        return Err(Refusal::payload(text));
    }
    let score = aps.get("relevance-score").and_then(Value::as_f64);
    if score.is_some_and(|score| !(0.0..=1.0).contains(&score)) {
        return Err(Refusal::payload(
            "aps.relevance-score is not within 0 and 1",
        ));
    }
    Ok(())
}

fn check_key(
    table: &[(&str, Rule, &str)],
    place: &str,
    key: &str,
    value: &Value,
) -> Result<(), Refusal> {
    match table.iter().find(|(name, _, _)| *name == key) {
        None => Err(Refusal::payload(format!(
            "{place}.{key} is not a known key"
        ))),
        Some((_, rule, _)) if rule(value) => Ok(()),
        Some((_, _, words)) => Err(Refusal::payload(format!("{place}.{key} is not {words}"))),
    }
}

fn check_live_activity(aps: &Object) -> Result<(), Refusal> {
    let needs = |keys: &[&str]| match keys.iter().find(|key| !aps.contains_key(**key)) {
        Some(key) => Err(Refusal::payload(format!("aps.{key} is missing"))),
        None => Ok(()),
    };
    needs(&["timestamp", "event"])?;
    match aps.get("event").and_then(Value::as_str) {
        Some("start") => {
            needs(&["content-state", "attributes-type", "attributes", "alert"])?;
        }
        Some("update") => needs(&["content-state"])?,
        _ => {}
    }
    match aps.get("alert") {
        Some(alert) if !alert.is_object() => Err(Refusal::payload(
            "aps.alert of a Live Activity is an object",
        )),
        _ => Ok(()),
    }
}

fn shows_something(aps: &Object) -> bool {
    ["alert", "badge", "sound"]
        .iter()
        .any(|key| aps.contains_key(*key))
}

fn is_alert(value: &Value) -> bool {
    value.is_string() || value.is_object()
}

fn is_count(value: &Value) -> bool {
    value.is_u64()
}

fn is_one(value: &Value) -> bool {
    value.as_u64() == Some(1)
}

fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true)
}

fn is_text_or_localized(value: &Value) -> bool {
    let localized = |text: &Object| {
        text.get("loc-key").is_some_and(Value::is_string)
            && text.get("loc-args").is_none_or(is_strings)
            && text
                .keys()
                .all(|key| matches!(key.as_str(), "loc-key" | "loc-args"))
    };
    value.is_string() || value.as_object().is_some_and(localized)
}

fn is_strings(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().all(Value::is_string))
}

fn is_interruption_level(value: &Value) -> bool {
    matches!(
        value.as_str(),
        Some("passive" | "active" | "time-sensitive" | "critical")
    )
}

fn is_event(value: &Value) -> bool {
    matches!(value.as_str(), Some("start" | "update" | "end"))
}

/// A file name, or `{"critical": 1, "name": …, "volume": 0 to 1}`.
fn is_sound(value: &Value) -> bool {
    let Some(sound) = value.as_object() else {
        return value.is_string();
    };
    sound.contains_key("name")
        && sound.iter().all(|(key, value)| match key.as_str() {
            "critical" => matches!(value.as_u64(), Some(0 | 1)),
            "name" => value.is_string(),
            "volume" => value
                .as_f64()
                .is_some_and(|volume| (0.0..=1.0).contains(&volume)),
            _ => false,
        })
}

#[cfg(test)]
mod tests;
