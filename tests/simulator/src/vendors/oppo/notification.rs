//! A notification of OPPO's: JSON in a message, plain form fields when it is to be saved.

use serde_json::{Map, Value};

use super::error::Refusal;
use crate::checks::address::is_web;
use crate::checks::android::{is_class_name, is_intent_uri};
use crate::checks::fields::Fields;
use crate::checks::form::Form;

const SERVICE: [&str; 6] = [
    "IM",
    "ACCOUNT",
    "DEVICE_REMINDER",
    "ORDER",
    "TODO",
    "SUBSCRIPTION",
];
const MARKETING: [&str; 4] = ["NEWS", "CONTENT", "MARKETING", "SOCIAL"];
const STRONG: i64 = 16;
const DAY_SECS: i64 = 24 * 60 * 60;
const MAX_LIFETIME_SECS: i64 = 10 * DAY_SECS;

/// Types of the fields that are no texts.
const INTEGERS: [&str; 15] = [
    "style",
    "click_action_type",
    "show_time_type",
    "show_start_time",
    "show_end_time",
    "off_line_ttl",
    "push_time_type",
    "push_start_time",
    "network_type",
    "show_ttl",
    "notify_id",
    "fix_speed_rate",
    "badge_operation_type",
    "badge_message_count",
    "notify_level",
];
const BOOLEANS: [&str; 2] = ["off_line", "fix_speed"];

/// What the limits and the de-duplication ask of a good notification.
#[derive(Debug, Clone)]
pub(super) struct Notification {
    pub(super) app_message_id: Option<String>,
    /// A service message: by its category, or by a channel when it has none.
    pub(super) is_service: bool,
}

/// What an app may send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rights {
    /// `notify_level` 16.
    pub(super) strong: bool,
    /// `fix_speed`, which is for broadcasts.
    pub(super) speed: bool,
}

/// Form fields as the object that they stand for.
pub(super) fn of_form(form: &Form, others: &[&str]) -> Result<Value, Refusal> {
    let mut object = Map::new();
    for (name, text) in form.fields().filter(|(name, _)| !others.contains(name)) {
        let wrong = || Refusal::argument(format!("Invalid Arguments: {name}"));
        let value = if INTEGERS.contains(&name) {
            let number = text.parse::<i64>().ok();
            let number = number.filter(|number| number.to_string() == text);
            number.ok_or_else(wrong)?.into()
        } else if BOOLEANS.contains(&name) {
            text.parse::<bool>().map_err(|_| wrong())?.into()
        } else {
            Value::from(text)
        };
        object.insert(name.to_owned(), value);
    }
    Ok(object.into())
}

pub(super) fn check(mut fields: Fields<'_>, rights: Rights) -> Result<Notification, Refusal> {
    let app_message_id = fields.text("app_message_id", 1..=usize::MAX)?;
    check_texts(&mut fields)?;
    check_click(&mut fields)?;
    check_times(&mut fields)?;
    check_speed(&mut fields, rights)?;
    check_callback(&mut fields)?;
    fields.integer("notify_id", 0..=i64::from(i32::MAX))?;
    fields.integer_of("network_type", &[0, 1])?;
    let operation = fields.integer_of("badge_operation_type", &[0, 1])?;
    let count = fields.integer("badge_message_count", 0..=i64::from(i32::MAX))?;
    if operation.is_some() != count.is_some() {
        return Err(fields
            .problem("badge_message_count", "goes with its operation")
            .into());
    }
    for name in [
        "big_picture_id",
        "small_picture_id",
        "private_msg_template_id",
    ] {
        fields.text(name, 1..=usize::MAX)?;
    }
    for name in ["private_title_parameters", "private_content_parameters"] {
        // Clients send both the object and its text.
        let is_good = match fields.any(name) {
            Some(Value::String(text)) => is_json_object(text),
            other => other.is_none_or(Value::is_object),
        };
        if !is_good {
            return Err(fields.problem(name, "is not a JSON object").into());
        }
    }
    if fields
        .any("auditResponse")
        .is_some_and(|own| !own.is_object())
    {
        return Err(fields.problem("auditResponse", "is not an object").into());
    }
    let is_service = check_kind(&mut fields, rights)?;
    fields.end()?;
    Ok(Notification {
        app_message_id: app_message_id.map(str::to_owned),
        is_service,
    })
}

fn check_texts(fields: &mut Fields<'_>) -> Result<(), Refusal> {
    let title = fields.text("title", 1..=50)?;
    title.ok_or_else(|| Refusal::missing("title"))?;
    fields.text("sub_title", 0..=10)?;
    let style = fields.integer("style", 1..=5)?;
    let most = match style {
        None | Some(1 | 3) => 50,
        Some(_) => 128,
    };
    let content = fields.text("content", 1..=most)?;
    content.ok_or_else(|| Refusal::missing("content"))?;
    let Some(own) = fields.text("action_parameters", 0..=4000)? else {
        return Ok(());
    };
    match is_json_object(own) {
        true => Ok(()),
        false => Err(fields
            .problem("action_parameters", "is no JSON object in a text")
            .into()),
    }
}

/// Every kind of click has its own target, and no other.
fn check_click(fields: &mut Fields<'_>) -> Result<(), Refusal> {
    let kind = fields.integer_of("click_action_type", &[0, 1, 2, 4, 5])?;
    let activity = fields.text("click_action_activity", 0..=500)?;
    let activity = activity.filter(|text| !text.is_empty());
    let url = fields.text("click_action_url", 0..=2000)?;
    let url = url.filter(|text| !text.is_empty());
    let is_good = match (kind, activity, url) {
        (None | Some(0), None, None) => true,
        (Some(1), Some(action), None) => !action.contains(char::is_whitespace),
        (Some(2), None, Some(url)) => is_web(url),
        (Some(4), Some(class), None) => is_class_name(class),
        (Some(5), None, Some(url)) if url.starts_with("intent:") => is_intent_uri(url),
        (Some(5), None, Some(url)) => is_link(url),
        _ => false,
    };
    match is_good {
        true => Ok(()),
        false => Err(fields
            .problem("click_action_type", "does not fit its target")
            .into()),
    }
}

fn check_times(fields: &mut Fields<'_>) -> Result<(), Refusal> {
    fields.boolean("off_line")?;
    fields.integer("off_line_ttl", 1..=MAX_LIFETIME_SECS)?;
    let is_later = fields.integer_of("show_time_type", &[0, 1])? == Some(1);
    let start = fields.integer("show_start_time", 0..=i64::MAX)?;
    let end = fields.integer("show_end_time", 0..=i64::MAX)?;
    if is_later && !matches!((start, end), (Some(start), Some(end)) if start < end) {
        return Err(fields.problem("show_time_type", "needs a span").into());
    }
    let is_scheduled = fields.integer_of("push_time_type", &[0, 1])? == Some(1);
    let start = fields.integer("push_start_time", 0..=i64::MAX)?;
    if is_scheduled && start.is_none() {
        return Err(fields.problem("push_time_type", "needs its start").into());
    }
    fields.text("time_zone", 1..=usize::MAX)?;
    Ok(())
}

fn check_speed(fields: &mut Fields<'_>, rights: Rights) -> Result<(), Refusal> {
    let fixed = fields.boolean("fix_speed")?;
    let rate = fields.integer("fix_speed_rate", 1000..=10_000)?;
    if !rights.speed && (fixed.is_some() || rate.is_some()) {
        return Err(fields.problem("fix_speed", "is for broadcasts").into());
    }
    match fixed == Some(true) && rate.is_none() {
        true => Err(fields.problem("fix_speed_rate", "is missing").into()),
        false => Ok(()),
    }
}

fn check_callback(fields: &mut Fields<'_>) -> Result<(), Refusal> {
    let url = fields.text("call_back_url", 1..=200)?;
    if url.is_some_and(|url| !is_web(url)) {
        return Err(fields.problem("call_back_url", "is no address").into());
    }
    fields.text("call_back_parameter", 0..=100)?;
    Ok(())
}

/// Whether it is a service message.
fn check_kind(fields: &mut Fields<'_>, rights: Rights) -> Result<bool, Refusal> {
    let channel = fields.text("channel_id", 1..=usize::MAX)?;
    let category = fields.text("category", 0..=usize::MAX)?;
    let is_service = match category {
        None => channel.is_some(),
        Some(category) if SERVICE.contains(&category) => true,
        Some(category) if MARKETING.contains(&category) => false,
        Some(category) => return Err(Refusal::category(format!("category {category}"))),
    };
    let level = fields.integer("notify_level", i64::MIN..=i64::MAX)?;
    let is_good = match level {
        None => true,
        Some(_) if category.is_none() => false,
        Some(level) => matches!(level, 1 | 2) || level == STRONG && rights.strong,
    };
    if !is_good {
        return Err(Refusal::category("notify_level"));
    }
    let longest_secs = if is_service { DAY_SECS } else { DAY_SECS / 2 };
    fields.integer("show_ttl", 0..=longest_secs)?;
    Ok(is_service)
}

fn is_json_object(text: &str) -> bool {
    serde_json::from_str::<Map<String, Value>>(text).is_ok()
}

/// A scheme and a place.
fn is_link(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && !rest.is_empty()
            && !rest.starts_with('/')
    }) && !text.contains(char::is_whitespace)
        && text.is_ascii()
}
