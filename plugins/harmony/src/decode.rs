//! Push Kit's answer to verdicts, one for each device.
//!
//! In: the devices and any response. Out: as many verdicts. Where tokens were refused, `msg`
//! is JSON in a text, and its `illegalTokens` sorts them by reason. What codes and reasons
//! mean is looked up in `reason`.

use std::collections::BTreeMap;

use nudged_driver_kit::text::{Unit, cut};
use nudged_plugin_api::{Class, Exchange, HttpResponse, Target, Timestamp, Verdict};
use serde_json::Value;

use crate::reason::{self, ALL_REFUSED, PARTIAL, SUCCESS, UNEXPLAINED};

/// No code or reason of Huawei's is nearly as long.
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
    let code = word(&answer["code"]);
    let taken = (200..300).contains(&response.status);
    // Below 500 Push Kit itself speaks, and knows its tokens.
    let sorted = response.status < 500;
    match code.as_str() {
        SUCCESS if taken => vec![Verdict::accepted(request_id(&answer)); targets.len()],
        PARTIAL if taken => Sorted::read(&code, &answer).partial(targets),
        ALL_REFUSED if sorted => Sorted::read(&code, &answer).none_accepted(targets),
        _ => vec![refused(response, &code, &answer, memo, now); targets.len()],
    }
}

/// A short text; a number where somebody writes one for it.
fn word(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if !text.contains(char::is_control) => {
            cut(text.trim(), MAX_CODE, Unit::Bytes).into_owned()
        }
        _ => String::new(),
    }
}

fn request_id(answer: &Value) -> Option<String> {
    Some(word(&answer["requestId"])).filter(|id| !id.is_empty())
}

fn refused(
    response: &HttpResponse,
    code: &str,
    answer: &Value,
    memo: &[u8],
    now: Timestamp,
) -> Verdict {
    let (class, remedy) = reason::judge(response.status, code);
    let shown = match code {
        "" => format!("HTTP {}", response.status),
        code => code.to_owned(),
    };
    let wait = response
        .retry_after_millis(now)
        .or_else(|| reason::wait(class, now));
    Verdict::refused(class, shown, remedy)
        .scope(reason::scope(response.status, code, memo))
        .text(answer["msg"].as_str().unwrap_or_default())
        .retry_after_millis(wait)
}

/// An answer that sorts tokens by the reason of their refusal.
struct Sorted<'a> {
    code: &'a str,
    request_id: Option<String>,
    /// Token to reason.
    illegal: BTreeMap<String, String>,
}

impl<'a> Sorted<'a> {
    fn read(code: &'a str, answer: &Value) -> Self {
        Self {
            code,
            request_id: request_id(answer),
            illegal: illegal(&answer["msg"]).unwrap_or_default(),
        }
    }

    /// Who is not named got the message.
    fn partial(&self, targets: &[Target]) -> Vec<Verdict> {
        let named = |target: &Target| self.illegal.contains_key(&target.token);
        let alone = targets
            .windows(2)
            .all(|pair| pair[0].token == pair[1].token);
        // A request for one token cannot have failed for another.
        if alone && !targets.iter().any(named) {
            return self.none_accepted(targets);
        }
        let verdict = |target: &Target| {
            self.verdict(target)
                .unwrap_or_else(|| Verdict::accepted(self.request_id.clone()))
        };
        targets.iter().map(verdict).collect()
    }

    /// Who is not named got nothing either, and nobody knows why.
    fn none_accepted(&self, targets: &[Target]) -> Vec<Verdict> {
        let unexplained = || Verdict::refused(Class::BadRequest, self.code, UNEXPLAINED);
        let verdict = |target: &Target| self.verdict(target).unwrap_or_else(unexplained);
        targets.iter().map(verdict).collect()
    }

    fn verdict(&self, target: &Target) -> Option<Verdict> {
        let reason = self.illegal.get(&target.token)?;
        let (class, remedy) = reason::judge_token(reason);
        let verdict = Verdict::refused(class, reason.as_str(), remedy).text(self.code);
        Some(verdict.scope(reason::scope(200, reason, &[])))
    }
}

/// `illegalTokens` of `msg`, turned round; of two reasons for one token one that keeps it
/// counts.
fn illegal(msg: &Value) -> Option<BTreeMap<String, String>> {
    let msg: Value = match msg {
        Value::String(text) => serde_json::from_str(text).ok()?,
        json => json.clone(),
    };
    let mut illegal: BTreeMap<String, String> = BTreeMap::new();
    for (reason, tokens) in msg["illegalTokens"].as_object()? {
        let reason = word(&Value::from(reason.as_str()));
        if reason.is_empty() {
            continue;
        }
        let keeps = reason::judge_token(&reason).0 != Class::InvalidToken;
        for token in tokens
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if keeps || !illegal.contains_key(token) {
                illegal.insert(token.to_owned(), reason.clone());
            }
        }
    }
    Some(illegal)
}
