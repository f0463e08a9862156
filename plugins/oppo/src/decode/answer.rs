//! `{"code": …, "message": …, "data": …}`, or whatever came instead.
//!
//! In: any response. Out: its code, OPPO's words, ids and named tokens, and the verdict that a rule
//! makes of it. Refuses to know what was asked.

use std::collections::BTreeMap;

use nudged_driver_kit::answer;
use nudged_driver_kit::reasons::Rule;
use nudged_plugin_api::{Class, HttpResponse, Timestamp, Verdict};
use serde_json::Value;

use crate::reason;

/// Longest id that OPPO can mean.
const MAX_ID: usize = 256;
const SUCCESS: &str = "0";

/// An answer, taken apart.
pub(crate) struct Answer<'a> {
    response: &'a HttpResponse,
    now: Timestamp,
    /// Empty when this is no answer of OPPO's.
    pub code: String,
    json: Value,
}

impl<'a> Answer<'a> {
    /// Takes an answer apart.
    pub(crate) fn read(response: &'a HttpResponse, now: Timestamp) -> Self {
        let json = answer::json(&response.body);
        // OPPO's codes are numbers; what has none says nothing of OPPO's.
        let (code, json) = match json["code"].as_i64() {
            Some(code) => (code.to_string(), json),
            None => (String::new(), Value::Null),
        };
        Self {
            response,
            now,
            code,
            json,
        }
    }

    pub(crate) fn data(&self) -> &Value {
        &self.json["data"]
    }

    pub(crate) fn status(&self) -> u16 {
        self.response.status
    }

    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.response.status)
    }

    /// OPPO did what it was asked to.
    pub(crate) fn is_success(&self) -> bool {
        self.is_ok() && self.code == SUCCESS
    }

    /// The first of these members of `data` that is an id.
    pub(crate) fn id(&self, names: &[&str]) -> Option<String> {
        let is_id = |id: &&str| {
            (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let mut ids = names.iter().filter_map(|name| self.data()[*name].as_str());
        ids.find(is_id).map(str::to_owned)
    }

    /// Tokens that `data` lists under an error code.
    pub(crate) fn named(&self) -> BTreeMap<&str, String> {
        let lists = self.data().as_object().into_iter().flatten();
        lists
            .filter_map(|(name, list)| Some((name.parse::<i64>().ok()?, list)))
            .filter(|(code, _)| *code != 0)
            .flat_map(|(code, list)| {
                answer::texts(list).map(move |token| (token, code.to_string()))
            })
            .collect()
    }

    /// The code that a refusal has.
    pub(crate) fn refusal(&self) -> &str {
        match self.code.as_str() {
            SUCCESS => "",
            code => code,
        }
    }

    /// What an answer that is no success means.
    pub(crate) fn rule(&self) -> Rule {
        reason::judge(self.status(), self.refusal())
    }

    /// The verdict by `rule` on all that was asked.
    pub(crate) fn verdict(&self, rule: &Rule) -> Verdict {
        self.verdict_of(rule, self.refusal())
    }

    /// The verdict by `rule` on what `code` was said of.
    pub(crate) fn verdict_of(&self, rule: &Rule, code: &str) -> Verdict {
        let text = answer::text(&self.json["message"]);
        if rule.class == Class::Accepted {
            let mut verdict = Verdict::accepted(None).text(text);
            verdict.code = code.to_owned();
            return verdict;
        }
        rule.verdict(code, self.response, self.now).text(text)
    }
}
