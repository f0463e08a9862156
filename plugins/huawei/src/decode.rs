//! Push Kit's answer to verdicts, one per token.
//!
//! In: the tokens of a request and any response. Out: their verdicts. What a code means is
//! looked up in `reason`; here is only where in the answer the code and the tokens stand.

use std::collections::HashSet;

use nudged_plugin_api::{Class, HttpResponse, Scope, Target, Timestamp, Verdict};
use serde_json::Value;

use crate::reason::{self, PARTIAL, SUCCESS};

/// `{"code": "80000000", "msg": "Success", "requestId": "…"}`, taken apart.
struct Answer {
    code: Option<String>,
    text: String,
    request_id: Option<String>,
    /// What of a partial answer names the tokens.
    report: Value,
}

impl Answer {
    fn read(body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let message = &body["msg"];
        Self {
            code: word(&body["code"]),
            text: message.as_str().unwrap_or_default().to_owned(),
            request_id: word(&body["requestId"]),
            // A document in a text; taken as it is, should Huawei ever send it so.
            report: match message.as_str() {
                Some(text) => serde_json::from_str(text).unwrap_or_default(),
                None => message.clone(),
            },
        }
    }

    fn illegal_tokens(&self) -> HashSet<&str> {
        let list = self.report["illegal_tokens"].as_array();
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }
}

/// A code or id: a short printable text, or a number.
pub(crate) fn word(value: &Value) -> Option<String> {
    let word = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let plain = word.bytes().all(|byte| byte.is_ascii_graphic());
    (plain && (1..=64).contains(&word.len())).then_some(word)
}

/// What `response` says of each of `targets`.
pub(crate) fn verdicts(
    targets: &[Target],
    response: &HttpResponse,
    now: Timestamp,
) -> Vec<Verdict> {
    let answer = Answer::read(&response.body);
    let all = |verdict: Verdict| vec![verdict; targets.len()];
    match (response.status, answer.code.as_deref()) {
        (200..300, Some(SUCCESS)) => all(Verdict::accepted(answer.request_id)),
        // Most of the tokens got it: also with HTTP 400, a second try would reach them twice.
        (200..300 | 400, Some(PARTIAL)) => partial(targets, &answer),
        _ => all(refused(&answer, response, now)),
    }
}

fn partial(targets: &[Target], answer: &Answer) -> Vec<Verdict> {
    let illegal = answer.illegal_tokens();
    if !targets
        .iter()
        .any(|target| illegal.contains(target.token.as_str()))
    {
        // Neither drop a token nor send twice to those who have it.
        let verdict = Verdict::refused(
            Class::BadRequest,
            PARTIAL,
            "report the vendor's text to nudged: some devices got the message, but the answer \
             names none of those that did not",
        );
        return vec![verdict.text(answer.text.as_str()); targets.len()];
    }
    let each = |target: &Target| {
        if illegal.contains(target.token.as_str()) {
            Verdict::refused(
                Class::InvalidToken,
                PARTIAL,
                "nothing to do: the app was uninstalled or got a new token, which its next start \
                 reports",
            )
            .scope(Scope::Token)
            .text("the token is among illegal_tokens")
        } else {
            Verdict::accepted(answer.request_id.clone())
        }
    };
    targets.iter().map(each).collect()
}

fn refused(answer: &Answer, response: &HttpResponse, now: Timestamp) -> Verdict {
    let (class, remedy) = reason::judge(response.status, answer.code.as_deref());
    let code = match &answer.code {
        Some(code) => code.clone(),
        None => format!("HTTP {}", response.status),
    };
    let least = match class {
        Class::Throttled => Some(1000),
        Class::Unavailable => Some(10_000),
        _ => None,
    };
    Verdict::refused(class, code, remedy)
        .scope(reason::scope(response.status, answer.code.as_deref()))
        .text(answer.text.as_str())
        .retry_after_millis(least.map(|least| response.retry_after_millis(now).unwrap_or(least)))
}
