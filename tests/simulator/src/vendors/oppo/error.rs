//! OPPO's refusals: HTTP 200 and a code, as in the "return codes" of its server API.

use http::StatusCode;
use serde_json::json;

use crate::checks::fields::Problem;
use crate::checks::form::FormError;
use crate::net::exchange::Reply;

pub(super) const DUPLICATE: i64 = 32;
pub(super) const DAY_IS_FULL: i64 = 33;
pub(super) const ARGUMENT: i64 = 41;
pub(super) const CATEGORY: i64 = 67;
pub(super) const REGID: i64 = 10000;
const UNAVAILABLE: i64 = -1;
const TOKEN: i64 = 11;
const METHOD: i64 = 12;
const CALLS: i64 = 13;
const KEY: i64 = 14;
const KEY_MISSING: i64 = 15;
const SIGN: i64 = 16;
const SIGN_MISSING: i64 = 17;
const TIME_MISSING: i64 = 18;
const TIME: i64 = 19;
const INTERFACE: i64 = 21;
const ENCODING: i64 = 25;
const TOKEN_MISSING: i64 = 29;
const NO_RIGHT: i64 = 30;
const NO_DATA: i64 = 31;
const MISSING: i64 = 40;

#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: i64,
    message: String,
}

impl Refusal {
    pub(super) fn of(code: i64, message: impl Into<String>) -> Refusal {
        Refusal {
            status: StatusCode::OK,
            code,
            message: message.into(),
        }
    }

    pub(super) fn argument(message: impl Into<String>) -> Refusal {
        Refusal::of(ARGUMENT, message)
    }

    pub(super) fn missing(name: &str) -> Refusal {
        Refusal::of(MISSING, format!("Missing Required Arguments: {name}"))
    }

    pub(super) fn category(message: impl Into<String>) -> Refusal {
        Refusal::of(CATEGORY, message)
    }

    pub(super) fn wrong_token() -> Refusal {
        Refusal::of(TOKEN, "Invalid AuthToken")
    }

    pub(super) fn no_token() -> Refusal {
        Refusal::of(TOKEN_MISSING, "Missing Auth Token")
    }

    pub(super) fn wrong_key() -> Refusal {
        Refusal::of(KEY, "Invalid App Key")
    }

    pub(super) fn wrong_sign() -> Refusal {
        Refusal::of(SIGN, "Invalid Signature")
    }

    pub(super) fn wrong_time() -> Refusal {
        Refusal::of(TIME, "Invalid Timestamp")
    }

    /// Of the parameters of the auth interface, each lack has its code.
    pub(super) fn no_auth_parameter(name: &str) -> Refusal {
        let code = match name {
            "app_key" => KEY_MISSING,
            "sign" => SIGN_MISSING,
            _ => TIME_MISSING,
        };
        Refusal::of(code, format!("Missing {name}"))
    }

    pub(super) fn no_right() -> Refusal {
        Refusal::of(NO_RIGHT, "No right to this API")
    }

    pub(super) fn no_data() -> Refusal {
        Refusal::of(NO_DATA, "Data Not Exist")
    }

    pub(super) fn too_fast() -> Refusal {
        Refusal::of(CALLS, "App Call Limited")
    }

    pub(super) fn wrong_method() -> Refusal {
        Refusal::of(METHOD, "HTTP Action Not Allowed")
    }

    pub(super) fn no_such_path() -> Refusal {
        Refusal {
            status: StatusCode::NOT_FOUND,
            ..Refusal::of(INTERFACE, "Invalid API Method")
        }
    }

    /// An injected refusal; with status 200 it is one of the service's own.
    pub(super) fn injected(status: u16, code: Option<&str>, is_grant: bool) -> Refusal {
        let code = code.and_then(|code| code.parse().ok());
        let code = code.unwrap_or(match status {
            401 | 403 if is_grant => SIGN,
            401 | 403 => TOKEN,
            429 => CALLS,
            500..=599 => UNAVAILABLE,
            _ => ARGUMENT,
        });
        Refusal {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            ..Refusal::of(code, "injected")
        }
    }

    /// The reason for the record, and the reply.
    pub(super) fn into_answer(self) -> (String, Reply) {
        let body = json!({ "code": self.code, "message": self.message });
        (self.code.to_string(), Reply::json(self.status, &body))
    }
}

impl From<FormError> for Refusal {
    fn from(error: FormError) -> Refusal {
        let code = match error {
            FormError::Twice(_) => ARGUMENT,
            _ => ENCODING,
        };
        Refusal::of(code, error.to_string())
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        Refusal::argument(format!("Invalid Arguments: {problem}"))
    }
}
