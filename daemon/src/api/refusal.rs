//! Every error as the problem that its caller is told: the one place that says which status,
//! which field and which remedy an error of a stage has.
//!
//! In: errors of the stages. Out: a [`Refusal`], which axum sends as `application/problem+json`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use nudged_wire::{Code, Problem};

use crate::admission::{AdmissionError, NameError, RefusedOptions};
use crate::channels::{RefusedToken, TokenError};
use crate::registry::RegistryError;
use crate::store::StoreError;

/// A problem on its way to the caller.
#[derive(Clone, Debug)]
pub struct Refusal(pub Problem);

impl<E: Into<Problem>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Full { .. } => Problem::new(Code::StorageFull, error.to_string())
                .hint("free space on that file system; nothing was accepted, send again later"),
            StoreError::OverBudget { .. } => Problem::new(Code::StorageFull, error.to_string())
                .hint("nothing was accepted, send again later; raise store.max_mib, or see in `nudgectl queue ls` what waits"),
            StoreError::Closed => Problem::new(Code::Stopping, "the daemon is stopping")
                .hint("send again once it is back"),
            StoreError::DependencyRefused => Problem::new(Code::StorageFull, error.to_string())
                .hint("nothing was accepted, send again later"),
            StoreError::Damaged { .. } => Problem::new(Code::StorageFailed, error.to_string())
                .hint("look at the daemon's log; nothing was accepted"),
            _ => Problem::new(Code::StorageFailed, error.to_string())
                .hint("nothing was accepted, send again later; it goes on by itself once the disk can be used"),
        }
    }
}

impl From<RegistryError> for Problem {
    /// Without the names that it concerns: who knows the device or the user says more, in
    /// `devices::problem` and in `settings`.
    fn from(error: RegistryError) -> Self {
        let code = match error {
            RegistryError::Store(error) => return error.into(),
            RegistryError::NotLoggedIn => Code::NotLoggedIn,
            RegistryError::NoDevice => Code::NotFound,
            RegistryError::SameToken { .. } => Code::Invalid,
        };
        Problem::new(code, error.to_string())
    }
}

impl From<AdmissionError> for Problem {
    fn from(error: AdmissionError) -> Self {
        let (code, detail) = (Code::Invalid, error.to_string());
        match error {
            AdmissionError::NoRecipient => Problem::new(code, detail).field("to"),
            AdmissionError::TooManyRecipients { .. } => Problem::new(code, detail)
                .field("to")
                .hint("send several notifications, best as one NDJSON stream"),
            AdmissionError::MalformedRecipient { at } => {
                Problem::new(code, detail).field(format!("to[{at}]"))
            }
            AdmissionError::UnknownChannel { at, configured, .. } => Problem::new(code, detail)
                .field(format!("to[{at}].channel"))
                .hint(configured),
            AdmissionError::MalformedOptions { vendor } => {
                Problem::new(code, detail).field(format!("options.{vendor}"))
            }
            AdmissionError::UnknownVendor {
                vendor, configured, ..
            } => Problem::new(code, detail)
                .field(format!("options.{vendor}"))
                .hint(configured),
            AdmissionError::UnknownPlatform {
                name, configured, ..
            } => Problem::new(code, detail)
                .field(format!("message.platforms.{name}"))
                .hint(configured),
            AdmissionError::NothingToShow => Problem::new(code, detail)
                .field("message")
                .hint("set message.title or message.body, or message.kind to \"background\""),
            AdmissionError::NoLiveActivity | AdmissionError::StrayLiveActivity => {
                Problem::new(code, detail).field("message.live_activity")
            }
            AdmissionError::BadgeTooLarge { field, .. } | AdmissionError::Click { field, .. } => {
                Problem::new(code, detail).field(field)
            }
            AdmissionError::TtlTooLong { .. } => Problem::new(code, detail).field("ttl"),
            AdmissionError::IdempotencyKeyTooLong { .. }
            | AdmissionError::IdempotencyKeyUnreadable => {
                Problem::new(code, detail).field("idempotency_key")
            }
            AdmissionError::IdempotencyMismatch { .. } => Problem::new(
                Code::IdempotencyMismatch,
                detail,
            )
            .field("idempotency_key")
            .hint("a retry sends the same request again; another message needs a key of its own"),
            AdmissionError::Name(error) => error.into(),
            AdmissionError::Token(error) => error.into(),
            AdmissionError::RefusedToken(error) => (*error).into(),
            AdmissionError::RefusedOptions(error) => (*error).into(),
            AdmissionError::Store(error) => error.into(),
        }
    }
}

impl From<NameError> for Problem {
    fn from(error: NameError) -> Self {
        Problem::new(Code::Invalid, error.to_string()).field(error.field)
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        Problem::new(Code::Invalid, error.to_string()).field(error.field)
    }
}

impl From<RefusedToken> for Problem {
    /// The app is at fault, and nothing that the caller could change in a notification.
    fn from(refused: RefusedToken) -> Self {
        let hint = format!(
            "have the app report the token as the vendor's library gives it to the phone; the {} \
             driver refuses this one ({})",
            refused.vendor, refused.error.code
        );
        Problem::new(Code::Invalid, refused.error.problem)
            .field(refused.field)
            .hint(hint)
    }
}

impl From<RefusedOptions> for Problem {
    fn from(refused: RefusedOptions) -> Self {
        let hint = format!(
            "the {} driver refuses it ({})",
            refused.vendor, refused.error.code
        );
        Problem::new(Code::Invalid, refused.error.problem)
            .field(refused.field)
            .hint(hint)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after;
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
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
