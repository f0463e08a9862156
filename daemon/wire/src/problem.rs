//! What a caller is told when something was not done: RFC 9457, and the only place that
//! knows HTTP statuses of errors.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ConfigProblem;

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
    pub problems: Vec<ConfigProblem>,
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
    fn facts(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::BadRequest => ("bad_request", 400, "not understood"),
            Self::Invalid => ("invalid", 422, "not possible"),
            Self::NotLoggedIn => ("not_logged_in", 409, "not logged in"),
            Self::TooLarge => ("too_large", 413, "too large"),
            Self::NotFound => ("not_found", 404, "no such thing"),
            Self::MethodNotAllowed => ("method_not_allowed", 405, "no such method here"),
            Self::UnsupportedMediaType => (
                "unsupported_media_type",
                415,
                "another type of body was expected",
            ),
            Self::Forbidden => ("forbidden", 403, "not allowed"),
            Self::TooManyStreams => ("too_many_streams", 429, "too many streams"),
            Self::IdempotencyMismatch => (
                "idempotency_mismatch",
                422,
                "another request has this idempotency key",
            ),
            Self::ReloadRefused => (
                "reload_refused",
                422,
                "the configuration was refused, everything stays as it was",
            ),
            Self::StorageFull => ("storage_full", 503, "too little room on the disk"),
            Self::StorageFailed => ("storage_failed", 503, "the database cannot be written"),
            Self::Stopping => ("stopping", 503, "stopping"),
            Self::RequestTimeout => ("request_timeout", 408, "the request did not come in time"),
            Self::UriTooLong => ("uri_too_long", 414, "target too long"),
            Self::HeadTooLarge => ("head_too_large", 431, "head too large"),
            Self::ExpectationFailed => ("expectation_failed", 417, "not done here"),
            Self::NotImplemented => ("not_implemented", 501, "not spoken here"),
            Self::VersionNotSupported => ("version_not_supported", 505, "another version of HTTP"),
            Self::TooManyConnections => ("too_many_connections", 503, "too many connections"),
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
            status,
            code: name.to_owned(),
            detail: detail.into(),
            retry_after: matches!(status, 503 | 429).then_some(5),
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
