//! `message` with its blocks for Android and iOS.

use serde_json::Value;

use crate::checks::address::is_web;
use crate::checks::android::{is_class_name, is_intent_uri};
use crate::checks::fields::{Checked, Fields};

const SWITCH: [i64; 2] = [0, 1];
const SHOW: [i64; 2] = [1, 2];
const ANDROID_TEXTS: [&str; 9] = [
    "n_ch_id",
    "n_ch_name",
    "xm_ch_id",
    "fcm_ch_id",
    "hw_ch_id",
    "hw_category",
    "oppo_ch_id",
    "icon_res",
    "small_icon",
];
const ANDROID_SWITCHES: [&str; 7] = [
    "hw_biz_type",
    "ring",
    "vibrate",
    "lights",
    "clearable",
    "icon_type",
    "style_id",
];
const LEVELS: [&str; 5] = ["", "passive", "active", "time-sensitive", "critical"];

/// A notification has a title and a content; only a silent message of iOS has neither.
pub(super) fn check(mut message: Fields<'_>, is_notification: bool, is_ios: bool) -> Checked<()> {
    for name in ["title", "content"] {
        let text = message.text_of_bytes(name, usize::MAX)?;
        let text = text.filter(|text| !is_notification || !text.is_empty());
        if is_notification || !is_ios {
            message.must(name, text)?;
        }
    }
    for name in [
        "thread_id",
        "thread_sumtext",
        "xg_media_resources",
        "xg_media_audio_resources",
    ] {
        message.text_of_bytes(name, usize::MAX)?;
    }
    message.integer_of("show_type", &SHOW)?;
    for range in message.list("accept_time")?.unwrap_or_default() {
        let mut range = Fields::of("message.accept_time", range)?;
        for name in ["start", "end"] {
            let moment = range.object(name)?;
            check_moment(range.must(name, moment)?)?;
        }
        range.end()?;
    }
    if let Some(android) = message.object("android")? {
        check_android(android)?;
    }
    let ios = message.object("ios")?;
    if is_ios && ios.is_none() {
        return message.must("ios", None);
    }
    if let Some(ios) = ios {
        check_ios(ios, is_notification)?;
    }
    message.end()
}

fn check_moment(mut moment: Fields<'_>) -> Checked<()> {
    for (name, end) in [("hour", 24), ("min", 60)] {
        let text = moment.text(name, 1..=2)?;
        let number = moment.must(name, text)?;
        let is_within = number.bytes().all(|byte| byte.is_ascii_digit())
            && number.parse().is_ok_and(|number: u8| number < end);
        if !is_within {
            return Err(moment.problem(name, format!("is not within 0..{end}")));
        }
    }
    moment.end()
}

fn check_android(mut android: Fields<'_>) -> Checked<()> {
    for name in ANDROID_TEXTS {
        android.text_of_bytes(name, usize::MAX)?;
    }
    for name in ANDROID_SWITCHES {
        android.integer_of(name, &SWITCH)?;
    }
    // "No suffix": a resource's name has none.
    let ring = android.text_of_bytes("ring_raw", usize::MAX)?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if ring.is_some_and(|name| !name.bytes().all(fits)) {
        return Err(android.problem("ring_raw", "is no resource's name, which has no suffix"));
    }
    android.one_of("vivo_ch_id", &["", "0", "1"])?;
    android.integer_of("hw_importance", &SHOW)?;
    android.integer("builder_id", 0..=i64::from(i32::MAX))?;
    android.integer("n_id", -1..=i64::from(i32::MAX))?;
    android.integer("badge_type", -2..=99)?;
    android.integer("icon_color", 0..=0xff_ffff)?;
    android.integer_of("show_type", &SHOW)?;
    check_custom(&mut android, "custom_content")?;
    if let Some(action) = android.object("action")? {
        check_action(action)?;
    }
    android.end()
}

/// What a click does; the parts of other types may be there and do nothing.
fn check_action(mut action: Fields<'_>) -> Checked<()> {
    let kind = action.integer_of("action_type", &[1, 2, 3])?.unwrap_or(1);
    let activity = action.text_of_bytes("activity", usize::MAX)?;
    let intent = action.text_of_bytes("intent", usize::MAX)?;
    if let Some(mut attributes) = action.object("aty_attr")? {
        for name in ["if", "pf"] {
            attributes.integer(name, i64::from(i32::MIN)..=i64::from(u32::MAX))?;
        }
        attributes.end()?;
    }
    let mut url = None;
    if let Some(mut browser) = action.object("browser")? {
        url = browser.text_of_bytes("url", usize::MAX)?;
        browser.integer_of("confirm", &SWITCH)?;
        browser.end()?;
    }
    let given = |text: Option<&'_ str>| text.is_some_and(|text| !text.is_empty());
    match kind {
        1 if given(activity) && !activity.is_some_and(is_class_name) => {
            return Err(action.problem("activity", "is not the full name of a class"));
        }
        2 => {
            let url = action.must("browser", url)?;
            if !is_web(url) {
                return Err(action.problem("browser", "has a URL that is not of http or https"));
            }
        }
        3 => {
            let intent = action.must("intent", intent.filter(|text| !text.is_empty()))?;
            if !has_scheme(intent) || intent.starts_with("intent:") && !is_intent_uri(intent) {
                return Err(action.problem("intent", "is without a scheme"));
            }
        }
        _ => {}
    }
    action.end()
}

fn check_ios(mut ios: Fields<'_>, is_notification: bool) -> Checked<()> {
    check_custom(&mut ios, "custom_content")?;
    check_custom(&mut ios, "custom")?;
    let aps = ios.object("aps")?;
    let mut aps = ios.must("aps", aps)?;
    let alert = aps.any("alert");
    let badge = aps.integer("badge_type", -2..=i64::from(i32::MAX))?;
    let sound = aps.text_of_bytes("sound", usize::MAX)?;
    let is_silent = aps.integer_of("content-available", &SWITCH)? == Some(1);
    aps.text_of_bytes("category", usize::MAX)?;
    aps.integer_of("mutable-content", &SWITCH)?;
    aps.one_of("interruption-level", &LEVELS)?;
    if is_notification {
        if is_silent {
            return Err(aps.problem("content-available", "goes not with a notification"));
        }
        let alert = aps.must("alert", alert)?;
        if !(alert.is_object() || alert.is_string()) {
            return Err(aps.problem("alert", "is not an object"));
        }
    } else {
        if !is_silent {
            return Err(aps.problem("content-available", "must be 1 in a silent message"));
        }
        let shown = [alert.is_some(), badge.is_some(), sound.is_some()];
        if shown.contains(&true) {
            return Err(aps.problem("content-available", "goes not with what is shown or heard"));
        }
    }
    aps.end()?;
    ios.end()
}

/// A JSON object once more serialized, so that the devices' SDKs can read it.
fn check_custom(fields: &mut Fields<'_>, name: &'static str) -> Checked<()> {
    let text = fields.text_of_bytes(name, usize::MAX)?.unwrap_or_default();
    match serde_json::from_str(text) {
        Ok(Value::Object(_)) => Ok(()),
        _ if text.is_empty() => Ok(()),
        _ => Err(fields.problem(name, "holds no JSON object")),
    }
}

fn has_scheme(text: &str) -> bool {
    let is_of_a_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(is_of_a_scheme)
            && !rest.is_empty()
    }) && !text.contains(char::is_whitespace)
}
