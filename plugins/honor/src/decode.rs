//! Honor's answer to verdicts, one for each device.
//!
//! In: the devices and any response. Out: as many verdicts. A batch may pass in part: then
//! `data.expireTokens` and `data.failTokens` name those that did not. What a code means is
//! looked up in `reason`.

use std::collections::BTreeSet;

use nudged_plugin_api::text::{Unit, cut};
use nudged_plugin_api::{Class, Exchange, HttpResponse, Scope, Timestamp, Verdict};
use serde_json::Value;

use crate::reason;

/// Before a device that could not be reached is tried again.
const FAILED_WAIT: u64 = 60_000;
/// No code of Honor's is nearly as long.
const MAX_CODE: usize = 100;

/// What the answer says of each of its targets.
pub(crate) fn verdicts(exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
    let Exchange {
        targets,
        response,
        memo,
        ..
    } = exchange;
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let code = code(&answer["code"]);
    let passed = (200..300).contains(&response.status) && reason::is_success(&code);
    if !passed {
        return vec![refused(response, &code, &answer, memo, now); targets.len()];
    }
    let sent = Sent {
        code: &code,
        text: text(&answer),
        request_id: request_id(&answer["data"]["requestId"]),
        expired: list(&answer["data"]["expireTokens"]),
        failed: list(&answer["data"]["failTokens"]),
        alone: targets
            .iter()
            .all(|target| target.token == targets[0].token),
    };
    targets
        .iter()
        .map(|target| sent.verdict(&target.token))
        .collect()
}

/// A number in some answers, a text in others.
fn code(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::String(code) if !code.contains(char::is_control) => {
            cut(code.trim(), MAX_CODE, Unit::Bytes).into_owned()
        }
        _ => String::new(),
    }
}

fn request_id(value: &Value) -> Option<String> {
    Some(code(value)).filter(|id| !id.is_empty())
}

fn text(answer: &Value) -> &str {
    answer["message"].as_str().unwrap_or_default()
}

fn list(value: &Value) -> BTreeSet<&str> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str).collect()
}

fn refused(
    response: &HttpResponse,
    code: &str,
    answer: &Value,
    memo: &[u8],
    now: Timestamp,
) -> Verdict {
    let (class, remedy) = reason::judge(response.status, code);
    let shown = if code.is_empty() {
        format!("HTTP {}", response.status)
    } else {
        code.to_owned()
    };
    let wait = response
        .retry_after_millis(now)
        .or_else(|| reason::wait(class, now));
    Verdict::refused(class, shown, remedy)
        .scope(reason::scope(response.status, code, memo))
        .text(text(answer))
        .retry_after_millis(wait)
}

/// A batch that Honor took, whole or in part.
struct Sent<'a> {
    code: &'a str,
    text: &'a str,
    request_id: Option<String>,
    expired: BTreeSet<&'a str>,
    failed: BTreeSet<&'a str>,
    /// Whether the request was for a single token.
    alone: bool,
}

impl Sent<'_> {
    fn verdict(&self, token: &str) -> Verdict {
        if self.expired.contains(token) {
            return self.refusal(
                Class::InvalidToken,
                "expireTokens",
                "nothing to do: the app was uninstalled or got a new token, which its next start \
                 reports",
            )
            .scope(Scope::Token);
        }
        // Honor does not say whether such a token is dead or its phone out of reach, so it is
        // tried again until the message's time is up, and stays.
        let unnamed = self.alone && self.code == reason::PARTIAL;
        if self.failed.contains(token) || unnamed {
            return self
                .refusal(
                    Class::ThrottledDevice,
                    "failTokens",
                    "nothing to do: this device is tried again; if it never works, have the app \
                     report its token anew",
                )
                .retry_after_millis(Some(FAILED_WAIT));
        }
        Verdict::accepted(self.request_id.clone())
    }

    fn refusal(&self, class: Class, list: &str, remedy: &str) -> Verdict {
        let text = match self.text {
            "" => list.to_owned(),
            text => format!("{list}: {text}"),
        };
        Verdict::refused(class, self.code, remedy).text(text)
    }
}
