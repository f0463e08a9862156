//! Meizu's refusals of a whole request: HTTP 200 and a code, in the README's numbers.

use http::StatusCode;
use serde_json::{Value, json};

use crate::checks::fields::Problem;
use crate::checks::form::FormError;
use crate::net::exchange::Reply;

const BUSY: &str = "1003";
const SYSTEM: &str = "500";
const PARAMETER: &str = "1005";
const SIGN: &str = "1006";
const APP_ID: &str = "110000";
const BLANK: &str = "110004";
const TOO_FAST: &str = "110010";
const DAY_IS_FULL: &str = "110019";
const TOO_MANY_CALLS: &str = "110051";

#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    message: String,
}

impl Refusal {
    pub(crate) fn parameter(message: impl Into<String>) -> Refusal {
        Refusal::new(PARAMETER, message)
    }

    pub(crate) fn blank(name: &str) -> Refusal {
        Refusal::new(BLANK, format!("{name} is blank"))
    }

    pub(crate) fn unknown_app() -> Refusal {
        Refusal::new(APP_ID, "appId is not legal")
    }

    pub(crate) fn wrong_sign() -> Refusal {
        Refusal::new(SIGN, "sign is wrong")
    }

    pub(crate) fn too_fast() -> Refusal {
        Refusal::new(TOO_FAST, "push speed is over the limit")
    }

    pub(crate) fn day_is_full() -> Refusal {
        Refusal::new(DAY_IS_FULL, "pushes of the day are over the limit")
    }

    pub(crate) fn no_such_path() -> Refusal {
        Refusal::http(StatusCode::NOT_FOUND)
    }

    pub(crate) fn wrong_method() -> Refusal {
        Refusal::http(StatusCode::METHOD_NOT_ALLOWED)
    }

    /// An injected refusal; with status 200 it is one of Meizu's own.
    pub(crate) fn injected(status: u16, code: Option<&str>) -> Refusal {
        let code = code.unwrap_or(match status {
            401 | 403 => SIGN,
            429 => TOO_FAST,
            503 => BUSY,
            500..=599 => SYSTEM,
            _ => PARAMETER,
        });
        Refusal {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            ..Refusal::new(code, "injected")
        }
    }

    /// The reason for the record, and the reply.
    pub(crate) fn into_answer(self) -> (String, Reply) {
        // Meizu's gateway, not its application, says that one goes too fast: it has no map.
        let value = match self.code.as_str() {
            TOO_FAST | TOO_MANY_CALLS => Value::from(""),
            _ => json!({}),
        };
        let body = json!({
            "code": self.code,
            "message": self.message,
            "value": value,
            "redirect": "",
            "msgId": "",
        });
        let reply = Reply::json(self.status, &body);
        (self.code, reply)
    }

    fn new(code: &str, message: impl Into<String>) -> Refusal {
        Refusal {
            status: StatusCode::OK,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    fn http(status: StatusCode) -> Refusal {
        Refusal {
            status,
            ..Refusal::new(status.as_str(), "no such interface")
        }
    }
}

impl From<FormError> for Refusal {
    fn from(error: FormError) -> Refusal {
        Refusal::parameter(error.to_string())
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Refusal {
        Refusal::parameter(format!("messageJson {problem}"))
    }
}
