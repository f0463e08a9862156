//! Response to verdict.
//!
//! In: APNs's answer and the time. Out: one verdict; what a reason means stands in the plugin API's
//! table of Apple's words. After "Handling notification responses from APNs".

use nudged_driver_kit::apple;
use nudged_plugin_api::{HttpResponse, Timestamp, Verdict};
use serde::Deserialize;
use serde_json::Value;

/// Body of every answer but 200.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    reason: Option<String>,
    /// Milliseconds; with 410 only: when APNs last knew the token to be dead. Whatever else it
    /// is, the reason beside it counts.
    timestamp: Value,
}

/// What the answer means.
pub fn verdict(response: &HttpResponse, now: Timestamp) -> Verdict {
    if response.status == 200 {
        return Verdict::accepted(response.header("apns-id").map(str::to_owned));
    }
    // Something between us and APNs may answer in other ways than APNs: then the status counts.
    let refusal: Refusal = serde_json::from_slice(&response.body).unwrap_or_default();
    let Some(code) = refusal.reason.filter(|reason| is_code(reason)) else {
        let rule = apple::REASONS.judge(response.status, "");
        let verdict = rule.verdict("", response, now);
        return verdict.text(excerpt(&response.body));
    };
    let dead_since = match response.status {
        410 => refusal.timestamp.as_u64().map(Timestamp),
        _ => None,
    };
    let rule = apple::REASONS.judge(response.status, &code);
    rule.verdict(&code, response, now).dead_since(dead_since)
}

/// Apple's reasons are words; what cannot be shown as one stays in the text.
fn is_code(reason: &str) -> bool {
    const LONGEST: usize = 128;
    (1..=LONGEST).contains(&reason.len()) && !reason.contains(char::is_control)
}

/// Enough of a foreign body to recognise whose it is, in one line.
fn excerpt(body: &[u8]) -> String {
    const LONGEST: usize = 200;
    let start = &body[..body.len().min(LONGEST)];
    let text = String::from_utf8_lossy(start);
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests;
