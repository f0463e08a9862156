//! Xiaomi's refusals: HTTP 200 and a code, unless its gateway does not know the address.

use http::StatusCode;
use serde_json::json;

use crate::checks::fields::Problem;
use crate::checks::form::FormError;
use crate::credentials::ids;
use crate::net::exchange::Reply;

pub(super) const MEDIA_TYPE: i64 = 10007;
pub(super) const PARAMETER: i64 = 10008;
pub(super) const MISSING: i64 = 10016;
pub(super) const VALUE: i64 = 10017;
pub(super) const CALLBACK_URL: i64 = 65028;
pub(super) const CALLBACK_PARAMETER: i64 = 65029;
pub(super) const TOO_LONG: i64 = 65009;
pub(super) const TOO_MANY_PAIRS: i64 = 65014;
pub(super) const PAIRS_TOO_LONG: i64 = 65015;
pub(super) const PACKAGE: i64 = 22022;
pub(super) const NOTIFY_ID: i64 = 22103;
pub(super) const CHANNEL: i64 = 27001;
pub(super) const WORDS: i64 = 10041;
pub(super) const NO_TARGETS: i64 = 20301;
const REGID: i64 = 66007;
const PATH: i64 = 10020;
const METHOD: i64 = 10021;
const SECRET: i64 = 21301;
const DAY_IS_FULL: i64 = 200_001;
const TOO_FAST: i64 = 200_002;
const BUSY: i64 = 10009;
const SYSTEM: i64 = 10001;

#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: i64,
    reason: String,
}

impl Refusal {
    pub(super) fn of(code: i64, reason: impl Into<String>) -> Refusal {
        Refusal {
            status: StatusCode::OK,
            code,
            reason: reason.into(),
        }
    }

    pub(super) fn missing(name: &str) -> Refusal {
        Refusal::of(MISSING, format!("miss required parameter {name}"))
    }

    pub(super) fn value(name: &str, problem: &str) -> Refusal {
        Refusal::of(VALUE, format!("parameter {name} {problem}"))
    }

    pub(super) fn wrong_secret() -> Refusal {
        Refusal::of(SECRET, "auth failed")
    }

    pub(super) fn wrong_regid() -> Refusal {
        Refusal::of(REGID, "regId is illegal")
    }

    pub(super) fn no_targets() -> Refusal {
        Refusal::of(NO_TARGETS, "No valid targets!")
    }

    pub(super) fn too_fast() -> Refusal {
        Refusal::of(TOO_FAST, "QPS is over the limit")
    }

    pub(super) fn day_is_full() -> Refusal {
        Refusal::of(DAY_IS_FULL, "messages of the day are over the limit")
    }

    pub(super) fn no_such_path() -> Refusal {
        Refusal {
            status: StatusCode::NOT_FOUND,
            ..Refusal::of(PATH, "no such interface")
        }
    }

    pub(super) fn wrong_method() -> Refusal {
        Refusal {
            status: StatusCode::METHOD_NOT_ALLOWED,
            ..Refusal::of(METHOD, "method is not supported")
        }
    }

    /// An injected refusal; with status 200 it is one of the service's own.
    pub(super) fn injected(status: u16, code: Option<&str>) -> Refusal {
        let code = code.and_then(|code| code.parse().ok());
        let code = code.unwrap_or(match status {
            401 | 403 => SECRET,
            429 => TOO_FAST,
            503 => BUSY,
            500..=599 => SYSTEM,
            _ => VALUE,
        });
        Refusal {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            ..Refusal::of(code, "injected")
        }
    }

    /// The reason for the record, and the reply.
    pub(super) fn into_answer(self) -> (String, Reply) {
        let body = json!({
            "result": "error",
            "reason": self.reason,
            "code": self.code,
            "description": "\u{53d1}\u{9001}\u{6d88}\u{606f}\u{5931}\u{8d25}",
            "info": "",
            "trace_id": trace_id(),
        });
        (self.code.to_string(), Reply::json(self.status, &body))
    }
}

pub(super) fn trace_id() -> String {
    format!("Xcm{}", ids::hex(10))
}

impl From<FormError> for Refusal {
    fn from(error: FormError) -> Refusal {
        let code = match error {
            FormError::ContentType | FormError::Charset => MEDIA_TYPE,
            _ => PARAMETER,
        };
        Refusal::of(code, error.to_string())
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        Refusal::of(VALUE, problem.to_string())
    }
}
