//! Meizu's answer to verdicts, one for each device.
//!
//! In: the devices and any response. Out: as many verdicts. `code` speaks of the request and
//! is a text; `value` maps codes to the pushIds that did not get the message, and is an empty
//! text where there is no map. What a code means is looked up in `reason`.

use std::collections::BTreeMap;

use nudged_plugin_api::{Class, HttpResponse, Scope, Target, Timestamp, Verdict};
use serde_json::Value;

use crate::reason;

/// What `response` says of each of `targets`.
pub(crate) fn verdicts(
    targets: &[Target],
    response: &HttpResponse,
    now: Timestamp,
) -> Vec<Verdict> {
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let code = code(&answer["code"]);
    if !((200..300).contains(&response.status) && code == reason::TAKEN) {
        return vec![refused(targets, response, &code, &answer, now); targets.len()];
    }
    let failed = failed(&answer["value"]);
    let failure = |target: &Target| failed.get(target.token.as_str()).copied();
    // Refused all devices: that is the app. Refused one of several: that is the device.
    let no_right = targets
        .iter()
        .all(|target| failure(target) == Some(reason::NO_RIGHT));
    let vendor_id = Some(self::code(&answer["msgId"])).filter(|id| !id.is_empty());
    targets
        .iter()
        .map(|target| match failure(target) {
            None => Verdict::accepted(vendor_id.clone()),
            Some(code) => {
                let (mut class, mut scope, remedy) = reason::of_device(code);
                if code == reason::NO_RIGHT && !no_right {
                    (class, scope) = (Class::BadRequest, Scope::Token);
                }
                Verdict::refused(class, code, remedy)
                    .text(text(&answer))
                    .scope(scope)
                    .retry_after_millis(reason::wait(class, now))
            }
        })
        .collect()
}

fn refused(
    targets: &[Target],
    response: &HttpResponse,
    code: &str,
    answer: &Value,
    now: Timestamp,
) -> Verdict {
    let (mut class, scope, mut remedy) = reason::of_request(code, response.status);
    let alone = targets
        .iter()
        .all(|target| target.token == targets[0].token);
    let mut split = false;
    if class == Class::InvalidToken && !alone {
        class = Class::BadRequest;
        remedy = "nothing to do: Meizu refuses the batch for a pushId that it does not name, so \
                  the batch is sent in halves until it is found";
        split = true;
    }
    let shown = match code {
        // "200" beside a refusal of HTTP's would read like an acceptance.
        "" | reason::TAKEN => format!("HTTP {}", response.status),
        code => code.to_owned(),
    };
    let wait = response
        .retry_after_millis(now)
        .or_else(|| reason::wait(class, now));
    let text = match (code, answer["redirect"].as_str()) {
        (reason::REDIRECT, Some(url)) if !url.is_empty() => url,
        _ => text(answer),
    };
    Verdict::refused(class, shown, remedy)
        .text(text)
        .scope(scope)
        .retry_after_millis(wait)
        .split(split)
}

/// A text, or a number where Meizu writes one.
fn code(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) if !text.contains(char::is_control) => text.trim().to_owned(),
        _ => String::new(),
    }
}

fn text(answer: &Value) -> &str {
    answer["message"].as_str().unwrap_or_default()
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
