//! The extra fields of a message: Xiaomi's own by name, and the app's among them.

use serde_json::Value;

use super::App;
use super::error::{
    CALLBACK_PARAMETER, CALLBACK_URL, CHANNEL, PAIRS_TOO_LONG, Refusal, TOO_MANY_PAIRS,
};
use super::message::{EXTRA, whole};
use crate::checks::address::is_web;
use crate::checks::android::is_intent_uri;

const MAX_OWN_PAIRS: usize = 10;
const MAX_OWN_BYTES: usize = 2048;
const MAX_CALLBACK_LENGTH: usize = 128;
const MAX_CALLBACK_PARAMETER_LENGTH: usize = 256;
const MAX_JOB_KEY_LENGTH: usize = 20;
const MAX_VARIABLES: usize = 9;
const MAX_VARIABLE_LENGTH: usize = 128;
/// Delivered, clicked, invalid, disabled, filtered, over the quota, expired.
const RECEIPTS: i64 = 1 | 2 | 16 | 32 | 64 | 128 | 1024;

/// Name, without its prefix, and value.
pub(super) type Extra<'a> = Vec<(&'a str, &'a str)>;

#[derive(Debug)]
pub(super) struct CheckedExtra {
    pub(super) channel: Option<String>,
    pub(super) is_private: bool,
    pub(super) has_template: bool,
}

pub(super) fn check(
    extra: &Extra<'_>,
    app: &App,
    packages: &[&str],
) -> Result<CheckedExtra, Refusal> {
    let (mut own_pairs, mut own_bytes) = (0, 0);
    for (name, value) in extra {
        if !check_known(name, value, packages)? {
            own_pairs += 1;
            own_bytes += name.len() + value.len();
        }
    }
    if own_pairs > MAX_OWN_PAIRS {
        return Err(Refusal::of(TOO_MANY_PAIRS, "too many extra pairs"));
    }
    if own_bytes > MAX_OWN_BYTES {
        return Err(Refusal::of(PAIRS_TOO_LONG, "extra pairs are too long"));
    }
    check_click(extra)?;
    let channel = get(extra, "channel_id");
    let is_private = match channel {
        None => false,
        Some(id) => *app
            .channels
            .get(id)
            .ok_or_else(|| Refusal::of(CHANNEL, "channel_id is unknown"))?,
    };
    let template = get(extra, "template_id");
    match (template, get(extra, "template_param")) {
        (None, None) => {}
        (None, Some(_)) => return Err(Refusal::missing("extra.template_id")),
        (Some(_), _) if !is_private => {
            return Err(Refusal::of(CHANNEL, "template without a private channel"));
        }
        (Some(template), parameters) => check_template(app, template, parameters)?,
    }
    Ok(CheckedExtra {
        channel: channel.map(str::to_owned),
        is_private,
        has_template: template.is_some(),
    })
}

fn get<'a>(extra: &Extra<'a>, name: &str) -> Option<&'a str> {
    let found = extra.iter().find(|(other, _)| *other == name);
    found.map(|(_, value)| *value)
}

/// Whether the name is Xiaomi's; a wrong value of one is refused.
fn check_known(name: &str, value: &str, packages: &[&str]) -> Result<bool, Refusal> {
    let is_good = match name {
        "notify_effect" => matches!(value, "1" | "2" | "3"),
        "notify_foreground" => matches!(value, "0" | "1"),
        "only_send_once" => value == "1",
        "connpt" => value == "wifi",
        "flow_control" | "badge" | "intent_flag" => whole(name, value)? >= 0,
        "intent_uri" => is_intent_uri(value),
        "web_uri" => is_web(value),
        "sound_uri" => packages.iter().any(|package| {
            value
                .strip_prefix(&format!("android.resource://{package}/raw/"))
                .is_some_and(|file| !file.is_empty() && !file.contains('/'))
        }),
        "jobkey" => is_job_key(value),
        "callback" => {
            if value.len() > MAX_CALLBACK_LENGTH || !is_web(value) {
                return Err(Refusal::of(CALLBACK_URL, "callback is illegal"));
            }
            true
        }
        "callback.param" => {
            if value.len() > MAX_CALLBACK_PARAMETER_LENGTH {
                return Err(Refusal::of(
                    CALLBACK_PARAMETER,
                    "callback.param is too long",
                ));
            }
            true
        }
        "callback.type" => {
            let kinds = whole(name, value)?;
            kinds > 0 && kinds & !RECEIPTS == 0
        }
        "channel_id"
        | "channel_name"
        | "channel_description"
        | "template_id"
        | "template_param"
        | "class_name"
        | "ticker"
        | "locale"
        | "locale_not_in"
        | "model"
        | "model_not_in"
        | "app_version"
        | "app_version_not_in" => !value.is_empty(),
        name if name.starts_with("notification_style_") => true,
        name if name.is_empty() || name.starts_with(EXTRA) => false,
        _ => return Ok(false),
    };
    match is_good {
        true => Ok(true),
        false => Err(Refusal::value(&format!("extra.{name}"), "is illegal")),
    }
}

/// Every kind of click has its own target, and no other.
fn check_click(extra: &Extra<'_>) -> Result<(), Refusal> {
    let has = |name| get(extra, name).is_some();
    let effect = get(extra, "notify_effect");
    let has_activity = has("intent_uri") || has("class_name");
    if has_activity != (effect == Some("2")) {
        return Err(Refusal::value(
            "extra.notify_effect",
            "2 goes with an activity",
        ));
    }
    if has("intent_uri") && has("class_name") {
        return Err(Refusal::value("extra.intent_uri", "excludes class_name"));
    }
    if has("intent_flag") && !has("class_name") {
        return Err(Refusal::value("extra.intent_flag", "needs class_name"));
    }
    if has("web_uri") != (effect == Some("3")) {
        return Err(Refusal::value("extra.notify_effect", "3 goes with web_uri"));
    }
    Ok(())
}

fn check_template(app: &App, id: &str, parameters: Option<&str>) -> Result<(), Refusal> {
    let wanted = *app
        .templates
        .get(id)
        .ok_or_else(|| Refusal::value("extra.template_id", "is unknown"))?;
    let wrong = |problem: &str| Refusal::value("extra.template_param", problem);
    let value: Value =
        serde_json::from_str(parameters.unwrap_or("{}")).map_err(|_| wrong("is not JSON"))?;
    let values = value.as_object().ok_or_else(|| wrong("is not an object"))?;
    if values.len() != wanted || wanted > MAX_VARIABLES {
        return Err(wrong("has not the template's number of variables"));
    }
    let is_good = |value: &Value| {
        value.as_str().is_some_and(|text| {
            !text.trim().is_empty()
                && text.chars().count() <= MAX_VARIABLE_LENGTH
                && !text.chars().any(is_emoji)
        })
    };
    match values.values().all(is_good) {
        true => Ok(()),
        false => Err(wrong("has an illegal value")),
    }
}

fn is_job_key(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=MAX_JOB_KEY_LENGTH).contains(&text.len())
        && text.chars().all(fits)
        && !text.starts_with('_')
}

/// The blocks of pictures, not every sign that a phone may colour.
fn is_emoji(c: char) -> bool {
    matches!(u32::from(c), 0x1f000..=0x1faff | 0x2600..=0x27bf | 0xfe0f)
}
