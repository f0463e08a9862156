//! FCM refusals in the form of Google's API errors: `google.rpc.Status` as JSON, with
//! details of the types FcmError, BadRequest and ErrorInfo.

use http::StatusCode;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::net::exchange::Reply;

const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const APNS_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.ApnsError";
const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";
const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";
const BAD_CREDENTIALS: &str = "Request had invalid authentication credentials. Expected OAuth 2 \
    access token, login cookie or other valid authentication credential. See \
    https://developers.google.com/identity/sign-in/web/devconsole-project.";
const NO_CREDENTIALS: &str = "Request is missing required authentication credential. Expected \
    OAuth 2 access token, login cookie or other valid authentication credential. See \
    https://developers.google.com/identity/sign-in/web/devconsole-project.";

/// A field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) field: String,
    pub(crate) description: String,
}

/// A refusal before it is written as JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    status: StatusCode,
    name: &'static str,
    message: String,
    /// How the refusal is counted: the most telling code in it.
    pub(crate) reason: String,
    details: Vec<Value>,
}

impl Refusal {
    fn new(status: StatusCode, name: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            status,
            name,
            message: message.into(),
            reason: name.to_owned(),
            details: Vec::new(),
        }
    }

    fn fcm(mut self, code: &str) -> Refusal {
        self.reason = code.to_owned();
        self.details
            .push(json!({ "@type": FCM_ERROR, "errorCode": code }));
        self
    }

    /// What APNs answered to FCM. The code above it stays the reason.
    fn apns(mut self, status: u16, reason: &str) -> Refusal {
        self.details
            .push(json!({ "@type": APNS_ERROR, "statusCode": status, "reason": reason }));
        self
    }

    fn info(mut self, reason: &str, metadata: Value) -> Refusal {
        self.reason = reason.to_owned();
        self.details.push(json!({
            "@type": ERROR_INFO,
            "reason": reason,
            "domain": "googleapis.com",
            "metadata": metadata,
        }));
        self
    }

    /// The body does not fit the schema; Google joins all complaints in the message.
    pub(crate) fn violations(violations: &[Violation]) -> Refusal {
        let message: Vec<&str> = violations
            .iter()
            .map(|violation| violation.description.as_str())
            .collect();
        let fields: Vec<Value> = violations
            .iter()
            .map(|violation| {
                let mut entry = json!({ "description": violation.description });
                if !violation.field.is_empty() {
                    entry["field"] = violation.field.as_str().into();
                }
                entry
            })
            .collect();
        let mut refusal = Refusal::new(
            StatusCode::BAD_REQUEST,
            "INVALID_ARGUMENT",
            message.join("\n"),
        );
        refusal
            .details
            .push(json!({ "@type": BAD_REQUEST, "fieldViolations": fields }));
        refusal
    }

    /// The body is no JSON at all, or not what the method takes.
    pub(crate) fn malformed(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message)
    }

    /// FCM itself, behind the JSON parser, refuses the message.
    pub(crate) fn argument(message: &str) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message).fcm("INVALID_ARGUMENT")
    }

    /// APNs, behind FCM, refuses what FCM has made for it.
    pub(crate) fn argument_of_apns(status: u16, reason: &str) -> Refusal {
        Refusal::argument("Request contains an invalid argument.").apns(status, reason)
    }

    pub(crate) fn unregistered() -> Refusal {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "Requested entity was not found.",
        )
        .fcm("UNREGISTERED")
    }

    pub(crate) fn sender_mismatch() -> Refusal {
        Refusal::new(
            StatusCode::FORBIDDEN,
            "PERMISSION_DENIED",
            "SenderId mismatch",
        )
        .fcm("SENDER_ID_MISMATCH")
    }

    pub(crate) fn no_credentials() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", NO_CREDENTIALS)
            .info("CREDENTIALS_MISSING", method())
    }

    pub(crate) fn expired_grant() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", BAD_CREDENTIALS)
            .info("ACCESS_TOKEN_EXPIRED", method())
    }

    pub(crate) fn unknown_grant() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", BAD_CREDENTIALS)
            .info("ACCESS_TOKEN_TYPE_UNSUPPORTED", method())
    }

    pub(crate) fn no_permission(project: &str) -> Refusal {
        let resource = format!("//cloudresourcemanager.googleapis.com/projects/{project}");
        let permission = "cloudmessaging.messages.create";
        let message = format!(
            "Permission '{permission}' denied on resource '{resource}' (or it may not exist)."
        );
        let metadata = json!({ "permission": permission, "resource": resource });
        Refusal::new(StatusCode::FORBIDDEN, "PERMISSION_DENIED", message)
            .info("IAM_PERMISSION_DENIED", metadata)
    }

    pub(crate) fn unknown_project() -> Refusal {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            "Requested entity was not found.",
        )
    }

    pub(crate) fn reply(&self) -> Reply {
        let mut error = json!({
            "code": self.status.as_u16(),
            "message": self.message,
            "status": self.name,
        });
        if !self.details.is_empty() {
            error["details"] = self.details.clone().into();
        }
        let reply = Reply::json(self.status, &json!({ "error": error }));
        match self.status {
            StatusCode::UNAUTHORIZED => reply.with(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"https://accounts.google.com/\""),
            ),
            _ => reply,
        }
    }

    /// The refusal that an injected status stands for, from Google's "FCM ErrorCode"; a reason in
    /// Apple's words is APNs's answer to FCM.
    pub(crate) fn injected(status: u16, reason: Option<&str>) -> Refusal {
        let code = reason.unwrap_or(match status {
            400 => "INVALID_ARGUMENT",
            401 => "ACCESS_TOKEN_EXPIRED",
            403 => "SENDER_ID_MISMATCH",
            404 => "UNREGISTERED",
            429 => "QUOTA_EXCEEDED",
            503 => "UNAVAILABLE",
            _ => "INTERNAL",
        });
        let http = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Apple's words are written otherwise than Google's.
        if let Some(reason) = reason.filter(|reason| reason.contains(char::is_lowercase)) {
            let own = match status {
                401 | 403 => "THIRD_PARTY_AUTH_ERROR",
                404 | 410 => "UNREGISTERED",
                429 => "QUOTA_EXCEEDED",
                500..=599 => "UNAVAILABLE",
                _ => "INVALID_ARGUMENT",
            };
            return Refusal::new(http, status_name(status), status_message(status))
                .fcm(own)
                .apns(status, reason);
        }
        match (status, code) {
            (400, "INVALID_ARGUMENT") => Refusal::argument(INVALID_TOKEN),
            (401, "ACCESS_TOKEN_EXPIRED") => Refusal::expired_grant(),
            (401, "THIRD_PARTY_AUTH_ERROR") => Refusal::new(
                http,
                "UNAUTHENTICATED",
                "Auth error from APNS or Web Push Service",
            )
            .fcm(code),
            (403, "SENDER_ID_MISMATCH") => Refusal::sender_mismatch(),
            (403, "SERVICE_DISABLED" | "IAM_PERMISSION_DENIED") => {
                Refusal::new(http, "PERMISSION_DENIED", "Permission denied.").info(code, method())
            }
            (404, "UNREGISTERED") => Refusal::unregistered(),
            // The wrong project: no FcmError in it.
            (404, "NOT_FOUND") => Refusal::unknown_project(),
            _ => Refusal::new(http, status_name(status), status_message(status)).fcm(code),
        }
    }
}

/// What FCM says of a token that never was one.
pub(crate) const INVALID_TOKEN: &str =
    "The registration token is not a valid FCM registration token";

fn method() -> Value {
    json!({
        "service": "fcm.googleapis.com",
        "method": "google.firebase.fcm.v1.FcmService.SendMessage",
    })
}

fn status_name(status: u16) -> &'static str {
    match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 | 410 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}

fn status_message(status: u16) -> &'static str {
    match status {
        429 => "Resource has been exhausted (e.g. check quota).",
        503 => "The service is currently unavailable.",
        500..=599 => "Internal error encountered.",
        _ => "Request contains an invalid argument.",
    }
}
