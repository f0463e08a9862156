//! APNs's answer to verdicts, one for each device; APNs takes one in a request.
//!
//! In: the devices, any response and the time. Out: as many verdicts. What a reason means is looked
//! up in `reason`. After "Handling notification responses from APNs".

use nudged_driver_kit::answer;
use nudged_plugin_api::{Exchange, HttpResponse, Timestamp, Verdict};

use crate::reason;

/// What the answer says of each of its targets.
pub(crate) fn verdicts(exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
    vec![verdict(exchange.response, now); exchange.targets.len()]
}

/// What the answer means, to a probe too.
pub(crate) fn verdict(response: &HttpResponse, now: Timestamp) -> Verdict {
    if response.status == 200 {
        return Verdict::accepted(response.header("apns-id").map(str::to_owned));
    }
    let answer = answer::json(&response.body);
    // Something between us and APNs may answer in other ways than APNs: then the status counts.
    let Some(code) = answer::word(&answer["reason"]) else {
        let verdict = reason::judge(response.status, "").verdict("", response, now);
        return verdict.text(excerpt(&response.body));
    };
    // A token reported after this moment is alive.
    let dead_since = match response.status {
        410 => answer["timestamp"].as_u64().map(Timestamp),
        _ => None,
    };
    let rule = reason::judge(response.status, &code);
    rule.verdict(&code, response, now).dead_since(dead_since)
}

/// Enough of a foreign body to recognise whose it is, in one line.
fn excerpt(body: &[u8]) -> String {
    const MAX_EXCERPT: usize = 200;
    let start = &body[..body.len().min(MAX_EXCERPT)];
    let text = String::from_utf8_lossy(start);
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
