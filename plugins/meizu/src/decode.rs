//! Meizu's answer to verdicts, one for each device.
//!
//! In: the devices and any response. Out: as many verdicts. `code` speaks of the request and
//! is a text; `value` maps codes to the pushIds that did not get the message, and is an empty
//! text where there is no map. What a code means is looked up in `reason`.

use std::collections::BTreeMap;

use nudged_driver_kit::{answer, token};
use nudged_plugin_api::{Class, Exchange, Target, Timestamp, Verdict};
use serde_json::Value;

use crate::reason::{self, DEAD_AMONG_MANY, NO_RIGHT, REDIRECT, REFUSED_DEVICE, TAKEN};

/// What the answer says of each of its targets.
pub(crate) fn verdicts(exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
    let Exchange {
        targets, response, ..
    } = exchange;
    let json = answer::json(&response.body);
    let code = answer::word(&json["code"]).unwrap_or_default();
    let text = answer::text(&json["message"]);
    if !((200..300).contains(&response.status) && code == TAKEN) {
        return vec![refused(&exchange, &json, &code, now); targets.len()];
    }
    let failed = failed(&json["value"]);
    let failure = |target: &Target| failed.get(target.token.as_str()).copied();
    let is_everybody = targets
        .iter()
        .all(|target| failure(target) == Some(NO_RIGHT));
    let vendor_id = answer::word(&json["msgId"]);
    let verdict = |target: &Target| match failure(target) {
        None => Verdict::accepted(vendor_id.clone()),
        Some(code) => {
            // req 73: one device that is refused is not the whole app.
            let rule = match code {
                NO_RIGHT if !is_everybody => REFUSED_DEVICE,
                code => reason::judge_device(code),
            };
            rule.verdict(code, response, now).text(text)
        }
    };
    targets.iter().map(verdict).collect()
}

/// What a request that Meizu did not take means for all its devices.
fn refused(exchange: &Exchange<'_>, json: &Value, code: &str, now: Timestamp) -> Verdict {
    let response = exchange.response;
    // "200" beside a refusal of HTTP's would read like an acceptance.
    let code = if code == TAKEN { "" } else { code };
    let rule = reason::judge(response.status, code);
    let text = match (code, answer::text(&json["redirect"])) {
        (REDIRECT, url) if !url.is_empty() => url,
        _ => answer::text(&json["message"]),
    };
    let is_unnamed = rule.class == Class::InvalidToken && !token::is_one(exchange.targets);
    let rule = match is_unnamed {
        true => DEAD_AMONG_MANY.scope(rule.scope),
        false => rule,
    };
    rule.verdict(code, response, now)
        .text(text)
        .split(is_unnamed)
}

/// Code by pushId. A code with control characters is none of Meizu's.
fn failed(value: &Value) -> BTreeMap<&str, &str> {
    let mut failed = BTreeMap::new();
    for (code, push_ids) in value.as_object().into_iter().flatten() {
        let push_ids = match push_ids {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        for push_id in push_ids.iter().filter_map(Value::as_str) {
            if !code.trim().is_empty() && !code.contains(char::is_control) {
                failed.insert(push_id, code.trim());
            }
        }
    }
    failed
}
