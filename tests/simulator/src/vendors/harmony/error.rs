//! Push Kit's refusals: a code as a text, in the numbers of "Response Codes", or nothing but
//! an HTTP status. `msg` of the one that says no token is good is JSON once more.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::json;

use crate::checks::fields::Problem;
use crate::credentials::ids;
use crate::net::exchange::Reply;

pub(super) const SUCCESS: &str = "80000000";
pub(super) const PARTIAL: &str = "80100000";
pub(super) const ALL_INVALID: &str = "80300007";
/// The reason of a token of which nothing else is said.
pub(super) const TOKEN_FORMAT: &str = "tokenFormatError";

const PARAMETER: &str = "80100001";
const RECALL_PARAMETER: &str = "80100020";
const OTHER_CLIENT: &str = "80300028";
const STRUCTURE: &str = "80100003";
const VALUE: &str = "80100004";
const AUTHENTICATION: &str = "80200001";
const EXPIRED: &str = "80200005";
const TOO_LARGE: &str = "80300008";
const NUMBER_OF_TOKENS: &str = "80300010";
const TESTS_OF_THE_DAY: &str = "80300029";
const TOKENS_OF_A_TEST: &str = "80300030";
const LIVES_TOO_LONG: &str = "80300036";
const INTERNAL: &str = "81000001";

/// Tokens by the reason for which they failed.
pub(super) type Illegal = BTreeMap<String, Vec<String>>;

/// A refusal of a whole request.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// None where the gateway answers, not the service.
    code: Option<String>,
    message: String,
}

impl Refusal {
    /// One of the service's own codes, at its usual status.
    pub(super) fn coded(code: &str, message: impl Into<String>) -> Refusal {
        let status = match code {
            AUTHENTICATION | EXPIRED => StatusCode::UNAUTHORIZED,
            INTERNAL => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Refusal {
            status,
            code: Some(code.to_owned()),
            message: message.into(),
        }
    }

    pub(super) fn parameter(message: impl Into<String>) -> Refusal {
        Refusal::coded(PARAMETER, message)
    }

    pub(super) fn structure(message: impl Into<String>) -> Refusal {
        Refusal::coded(STRUCTURE, message)
    }

    /// What is wrong with the body of a recall, whatever it is.
    pub(super) fn of_recall(problem: impl ToString) -> Refusal {
        Refusal::coded(RECALL_PARAMETER, problem.to_string())
    }

    pub(super) fn other_client() -> Refusal {
        Refusal::coded(OTHER_CLIENT, "The token does not match the client id")
    }

    pub(super) fn authentication(message: &str) -> Refusal {
        Refusal::coded(AUTHENTICATION, message)
    }

    pub(super) fn expired() -> Refusal {
        Refusal::coded(EXPIRED, "The JWT is expired")
    }

    pub(super) fn lives_too_long() -> Refusal {
        Refusal::coded(LIVES_TOO_LONG, "The JWT lives longer than a day")
    }

    pub(super) fn all_invalid(illegal: &Illegal) -> Refusal {
        Refusal::coded(ALL_INVALID, tally(0, illegal))
    }

    pub(super) fn too_large() -> Refusal {
        Refusal::coded(TOO_LARGE, "The message body is too large")
    }

    pub(super) fn number_of_tokens() -> Refusal {
        Refusal::coded(NUMBER_OF_TOKENS, "The number of tokens is out of range")
    }

    pub(super) fn tokens_of_a_test() -> Refusal {
        Refusal::coded(TOKENS_OF_A_TEST, "Too many tokens in a test message")
    }

    pub(super) fn tests_of_the_day() -> Refusal {
        Refusal::coded(
            TESTS_OF_THE_DAY,
            "Test messages of the day are over the limit",
        )
    }

    pub(super) fn http(status: StatusCode) -> Refusal {
        Refusal {
            status,
            code: None,
            message: status.canonical_reason().unwrap_or_default().to_owned(),
        }
    }

    /// An injected refusal of a message to these tokens.
    pub(super) fn injected(status: u16, code: Option<&str>, tokens: &[String]) -> Refusal {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = code.or(match status.as_u16() {
            404 | 405 | 429 | 502..=599 => None,
            401 | 403 => Some(AUTHENTICATION),
            500 | 501 => Some(INTERNAL),
            _ => Some(PARAMETER),
        });
        let refusal = match code {
            Some(ALL_INVALID) => {
                Refusal::all_invalid(&Illegal::from([(TOKEN_FORMAT.to_owned(), tokens.to_vec())]))
            }
            Some(code) => Refusal::coded(code, "injected"),
            None => Refusal::http(status),
        };
        Refusal { status, ..refusal }
    }

    /// The reason for the record, and the reply.
    pub(super) fn into_answer(self) -> (String, Reply) {
        let Some(code) = self.code else {
            let reply = Reply::text(self.status, self.message);
            return (self.status.as_str().to_owned(), reply);
        };
        let body = json!({
            "code": code,
            "msg": self.message,
            "requestId": ids::digits(18),
        });
        let reply = Reply::json(self.status, &body);
        (code, reply)
    }
}

/// `msg` where tokens failed: JSON in a text, the tokens by reason.
pub(super) fn tally(successes: usize, illegal: &Illegal) -> String {
    let failures: usize = illegal.values().map(Vec::len).sum();
    json!({
        "success": successes,
        "failure": failures,
        "illegalTokens": illegal,
    })
    .to_string()
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        let what = problem.problem.as_str();
        let is_mistyped = what.starts_with("is not a ") || what.starts_with("is not an ");
        let code = match problem.path.as_str() {
            "" | "payload" | "target" => STRUCTURE,
            _ if what == "is unknown" => STRUCTURE,
            _ if is_mistyped || what == "is missing" => PARAMETER,
            _ => VALUE,
        };
        Refusal::coded(code, problem.to_string())
    }
}
