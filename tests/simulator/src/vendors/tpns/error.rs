//! Refusals of Tencent Push Notification Service: HTTP 200 and a number, in those of its
//! "Server-Side Error Codes". Only an address that is not there has an HTTP status of its own.

use http::StatusCode;
use serde_json::json;

use crate::checks::fields::Problem;
use crate::net::exchange::Reply;

const PARSE: i64 = 1_008_001;
const MISSING: i64 = 1_008_002;
const AUTHENTICATION: i64 = 1_008_003;
const SERVICE: i64 = 1_008_004;
const PARAMETER: i64 = 1_008_007;
const TOO_FAST: i64 = 1_008_028;
const NOT_A_TOKEN: i64 = 1_008_029;
const NO_TARGET: i64 = 10_010_005;

#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: i64,
    message: String,
}

impl Refusal {
    pub(super) fn parse(message: impl Into<String>) -> Refusal {
        Refusal::new(PARSE, message)
    }

    /// All that is said of a wrong signature, key or time, as to the real one.
    pub(super) fn authentication() -> Refusal {
        Refusal::new(AUTHENTICATION, "auth failure")
    }

    pub(super) fn too_fast() -> Refusal {
        Refusal::new(TOO_FAST, "request too fast")
    }

    pub(super) fn invalid_token() -> Refusal {
        Refusal::new(NOT_A_TOKEN, "token is not valid")
    }

    pub(super) fn no_target() -> Refusal {
        Refusal::new(NO_TARGET, "push target does not exist")
    }

    /// For a token whose condition is a code of its own.
    pub(super) fn of_condition(code: i64) -> Refusal {
        Refusal::new(code, "refused for one of the tokens")
    }

    pub(super) fn http(status: StatusCode) -> Refusal {
        Refusal {
            status,
            ..Refusal::new(PARAMETER, "no such interface")
        }
    }

    /// An injected refusal; with status 200 it is one of the service's own.
    pub(super) fn injected(status: u16, code: Option<&str>) -> Refusal {
        let code = code
            .and_then(|code| code.parse().ok())
            .unwrap_or(match status {
                401 | 403 => AUTHENTICATION,
                429 => TOO_FAST,
                500..=599 => SERVICE,
                _ => PARAMETER,
            });
        Refusal {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            ..Refusal::new(code, "injected")
        }
    }

    /// The reason for the record, and the reply.
    pub(super) fn into_answer(self) -> (String, Reply) {
        let reason = match self.status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                self.status.as_str().to_owned()
            }
            _ => self.code.to_string(),
        };
        let body = json!({ "seq": 0, "ret_code": self.code, "err_msg": self.message });
        (reason, Reply::json(self.status, &body))
    }

    fn new(code: i64, message: impl Into<String>) -> Refusal {
        Refusal {
            status: StatusCode::OK,
            code,
            message: message.into(),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        let code = match problem.problem.as_str() {
            "is missing" => MISSING,
            wrong if wrong.starts_with("is not a") => PARSE,
            _ => PARAMETER,
        };
        Refusal::new(code, problem.to_string())
    }
}
