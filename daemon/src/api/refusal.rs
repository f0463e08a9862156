//! Every error as the problem that its caller is told: the one place that says which status,
//! which field and which remedy an error of a stage has.
//!
//! In: errors of the stages. Out: a [`Refusal`], which axum sends as `application/problem+json`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use nudged_wire::{Code, Problem};

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
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::NotLoggedIn => Problem::new(Code::NotLoggedIn, error.to_string())
                .hint("report the device with \"login\": true, or its state, after the login"),
            RegistryError::NoDevice => Problem::new(Code::NotFound, error.to_string())
                .hint("report the device's certificate id and token first"),
            RegistryError::SameToken { .. } => Problem::new(Code::Invalid, error.to_string())
                .field("tokens")
                .hint("the phone's system gives a token of its own for each kind"),
            RegistryError::Store(error) => error.into(),
        }
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
