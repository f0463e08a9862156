//! Huawei's refusals: a code as a text, in the numbers of "Response Codes" of Push Kit, or
//! nothing but an HTTP status; and those of its token endpoint, in another form.

use http::StatusCode;
use serde_json::{Value, json};

use crate::checks::client_credentials::BadRequest;
use crate::checks::fields::Problem;
use crate::credentials::ids;
use crate::net::exchange::Reply;

const PARAMETER: &str = "80100001";
const STRUCTURE: &str = "80100003";
const TTL: &str = "80100004";
const COLLAPSE_KEY: &str = "80100013";
const AUTHENTICATION: &str = "80200001";
const EXPIRED: &str = "80200003";
const NO_PERMISSION: &str = "80300002";
pub(super) const ALL_INVALID: &str = "80300007";
const TOO_LARGE: &str = "80300008";
const TOO_MANY_TOKENS: &str = "80300010";
const NOT_URGENT: &str = "80300011";
const AUTHORIZATION_DOWN: &str = "80600003";
const INTERNAL: &str = "81000001";
const INVALID_CLIENT: &str = "1101";

/// A refusal of a message.
#[derive(Debug)]
pub(crate) struct Refusal {
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
            INTERNAL | AUTHORIZATION_DOWN => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Refusal {
            status,
            code: Some(code.to_owned()),
            message: message.into(),
        }
    }

    pub(super) fn structure(message: impl Into<String>) -> Refusal {
        Refusal::coded(STRUCTURE, message)
    }

    pub(super) fn no_grant() -> Refusal {
        Refusal::coded(AUTHENTICATION, "OAuth authentication error")
    }

    pub(super) fn expired() -> Refusal {
        Refusal::coded(EXPIRED, "OAuth token expired")
    }

    pub(super) fn no_permission() -> Refusal {
        Refusal::coded(NO_PERMISSION, "The app has no permission to send messages")
    }

    pub(super) fn all_invalid() -> Refusal {
        Refusal::coded(ALL_INVALID, "All the tokens are invalid")
    }

    pub(super) fn too_large() -> Refusal {
        Refusal::coded(TOO_LARGE, "The message body is too large")
    }

    pub(super) fn too_many_tokens() -> Refusal {
        Refusal::coded(TOO_MANY_TOKENS, "Too many tokens in the message body")
    }

    pub(super) fn not_urgent() -> Refusal {
        Refusal::coded(NOT_URGENT, "No permission to send messages of high urgency")
    }

    pub(super) fn http(status: StatusCode) -> Refusal {
        Refusal {
            status,
            code: None,
            message: status.canonical_reason().unwrap_or_default().to_owned(),
        }
    }

    /// An injected refusal.
    pub(super) fn injected(status: u16, code: Option<&str>) -> Refusal {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = code.or(match status.as_u16() {
            404 | 405 | 429 | 502..=599 => None,
            401 | 403 => Some(AUTHENTICATION),
            500 | 501 => Some(INTERNAL),
            _ => Some(PARAMETER),
        });
        match code {
            Some(code) => Refusal {
                status,
                ..Refusal::coded(code, "injected")
            },
            None => Refusal::http(status),
        }
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

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        let code = match problem.path.rsplit('.').next() {
            _ if problem.problem == "is unknown" => STRUCTURE,
            Some("message") => STRUCTURE,
            Some("ttl") => TTL,
            Some("collapse_key") => COLLAPSE_KEY,
            _ => PARAMETER,
        };
        Refusal::coded(code, problem.to_string())
    }
}

/// A refusal of a grant.
#[derive(Debug)]
pub(crate) struct GrantRefusal {
    status: StatusCode,
    error: String,
    description: String,
}

impl GrantRefusal {
    pub(super) fn wrong_client() -> GrantRefusal {
        GrantRefusal::new(INVALID_CLIENT, "invalid client")
    }

    pub(super) fn too_often() -> GrantRefusal {
        GrantRefusal {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..GrantRefusal::new(INVALID_CLIENT, "flow control")
        }
    }

    pub(super) fn injected(status: u16, error: Option<&str>) -> GrantRefusal {
        GrantRefusal {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            ..GrantRefusal::new(error.unwrap_or(INVALID_CLIENT), "injected")
        }
    }

    pub(super) fn into_answer(self) -> (String, Reply) {
        // A number where it is one.
        let error: Value = self
            .error
            .parse::<u32>()
            .map_or_else(|_| self.error.as_str().into(), Value::from);
        let body = json!({ "error": error, "error_description": self.description });
        (self.error, Reply::json(self.status, &body))
    }

    fn new(error: &str, description: impl Into<String>) -> GrantRefusal {
        GrantRefusal {
            status: StatusCode::BAD_REQUEST,
            error: error.to_owned(),
            description: description.into(),
        }
    }
}

impl From<BadRequest> for GrantRefusal {
    fn from(problem: BadRequest) -> GrantRefusal {
        GrantRefusal::new(INVALID_CLIENT, problem.to_string())
    }
}
