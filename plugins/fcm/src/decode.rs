//! FCM's answer to a verdict: "FCM REST error codes for the HTTP v1 API".
//!
//! In: any response. Out: one verdict, as a request is for one device. What a code means is looked up
//! in `reason`; here is only where in the answer the code and the details beside it stand.

use nudged_driver_kit::answer;
use nudged_driver_kit::reasons::Rule;
use nudged_plugin_api::{Class, Exchange, HttpResponse, Timestamp, Verdict};
use serde_json::Value;

use crate::encode::LIVE_ACTIVITY;
use crate::reason::apple::{self, ACTIVITY_OVER};
use crate::reason::{self, BAD_TOKEN, OF_DEVICE, OF_PROJECT, OVER_QUOTA, TOO_BIG, WRONG_FIELD};

const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const APNS_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.ApnsError";
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
const QUOTA_FAILURE: &str = "type.googleapis.com/google.rpc.QuotaFailure";
const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";

/// What the answer says of each of its targets.
pub(crate) fn verdicts(exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
    let is_activity = exchange.memo == LIVE_ACTIVITY;
    vec![verdict(exchange.response, is_activity, now); exchange.targets.len()]
}

/// What the answer says of its one message; `is_activity` = of a Live Activity, which went to the
/// activity's token beside the device's.
pub(crate) fn verdict(response: &HttpResponse, is_activity: bool, now: Timestamp) -> Verdict {
    let answer = answer::json(&response.body);
    if response.status == 200 {
        return match answer::text(&answer["name"]) {
            "" => reason::judge(200, "").verdict("", response, now),
            name => Verdict::accepted(Some(name.to_owned())),
        };
    }
    let refusal = Refusal {
        http: response.status,
        error: &answer["error"],
        is_activity,
    };
    let code = refusal.code();
    let verdict = refusal.rule().verdict(code, response, now);
    verdict.text(refusal.text())
}

/// A refusal, taken apart where it is looked at; a detail that is unlike its kind does not cost the
/// others.
struct Refusal<'a> {
    http: u16,
    error: &'a Value,
    is_activity: bool,
}

impl<'a> Refusal<'a> {
    fn rule(&self) -> Rule {
        // A server in trouble is no witness against a token, whatever its body says.
        if self.http >= 500 {
            return reason::judge(self.http, "");
        }
        if let Some(rule) = self.of_apple() {
            return match rule.class {
                Class::InvalidToken if self.is_activity => ACTIVITY_OVER,
                _ => rule,
            };
        }
        match reason::judge(self.http, self.word()) {
            rule if rule == WRONG_FIELD => self.wrong_field(),
            rule if rule == OVER_QUOTA => self.over_quota(),
            rule => rule,
        }
    }

    fn of_apple(&self) -> Option<Rule> {
        let detail = self.of(APNS_ERROR).next()?;
        apple::judge(answer::text(&detail["reason"]), apns_status(detail))
    }

    /// What the table has a row for: FCM's code, else what it stands for or besides.
    fn word(&self) -> &'a str {
        match (self.fcm_code(), self.http) {
            (Some(code), _) if reason::REASONS.of_code(code).is_some() => code,
            (_, 403) => self.info(),
            (_, 400) if self.status() == "INVALID_ARGUMENT" => "INVALID_ARGUMENT",
            _ => "",
        }
    }

    fn wrong_field(&self) -> Rule {
        let fields: Vec<&str> = self
            .of(BAD_REQUEST)
            .flat_map(|detail| list(either(detail, "fieldViolations", "field_violations")))
            .map(|violation| answer::text(&violation["field"]))
            .collect();
        let words = self.message().to_ascii_lowercase();
        let of_token = |field: &&str| matches!(*field, "message.token" | "message.fid");
        let names_token = match &*fields {
            [] => words.contains("registration token") || words.contains("installation id"),
            fields => fields.iter().any(of_token),
        };
        if fields.contains(&"message.apns.live_activity_token") {
            ACTIVITY_OVER
        } else if words.contains("too big") {
            TOO_BIG
        } else if names_token {
            BAD_TOKEN
        } else {
            WRONG_FIELD
        }
    }

    /// Whose quota it was, in the words of `QuotaFailure` and `ErrorInfo`.
    fn over_quota(&self) -> Rule {
        let violations = self
            .of(QUOTA_FAILURE)
            .flat_map(|detail| list(&detail["violations"]))
            .flat_map(|it| [&it["subject"], &it["description"]]);
        let limits = self.of(ERROR_INFO).map(|detail| &detail["metadata"]);
        let limits = limits.flat_map(|it| [&it["quota_limit"], &it["quota_unit"]]);
        let quota: String = violations.chain(limits).map(Value::to_string).collect();
        let quota = quota.to_ascii_lowercase();
        if quota.contains("device") {
            OF_DEVICE
        } else if quota.contains("project") {
            OF_PROJECT
        } else {
            OVER_QUOTA
        }
    }

    /// `FcmError.errorCode`.
    fn fcm_code(&self) -> Option<&'a str> {
        let mut codes = self
            .of(FCM_ERROR)
            .map(|it| answer::text(either(it, "errorCode", "error_code")));
        codes.find(|code| !code.is_empty())
    }

    /// `ErrorInfo.reason`.
    fn info(&self) -> &'a str {
        let mut reasons = self.of(ERROR_INFO).map(|it| answer::text(&it["reason"]));
        let found = reasons.find(|reason| !reason.is_empty());
        found.unwrap_or_default()
    }

    /// The canonical code, such as `NOT_FOUND`.
    fn status(&self) -> &'a str {
        answer::text(&self.error["status"])
    }

    fn message(&self) -> &'a str {
        answer::text(&self.error["message"])
    }

    fn code(&self) -> &'a str {
        let codes = [self.fcm_code().unwrap_or_default(), self.status()];
        let code = codes.into_iter().find(|code| !code.is_empty());
        code.unwrap_or(self.message())
    }

    fn details(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        list(&self.error["details"])
    }

    fn of(&self, kind: &'static str) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.details().filter(move |detail| detail["@type"] == kind)
    }

    /// The message, then whatever the details add to it; what APNs said stands first.
    fn text(&self) -> String {
        let mut text = self.message().to_owned();
        let mut add = |subject: &str, description: &str| {
            let parts = [subject, description];
            for (part, before) in parts.iter().zip(["; ", ": "]) {
                if !part.is_empty() && !text.contains(*part) {
                    text.push_str(if text.is_empty() { "" } else { before });
                    text.push_str(part);
                }
            }
        };
        for detail in self.of(APNS_ERROR) {
            let status = match apns_status(detail) {
                0 => String::new(),
                status => format!(" {status}"),
            };
            add(&format!("APNs{status}"), answer::text(&detail["reason"]));
        }
        for detail in self.details() {
            for it in list(either(detail, "fieldViolations", "field_violations")) {
                add(answer::text(&it["field"]), answer::text(&it["description"]));
            }
            for it in list(&detail["violations"]) {
                add(
                    answer::text(&it["subject"]),
                    answer::text(&it["description"]),
                );
            }
            if detail["@type"] == ERROR_INFO {
                add(answer::text(&detail["reason"]), "");
            }
        }
        text
    }
}

/// A field by its name in JSON or in protocol buffers.
fn either<'a>(detail: &'a Value, name: &str, other: &str) -> &'a Value {
    match &detail[name] {
        Value::Null => &detail[other],
        value => value,
    }
}

fn apns_status(detail: &Value) -> u16 {
    let status = answer::number(either(detail, "statusCode", "status_code"));
    status.and_then(|it| u16::try_from(it).ok()).unwrap_or(0)
}

fn list(value: &Value) -> std::slice::Iter<'_, Value> {
    value.as_array().map_or(&[][..], Vec::as_slice).iter()
}
