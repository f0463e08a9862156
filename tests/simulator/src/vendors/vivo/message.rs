//! The text of a message and all that goes with it: what /message/send and
//! /message/saveListPayload have in common. Of bounds that differ between editions of the
//! interface those of the newest hold.

use serde_json::Value;

use super::error::{self, Refusal, coded};
use crate::checks::address::is_web;
use crate::checks::android;
use crate::checks::fields::Fields;
use crate::credentials::ids;

type Checked<T> = Result<T, Refusal>;

const SYSTEM: [&str; 6] = [
    "IM",
    "ACCOUNT",
    "TODO",
    "DEVICE_REMINDER",
    "ORDER",
    "SUBSCRIPTION",
];
const OPERATIONAL: [&str; 4] = ["NEWS", "CONTENT", "MARKETING", "SOCIAL"];
const MAX_CUSTOM_LENGTH: usize = 1024;
/// The word for "test".
const TEST: &str = "\u{6d4b}\u{8bd5}";

/// What a good message is, as far as it matters to whom it may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) is_system: bool,
    pub(super) has_category: bool,
    /// Not for real devices only: it has not been reviewed.
    pub(super) is_test: bool,
    /// The number with which it is refused when it is no test.
    pub(super) suspicion: Option<i64>,
    pub(super) request_id: String,
}

/// Reads all of a message, but for its target.
pub(super) fn check(fields: &mut Fields<'_>) -> Checked<Message> {
    let notify_type = fields.integer_of("notifyType", &[1, 2, 3, 4]);
    let notify_type = notify_type.map_err(coded(error::NOTIFY_TYPE))?;
    fields
        .must("notifyType", notify_type)
        .map_err(coded(error::NOTIFY_TYPE))?;
    let title = must_text(fields, "title", 40, error::TITLE_EMPTY, error::TITLE_LONG)?;
    let content = must_text(
        fields,
        "content",
        100,
        error::CONTENT_EMPTY,
        error::CONTENT_LONG,
    )?;
    fields
        .integer("timeToLive", 60..=86_400)
        .map_err(coded(error::TIME_TO_LIVE))?;
    check_skip(fields)?;
    fields
        .integer_of("networkType", &[-1, 1])
        .map_err(coded(error::NETWORK_TYPE))?;
    let (is_system, has_category) = check_class(fields)?;
    check_custom(fields)?;
    check_extra(fields)?;
    let request_id = request_id(fields)?;
    let is_test = push_mode(fields)?;
    fields
        .integer("notifyId", 1..=2_147_483_647)
        .map_err(coded(error::NOTIFY_ID))?;
    fields.text("profileId", 1..=64)?;
    for name in ["sendOnline", "foregroundShow", "addBadge"] {
        fields.boolean(name)?;
    }
    // The interface gives these no type.
    for name in ["auditReview", "timedDisplay"] {
        fields.any(name);
    }
    Ok(Message {
        is_system,
        has_category,
        is_test,
        suspicion: suspicion(title).or_else(|| suspicion(content)),
        request_id,
    })
}

pub(super) fn app_id(fields: &mut Fields<'_>) -> Checked<i64> {
    let app_id = fields.integer("appId", 1..=i64::MAX);
    let app_id = app_id.map_err(coded(error::APP_ID_EMPTY))?;
    fields
        .must("appId", app_id)
        .map_err(coded(error::APP_ID_EMPTY))
}

pub(super) fn request_id(fields: &mut Fields<'_>) -> Checked<String> {
    let id = must_text(
        fields,
        "requestId",
        64,
        error::REQUEST_ID_EMPTY,
        error::REQUEST_ID_LONG,
    )?;
    Ok(id.to_owned())
}

/// Whether it is a test.
pub(super) fn push_mode(fields: &mut Fields<'_>) -> Checked<bool> {
    let mode = fields.integer_of("pushMode", &[0, 1])?;
    Ok(mode == Some(1))
}

/// A text of one character at least, with the numbers for none and for too many.
pub(super) fn must_text<'a>(
    fields: &mut Fields<'a>,
    name: &'static str,
    most: usize,
    empty: i64,
    long: i64,
) -> Checked<&'a str> {
    let text = fields
        .text_of_bytes(name, usize::MAX)
        .map_err(coded(empty))?;
    match text.unwrap_or_default() {
        "" => Err(Refusal::new(empty, format!("{name} is empty"))),
        text if text.chars().count() > most => Err(Refusal::new(
            long,
            format!("{name} is over {most} characters"),
        )),
        text => Ok(text),
    }
}

fn check_skip(fields: &mut Fields<'_>) -> Checked<()> {
    let wrong = coded(error::SKIP_TYPE);
    let kind = fields.integer_of("skipType", &[1, 2, 3, 4]);
    let kind = fields.must("skipType", kind.map_err(&wrong)?);
    let kind = kind.map_err(&wrong)?;
    let content = fields.text("skipContent", 0..=2048).map_err(&wrong)?;
    let content = content.unwrap_or_default();
    let fits = match kind {
        2 => is_web(content),
        4 => android::is_intent_uri(content),
        _ => true,
    };
    match fits {
        true => Ok(()),
        false => Err(wrong(
            fields.problem("skipContent", "does not fit skipType"),
        )),
    }
}

/// Whether it is a system message, and whether it says of what category.
fn check_class(fields: &mut Fields<'_>) -> Checked<(bool, bool)> {
    let class = fields
        .integer_of("classification", &[0, 1])
        .map_err(coded(error::CLASSIFICATION))?
        .map(|class| class == 1);
    let category = fields
        .one_of("category", &[&SYSTEM[..], &OPERATIONAL].concat())
        .map_err(coded(error::CATEGORY))?;
    let of_category = category.map(|category| SYSTEM.contains(&category));
    match (class, of_category) {
        (Some(class), Some(of_category)) if class != of_category => Err(Refusal::new(
            error::CATEGORY_MISFIT,
            "category does not fit classification",
        )),
        _ => Ok((
            class.or(of_category).unwrap_or(false),
            of_category.is_some(),
        )),
    }
}

fn check_custom(fields: &mut Fields<'_>) -> Checked<()> {
    let wrong = |problem: &str| Refusal::new(error::CUSTOM_MAP, problem);
    let Some(custom) = fields.any("clientCustomMap") else {
        return Ok(());
    };
    let custom = custom
        .as_object()
        .ok_or_else(|| wrong("clientCustomMap is not a map"))?;
    let mut characters = 0;
    for (key, value) in custom {
        let value = value
            .as_str()
            .ok_or_else(|| wrong("clientCustomMap has other values than texts"))?;
        characters += key.chars().count() + value.chars().count();
    }
    match characters {
        0..=MAX_CUSTOM_LENGTH => Ok(()),
        _ => Err(wrong("clientCustomMap is too long")),
    }
}

fn check_extra(fields: &mut Fields<'_>) -> Checked<()> {
    let wrong = coded(error::EXTRA);
    let Some(mut extra) = fields.object("extra").map_err(&wrong)? else {
        return Ok(());
    };
    if let Some(url) = text_of(&mut extra, "callback", 128, error::CALLBACK_LONG)?
        && !is_web(url)
    {
        return Err(wrong(extra.problem("callback", "is not a URL")));
    }
    text_of(
        &mut extra,
        "callback.param",
        192,
        error::CALLBACK_PARAM_LONG,
    )?;
    match extra.any("callback.id") {
        None | Some(Value::String(_) | Value::Number(_)) => {}
        Some(_) => return Err(wrong(extra.problem("callback.id", "is not an id"))),
    }
    extra.end().map_err(coded(error::EXTRA_KEY))
}

/// A text of `extra`, which may be missing.
fn text_of<'a>(
    extra: &mut Fields<'a>,
    name: &'static str,
    most: usize,
    long: i64,
) -> Checked<Option<&'a str>> {
    let text = extra
        .text_of_bytes(name, usize::MAX)
        .map_err(coded(error::EXTRA))?;
    match text {
        Some(text) if text.chars().count() > most => {
            Err(Refusal::new(long, format!("{name} is over {most}")))
        }
        text => Ok(text),
    }
}

/// What vivo takes for a test: the Chinese word, the English one by itself, or nothing but
/// digits and signs. Other words of Latin letters are in its own samples.
fn suspicion(text: &str) -> Option<i64> {
    let is_sign = |c: char| c.is_ascii_digit() || c.is_ascii_punctuation() || c == ' ';
    let is_word = |text: &str| text.trim_matches(is_sign).eq_ignore_ascii_case("test");
    if text.contains(TEST) || is_word(text) {
        Some(error::LOOKS_LIKE_TEST)
    } else if text.chars().all(is_sign) {
        Some(error::NO_WORDS)
    } else {
        None
    }
}

/// The id of a message or of a saved text.
pub(super) fn new_task_id() -> String {
    format!("54{}", ids::digits(16))
}
