//! The body of a message: fields, types and bounds as the reference of the v3 interface has
//! them, by push type. Data of forms and live views are taken as they are.

use http::HeaderMap;
use serde_json::Value;

use super::error::Refusal;
use crate::checks::address::is_https;
use crate::checks::fields::{Checked, Fields};
use crate::checks::rest;

const ANY: std::ops::RangeInclusive<usize> = 1..=usize::MAX;
const PUSH_TYPE: &str = "push-type";
/// What is said aloud has a push type of its own.
const SPOKEN: [&str; 1] = ["PLAY_VOICE"];
const CATEGORIES: [&str; 13] = [
    "IM",
    "VOIP",
    "MISS_CALL",
    "SUBSCRIPTION",
    "TRAVEL",
    "HEALTH",
    "WORK",
    "ACCOUNT",
    "EXPRESS",
    "FINANCE",
    "DEVICE_REMINDER",
    "MAIL",
    MARKETING,
];
const MARKETING: &str = "MARKETING";
const MAX_TOKENS: usize = 1000;
const MAX_TOKENS_OF_A_TEST: usize = 10;
const MAX_TTL_SECS: i64 = 15 * 86_400;

/// The scene of a message, from its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PushType {
    Alert,
    Form,
    Voice,
    Background,
    LiveView,
    Call,
}

/// A good message, as far as more is to be asked about it.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) tokens: Vec<String>,
    pub(super) is_test: bool,
    pub(super) is_marketing: bool,
}

impl PushType {
    pub(super) fn of(headers: &HeaderMap) -> Result<PushType, Refusal> {
        let mut values = headers.get_all(PUSH_TYPE).iter();
        match (values.next().map(|value| value.as_bytes()), values.next()) {
            (Some(b"0"), None) => Ok(PushType::Alert),
            (Some(b"1"), None) => Ok(PushType::Form),
            (Some(b"2"), None) => Ok(PushType::Voice),
            (Some(b"6"), None) => Ok(PushType::Background),
            (Some(b"7"), None) => Ok(PushType::LiveView),
            (Some(b"10"), None) => Ok(PushType::Call),
            (None, _) => Err(Refusal::parameter("push-type is missing")),
            _ => Err(Refusal::parameter("push-type is unknown")),
        }
    }

    pub(super) fn is_notification(self) -> bool {
        matches!(self, PushType::Alert | PushType::Voice)
    }

    fn most_tokens(self) -> usize {
        match self {
            PushType::Form => 1,
            _ => MAX_TOKENS,
        }
    }
}

pub(super) fn check(push_type: PushType, body: &Value) -> Result<Message, Refusal> {
    let mut outer = Fields::of("", body)?;
    let payload = outer.any("payload");
    let is_marketing = check_payload(push_type, outer.must("payload", payload)?)?;
    let target = outer.object("target")?;
    let mut target = outer.must("target", target)?;
    let tokens = rest::tokens(&mut target, "token")?;
    let tokens = target.must("token", tokens)?;
    target.end()?;
    let options = outer.object("pushOptions")?;
    let is_test = options
        .map(|options| check_options(push_type, options))
        .transpose()?
        .unwrap_or(false);
    outer.end()?;
    if !(1..=push_type.most_tokens()).contains(&tokens.len()) {
        return Err(Refusal::number_of_tokens());
    }
    if is_test && tokens.len() > MAX_TOKENS_OF_A_TEST {
        return Err(Refusal::tokens_of_a_test());
    }
    Ok(Message {
        tokens,
        is_test,
        is_marketing,
    })
}

/// Whether it is marketing.
fn check_payload(push_type: PushType, payload: &Value) -> Checked<bool> {
    let mut fields = Fields::of("payload", payload)?;
    let mut is_marketing = false;
    match push_type {
        PushType::Form | PushType::LiveView => {
            return match payload.as_object().is_some_and(serde_json::Map::is_empty) {
                true => Err(fields.problem("", "is empty")),
                false => Ok(false),
            };
        }
        PushType::Alert | PushType::Voice => {
            if push_type == PushType::Voice {
                fields.text("extraData", ANY)?;
            }
            let notification = fields.any("notification");
            match (push_type, notification) {
                (PushType::Alert, None) if payload.get("badge").is_some() => {
                    let badge = fields.object("badge")?;
                    badge.map(check_badge).transpose()?;
                }
                _ => {
                    let notification = fields.must("notification", notification)?;
                    is_marketing = check_notification(push_type, notification)?;
                }
            }
        }
        PushType::Background | PushType::Call => {
            let data = fields.text("extraData", ANY)?;
            fields.must("extraData", data)?;
            if push_type == PushType::Background {
                fields.one_of("proxyData", &["ENABLE"])?;
            }
        }
    }
    fields.end()?;
    Ok(is_marketing)
}

/// Whether it is marketing.
fn check_notification(push_type: PushType, notification: &Value) -> Checked<bool> {
    let mut own = Fields::of("payload.notification", notification)?;
    let category = match push_type {
        PushType::Voice => own.one_of("category", &SPOKEN)?,
        _ => own.one_of("category", &CATEGORIES)?,
    };
    if let Some(badge) = own.object("badge")? {
        check_badge(badge)?;
        if push_type == PushType::Alert && is_badge_only(notification) {
            own.end()?;
            return Ok(category == Some(MARKETING));
        }
    }
    let category = own.must("category", category)?;
    for name in ["title", "body"] {
        let text = own.text(name, ANY)?;
        own.must(name, text)?;
    }
    let click = own.object("clickAction")?;
    check_click(own.must("clickAction", click)?)?;
    if let Some(image) = own.text("image", ANY)?
        && !is_https(image)
    {
        return Err(own.problem("image", "has no https"));
    }
    check_style(&mut own)?;
    own.integer("notifyId", -1..=i64::from(i32::MAX))?;
    own.text("appMessageId", 1..=64)?;
    own.text("profileId", 1..=64)?;
    if let Some(sound) = own.text("sound", ANY)?
        && sound.contains(['/', '\\'])
    {
        return Err(own.problem("sound", "has a folder"));
    }
    own.integer("soundDuration", 1..=60)?;
    own.boolean("foregroundShow")?;
    own.end()?;
    Ok(category == MARKETING)
}

fn is_badge_only(notification: &Value) -> bool {
    let mut names = notification.as_object().into_iter().flatten();
    names.all(|(name, _)| matches!(name.as_str(), "badge" | "category"))
}

fn check_click(mut click: Fields<'_>) -> Checked<()> {
    // 5 dials a number, from live views only.
    let kind = click.integer_of("actionType", &[0, 1, 3])?;
    let kind = click.must("actionType", kind)?;
    let action = click.text("action", ANY)?;
    let uri = click.text("uri", ANY)?;
    match (kind, action.or(uri)) {
        (1, page) => {
            click.must("action", page)?;
        }
        (_, Some(_)) => return Err(click.problem("actionType", "opens no page")),
        (_, None) => {}
    }
    // Its keys are the app's own, but it is an object, not a text that holds one.
    if click.any("data").is_some_and(|data| !data.is_object()) {
        return Err(click.problem("data", "is not an object"));
    }
    click.end()
}

fn check_badge(mut badge: Fields<'_>) -> Checked<()> {
    let add = badge.integer("addNum", 1..=99)?;
    let set = badge.integer("setNum", 0..=99)?;
    badge.must("addNum", add.or(set))?;
    badge.end()
}

fn check_style(own: &mut Fields<'_>) -> Checked<()> {
    let style = own.integer_of("style", &[0, 1, 3])?;
    let big_title = own.text("bigTitle", ANY)?;
    let big_body = own.text("bigBody", ANY)?;
    let lines = own.texts("inboxContent")?;
    let fits = |lines: &Vec<&str>| {
        lines.len() <= 3 && lines.iter().all(|line| line.chars().count() <= 1024)
    };
    if !lines.as_ref().is_none_or(fits) {
        return Err(own.problem("inboxContent", "has too many lines, or too long ones"));
    }
    match style {
        Some(1) => {
            own.must("bigTitle", big_title)?;
            own.must("bigBody", big_body)?;
        }
        Some(3) => {
            own.must("inboxContent", lines.filter(|lines| !lines.is_empty()))?;
        }
        _ => {}
    }
    Ok(())
}

/// Whether it is a test.
fn check_options(push_type: PushType, mut options: Fields<'_>) -> Checked<bool> {
    let is_test = options.boolean("testMessage")?.unwrap_or(false);
    options.integer("ttl", 1..=MAX_TTL_SECS)?;
    options.text_of_bytes("biTag", 64)?;
    options.text("receiptId", ANY)?;
    let collapse_key = options.integer("collapseKey", -1..=100)?;
    if collapse_key.is_some() && !push_type.is_notification() {
        return Err(options.problem("collapseKey", "does not go with the push type"));
    }
    let mode = options.integer_of("backgroundMode", &[0, 1])?;
    if mode.is_some() && push_type != PushType::Background {
        return Err(options.problem("backgroundMode", "does not go with the push type"));
    }
    options.end()?;
    Ok(is_test)
}
