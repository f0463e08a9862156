//! Push Kit's answer to verdicts, one for each device.
//!
//! In: the devices and any response. Out: as many verdicts. `{"code": "80000000", "msg": "Success",
//! "requestId": "…"}`; where only some tokens passed, `msg` is a document that names the others. What a
//! code means is looked up in `reason`.

use std::collections::HashSet;

use nudged_driver_kit::answer;
use nudged_plugin_api::{Exchange, HttpResponse, Target, Timestamp, Verdict};
use serde_json::Value;

use crate::reason::{self, DEAD, NAMELESS, PARTIAL, SUCCESS};

/// What the answer says of each of its targets.
pub(crate) fn verdicts(exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
    let Exchange {
        targets, response, ..
    } = exchange;
    let answer = answer::json(&response.body);
    let code = answer::word(&answer["code"]).unwrap_or_default();
    let verdict = match (response.status, &*code) {
        (200..300, SUCCESS) => Verdict::accepted(answer::word(&answer["requestId"])),
        // Most of the tokens got it: also with HTTP 400, a second try would reach them twice.
        (200..300 | 400, PARTIAL) => return partial(targets, &answer, response, now),
        (status, code) => {
            let verdict = reason::judge(status, code).verdict(code, response, now);
            verdict.text(answer::text(&answer["msg"]))
        }
    };
    vec![verdict; targets.len()]
}

fn partial(
    targets: &[Target],
    answer: &Value,
    response: &HttpResponse,
    now: Timestamp,
) -> Vec<Verdict> {
    let report = answer::document(&answer["msg"]);
    let illegal: HashSet<&str> = answer::texts(&report["illegal_tokens"]).collect();
    let is_illegal = |target: &Target| illegal.contains(&*target.token);
    if !targets.iter().any(is_illegal) {
        let verdict = NAMELESS.verdict(PARTIAL, response, now);
        return vec![verdict.text(answer::text(&answer["msg"])); targets.len()];
    }
    let dead = DEAD.verdict(PARTIAL, response, now);
    let dead = dead.text("the token is among illegal_tokens");
    let accepted = Verdict::accepted(answer::word(&answer["requestId"]));
    let each = |target| match is_illegal(target) {
        true => dead.clone(),
        false => accepted.clone(),
    };
    targets.iter().map(each).collect()
}
