//! The answer to a chat server whose message was refused: the problem, and Tencent's three
//! members in the same object, as its clients decide by them alone.
//!
//! In: a problem, and by whose path it came. Out: an answer. Refuses to know how a
//! problem came about: its status and field say which of Tencent's codes it is.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::codes;
use nudged_wire::Problem;

/// A refused message: the problem as everywhere, and Tencent's own words for it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ImRefusal {
    /// `FAIL`.
    #[serde(rename = "ActionStatus")]
    pub action_status: String,
    /// Tencent's code; never 0.
    #[serde(rename = "ErrorCode")]
    pub error_code: u32,
    /// What was wrong, where, and what to do.
    #[serde(rename = "ErrorInfo")]
    pub error_info: String,
    /// The same in our words.
    #[serde(flatten)]
    pub problem: Problem,
}

/// Under whose path a call came, and so in which form it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Ours: the HTTP status is the problem's.
    Nudged,
    /// Tencent's. There the status is 200 whatever becomes of a call, and clients rely on it:
    /// some take everything else for a broken network and send again.
    Tencent,
}

impl Dialect {
    /// By the path of a request.
    pub fn of(path: &str) -> Self {
        match path.starts_with("/v4/") {
            true => Self::Tencent,
            false => Self::Nudged,
        }
    }

    /// The status of what was taken.
    pub const fn accepted(self) -> StatusCode {
        match self {
            Self::Nudged => StatusCode::ACCEPTED,
            Self::Tencent => StatusCode::OK,
        }
    }

    /// The answer to what was refused.
    pub fn refuse(self, call: Option<Call>, problem: Problem) -> Response {
        let status = problem.status;
        let retry_after = problem.retry_after;
        // req 77: a refusal in Tencent's API has Tencent's form.
        let refusal = ImRefusal {
            action_status: "FAIL".to_owned(),
            error_code: code(call, &problem),
            error_info: info(&problem),
            problem,
        };
        let (status, kind) = match self {
            Self::Nudged => (
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
                "application/problem+json",
            ),
            Self::Tencent => (StatusCode::OK, "application/json"),
        };
        // An answer has nothing that JSON lacks.
        let body = serde_json::to_vec(&refusal).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// In one line: where, what, what to do.
fn info(problem: &Problem) -> String {
    let mut info = String::new();
    if let Some(field) = &problem.field {
        info.push_str(field);
        info.push_str(": ");
    }
    info.push_str(&problem.detail);
    if let Some(hint) = &problem.hint {
        info.push_str("; ");
        info.push_str(hint);
    }
    info
}

/// Tencent's code for a problem: its own, else that of its status and place, so that one which is
/// new has a code too.
pub fn code(call: Option<Call>, problem: &Problem) -> u32 {
    let group = call == Some(Call::Group);
    if let Some(code) = problem.tencent {
        return code;
    }
    match problem.status {
        401 | 403 if group => codes::GROUP_ADMIN,
        401 | 403 => codes::ADMIN,
        404 => codes::RESOURCE,
        405 | 408 | 411 | 415 | 417 => codes::HTTP,
        413 if group => codes::GROUP_LENGTH,
        413 if call == Some(Call::Push) => codes::PUSH_LENGTH,
        413 => codes::LENGTH,
        414 | 431 => codes::URL,
        429 => codes::TOO_OFTEN,
        500.. if group => codes::GROUP_INTERNAL,
        500.. => codes::INTERNAL,
        _ => of_field(call, problem),
    }
}

/// The code for what is no codes::JSON.
pub fn json(call: Call) -> u32 {
    match call {
        Call::Group => codes::GROUP_JSON,
        _ => codes::JSON,
    }
}

/// The code for what stands in a request and cannot be.
fn of_field(call: Option<Call>, problem: &Problem) -> u32 {
    let Some(call) = call else {
        // Without a call nothing but the codes::URL has been read.
        return codes::URL;
    };
    let field = problem.field.as_deref().unwrap_or_default();
    let name = field.split(['.', '[']).next().unwrap_or_default();
    if call == Call::Group {
        return match name {
            "" => json(call),
            "From_Account" => codes::GROUP_SENDER,
            "GroupId" => codes::GROUP_ID,
            _ => codes::GROUP_INVALID,
        };
    }
    match name {
        "To_Account" => codes::TO_ACCOUNT,
        "From_Account" => codes::FROM_ACCOUNT,
        "MsgBody" if field == name => codes::MSG_BODY,
        "MsgBody" => codes::ELEMENT,
        "MsgRandom" => codes::MSG_RANDOM,
        "MsgLifeTime" => codes::LIFE_TIME,
        _ => codes::JSON,
    }
}
