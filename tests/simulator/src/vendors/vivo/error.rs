//! vivo's answers other than success: HTTP 200 and a number in `result`, from the tables of
//! the server interface; and a bare HTTP status where the interface has no number.

use http::StatusCode;
use serde_json::{Value, json};

use crate::checks::fields::Problem;
use crate::net::exchange::Reply;

pub(super) const TOKEN: i64 = 10000;
const BUSY: i64 = 10040;
pub(super) const UNDER_REVIEW: i64 = 10045;
pub(super) const TARGET_EMPTY: i64 = 10050;
pub(super) const CLASSIFICATION: i64 = 10051;
pub(super) const NOTIFY_TYPE: i64 = 10054;
pub(super) const TITLE_EMPTY: i64 = 10055;
pub(super) const TITLE_LONG: i64 = 10056;
pub(super) const CONTENT_EMPTY: i64 = 10057;
pub(super) const CONTENT_LONG: i64 = 10058;
pub(super) const TIME_TO_LIVE: i64 = 10059;
pub(super) const SKIP_TYPE: i64 = 10060;
pub(super) const NETWORK_TYPE: i64 = 10065;
pub(super) const CUSTOM_MAP: i64 = 10067;
pub(super) const OPERATIONAL_QUOTA: i64 = 10070;
pub(super) const TOO_FAST: i64 = 10072;
pub(super) const SYSTEM_QUOTA: i64 = 10073;
pub(super) const SYSTEM_IS_OFF: i64 = 10082;
pub(super) const NO_WORDS: i64 = 10085;
pub(super) const EXTRA: i64 = 10089;
pub(super) const AUTH_TOO_OFTEN: i64 = 10093;
pub(super) const OTHER_APP: i64 = 10094;
pub(super) const NOTIFY_ID: i64 = 10095;
pub(super) const CATEGORY: i64 = 10096;
pub(super) const CATEGORY_MISFIT: i64 = 10097;
pub(super) const LOOKS_LIKE_TEST: i64 = 10104;
pub(super) const REG_IDS_EMPTY: i64 = 10150;
pub(super) const TASK_EMPTY: i64 = 10151;
pub(super) const TASK_WRONG: i64 = 10152;
pub(super) const REG_IDS_NUMBER: i64 = 10153;
pub(super) const TASK_GONE: i64 = 10155;
pub(super) const APP_ID_EMPTY: i64 = 10200;
pub(super) const APP_KEY_EMPTY: i64 = 10201;
pub(super) const APP_KEY_WRONG: i64 = 10202;
pub(super) const TIMESTAMP_EMPTY: i64 = 10203;
pub(super) const SIGN_EMPTY: i64 = 10204;
pub(super) const NO_SUCH_APP: i64 = 10205;
pub(super) const SIGN_WRONG: i64 = 10206;
pub(super) const TIMESTAMP_WRONG: i64 = 10207;
pub(super) const REG_ID: i64 = 10302;
pub(super) const ALIAS: i64 = 10303;
pub(super) const EXTRA_KEY: i64 = 10304;
pub(super) const CALLBACK_LONG: i64 = 10305;
pub(super) const CALLBACK_PARAM_LONG: i64 = 10306;
pub(super) const REQUEST_ID_EMPTY: i64 = 10352;
pub(super) const REQUEST_ID_LONG: i64 = 10353;

#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    /// None where the gateway answers, not the service.
    code: Option<i64>,
    desc: String,
    invalid_user: Option<Value>,
}

impl Refusal {
    pub(super) fn new(code: i64, desc: impl Into<String>) -> Refusal {
        Refusal {
            status: StatusCode::OK,
            code: Some(code),
            desc: desc.into(),
            invalid_user: None,
        }
    }

    /// A request that is wrong in a way for which there is no number.
    pub(super) fn malformed(desc: impl Into<String>) -> Refusal {
        Refusal {
            desc: desc.into(),
            ..Refusal::http(StatusCode::BAD_REQUEST)
        }
    }

    pub(super) fn http(status: StatusCode) -> Refusal {
        Refusal {
            status,
            code: None,
            desc: status.canonical_reason().unwrap_or_default().to_owned(),
            invalid_user: None,
        }
    }

    /// The only device of a message is not to be had.
    pub(super) fn device(code: i64, reg_id: &str, status: i64) -> Refusal {
        Refusal {
            invalid_user: Some(invalid_user(reg_id, status)),
            ..Refusal::new(code, "regId\u{4e0d}\u{5408}\u{6cd5}")
        }
    }

    /// An injected refusal; with status 200 it is one of vivo's own.
    pub(super) fn injected(status: u16, code: Option<&str>, is_grant: bool) -> Refusal {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = match code {
            Some(code) => code.parse().ok(),
            None => match (status.as_u16(), is_grant) {
                (401 | 403, true) => Some(SIGN_WRONG),
                (401 | 403, false) => Some(TOKEN),
                (429, true) => Some(AUTH_TOO_OFTEN),
                (429, false) => Some(TOO_FAST),
                (200 | 500 | 503, _) => Some(BUSY),
                _ => None,
            },
        };
        Refusal {
            status,
            code,
            desc: "injected".to_owned(),
            invalid_user: None,
        }
    }

    /// The reason for the record, and the reply.
    pub(super) fn into_answer(self) -> (String, Reply) {
        let Some(code) = self.code else {
            let reply = Reply::text(self.status, self.desc);
            return (self.status.as_str().to_owned(), reply);
        };
        let mut body = json!({ "result": code, "desc": self.desc });
        if let Some(user) = self.invalid_user {
            body["invalidUser"] = user;
        }
        (code.to_string(), Reply::json(self.status, &body))
    }
}

pub(super) fn invalid_user(reg_id: &str, status: i64) -> Value {
    json!({ "userid": reg_id, "status": status })
}

/// Gives what is wrong with a field its number.
pub(super) fn coded(code: i64) -> impl Fn(Problem) -> Refusal {
    move |problem| Refusal::new(code, problem.to_string())
}

/// Fields without a number of their own.
impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        Refusal::malformed(problem.to_string())
    }
}
