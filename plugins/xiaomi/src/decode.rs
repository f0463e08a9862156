//! Xiaomi's answer to verdict.
//!
//! In: any response. Out: one verdict for all its devices, as Xiaomi names none of them. What
//! a code means is looked up in `reason`; here is only where in the answer it stands.

use nudged_plugin_api::{
    Class, Decoded, Exchange, FollowUp, HttpResponse, Target, Timestamp, Verdict,
};
use serde::Deserialize;
use serde_json::Value;

use crate::reason;
use crate::settings::Channel;

/// Wait after a refusal for speed, in milliseconds: the limits are by the second.
const SECOND: u64 = 1000;
/// The day of Xiaomi's quotas ends at midnight in Beijing, in hours ahead of UTC.
const BEIJING: u32 = 8;

/// The answer's fields, all of them optional to a reader of any bytes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    /// `ok` or `error`.
    result: Value,
    /// 0, or why not.
    code: Value,
    /// Why not, in a few words of English.
    reason: Value,
    /// What `code` is called.
    description: Value,
    /// More words.
    info: Value,
    /// What Xiaomi's support asks for.
    trace_id: Value,
    /// The message's id, and sometimes the quota.
    data: Value,
}

/// What the answer comes to: a text that Xiaomi takes for a test, or a channel that it does not
/// know, is sent once more in another form, as its memo has it.
pub(crate) fn decoded(channel: &Channel, exchange: &Exchange<'_>, now: Timestamp) -> Decoded {
    let verdict = verdict(exchange.targets, exchange.response, now);
    let cause = reason::cause(&verdict.code).filter(|_| verdict.class == Class::BadRequest);
    let again = cause.and_then(|it| it.request(channel, exchange.targets, exchange.memo));
    if let Some(request) = again {
        return Decoded::FollowUp(FollowUp::new(request, Vec::new()));
    }
    Decoded::all(verdict, exchange.targets.len())
}

/// What `response` says of the message to `targets`.
pub(crate) fn verdict(targets: &[Target], response: &HttpResponse, now: Timestamp) -> Verdict {
    let answer: Answer = serde_json::from_slice(&response.body).unwrap_or_default();
    let ok = answer.result == "ok";
    let code = answer.code();
    if (200..300).contains(&response.status) && ok && code.as_deref() == Some("0") {
        return Verdict::accepted(answer.message_id());
    }
    let meaning = reason::judge(&reason::Refusal {
        http: response.status,
        code: code.as_deref().and_then(|code| code.parse().ok()),
        says_error: answer.result == "error",
        reason: answer.reason.as_str().unwrap_or_default(),
        one_device: is_one_device(targets),
    });
    let (class, scope, remedy) = meaning;
    // An answer that says neither yes nor no is no answer of Xiaomi's.
    let code = match code {
        Some(code) if code != "0" || answer.result == "error" => code,
        _ => format!("HTTP {}", response.status),
    };
    Verdict::refused(class, code, remedy)
        .text(answer.words())
        .scope(scope)
        .retry_after_millis(wait(class, response, now))
        .split(reason::is_of_some_device(meaning))
}

/// Only then does a refusal of the whole request speak of a device.
fn is_one_device(targets: &[Target]) -> bool {
    match targets {
        [first, others @ ..] => others.iter().all(|other| other.token == first.token),
        [] => false,
    }
}

fn wait(class: Class, response: &HttpResponse, now: Timestamp) -> Option<u64> {
    let asked = response.retry_after_millis(now);
    match class {
        Class::Throttled => asked.or(Some(SECOND)),
        Class::QuotaExceeded => asked.or(Some(now.millis_until_midnight(BEIJING))),
        Class::Unavailable => asked,
        _ => None,
    }
}

impl Answer {
    /// The code as it stands there: a number, or a number in quotes.
    fn code(&self) -> Option<String> {
        match &self.code {
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) => {
                let short = !text.is_empty() && text.len() <= 32;
                let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
                (short && plain).then(|| text.clone())
            }
            _ => None,
        }
    }

    /// `data` is an object; some gateways hand on its text.
    fn data(&self) -> Value {
        match &self.data {
            Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
            data => data.clone(),
        }
    }

    fn message_id(&self) -> Option<String> {
        let data = self.data();
        let id = data["id"].as_str()?;
        (!id.is_empty()).then(|| id.to_owned())
    }

    /// Whatever Xiaomi says, each thing once.
    fn words(&self) -> String {
        let mut text = String::new();
        let mut add = |label: &str, word: &str| {
            if !word.is_empty() && !text.contains(word) {
                let between = if text.is_empty() { "" } else { "; " };
                text.push_str(between);
                text.push_str(label);
                text.push_str(word);
            }
        };
        for word in [&self.reason, &self.description, &self.info] {
            add("", word.as_str().unwrap_or_default());
        }
        let data = self.data();
        for (label, key) in [
            ("day quota ", "day_quota"),
            ("delivered today ", "day_acked"),
        ] {
            match &data[key] {
                Value::Number(number) => add(label, &number.to_string()),
                Value::String(number) => add(label, number),
                _ => {}
            }
        }
        add("trace ", self.trace_id.as_str().unwrap_or_default());
        text
    }
}
