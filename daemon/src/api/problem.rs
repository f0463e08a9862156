//! What a caller is told when something was not done: RFC 9457, and the only place that
//! knows HTTP statuses of errors.

use std::ops::{Deref, DerefMut};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::config;
use crate::registry::RegistryError;
use crate::store::StoreError;

/// Why a request was not done (`application/problem+json`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
pub struct Problem(Box<Details>);

impl Deref for Problem {
    type Target = Details;
    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

/// What is told of a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Details {
    /// `urn:nudged:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable name of the mistake.
    pub code: String,
    /// What was wrong and what was expected.
    pub detail: String,
    /// Path of the field at fault, such as `to[2].token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Line of an NDJSON stream, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Every mistake in the configuration, for a refused reload.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<config::Problem>,
    /// Seconds after which a retry makes sense.
    #[serde(skip)]
    pub retry_after: Option<u32>,
    /// Tencent's code for it, where status and field do not say which it is.
    #[serde(skip)]
    pub tencent: Option<u32>,
}

/// The mistakes there are: code, status, title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Not JSON, or not of the right form.
    BadRequest,
    /// Of the right form, but not possible.
    Invalid,
    /// The user is not logged in where that is asked for.
    NotLoggedIn,
    /// Larger than allowed.
    TooLarge,
    /// No such thing.
    NotFound,
    /// No such method here.
    MethodNotAllowed,
    /// A body of another type was expected.
    UnsupportedMediaType,
    /// This peer may not do that.
    Forbidden,
    /// The user has as many streams open as it may.
    TooManyStreams,
    /// The idempotency key belongs to another request.
    IdempotencyMismatch,
    /// The configuration was refused.
    ReloadRefused,
    /// Too little room on the disk.
    StorageFull,
    /// The database cannot be written.
    StorageFailed,
    /// The daemon is stopping.
    Stopping,
    /// The request did not come in time.
    RequestTimeout,
    /// The target of the request is too long.
    UriTooLong,
    /// The head of the request is too long.
    HeadTooLarge,
    /// The caller expects what nobody does.
    ExpectationFailed,
    /// A part of HTTP that is not spoken here.
    NotImplemented,
    /// Another version of HTTP.
    VersionNotSupported,
    /// The user has all the connections that it may have, or there are too many.
    TooManyConnections,
}

impl Code {
    fn facts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::BadRequest => ("bad_request", StatusCode::BAD_REQUEST, "not understood"),
            Self::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "not possible"),
            Self::NotLoggedIn => ("not_logged_in", StatusCode::CONFLICT, "not logged in"),
            Self::TooLarge => ("too_large", StatusCode::PAYLOAD_TOO_LARGE, "too large"),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "no such thing"),
            Self::MethodNotAllowed => (
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "no such method here",
            ),
            Self::UnsupportedMediaType => (
                "unsupported_media_type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "another type of body was expected",
            ),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "not allowed"),
            Self::TooManyStreams => (
                "too_many_streams",
                StatusCode::TOO_MANY_REQUESTS,
                "too many streams",
            ),
            Self::IdempotencyMismatch => (
                "idempotency_mismatch",
                StatusCode::UNPROCESSABLE_ENTITY,
                "another request has this idempotency key",
            ),
            Self::ReloadRefused => (
                "reload_refused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "the configuration was refused, everything stays as it was",
            ),
            Self::StorageFull => (
                "storage_full",
                StatusCode::SERVICE_UNAVAILABLE,
                "too little room on the disk",
            ),
            Self::StorageFailed => (
                "storage_failed",
                StatusCode::SERVICE_UNAVAILABLE,
                "the database cannot be written",
            ),
            Self::Stopping => ("stopping", StatusCode::SERVICE_UNAVAILABLE, "stopping"),
            Self::RequestTimeout => (
                "request_timeout",
                StatusCode::REQUEST_TIMEOUT,
                "the request did not come in time",
            ),
            Self::UriTooLong => ("uri_too_long", StatusCode::URI_TOO_LONG, "target too long"),
            Self::HeadTooLarge => (
                "head_too_large",
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "head too large",
            ),
            Self::ExpectationFailed => (
                "expectation_failed",
                StatusCode::EXPECTATION_FAILED,
                "not done here",
            ),
            Self::NotImplemented => (
                "not_implemented",
                StatusCode::NOT_IMPLEMENTED,
                "not spoken here",
            ),
            Self::VersionNotSupported => (
                "version_not_supported",
                StatusCode::HTTP_VERSION_NOT_SUPPORTED,
                "another version of HTTP",
            ),
            Self::TooManyConnections => (
                "too_many_connections",
                StatusCode::SERVICE_UNAVAILABLE,
                "too many connections",
            ),
        }
    }
}

impl Problem {
    /// A mistake, with what was wrong and what was expected.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let (name, status, title) = code.facts();
        Self(Box::new(Details {
            kind: format!("urn:nudged:problem:{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code: name.to_owned(),
            detail: detail.into(),
            retry_after: matches!(
                status,
                StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
            )
            .then_some(5),
            ..Details::default()
        }))
    }

    /// Adds the path of the field.
    pub fn field(mut self, path: impl Into<String>) -> Self {
        self.field = Some(path.into());
        self
    }

    /// Adds what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Full { .. } => Self::new(Code::StorageFull, error.to_string())
                .hint("free space on that file system; nothing was accepted, send again later"),
            StoreError::OverBudget { .. } => Self::new(Code::StorageFull, error.to_string())
                .hint("nothing was accepted, send again later; raise store.max_mib, or see in `nudgectl queue ls` what waits"),
            StoreError::Closed => Self::new(Code::Stopping, "the daemon is stopping")
                .hint("send again once it is back"),
            StoreError::Baseless => Self::new(Code::StorageFull, error.to_string())
                .hint("nothing was accepted, send again later"),
            StoreError::Damaged { .. } => Self::new(Code::StorageFailed, error.to_string())
                .hint("look at the daemon's log; nothing was accepted"),
            _ => Self::new(Code::StorageFailed, error.to_string())
                .hint("nothing was accepted, send again later; it goes on by itself once the disk can be used"),
        }
    }
}

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::NotLoggedIn => Self::new(Code::NotLoggedIn, error.to_string())
                .hint("report the device with \"login\": true, or its state, after the login"),
            RegistryError::NoDevice => Self::new(Code::NotFound, error.to_string())
                .hint("report the device's certificate id and token first"),
            RegistryError::SameToken { .. } => Self::new(Code::Invalid, error.to_string())
                .field("tokens")
                .hint("the phone's system gives a token of its own for each kind"),
            RegistryError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
