//! FCM's answer to verdict: "FCM REST error codes for the HTTP v1 API".
//!
//! In: any response. Out: one verdict. What a code means is looked up in `reason`;
//! here is only where in the answer the code stands.

use std::borrow::Cow;

use nudged_plugin_api::{Class, HttpResponse, Timestamp, Verdict};
use serde::Deserialize;

use crate::reason::{self, Refusal};

const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
const QUOTA_FAILURE: &str = "type.googleapis.com/google.rpc.QuotaFailure";
const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";

#[derive(Deserialize)]
struct Accepted {
    name: String,
}

#[derive(Deserialize)]
struct Refused<'a> {
    #[serde(borrow)]
    error: Error<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Error<'a> {
    #[serde(borrow)]
    message: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow)]
    details: Vec<Detail<'a>>,
}

/// Any of the details, told apart by `kind`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail<'a> {
    #[serde(borrow, rename = "@type")]
    kind: Cow<'a, str>,
    #[serde(borrow, rename = "errorCode", alias = "error_code")]
    error_code: Cow<'a, str>,
    #[serde(borrow)]
    reason: Cow<'a, str>,
    #[serde(borrow, rename = "fieldViolations", alias = "field_violations")]
    field_violations: Vec<FieldViolation<'a>>,
    #[serde(borrow)]
    violations: Vec<QuotaViolation<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FieldViolation<'a> {
    #[serde(borrow)]
    field: Cow<'a, str>,
    #[serde(borrow)]
    description: Cow<'a, str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct QuotaViolation<'a> {
    #[serde(borrow)]
    subject: Cow<'a, str>,
    #[serde(borrow)]
    description: Cow<'a, str>,
}

/// What `response` says of its one message.
pub(crate) fn verdict(response: &HttpResponse, now: Timestamp) -> Verdict {
    if response.status == 200 {
        return accepted(response);
    }
    let error = serde_json::from_slice::<Refused<'_>>(&response.body)
        .map(|refused| refused.error)
        .unwrap_or_default();
    let fcm_code = error
        .details_of(FCM_ERROR)
        .map(|detail| detail.error_code.as_ref())
        .find(|code| !code.is_empty());
    let fields: Vec<&str> = error
        .field_violations()
        .map(|violation| violation.field.as_ref())
        .collect();
    let info = error
        .details_of(ERROR_INFO)
        .map(|info| info.reason.as_ref());
    let (class, remedy) = reason::judge(&Refusal {
        http: response.status,
        fcm_code,
        status: &error.status,
        message: &error.message,
        fields: &fields,
        info: info.clone().next().unwrap_or_default(),
        one_device: error.quota_violations().any(QuotaViolation::is_of_device),
    });
    let code = [fcm_code.unwrap_or_default(), &error.status, &error.message]
        .into_iter()
        .find(|code| !code.is_empty())
        .map_or_else(|| format!("HTTP {}", response.status), str::to_owned);
    Verdict::refused(class, code, remedy)
        .text(error.text())
        .retry_after_millis(wait(class, response, now))
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

impl<'a> Error<'a> {
    fn details_of(&self, kind: &'static str) -> impl Iterator<Item = &Detail<'a>> + Clone {
        self.details
            .iter()
            .filter(move |detail| detail.kind == kind)
    }

    fn field_violations(&self) -> impl Iterator<Item = &FieldViolation<'a>> {
        self.details_of(BAD_REQUEST)
            .flat_map(|detail| &detail.field_violations)
    }

    fn quota_violations(&self) -> impl Iterator<Item = &QuotaViolation<'a>> {
        self.details_of(QUOTA_FAILURE)
            .flat_map(|detail| &detail.violations)
    }

    /// The message, then whatever the details add to it.
    fn text(&self) -> String {
        let mut text = self.message.to_string();
        let mut add = |subject: &str, description: &str| {
            let parts = [subject, description];
            for (part, before) in parts.iter().zip(["; ", ": "]) {
                if !part.is_empty() && !text.contains(*part) {
                    text.push_str(if text.is_empty() { "" } else { before });
                    text.push_str(part);
                }
            }
        };
        for violation in self.field_violations() {
            add(&violation.field, &violation.description);
        }
        for violation in self.quota_violations() {
            add(&violation.subject, &violation.description);
        }
        for info in self.details_of(ERROR_INFO) {
            add(&info.reason, "");
        }
        text
    }
}

impl QuotaViolation<'_> {
    /// Of the three rates (project, device, topic) the device's.
    fn is_of_device(&self) -> bool {
        [&self.subject, &self.description]
            .iter()
            .any(|text| text.to_ascii_lowercase().contains("device"))
    }
}
