//! TPNS's answer to verdicts, one for each device.
//!
//! In: the devices and any response. Out: as many verdicts. HTTP is 200 whatever happened;
//! `ret_code` speaks of the push, and `invalid_targe_list`, spelled so, names the tokens that
//! TPNS left out of it. What a code means is looked up in `reason`.

use std::collections::BTreeSet;

use nudged_plugin_api::{Class, HttpResponse, Scope, Target, Timestamp, Verdict};
use serde_json::Value;

use crate::reason::{self, Meaning};

/// Code of a token that TPNS names without one.
const LEFT_OUT: &str = "invalid_targe_list";

/// What `response` says of each of `targets`.
pub(crate) fn verdicts(
    targets: &[Target],
    response: &HttpResponse,
    now: Timestamp,
) -> Vec<Verdict> {
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let ret_code = code(&answer["ret_code"]);
    let success = (200..300).contains(&response.status);
    let verdict = match success && ret_code == reason::TAKEN {
        true => Verdict::accepted(push_id(&answer["push_id"])),
        false => refused(targets, response, &ret_code, &answer, now),
    };
    let invalid = match success {
        true => invalid_tokens(&answer),
        false => BTreeSet::new(),
    };
    let each = targets.iter().map(|target| {
        if !invalid.contains(target.token.trim()) {
            return verdict.clone();
        }
        let meaning = reason::INVALID_TOKEN;
        Verdict::refused(meaning.class, LEFT_OUT, meaning.remedy)
            .scope(meaning.scope)
            .text(text(&answer))
    });
    each.collect()
}

/// What became of the whole push.
fn refused(
    targets: &[Target],
    response: &HttpResponse,
    ret_code: &str,
    answer: &Value,
    now: Timestamp,
) -> Verdict {
    let Meaning {
        mut class,
        mut scope,
        mut remedy,
    } = reason::judge(ret_code, response.status);
    let alone = targets
        .iter()
        .all(|target| target.token == targets[0].token);
    let mut split = false;
    if class == Class::InvalidToken && !alone {
        class = Class::BadRequest;
        scope = Scope::Unsaid;
        remedy = "nothing to do: TPNS refuses the batch for a token that it does not name, so \
                  the batch is sent in halves until it is found";
        split = true;
    }
    let shown = match ret_code {
        // "0" beside a refusal of HTTP's would read like an acceptance.
        "" | reason::TAKEN => format!("HTTP {}", response.status),
        code => code.to_owned(),
    };
    let wait = response
        .retry_after_millis(now)
        .or_else(|| reason::wait(class));
    Verdict::refused(class, shown, remedy)
        .scope(scope)
        .text(text(answer))
        .retry_after_millis(wait)
        .split(split)
}

/// A number, or a text where some version writes one.
fn code(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if !text.contains(char::is_control) => text.trim().to_owned(),
        _ => String::new(),
    }
}

/// A text; of repeated pushes a list.
fn push_id(value: &Value) -> Option<String> {
    let first = value.as_array().and_then(|list| list.first());
    Some(code(first.unwrap_or(value))).filter(|id| !id.is_empty())
}

fn text(answer: &Value) -> &str {
    ["err_msg", "err_msg_zh"]
        .iter()
        .filter_map(|key| answer[key].as_str())
        .find(|text| !text.is_empty() && *text != "NO_ERROR")
        .unwrap_or_default()
}

/// The tokens that were left out; also under the name that is spelled right, should TPNS ever
/// mend it.
fn invalid_tokens(answer: &Value) -> BTreeSet<&str> {
    ["invalid_targe_list", "invalid_target_list"]
        .iter()
        .filter_map(|key| answer[key].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}
