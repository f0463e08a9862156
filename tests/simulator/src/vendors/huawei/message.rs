//! The body of a message: fields, types and bounds as the REST reference has them.

use serde_json::Value;

use super::error::Refusal;
use crate::checks::address::is_https;
use crate::checks::android::{is_class_name, is_extras, is_intent_uri, is_ttl};
use crate::checks::fields::{Checked, Fields};
use crate::checks::rest;

const ANY: std::ops::RangeInclusive<usize> = 1..=usize::MAX;
const CATEGORIES: [&str; 14] = [
    "IM",
    "VOIP",
    "SUBSCRIPTION",
    "TRAVEL",
    "HEALTH",
    "WORK",
    "ACCOUNT",
    "EXPRESS",
    "FINANCE",
    "DEVICE_REMINDER",
    "SYSTEM_REMINDER",
    "MAIL",
    "PLAY_VOICE",
    "MARKETING",
];
const VISIBILITIES: [&str; 4] = ["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"];
const MAX_TOKENS: usize = 1000;

/// A good message, as far as more is to be asked about it.
#[derive(Debug)]
pub(super) struct Message {
    /// It is only checked, never sent.
    pub(super) is_dry: bool,
    pub(super) target: Target,
    pub(super) is_urgent: bool,
    /// It says of itself that it is no service message.
    pub(super) is_marketing: bool,
}

#[derive(Debug)]
pub(super) enum Target {
    Tokens(Vec<String>),
    /// A topic, or a condition on topics.
    Topics(String),
}

pub(super) fn check(body: &Value) -> Result<Message, Refusal> {
    let mut outer = Fields::of("", body)?;
    let is_dry = outer.boolean("validate_only")?.unwrap_or(false);
    let message = outer.object("message")?;
    let message = outer.must("message", message)?;
    outer.end()?;
    check_message(message, is_dry)
}

/// What `message.android` says that matters outside.
#[derive(Default)]
struct Android<'a> {
    data: Option<&'a str>,
    has_notification: bool,
    is_urgent: bool,
    is_marketing: bool,
}

/// What an Android notification need not say again.
#[derive(Default)]
struct Inherited {
    title: bool,
    body: bool,
}

fn check_message(mut message: Fields<'_>, is_dry: bool) -> Result<Message, Refusal> {
    let data = message.text("data", ANY)?;
    let common = message.object("notification")?;
    let has_common = common.is_some();
    let inherited = common.map(check_common).transpose()?.unwrap_or_default();
    let android = message
        .object("android")?
        .map(|android| check_android(android, &inherited))
        .transpose()?
        .unwrap_or_default();
    if has_common && !android.has_notification {
        // Nothing else could say what a click does.
        return Err(message.problem("android.notification", "is missing").into());
    }
    // Android's own takes the place of the message's.
    match android.data.or(data) {
        Some(data) if android.has_notification && !is_extras(data) => {
            let problem = "is no JSON object, which it must be beside a notification";
            return Err(message.problem("data", problem).into());
        }
        None if !android.has_notification => {
            return Err(message
                .problem("data", "is missing, as is a notification")
                .into());
        }
        _ => {}
    }
    message.list("review")?;
    let target = check_target(&mut message)?;
    message.end()?;
    Ok(Message {
        is_dry,
        target,
        is_urgent: android.is_urgent,
        is_marketing: android.is_marketing,
    })
}

fn check_target(message: &mut Fields<'_>) -> Result<Target, Refusal> {
    let tokens = rest::tokens(message, "token")?;
    let topic = message.text("topic", ANY)?;
    let condition = message.text("condition", ANY)?;
    match (tokens, topic, condition) {
        (Some(tokens), None, None) if tokens.is_empty() => {
            Err(message.problem("token", "is empty").into())
        }
        (Some(tokens), None, None) if tokens.len() > MAX_TOKENS => Err(Refusal::too_many_tokens()),
        (Some(tokens), None, None) => Ok(Target::Tokens(tokens)),
        (None, Some(topics), None) | (None, None, Some(topics)) => {
            Ok(Target::Topics(topics.to_owned()))
        }
        _ => Err(message
            .problem("token", "exactly one of token, topic and condition")
            .into()),
    }
}

fn check_common(mut common: Fields<'_>) -> Checked<Inherited> {
    let inherited = Inherited {
        title: common.text("title", ANY)?.is_some(),
        body: common.text("body", ANY)?.is_some(),
    };
    check_https(&mut common, "image")?;
    common.end()?;
    Ok(inherited)
}

fn check_android<'a>(mut android: Fields<'a>, inherited: &Inherited) -> Checked<Android<'a>> {
    android.integer("collapse_key", -1..=100)?;
    let urgency = android.one_of("urgency", &["HIGH", "NORMAL"])?;
    let category = android.one_of("category", &CATEGORIES)?;
    if let Some(ttl) = android.text("ttl", ANY)?
        && !is_ttl(ttl)
    {
        return Err(android.problem("ttl", "is not such as 86400s, or too long"));
    }
    android.text("bi_tag", ANY)?;
    android.text("receipt_id", ANY)?;
    android.integer_of("fast_app_target", &[1, 2])?;
    android.integer_of("target_user_type", &[0, 1])?;
    let data = android.text("data", ANY)?;
    let notification = android.object("notification")?;
    let has_notification = notification.is_some();
    let is_low = notification
        .map(|notification| check_notification(notification, inherited))
        .transpose()?
        .unwrap_or(false);
    android.end()?;
    Ok(Android {
        data,
        has_notification,
        is_urgent: urgency == Some("HIGH"),
        is_marketing: has_notification
            && (is_low || category.is_none_or(|category| category == "MARKETING")),
    })
}

/// Whether its importance is LOW.
fn check_notification(mut own: Fields<'_>, inherited: &Inherited) -> Checked<bool> {
    for (name, is_inherited) in [("title", inherited.title), ("body", inherited.body)] {
        let text = own.text(name, ANY)?;
        if !is_inherited {
            own.must(name, text)?;
        }
    }
    let click = own.object("click_action")?;
    check_click(own.must("click_action", click)?)?;
    for name in [
        "icon",
        "tag",
        "group",
        "when",
        "channel_id",
        "notify_summary",
    ] {
        own.text(name, ANY)?;
    }
    if let Some(color) = own.text("color", ANY)?
        && !is_color(color)
    {
        return Err(own.problem("color", "is not #RRGGBB"));
    }
    check_https(&mut own, "image")?;
    check_sound(&mut own)?;
    let importance = own.one_of("importance", &["LOW", "NORMAL", "HIGH"])?;
    if let Some(badge) = own.object("badge")? {
        check_badge(badge)?;
    }
    check_style(&mut own)?;
    own.integer("notify_id", i64::from(i32::MIN)..=i64::from(i32::MAX))?;
    own.integer("auto_clear", 1..=i64::MAX)?;
    for name in [
        "foreground_show",
        "use_default_vibrate",
        "use_default_light",
    ] {
        own.boolean(name)?;
    }
    own.one_of("visibility", &VISIBILITIES)?;
    if own
        .list("vibrate_config")?
        .is_some_and(|list| list.len() > 10)
    {
        return Err(own.problem("vibrate_config", "has more than 10 entries"));
    }
    if own
        .any("light_settings")
        .is_some_and(|light| !light.is_object())
    {
        return Err(own.problem("light_settings", "is not an object"));
    }
    check_buttons(&mut own)?;
    own.text("profile_id", 1..=64)?;
    own.end()?;
    Ok(importance == Some("LOW"))
}

fn check_click(mut click: Fields<'_>) -> Checked<()> {
    let kind = click.integer_of("type", &[1, 2, 3])?;
    let kind = click.must("type", kind)?;
    let intent = click.text("intent", ANY)?;
    let action = click.text("action", ANY)?;
    let url = click.text("url", ANY)?;
    match (kind, intent, action, url) {
        (1, Some(intent), None, None) if !is_intent_uri(intent) => {
            return Err(click.problem("intent", "is not an intent URI"));
        }
        (1, Some(_), None, None) | (1, None, Some(_), None) | (3, None, None, None) => {}
        (2, None, None, Some(url)) if is_https(url) => {}
        _ => return Err(click.problem("type", "does not go with what else is there")),
    }
    click.end()
}

fn check_sound(own: &mut Fields<'_>) -> Checked<()> {
    let is_default = own.boolean("default_sound")?;
    match (own.text("sound", ANY)?, is_default) {
        (None, None | Some(true)) => Ok(()),
        (None, Some(false)) => Err(own.problem("sound", "is missing")),
        (Some(sound), Some(false)) if sound.strip_prefix("/raw/").is_some_and(is_name) => Ok(()),
        (Some(_), Some(false)) => Err(own.problem("sound", "is not such as /raw/name")),
        (Some(_), _) => Err(own.problem("default_sound", "is not false")),
    }
}

fn check_badge(mut badge: Fields<'_>) -> Checked<()> {
    let add = badge.integer("add_num", 1..=99)?;
    let set = badge.integer("set_num", 0..=99)?;
    badge.must("add_num", add.or(set))?;
    let class = badge.text("class", ANY)?;
    if !is_class_name(badge.must("class", class)?) {
        return Err(badge.problem("class", "is not a full class name"));
    }
    badge.end()
}

fn check_style(own: &mut Fields<'_>) -> Checked<()> {
    let style = own.integer_of("style", &[0, 1, 3])?;
    let big_title = own.text("big_title", ANY)?;
    let big_body = own.text("big_body", ANY)?;
    let lines = own.texts("inbox_content")?;
    if lines.as_ref().is_some_and(|lines| lines.len() > 5) {
        return Err(own.problem("inbox_content", "has more than 5 lines"));
    }
    match style {
        Some(1) => {
            own.must("big_title", big_title)?;
            own.must("big_body", big_body)?;
        }
        Some(3) => {
            own.must("inbox_content", lines)?;
        }
        _ => {}
    }
    Ok(())
}

fn check_buttons(own: &mut Fields<'_>) -> Checked<()> {
    let buttons = own.list("buttons")?.unwrap_or_default();
    if buttons.len() > 3 {
        return Err(own.problem("buttons", "are more than 3"));
    }
    for button in buttons {
        let mut button = Fields::of("message.android.notification.buttons", button)?;
        let name = button.text("name", ANY)?;
        button.must("name", name)?;
        let action = button.integer("action_type", 0..=9)?;
        button.must("action_type", action)?;
        button.integer("intent_type", 0..=9)?;
        button.text("intent", ANY)?;
        button.text("data", ANY)?;
        button.end()?;
    }
    Ok(())
}

fn check_https(fields: &mut Fields<'_>, name: &'static str) -> Checked<()> {
    match fields.text(name, ANY)? {
        Some(url) if !is_https(url) => Err(fields.problem(name, "is not an https URL")),
        _ => Ok(()),
    }
}

fn is_color(text: &str) -> bool {
    text.len() == 7
        && text
            .strip_prefix('#')
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A resource of Android has no extension.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
