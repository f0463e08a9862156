//! A message of Xiaomi's, be it spread over form fields or one JSON object of many.

use serde_json::Value;

use super::App;
use super::error::{NOTIFY_ID, PACKAGE, PARAMETER, Refusal, TOO_LONG, WORDS};
use super::extra::{self, Extra};
use crate::checks::fields::Fields;
use crate::checks::form::Form;

/// Counted in characters, whatever the script; the numbers themselves are too many.
const TITLE_BELOW: usize = 50;
const DESCRIPTION_BELOW: usize = 128;
const PAYLOAD_BELOW: usize = 4096;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const PRIVATE_DAYS: i64 = 10;
const SCHEDULE_DAYS: i64 = 7;
pub(super) const EXTRA: &str = "extra.";
const ANY: std::ops::RangeInclusive<i64> = i64::MIN..=i64::MAX;

/// As it came; nothing but types is checked yet.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    package: Option<&'a str>,
    title: Option<&'a str>,
    description: Option<&'a str>,
    payload: Option<&'a str>,
    pass_through: Option<i64>,
    notify_type: Option<i64>,
    notify_id: Option<i64>,
    time_to_live: Option<i64>,
    time_to_send: Option<i64>,
    extra: Extra<'a>,
}

/// What limits a good message.
#[derive(Debug)]
pub(super) struct Audience {
    pub(super) is_private: bool,
    pub(super) channel: Option<String>,
}

impl<'a> Message<'a> {
    /// `others` are the fields that are no part of the message.
    pub(super) fn of_form(form: &'a Form, others: &[&str]) -> Result<Message<'a>, Refusal> {
        let mut message = Message::default();
        for (name, value) in form.fields() {
            if let Some(name) = name.strip_prefix(EXTRA) {
                message.extra.push((name, value));
                continue;
            }
            match name {
                "restricted_package_name" => message.package = Some(value),
                "title" => message.title = Some(value),
                "description" => message.description = Some(value),
                "payload" => message.payload = Some(value),
                "pass_through" => message.pass_through = Some(whole(name, value)?),
                "notify_type" => message.notify_type = Some(whole(name, value)?),
                "notify_id" => message.notify_id = Some(whole(name, value)?),
                "time_to_live" => message.time_to_live = Some(whole(name, value)?),
                "time_to_send" => message.time_to_send = Some(whole(name, value)?),
                "collapse_key" => {}
                name if others.contains(&name) => {}
                name => return Err(Refusal::of(PARAMETER, format!("unknown parameter {name}"))),
            }
        }
        Ok(message)
    }

    pub(super) fn of_json(mut fields: Fields<'a>) -> Result<Message<'a>, Refusal> {
        let extra = match fields.any("extra") {
            None => Extra::new(),
            Some(Value::Object(pairs)) => {
                let text = |value: &'a Value| value.as_str();
                let pairs = pairs.iter().map(|(key, value)| {
                    let value = text(value).ok_or_else(|| fields.problem("extra", "has no text"));
                    value.map(|value| (key.as_str(), value))
                });
                pairs.collect::<Result<_, _>>()?
            }
            Some(_) => return Err(fields.problem("extra", "is not an object").into()),
        };
        let message = Message {
            package: fields.text_of_bytes("restricted_package_name", usize::MAX)?,
            title: fields.text_of_bytes("title", usize::MAX)?,
            description: fields.text_of_bytes("description", usize::MAX)?,
            payload: fields.text_of_bytes("payload", usize::MAX)?,
            pass_through: fields.integer("pass_through", ANY)?,
            notify_type: fields.integer("notify_type", ANY)?,
            notify_id: fields.integer("notify_id", ANY)?,
            time_to_live: fields.integer("time_to_live", ANY)?,
            time_to_send: fields.integer("time_to_send", ANY)?,
            extra,
        };
        fields.text_of_bytes("collapse_key", usize::MAX)?;
        fields.end()?;
        Ok(message)
    }

    /// All rules; `several_packages` allows a list of them.
    pub(super) fn check(
        &self,
        app: &App,
        several_packages: bool,
        now_ms: u64,
    ) -> Result<Audience, Refusal> {
        let package = self
            .package
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Refusal::missing("restricted_package_name"))?;
        let mut packages = vec![package];
        if several_packages {
            packages = package.split(',').collect();
        }
        if !packages
            .iter()
            .all(|package| app.packages.contains(*package))
        {
            return Err(Refusal::of(PACKAGE, "package name is illegal"));
        }
        let checked = extra::check(&self.extra, app, &packages)?;
        let is_transparent = match self.pass_through {
            None | Some(0) => false,
            Some(1) => true,
            Some(_) => return Err(Refusal::value("pass_through", "is neither 0 nor 1")),
        };
        if is_transparent && self.payload.is_none_or(str::is_empty) {
            return Err(Refusal::missing("payload"));
        }
        // Of a template, Xiaomi makes the texts itself.
        let must = !is_transparent && !checked.has_template;
        check_text("title", self.title, must, TITLE_BELOW)?;
        check_text("description", self.description, must, DESCRIPTION_BELOW)?;
        if self.payload.is_some_and(|text| text.len() >= PAYLOAD_BELOW) {
            return Err(Refusal::of(TOO_LONG, "payload is too long"));
        }
        self.check_numbers(checked.is_private, now_ms)?;
        Ok(Audience {
            is_private: checked.is_private,
            channel: checked.channel,
        })
    }

    fn check_numbers(&self, is_private: bool, now_ms: u64) -> Result<(), Refusal> {
        if self
            .notify_type
            .is_some_and(|kind| !(-1..=7).contains(&kind))
        {
            return Err(Refusal::value("notify_type", "is no set of kinds"));
        }
        let is_id = |id| (0..=i64::from(i32::MAX)).contains(&id);
        if self.notify_id.is_some_and(|id| !is_id(id)) {
            return Err(Refusal::of(NOTIFY_ID, "notify_id is illegal"));
        }
        let most_days = if is_private { PRIVATE_DAYS } else { 1 };
        let is_life = |ms| (1..=most_days * DAY_MS).contains(&ms);
        if self.time_to_live.is_some_and(|ms| !is_life(ms)) {
            return Err(Refusal::value("time_to_live", "is out of range"));
        }
        check_schedule(self.time_to_send, now_ms)
    }
}

/// Milliseconds of the clock, not of seconds or of the far future.
pub(super) fn check_schedule(at_ms: Option<i64>, now_ms: u64) -> Result<(), Refusal> {
    let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX / 2);
    let is_near = |ms| (now_ms - DAY_MS..=now_ms + SCHEDULE_DAYS * DAY_MS).contains(&ms);
    match at_ms.is_none_or(is_near) {
        true => Ok(()),
        false => Err(Refusal::value("time_to_send", "is out of range")),
    }
}

fn check_text(name: &str, text: Option<&str>, is_must: bool, below: usize) -> Result<(), Refusal> {
    let Some(text) = text else {
        return match is_must {
            true => Err(Refusal::missing(name)),
            false => Ok(()),
        };
    };
    if is_must && text.trim().is_empty() {
        return Err(Refusal::value(name, "is blank"));
    }
    if text.chars().count() >= below {
        return Err(Refusal::of(TOO_LONG, format!("{name} is too long")));
    }
    match is_test(text) {
        true => Err(Refusal::of(WORDS, format!("{name} is not compliant"))),
        false => Ok(()),
    }
}

/// The word for "test", by itself but for digits and signs: what Xiaomi is said to block. Where
/// exactly it draws the line, its pages do not say.
fn is_test(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphabetic());
    word.eq_ignore_ascii_case("test") || word == "\u{6d4b}\u{8bd5}"
}

/// Decimal digits and nothing else.
pub(super) fn whole(name: &str, text: &str) -> Result<i64, Refusal> {
    text.parse::<i64>()
        .ok()
        .filter(|number| number.to_string() == text)
        .ok_or_else(|| Refusal::value(name, "is not an integer"))
}
