//! The body of a message: fields, types and bounds as the reference has them.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use serde_json::Value;

use super::error::Refusal;
use crate::checks::address::is_https;
use crate::checks::android::{is_class_name, is_extras, is_intent_uri, is_ttl};
use crate::checks::fields::{Checked, Fields};
use crate::checks::rest;

const ANY: RangeInclusive<usize> = 1..=usize::MAX;
const MAX_TOKENS: usize = 1000;

/// A good message, as far as more is to be asked about it.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) tokens: Vec<String>,
    pub(super) is_test: bool,
}

/// What `android` says that matters outside.
#[derive(Debug, Default)]
struct Android<'a> {
    data: Option<&'a str>,
    is_test: bool,
    notification: Option<Own>,
}

/// What an Android notification says that matters outside.
#[derive(Debug)]
struct Own {
    is_low: bool,
    has_image: bool,
}

/// What stands for all platforms.
#[derive(Debug, Default)]
struct Common {
    has_title: bool,
    has_body: bool,
    has_image: bool,
}

pub(super) fn check(body: &Value) -> Result<Message, Refusal> {
    let mut fields = Fields::of("", body)?;
    let data = fields.text("data", ANY)?;
    let common = fields.object("notification")?;
    let has_common = common.is_some();
    let common = common.map(check_common).transpose()?.unwrap_or_default();
    let android = fields
        .object("android")?
        .map(|android| check_android(android, &common))
        .transpose()?
        .unwrap_or_default();
    let data = android.data.or(data);
    match &android.notification {
        // Marketing has no pictures.
        Some(own) if own.is_low && (own.has_image || common.has_image) => {
            return Err(Refusal::no_picture());
        }
        Some(_) if data.is_some_and(|data| !is_extras(data)) => {
            let problem = "is no JSON object, which it must be beside a notification";
            return Err(fields.problem("data", problem).into());
        }
        Some(_) => {}
        None if has_common => {
            return Err(fields.problem("android.notification", "is missing").into());
        }
        None if data.is_none() => {
            return Err(fields
                .problem("data", "is missing, as is a notification")
                .into());
        }
        None => {}
    }
    let tokens = rest::tokens(&mut fields, "token")?.unwrap_or_default();
    fields.end()?;
    check_tokens(&tokens)?;
    Ok(Message {
        tokens,
        is_test: android.is_test,
    })
}

fn check_tokens(tokens: &[String]) -> Result<(), Refusal> {
    if tokens.is_empty() {
        return Err(Refusal::no_token());
    }
    if tokens.len() > MAX_TOKENS {
        return Err(Refusal::too_many_tokens());
    }
    let mut seen = HashSet::new();
    match tokens.iter().all(|token| seen.insert(token)) {
        true => Ok(()),
        false => Err(Refusal::duplicate_tokens()),
    }
}

fn check_common(mut common: Fields<'_>) -> Checked<Common> {
    let read = Common {
        has_title: common.text("title", ANY)?.is_some(),
        has_body: common.text("body", ANY)?.is_some(),
        has_image: has_image(&mut common)?,
    };
    common.end()?;
    Ok(read)
}

fn check_android<'a>(mut android: Fields<'a>, common: &Common) -> Checked<Android<'a>> {
    if let Some(ttl) = android.text("ttl", ANY)?
        && !is_ttl(ttl)
    {
        return Err(android.problem("ttl", "is not such as 86400s, or too long"));
    }
    android.text("biTag", ANY)?;
    let data = android.text("data", ANY)?;
    let is_test = android.integer_of("targetUserType", &[0, 1])? == Some(1);
    let notification = android
        .object("notification")?
        .map(|own| check_notification(own, common))
        .transpose()?;
    android.end()?;
    Ok(Android {
        data,
        is_test,
        notification,
    })
}

fn check_notification(mut own: Fields<'_>, common: &Common) -> Checked<Own> {
    let (title, body) = (own.text("title", ANY)?, own.text("body", ANY)?);
    for (name, text, is_inherited) in [
        ("title", title, common.has_title),
        ("body", body, common.has_body),
    ] {
        if !is_inherited {
            own.must(name, text)?;
        }
    }
    let click = own.object("clickAction")?;
    check_click(own.must("clickAction", click)?)?;
    let has_image = has_image(&mut own)?;
    let style = own.integer_of("style", &[0, 1])?;
    let big_title = own.text("bigTitle", ANY)?;
    let big_body = own.text("bigBody", ANY)?;
    if style == Some(1) {
        for (name, big, plain) in [("bigTitle", big_title, title), ("bigBody", big_body, body)] {
            if own.must(name, big)? != plain.unwrap_or(big.unwrap_or_default()) {
                return Err(own.problem(name, "is not equal to the plain one"));
            }
        }
    }
    let importance = own.one_of("importance", &["LOW", "NORMAL"])?;
    if let Some(when) = own.text("when", ANY)?
        && !is_instant(when)
    {
        return Err(own.problem("when", "is not such as 2026-01-02T15:04:05.000000000Z"));
    }
    let buttons = own.list("buttons")?.unwrap_or_default();
    if buttons.len() > 3 || !buttons.iter().all(Value::is_object) {
        return Err(own.problem("buttons", "are not 3 objects at most"));
    }
    if let Some(badge) = own.object("badge")? {
        check_badge(badge)?;
    }
    own.integer("notifyId", i64::from(i32::MIN)..=i64::from(i32::MAX))?;
    // The last is not in the reference, but sent by some and taken.
    for name in ["tag", "group", "channelId"] {
        own.text(name, ANY)?;
    }
    // Neither is this.
    own.boolean("foregroundShow")?;
    own.end()?;
    Ok(Own {
        is_low: importance == Some("LOW"),
        has_image,
    })
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

fn check_badge(mut badge: Fields<'_>) -> Checked<()> {
    let add = badge.integer("addNum", 1..=99)?;
    let set = badge.integer("setNum", 0..=99)?;
    badge.must("addNum", add.or(set))?;
    let class = badge.text("badgeClass", ANY)?;
    if !is_class_name(badge.must("badgeClass", class)?) {
        return Err(badge.problem("badgeClass", "is not a full class name"));
    }
    badge.end()
}

fn has_image(fields: &mut Fields<'_>) -> Checked<bool> {
    match fields.text("image", ANY)? {
        Some(url) if !is_https(url) => Err(fields.problem("image", "is not an https URL")),
        image => Ok(image.is_some()),
    }
}

/// `2026-01-02T15:04:05Z`, with a fraction or without.
fn is_instant(text: &str) -> bool {
    let is_like = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(byte, like)| match like {
                    b'0' => byte.is_ascii_digit(),
                    like => byte == like,
                })
    };
    let Some(text) = text.strip_suffix('Z') else {
        return false;
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    is_like(whole, "0000-00-00T00:00:00")
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}
