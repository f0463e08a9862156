//! Push Kit's answer to verdicts, one for each device.
//!
//! In: the devices and any response. Out: as many verdicts. Where tokens were refused, `msg`
//! is JSON in a text, and its `illegalTokens` sorts them by reason. What codes and reasons
//! mean is looked up in `reason`.

use std::collections::BTreeMap;

use nudged_driver_kit::{answer, token};
use nudged_plugin_api::{Class, Exchange, HttpResponse, Target, Timestamp, Verdict};
use serde_json::Value;

use crate::reason::{self, ALL_REFUSED, PARTIAL, SUCCESS, UNEXPLAINED};

/// What the answer says of each of its targets.
pub(crate) fn verdicts(exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
    let Exchange {
        targets,
        response,
        memo,
        ..
    } = exchange;
    let json = answer::json(&response.body);
    let code = answer::word(&json["code"]).unwrap_or_default();
    let taken = (200..300).contains(&response.status);
    // Below 500 Push Kit itself speaks, and knows its tokens.
    let sorted = response.status < 500;
    let reasons = || Sorted {
        response,
        now,
        code: &code,
        request_id: answer::word(&json["requestId"]),
        illegal: illegal(&answer::document(&json["msg"])),
    };
    match code.as_str() {
        SUCCESS if taken => {
            vec![Verdict::accepted(answer::word(&json["requestId"])); targets.len()]
        }
        PARTIAL if taken => reasons().partial(targets),
        ALL_REFUSED if sorted => reasons().none_accepted(targets),
        _ => {
            let class = std::str::from_utf8(memo).unwrap_or_default();
            let rule = reason::judge(response.status, &code).said_of(class);
            let text = answer::text(&json["msg"]);
            let verdict = rule.verdict(&code, response, now).text(text);
            vec![verdict; targets.len()]
        }
    }
}

/// An answer that sorts tokens by the reason of their refusal.
struct Sorted<'a> {
    response: &'a HttpResponse,
    now: Timestamp,
    code: &'a str,
    request_id: Option<String>,
    /// Token to reason.
    illegal: BTreeMap<String, String>,
}

impl Sorted<'_> {
    /// Who is not named got the message.
    fn partial(&self, targets: &[Target]) -> Vec<Verdict> {
        let named = |target: &Target| self.illegal.contains_key(&target.token);
        // A request for one token cannot have failed for another.
        if token::is_one(targets) && !targets.iter().any(named) {
            return self.none_accepted(targets);
        }
        let accepted = || Verdict::accepted(self.request_id.clone());
        let verdict = |target: &Target| self.verdict(target).unwrap_or_else(accepted);
        targets.iter().map(verdict).collect()
    }

    /// Who is not named got nothing either, and nobody knows why.
    fn none_accepted(&self, targets: &[Target]) -> Vec<Verdict> {
        let unexplained = || UNEXPLAINED.verdict(self.code, self.response, self.now);
        let verdict = |target: &Target| self.verdict(target).unwrap_or_else(unexplained);
        targets.iter().map(verdict).collect()
    }

    fn verdict(&self, target: &Target) -> Option<Verdict> {
        let reason = self.illegal.get(&target.token)?;
        let rule = reason::judge_token(reason);
        let verdict = rule.verdict(reason, self.response, self.now);
        Some(verdict.text(self.code))
    }
}

/// `illegalTokens` of `msg`, turned round; of two reasons for one token one that keeps it
/// counts.
fn illegal(msg: &Value) -> BTreeMap<String, String> {
    let mut illegal: BTreeMap<String, String> = BTreeMap::new();
    for (reason, tokens) in msg["illegalTokens"].as_object().into_iter().flatten() {
        let Some(reason) = answer::word(&Value::from(reason.as_str())) else {
            continue;
        };
        let keeps = reason::judge_token(&reason).class != Class::InvalidToken;
        for token in answer::texts(tokens) {
            if keeps || !illegal.contains_key(token) {
                illegal.insert(token.to_owned(), reason.clone());
            }
        }
    }
    illegal
}
