//! Honor's refusals: a code as a number, in those of the "Downlink Message" reference; and
//! those of its token endpoint, in OAuth's form.

use http::StatusCode;
use serde_json::json;

use crate::checks::client_credentials::BadRequest;
use crate::checks::fields::Problem;
use crate::credentials::ids;
use crate::net::exchange::Reply;

const PARAMETER: u32 = 400;
const AUTHENTICATION: u32 = 403;
const NO_SUCH_PATH: u32 = 404;
const TOO_FAST: u32 = 503;
const NO_TIMESTAMP: u32 = 10001;
const UNKNOWN_APP: u32 = 10205;
const WRONG_TIMESTAMP: u32 = 10207;
const NO_TOKEN: u32 = 10300;
const STRUCTURE: u32 = 80_100_003;
const EXPIRED: u32 = 80_200_003;
const TEST_LIMIT: u32 = 80_200_047;
const NO_PICTURE: u32 = 80_200_050;
const DUPLICATE_TOKENS: u32 = 80_300_006;
pub(super) const ALL_INVALID: u32 = 80_300_007;
const TOO_LARGE: u32 = 80_300_008;
const TOO_MANY_TOKENS: u32 = 80_300_010;
const UNAUTHORIZED_CLIENT: &str = "unauthorized_client";

/// A refusal of a message.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: u32,
    message: String,
}

impl Refusal {
    /// A code that is an HTTP status comes with it, any other with 200.
    pub(super) fn coded(code: u32, message: impl Into<String>) -> Refusal {
        let status = u16::try_from(code)
            .ok()
            .and_then(|code| StatusCode::from_u16(code).ok())
            .unwrap_or(StatusCode::OK);
        Refusal {
            status,
            code,
            message: message.into(),
        }
    }

    pub(super) fn structure(message: impl Into<String>) -> Refusal {
        Refusal::coded(STRUCTURE, message)
    }

    pub(super) fn no_such_path() -> Refusal {
        Refusal::coded(NO_SUCH_PATH, "Not Found")
    }

    pub(super) fn wrong_method() -> Refusal {
        Refusal::coded(405, "Method Not Allowed")
    }

    pub(super) fn too_fast() -> Refusal {
        Refusal::coded(TOO_FAST, "QPS is over the limit")
    }

    pub(super) fn no_timestamp() -> Refusal {
        Refusal::coded(NO_TIMESTAMP, "header timestamp is missing")
    }

    pub(super) fn wrong_timestamp() -> Refusal {
        Refusal::coded(WRONG_TIMESTAMP, "timestamp is invalid")
    }

    pub(super) fn unknown_app() -> Refusal {
        Refusal::coded(UNKNOWN_APP, "appId does not exist")
    }

    pub(super) fn no_grant() -> Refusal {
        Refusal::coded(AUTHENTICATION, "authentication failed")
    }

    pub(super) fn expired() -> Refusal {
        Refusal::coded(EXPIRED, "access token is expired")
    }

    pub(super) fn no_token() -> Refusal {
        Refusal::coded(NO_TOKEN, "token is empty")
    }

    pub(super) fn too_many_tokens() -> Refusal {
        Refusal::coded(TOO_MANY_TOKENS, "tokens are more than 1000")
    }

    pub(super) fn duplicate_tokens() -> Refusal {
        Refusal::coded(DUPLICATE_TOKENS, "tokens are duplicate")
    }

    pub(super) fn all_invalid() -> Refusal {
        Refusal::coded(ALL_INVALID, "all tokens are invalid")
    }

    pub(super) fn too_large() -> Refusal {
        Refusal::coded(TOO_LARGE, "body is over 4096 bytes")
    }

    pub(super) fn no_picture() -> Refusal {
        Refusal::coded(NO_PICTURE, "picture is not allowed")
    }

    pub(super) fn test_limit() -> Refusal {
        Refusal::coded(TEST_LIMIT, "test messages of the day are over the limit")
    }

    /// An injected refusal; a reason that is no number cannot be one of Honor's codes.
    pub(super) fn injected(status: u16, code: Option<&str>) -> Refusal {
        let code = code.and_then(|code| code.parse().ok());
        let code = code.unwrap_or(match status {
            200..=299 => PARAMETER,
            401 => AUTHENTICATION,
            429 => TOO_FAST,
            status => u32::from(status),
        });
        Refusal {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            ..Refusal::coded(code, "injected")
        }
    }

    /// The reason for the record, and the reply.
    pub(super) fn into_answer(self) -> (String, Reply) {
        let body = json!({
            "code": self.code,
            "message": self.message,
            "data": { "sendResult": false, "requestId": ids::digits(19) },
        });
        (self.code.to_string(), Reply::json(self.status, &body))
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        let code = match problem.problem.as_str() {
            "is unknown" => STRUCTURE,
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
        GrantRefusal {
            status: StatusCode::UNAUTHORIZED,
            error: UNAUTHORIZED_CLIENT.to_owned(),
            description: "Invalid client or Invalid client credentials".to_owned(),
        }
    }

    pub(super) fn injected(status: u16, error: Option<&str>) -> GrantRefusal {
        let error = error.unwrap_or(match status {
            400 => "invalid_request",
            401 | 403 => UNAUTHORIZED_CLIENT,
            _ => "server_error",
        });
        GrantRefusal {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            error: error.to_owned(),
            description: "injected".to_owned(),
        }
    }

    pub(super) fn into_answer(self) -> (String, Reply) {
        let body = json!({ "error": self.error, "error_description": self.description });
        (self.error, Reply::json(self.status, &body))
    }
}

impl From<BadRequest> for GrantRefusal {
    fn from(problem: BadRequest) -> GrantRefusal {
        let error = match problem {
            BadRequest::GrantType => "unsupported_grant_type",
            _ => "invalid_request",
        };
        GrantRefusal {
            status: StatusCode::BAD_REQUEST,
            error: error.to_owned(),
            description: problem.to_string(),
        }
    }
}
