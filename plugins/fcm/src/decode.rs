//! FCM's answer to verdict: "FCM REST error codes for the HTTP v1 API".
//!
//! In: any response. Out: one verdict. What a code means is looked up in `reason`;
//! here is only where in the answer the code stands.

use nudged_plugin_api::{Class, HttpResponse, Timestamp, Verdict};
use serde::Deserialize;
use serde_json::Value;

use crate::reason::{self, Refusal};

const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const APNS_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.ApnsError";
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
const QUOTA_FAILURE: &str = "type.googleapis.com/google.rpc.QuotaFailure";
const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";

#[derive(Deserialize)]
struct Accepted {
    name: String,
}

#[derive(Deserialize)]
struct Refused {
    error: Error,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Error {
    message: String,
    status: String,
    /// [`Detail`]s; one that is unlike its kind does not cost the others.
    details: Vec<Value>,
}

/// Any of the details, told apart by `kind`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    #[serde(rename = "@type")]
    kind: String,
    #[serde(rename = "errorCode", alias = "error_code")]
    error_code: String,
    /// Of APNs's answer.
    #[serde(rename = "statusCode", alias = "status_code")]
    status_code: u16,
    /// Google's, or APNs's.
    reason: String,
    metadata: Metadata,
    #[serde(rename = "fieldViolations", alias = "field_violations")]
    field_violations: Vec<FieldViolation>,
    violations: Vec<QuotaViolation>,
}

/// Of `ErrorInfo`, where it is about a quota.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    quota_limit: Value,
    quota_unit: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FieldViolation {
    field: String,
    description: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct QuotaViolation {
    subject: String,
    description: String,
}

/// What `response` says of its one message; `is_activity` = of a Live Activity.
pub(crate) fn verdict(response: &HttpResponse, is_activity: bool, now: Timestamp) -> Verdict {
    if response.status == 200 {
        return accepted(response);
    }
    let mut error = serde_json::from_slice::<Refused>(&response.body)
        .map(|refused| refused.error)
        .unwrap_or_default();
    let details = std::mem::take(&mut error.details).into_iter();
    let details: Vec<Detail> = details
        .map(|detail| serde_json::from_value(detail).unwrap_or_default())
        .collect();
    let of = |kind: &'static str| details.iter().filter(move |detail| detail.kind == kind);
    let fcm_code = of(FCM_ERROR)
        .map(|detail| detail.error_code.as_str())
        .find(|code| !code.is_empty());
    let fields: Vec<&str> = of(BAD_REQUEST)
        .flat_map(|detail| &detail.field_violations)
        .map(|violation| violation.field.as_str())
        .collect();
    let mut quota = String::new();
    for violation in of(QUOTA_FAILURE).flat_map(|detail| &detail.violations) {
        quota = format!("{quota} {} {}", violation.subject, violation.description);
    }
    for Metadata {
        quota_limit,
        quota_unit,
    } in of(ERROR_INFO).map(|detail| &detail.metadata)
    {
        quota = format!("{quota} {quota_limit} {quota_unit}");
    }
    let meaning = reason::judge(&Refusal {
        http: response.status,
        fcm_code,
        apns: of(APNS_ERROR)
            .map(|detail| (detail.reason.as_str(), detail.status_code))
            .next(),
        status: &error.status,
        message: &error.message,
        fields: &fields,
        info: of(ERROR_INFO)
            .map(|detail| detail.reason.as_str())
            .find(|reason| !reason.is_empty())
            .unwrap_or_default(),
        quota: &quota.to_ascii_lowercase(),
        is_activity,
    });
    let code = [fcm_code.unwrap_or_default(), &error.status, &error.message]
        .into_iter()
        .find(|code| !code.is_empty())
        .map_or_else(|| format!("HTTP {}", response.status), str::to_owned);
    Verdict::refused(meaning.class, code, meaning.remedy)
        .scope(meaning.scope)
        .text(text(error.message, &details))
        .retry_after_millis(wait(meaning.class, response, now))
}

fn accepted(response: &HttpResponse) -> Verdict {
    match serde_json::from_slice::<Accepted>(&response.body) {
        Ok(Accepted { name }) if !name.is_empty() => Verdict::accepted(Some(name)),
        _ => Verdict::refused(
            Class::Unavailable,
            "HTTP 200",
            "something other than FCM answers; check the endpoint setting and any proxy in between",
        )
        .retry_after_millis(Some(10_000)),
    }
}

/// How long to wait: FCM's own word, else what its guide asks for ("Best practices when
/// sending FCM messages at scale").
pub(crate) fn wait(class: Class, response: &HttpResponse, now: Timestamp) -> Option<u64> {
    let least = match class {
        Class::Throttled | Class::ThrottledDevice => 60_000,
        Class::Unavailable => 10_000,
        _ => return None,
    };
    Some(response.retry_after_millis(now).unwrap_or(least))
}

/// The message, then whatever the details add to it; what APNs said stands first.
fn text(message: String, details: &[Detail]) -> String {
    let mut text = message;
    let mut add = |subject: &str, description: &str| {
        let parts = [subject, description];
        for (part, before) in parts.iter().zip(["; ", ": "]) {
            if !part.is_empty() && !text.contains(*part) {
                text.push_str(if text.is_empty() { "" } else { before });
                text.push_str(part);
            }
        }
    };
    for detail in details.iter().filter(|detail| detail.kind == APNS_ERROR) {
        let status = match detail.status_code {
            0 => String::new(),
            status => format!(" {status}"),
        };
        add(&format!("APNs{status}"), &detail.reason);
    }
    for detail in details {
        for violation in &detail.field_violations {
            add(&violation.field, &violation.description);
        }
        for violation in &detail.violations {
            add(&violation.subject, &violation.description);
        }
        if detail.kind == ERROR_INFO {
            add(&detail.reason, "");
        }
    }
    text
}
