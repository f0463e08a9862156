//! TPNS's answer to verdicts, one for each device.
//!
//! In: the devices and any response. Out: as many verdicts. HTTP is 200 whatever happened;
//! `ret_code` speaks of the push, and `invalid_targe_list`, spelled so, names the tokens that
//! TPNS left out of it. What a code means is looked up in `reason`.

use std::collections::BTreeSet;

use nudged_driver_kit::{answer, token};
use nudged_plugin_api::{Class, Exchange, Timestamp, Verdict};
use serde_json::Value;

use crate::reason::{self, INVALID_TOKEN, NAMELESS, TAKEN};

/// Code of a token that TPNS names without one.
const LEFT_OUT: &str = "invalid_targe_list";

/// What the answer says of each of its targets.
pub(crate) fn verdicts(exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
    let Exchange {
        targets, response, ..
    } = exchange;
    let answer = answer::json(&response.body);
    let success = (200..300).contains(&response.status);
    let verdict = match answer::word(&answer["ret_code"]).unwrap_or_default() {
        code if success && code == TAKEN => Verdict::accepted(push_id(&answer["push_id"])),
        code => {
            // "0" beside a refusal of HTTP's would read like an acceptance.
            let code = if code == TAKEN { "" } else { &*code };
            let rule = reason::judge(response.status, code);
            let split = rule.class == Class::InvalidToken && !token::is_one(targets);
            let rule = if split { NAMELESS } else { rule };
            let verdict = rule.verdict(code, response, now).text(text(&answer));
            verdict.split(split)
        }
    };
    let left_out = match success {
        true => left_out(&answer),
        false => BTreeSet::new(),
    };
    let each = targets.iter().map(|target| {
        if !left_out.contains(target.token.trim()) {
            return verdict.clone();
        }
        let verdict = INVALID_TOKEN.verdict(LEFT_OUT, response, now);
        verdict.text(text(&answer))
    });
    each.collect()
}

/// A text; of repeated pushes a list.
fn push_id(value: &Value) -> Option<String> {
    let first = value.as_array().and_then(|list| list.first());
    answer::word(first.unwrap_or(value))
}

fn text(answer: &Value) -> &str {
    ["err_msg", "err_msg_zh"]
        .iter()
        .map(|key| answer::text(&answer[key]))
        .find(|text| !text.is_empty() && *text != "NO_ERROR")
        .unwrap_or_default()
}

/// The tokens that were left out; also under the name that is spelled right, should TPNS ever
/// mend it.
fn left_out(answer: &Value) -> BTreeSet<&str> {
    let lists = [LEFT_OUT, "invalid_target_list"];
    let lists = lists.iter().flat_map(|key| answer::texts(&answer[key]));
    lists.collect()
}
