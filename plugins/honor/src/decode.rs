//! Honor's answer to verdicts, one for each device.
//!
//! In: the devices and any response. Out: as many verdicts. A batch may pass in part: then
//! `data.expireTokens` and `data.failTokens` name those that did not. What a code means is
//! looked up in `reason`.

use std::collections::BTreeSet;

use nudged_driver_kit::reasons::Rule;
use nudged_driver_kit::{answer, token};
use nudged_plugin_api::{Exchange, HttpResponse, Timestamp, Verdict};
use serde_json::Value;

use crate::reason::{self, DEAD, FAILED, PARTIAL};

/// What the answer says of each of its targets.
pub(crate) fn verdicts(exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
    let Exchange {
        targets,
        response,
        memo,
        ..
    } = exchange;
    let answer = answer::json(&response.body);
    let code = answer::word(&answer["code"]).unwrap_or_default();
    let text = answer::text(&answer["message"]);
    if !((200..300).contains(&response.status) && reason::is_success(&code)) {
        let class = std::str::from_utf8(memo).unwrap_or_default();
        let rule = reason::judge(response.status, &code).said_of(class);
        let verdict = rule.verdict(&code, response, now).text(text);
        return vec![verdict; targets.len()];
    }
    let accepted = Accepted {
        response,
        now,
        code: &code,
        text,
        request_id: answer::word(&answer["data"]["requestId"]),
        dead: list(&answer["data"]["expireTokens"]),
        failed: list(&answer["data"]["failTokens"]),
        is_one: token::is_one(targets),
    };
    let verdicts = targets.iter().map(|it| accepted.verdict(&it.token));
    verdicts.collect()
}

fn list(value: &Value) -> BTreeSet<&str> {
    answer::texts(value).collect()
}

/// A batch that Honor took, whole or in part.
struct Accepted<'a> {
    response: &'a HttpResponse,
    now: Timestamp,
    code: &'a str,
    text: &'a str,
    request_id: Option<String>,
    dead: BTreeSet<&'a str>,
    failed: BTreeSet<&'a str>,
    /// Whether the request was for a single token.
    is_one: bool,
}

impl Accepted<'_> {
    fn verdict(&self, token: &str) -> Verdict {
        let is_unnamed = self.is_one && self.code == PARTIAL;
        if self.dead.contains(token) {
            self.refusal(&DEAD, "expireTokens")
        } else if self.failed.contains(token) || is_unnamed {
            self.refusal(&FAILED, "failTokens")
        } else {
            Verdict::accepted(self.request_id.clone())
        }
    }

    fn refusal(&self, rule: &Rule, list: &str) -> Verdict {
        let text = match self.text {
            "" => list.to_owned(),
            text => format!("{list}: {text}"),
        };
        rule.verdict(self.code, self.response, self.now).text(text)
    }
}
