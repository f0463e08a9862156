//! Requests as they can be compared: one that a preview showed, and one that a vendor got.
//! What is new in each request, or hidden in a preview, is the same on both sides; every
//! other byte stays.

use std::ops::RangeInclusive;

use nudged_driver_kit::android::notify_id;
use nudged_simulator::Raw;
use serde_json::Value;

use super::cases::COLLAPSE_KEY;
use crate::world::text;

/// What stands where something must not be seen.
const HIDDEN: &str = "…";

/// The secrets of the rig's channels that go out with requests.
pub const SECRETS: [&str; 7] = [
    "xiaomi-app-secret",
    "huawei-app-secret",
    "oppo-master-secret",
    "vivo-app-secret",
    "meizu-app-secret",
    "tpns-secret-key",
    "honor-client-secret",
];

/// What the transport adds to the headers that a driver gives.
const TRANSPORTS: [&str; 5] = [
    "accept",
    "accept-encoding",
    "content-length",
    "host",
    "user-agent",
];

/// What of a request is new each time.
pub struct Fresh {
    /// When both were made, UNIX milliseconds.
    pub made: RangeInclusive<u64>,
    /// Seconds for which delivery is tried.
    pub ttl: u64,
}

impl Fresh {
    /// A request of a preview.
    pub fn shown(&self, request: &Value) -> String {
        let url = text(request, "url");
        let (_, after) = url.split_once("://").expect("a URL");
        let target = &after[after.find('/').expect("a path")..];
        let headers = request["headers"].as_array().expect("a list").iter();
        let headers = headers.map(|it| (text(it, "name"), text(it, "value").to_owned()));
        self.written(
            text(request, "driver"),
            text(request, "method"),
            target.to_owned(),
            headers.collect(),
            text(request, "body").to_owned(),
        )
    }

    /// A request that a vendor got, with these tokens hidden.
    pub fn recorded(&self, raw: &Raw, tokens: &[String]) -> String {
        let headers = raw.headers.iter();
        let headers = headers.filter(|(name, _)| !TRANSPORTS.contains(&name.as_str()));
        self.written(
            &raw.vendor,
            &raw.method,
            hide(&raw.target, tokens),
            headers
                .map(|(name, value)| (name.as_str(), hide(value, tokens)))
                .collect(),
            hide(&raw.body, tokens),
        )
    }

    fn written(
        &self,
        vendor: &str,
        method: &str,
        target: String,
        headers: Vec<(&str, String)>,
        body: String,
    ) -> String {
        let mut lines: Vec<String> = headers
            .into_iter()
            .map(|(name, value)| match name {
                // Of Xiaomi's, the simulator keeps the scheme that the preview hides.
                "authorization" => format!("{name}: {}", value.trim_start_matches("key ")),
                "authtoken" | "sign" => format!("{name}: {HIDDEN}"),
                _ => format!("{name}: {}", self.steady(&value)),
            })
            .collect();
        lines.sort();
        // Made from the collapse key, else from the delivery's id.
        let notify_id = notify_id(COLLAPSE_KEY).to_string();
        let body = valued(&body, "auth_token=", |_| true, "");
        let mut body = valued(
            &body,
            "jobkey=",
            |it| it.is_ascii_alphanumeric(),
            COLLAPSE_KEY,
        );
        for field in ["notify_id=", "\"notifyId\":"] {
            body = valued(&body, field, |it| it.is_ascii_digit(), &notify_id);
        }
        let target = self.steady(&target);
        let headers = lines.join("\n");
        format!(
            "{vendor}: {method} {target}\n{headers}\n\n{}",
            self.steady(&body)
        )
    }

    /// A text without ids and times.
    fn steady(&self, text: &str) -> String {
        let text = replaced(text, |it| it.is_ascii_hexdigit() || it == '-', uuids);
        let text = replaced(
            &text,
            |it| it.is_ascii_hexdigit(),
            |run| match run.len() {
                32 => "ID".to_owned(),
                _ => run.to_owned(),
            },
        );
        replaced(&text, |it| it.is_ascii_digit(), |run| self.time(run))
    }

    fn time(&self, digits: &str) -> String {
        const SLOW: u64 = 20;
        // Both are whole seconds, and the sum of two that were rounded down is one less.
        let (from, to) = (*self.made.start() - 2000, *self.made.end());
        let near = |number: u64, unit: u64, ahead: u64| {
            let ahead = ahead * 1000;
            ((from + ahead) / unit..=(to + ahead) / unit).contains(&number)
        };
        let Some(number) = digits.parse::<u64>().ok().filter(|it| *it > 999) else {
            return digits.to_owned();
        };
        let (least, most) = (self.ttl.saturating_sub(SLOW), self.ttl);
        if (least..=most).contains(&number) || (least * 1000..=most * 1000).contains(&number) {
            "TTL".to_owned()
        } else if near(number, 1, 0) || near(number, 1000, 0) {
            "NOW".to_owned()
        } else if near(number, 1000, self.ttl) {
            "END".to_owned()
        } else {
            digits.to_owned()
        }
    }
}

/// What a token looks like in a preview.
pub fn masked(token: &str) -> String {
    assert!(token.is_ascii() && token.len() >= 16, "{token}");
    format!("{}{HIDDEN}{}", &token[..4], &token[token.len() - 4..])
}

fn hide(text: &str, tokens: &[String]) -> String {
    let tokens = tokens.iter().map(|it| (it.clone(), masked(it)));
    let secrets = SECRETS.map(|it| (it.to_owned(), HIDDEN.to_owned()));
    let mut text = text.to_owned();
    for (seen, shown) in tokens.chain(secrets) {
        // As in a form, where a token's own bytes may have to be escaped.
        let escaped = seen.replace('=', "%3D").replace(':', "%3A");
        text = text.replace(&escaped, &shown).replace(&seen, &shown);
    }
    text
}

/// With the value of each such field hidden, as far as it consists of these characters, but
/// for one value that stays.
fn valued(text: &str, field: &str, is_value: impl Fn(char) -> bool, stays: &str) -> String {
    let mut parts = text.split(field);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|it| it == '&' || !is_value(it));
        let (value, rest) = part.split_at(end.unwrap_or(part.len()));
        let shown = if value == stays { value } else { HIDDEN };
        whole.extend([field, shown, rest]);
    }
    whole
}

/// With each longest run of such characters changed.
fn replaced(text: &str, is_in: impl Fn(char) -> bool, change: impl Fn(&str) -> String) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(&is_in) {
        whole.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|it| !is_in(it)).unwrap_or(rest.len());
        whole.push_str(&change(&rest[..end]));
        rest = &rest[end..];
    }
    whole + rest
}

/// A run with its UUIDs named so; they may have more around them, as in `save-…`.
fn uuids(run: &str) -> String {
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    let mut whole = String::new();
    let mut rest = run;
    while !rest.is_empty() {
        let is_one = rest.len() >= 36
            && (rest[..36].bytes().enumerate())
                .all(|(at, byte)| HYPHENS.contains(&at) == (byte == b'-'));
        let length = if is_one { 36 } else { 1 };
        whole.push_str(if is_one { "ID" } else { &rest[..1] });
        rest = &rest[length..];
    }
    whole
}
