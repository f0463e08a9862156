//! What a chat server hears of a message that was not taken: the problem, and Tencent's three
//! members in the same object, as its clients decide by them alone.
//!
//! In: a problem, and which door it came through. Out: an answer. Refuses to know how a
//! problem came about: its status and field say which of Tencent's codes it is.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Call;
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

/// Under which path a call came, and so in whose manners it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Ours: the HTTP status is the problem's.
    Nudged,
    /// Tencent's. There the status is 200 whatever becomes of a call, and clients rely on it:
    /// some take everything else for a broken network and send again.
    Tencent,
}

impl Door {
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

// Of every REST call; https://cloud.tencent.com/document/product/269/1671.
/// HTTP cannot be parsed, check the format of the URL.
pub const URL: u32 = 60002;
/// The rate of REST calls exceeds its limit.
pub const TOO_OFTEN: u32 = 60007;
/// The request timed out, or the format of its HTTP is wrong.
pub const HTTP: u32 = 60008;
/// No such resource, check the URL.
pub const RESOURCE: u32 = 60009;
/// An account in the body has the wrong type.
pub const ACCOUNT_TYPE: u32 = 60015;

// Of one-to-one messages and pushes; the same page, and 269/117847 for pushes.
/// The JSON cannot be parsed.
pub const JSON: u32 = 90001;
/// MsgBody is not as described, or no array.
pub const MSG_BODY: u32 = 90002;
/// To_Account is missing, or there is no such account.
pub const TO_ACCOUNT: u32 = 90003;
/// MsgRandom is missing or no integer.
pub const MSG_RANDOM: u32 = 90005;
/// From_Account is missing, or there is no such account.
pub const FROM_ACCOUNT: u32 = 90008;
/// The call needs an administrator of the app.
pub const ADMIN: u32 = 90009;
/// An element is not as TIMMsgElement is described.
pub const ELEMENT: u32 = 90010;
/// A batch has more than 500 accounts.
pub const BATCH: u32 = 90011;
/// Too many accounts in a call.
pub const ACCOUNTS: u32 = 90018;
/// The time of keeping is wrong, 7 days at most.
pub const LIFE_TIME: u32 = 90026;
/// The body of a push is too long.
pub const PUSH_LENGTH: u32 = 90056;
/// Internal error of the service, try again.
pub const INTERNAL: u32 = 91000;
/// The message is too long.
pub const LENGTH: u32 = 93000;

// Of messages in groups.
/// Internal error of the server, try again.
pub const GROUP_INTERNAL: u32 = 10002;
/// A parameter is not allowed.
pub const GROUP_INVALID: u32 = 10004;
/// Too many accounts in the body.
pub const GROUP_ACCOUNTS: u32 = 10005;
/// Not enough rights for this.
pub const GROUP_ADMIN: u32 = 10007;
/// The JSON of the body cannot be parsed.
pub const GROUP_JSON: u32 = 10011;
/// The user who acts is not valid.
pub const GROUP_SENDER: u32 = 10012;
/// No group has this id.
pub const GROUP_ID: u32 = 10015;
/// The content of the message is too long.
pub const GROUP_LENGTH: u32 = 80002;

/// Tencent's code for a problem: its own, else that of its status and place, so that one which is
/// new has a code too.
pub fn code(call: Option<Call>, problem: &Problem) -> u32 {
    let group = call == Some(Call::Group);
    if let Some(code) = problem.tencent {
        return code;
    }
    match problem.status {
        401 | 403 if group => GROUP_ADMIN,
        401 | 403 => ADMIN,
        404 => RESOURCE,
        405 | 408 | 411 | 415 | 417 => HTTP,
        413 if group => GROUP_LENGTH,
        413 if call == Some(Call::Push) => PUSH_LENGTH,
        413 => LENGTH,
        414 | 431 => URL,
        429 => TOO_OFTEN,
        500.. if group => GROUP_INTERNAL,
        500.. => INTERNAL,
        _ => of_field(call, problem),
    }
}

/// The code for what is no JSON.
pub fn json(call: Call) -> u32 {
    match call {
        Call::Group => GROUP_JSON,
        _ => JSON,
    }
}

/// The code for what stands in a request and cannot be.
fn of_field(call: Option<Call>, problem: &Problem) -> u32 {
    let Some(call) = call else {
        // Without a call nothing but the URL has been read.
        return URL;
    };
    let field = problem.field.as_deref().unwrap_or_default();
    let name = field.split(['.', '[']).next().unwrap_or_default();
    if call == Call::Group {
        return match name {
            "" => json(call),
            "From_Account" => GROUP_SENDER,
            "GroupId" => GROUP_ID,
            _ => GROUP_INVALID,
        };
    }
    match name {
        "To_Account" => TO_ACCOUNT,
        "From_Account" => FROM_ACCOUNT,
        "MsgBody" if field == name => MSG_BODY,
        "MsgBody" => ELEMENT,
        "MsgRandom" => MSG_RANDOM,
        "MsgLifeTime" => LIFE_TIME,
        _ => JSON,
    }
}
