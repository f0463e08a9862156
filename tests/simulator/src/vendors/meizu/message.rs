//! `messageJson` of a notification: fields, types and bounds of the README's tables.

use serde_json::Value;

use crate::checks::address::is_web;
use crate::checks::android::is_class_name;
use crate::checks::fields::{Checked, Fields};

const SWITCH: [i64; 2] = [0, 1];

/// Whom a good message is for, as its limits go.
#[derive(Debug)]
pub(crate) struct Audience {
    pub(crate) is_public: bool,
}

pub(crate) fn check(message: &Value) -> Checked<Audience> {
    let mut fields = Fields::of("", message)?;
    let bar = fields.object("noticeBarInfo")?;
    let is_public = check_bar(fields.must("noticeBarInfo", bar)?)?;
    if let Some(expand) = fields.object("noticeExpandInfo")? {
        check_expand(expand)?;
    }
    if let Some(click) = fields.object("clickTypeInfo")? {
        check_click(click)?;
    }
    if let Some(time) = fields.object("pushTimeInfo")? {
        check_time(time)?;
    }
    if let Some(advance) = fields.object("advanceInfo")? {
        check_advance(advance)?;
    }
    if let Some(vip) = fields.object("vipInfo")? {
        check_vip(vip)?;
    }
    if let Some(extra) = fields.object("extra")? {
        check_extra(extra)?;
    }
    fields.texts("restrictedPackageNames")?;
    fields.end()?;
    Ok(Audience { is_public })
}

fn check_bar(mut bar: Fields<'_>) -> Checked<bool> {
    bar.integer_of("noticeBarType", &[0, 2])?;
    let kind = bar.integer_of("noticeMsgType", &SWITCH)?;
    let title = bar.text("title", 1..=32)?;
    bar.must("title", title)?;
    let content = bar.text("content", 1..=100)?;
    bar.must("content", content)?;
    bar.end()?;
    // Public is what a message is unless it says private.
    Ok(kind != Some(1))
}

fn check_expand(mut expand: Fields<'_>) -> Checked<()> {
    expand.integer_of("noticeExpandType", &[0, 1, 2])?;
    expand.text_of_bytes("noticeExpandContent", usize::MAX)?;
    expand.text_of_bytes("noticeExpandImgUrl", usize::MAX)?;
    expand.end()
}

fn check_click(mut click: Fields<'_>) -> Checked<()> {
    let kind = click.integer_of("clickType", &[0, 1, 2, 3])?;
    let url = click.text_of_bytes("url", 1000)?;
    let activity = click.text_of_bytes("activity", usize::MAX)?;
    let attribute = click.text_of_bytes("customAttribute", 1000)?;
    match kind {
        Some(1) => {
            let activity = click.must("activity", activity)?;
            if !is_class_name(activity) {
                return Err(click.problem("activity", "is not a full class name"));
            }
        }
        Some(2) => {
            let url = click.must("url", url)?;
            let of_the_web = matches!(url.split_once(':'), Some(("http" | "https", _)));
            if !is_uri(url) || of_the_web && !is_web(url) {
                return Err(click.problem("url", "is not a URI"));
            }
        }
        Some(3) => {
            click.must("customAttribute", attribute)?;
        }
        _ => {}
    }
    // Its keys are the app's own, but it is an object, not a text that holds one.
    if click.any("parameters").is_some_and(|own| !own.is_object()) {
        return Err(click.problem("parameters", "is not an object"));
    }
    click.end()
}

fn check_time(mut time: Fields<'_>) -> Checked<()> {
    time.integer_of("offLine", &SWITCH)?;
    time.integer("validTime", 1..=72)?;
    time.end()
}

fn check_advance(mut advance: Fields<'_>) -> Checked<()> {
    for name in ["suspend", "clearNoticeBar", "fixDisplay"] {
        advance.integer_of(name, &SWITCH)?;
    }
    // The README gives these no type.
    for name in ["fixStartDisplayTime", "fixEndDisplayTime"] {
        advance.any(name);
    }
    if let Some(mut kinds) = advance.object("notificationType")? {
        for name in ["vibrate", "lights", "sound"] {
            kinds.integer_of(name, &SWITCH)?;
        }
        kinds.end()?;
    }
    if let Some(key) = advance.text("notifyKey", 1..=8)? {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !key.chars().all(fits) {
            return Err(advance.problem("notifyKey", "has other characters"));
        }
    }
    advance.end()
}

fn check_vip(mut vip: Fields<'_>) -> Checked<()> {
    for name in [
        "subtitle",
        "titleColor",
        "backgroundImgUrl",
        "smallIconUrl",
        "bigIconUrl",
    ] {
        vip.text_of_bytes(name, usize::MAX)?;
    }
    vip.integer("timeTop", 1800..=7200)?;
    for name in ["pullDownTop", "notGroup"] {
        vip.any(name);
    }
    vip.end()
}

fn check_extra(mut extra: Fields<'_>) -> Checked<()> {
    extra.text_of_bytes("callback", 128)?;
    extra.text_of_bytes("callback.param", 64)?;
    // The README's samples have both the number and the text.
    match extra.any("callback.type") {
        Some(Value::String(_)) => {
            extra.one_of("callback.type", &["1", "2", "3"])?;
        }
        _ => {
            extra.integer_of("callback.type", &[1, 2, 3])?;
        }
    }
    extra.end()
}

/// A scheme and something behind it: web pages and apps' own links alike.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
        && !rest.is_empty()
        && !text.contains(char::is_whitespace)
}
