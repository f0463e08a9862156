//! Xiaomi's answer to verdict.
//!
//! In: any response. Out: one verdict for all its devices, as Xiaomi names none of them, or one
//! more request: a text that Xiaomi takes for a test, or a channel that it does not know, is sent
//! once more in another form, as the memo has it. What a code means is looked up in `reason`; here
//! is only where in the answer it stands.

use nudged_driver_kit::reasons::Rule;
use nudged_driver_kit::{answer, token};
use nudged_plugin_api::{
    Class, Decoded, Exchange, FollowUp, HttpResponse, Target, Timestamp, Verdict,
};
use serde_json::Value;

use crate::encode::Again;
use crate::reason::{
    self, DEAD_AMONG_MANY, ERROR_WITHOUT_CODE, SEND_FAILED, TROUBLE, WRONG_CHANNEL, WRONG_TEXT,
};
use crate::settings::Channel;

/// What the answer comes to for each of its targets.
pub(crate) fn decoded(channel: &Channel, exchange: Exchange<'_>, now: Timestamp) -> Decoded {
    let Exchange {
        targets,
        response,
        memo,
        ..
    } = exchange;
    let answer = Answer::of(response);
    let Some(rule) = answer.refusal(targets) else {
        return Decoded::all(answer.acceptance(), targets.len());
    };
    let again = match rule {
        WRONG_TEXT => Some(Again::Named),
        WRONG_CHANNEL => Some(Again::Elsewhere),
        _ => None,
    };
    if let Some(request) = again.and_then(|again| again.request(channel, targets, memo)) {
        return Decoded::FollowUp(FollowUp::new(request, Vec::new()));
    }
    Decoded::all(answer.verdict(&rule, now), targets.len())
}

/// What `response` says of the message to `targets`.
pub(crate) fn verdict(targets: &[Target], response: &HttpResponse, now: Timestamp) -> Verdict {
    let answer = Answer::of(response);
    match answer.refusal(targets) {
        None => answer.acceptance(),
        Some(rule) => answer.verdict(&rule, now),
    }
}

/// An answer, taken apart.
struct Answer<'a> {
    response: &'a HttpResponse,
    json: Value,
    data: Value,
    /// As Xiaomi wrote it; empty is none.
    code: String,
}

impl<'a> Answer<'a> {
    fn of(response: &'a HttpResponse) -> Self {
        let json = answer::json(&response.body);
        Self {
            response,
            data: answer::document(&json["data"]),
            code: answer::word(&json["code"]).unwrap_or_default(),
            json,
        }
    }

    fn says_error(&self) -> bool {
        self.json["result"] == "error"
    }

    fn acceptance(&self) -> Verdict {
        Verdict::accepted(answer::word(&self.data["id"]))
    }

    /// Why the message was refused; none where it was not.
    fn refusal(&self, targets: &[Target]) -> Option<Rule> {
        let status = self.response.status;
        if (200..300).contains(&status) && self.json["result"] == "ok" && self.code == "0" {
            return None;
        }
        let number: Option<i64> = self.code.parse().ok();
        let code = match number.filter(|number| *number != 0) {
            Some(number) => number.to_string(),
            None if self.says_error() => ERROR_WITHOUT_CODE.to_owned(),
            // An answer that says neither yes nor no is no answer of Xiaomi's.
            None => String::new(),
        };
        let rule = reason::judge(status, &code);
        Some(match rule.class {
            // req 73: a token dies only where Xiaomi speaks of it alone.
            Class::InvalidToken if !token::is_one(targets) => DEAD_AMONG_MANY,
            Class::InvalidToken if code == SEND_FAILED && self.has_other_reason() => TROUBLE,
            _ => rule,
        })
    }

    /// Whether the reason is given, and speaks of no target.
    fn has_other_reason(&self) -> bool {
        let reason = answer::text(&self.json["reason"]).to_ascii_lowercase();
        let words = ["target", "regid", "registration"];
        !reason.is_empty() && !words.iter().any(|word| reason.contains(word))
    }

    fn verdict(&self, rule: &Rule, now: Timestamp) -> Verdict {
        let code = match self.code.as_str() {
            "0" if !self.says_error() => "",
            code => code,
        };
        rule.verdict(code, self.response, now)
            .text(self.words())
            .split(*rule == DEAD_AMONG_MANY)
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
        for key in ["reason", "description", "info"] {
            add("", answer::text(&self.json[key]));
        }
        for (label, key) in [
            ("day quota ", "day_quota"),
            ("delivered today ", "day_acked"),
        ] {
            add(label, &answer::word(&self.data[key]).unwrap_or_default());
        }
        add("trace ", answer::text(&self.json["trace_id"]));
        text
    }
}
