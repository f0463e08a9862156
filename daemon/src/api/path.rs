//! Names in paths: percent-decoded, and a problem when they are no UTF-8.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::allowed::OfApp;
use super::refusal::Refusal;
use nudged_wire::{Code, Problem};

/// The names in a path.
pub struct Path<T>(pub T);

impl<T: OfApp> OfApp for Path<T> {
    fn app(&self) -> Option<&str> {
        self.0.app()
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(names)) => Ok(Self(names)),
            Err(error) => Err(Problem::new(Code::BadRequest, error.body_text())
                .hint("names in a path are percent-encoded UTF-8")
                .into()),
        }
    }
}
