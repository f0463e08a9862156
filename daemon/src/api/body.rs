//! Bodies: read within bounds, parsed with the path of what is wrong in them.

use std::error::Error;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequest, Request};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use hyper::body::Body as _;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::api::refusal::Refusal;
use nudged_wire::{Code, Problem, json};

/// Bytes of a stream past its end that are read and dropped: a caller that is still writing when
/// the connection closes never sees why.
const MAX_DRAINED: usize = 1 << 20;
/// How long such a caller may go on.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// A body of which nothing comes for so long will not come.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);

/// The error of a body whose rest a stopping daemon waits for no longer.
#[derive(Debug, thiserror::Error)]
#[error("the daemon is stopping")]
pub struct Stopping;

/// Reads a whole body of at most `max` bytes. What is left of one that is too long is the
/// connection's business.
pub async fn whole(body: Body, max: usize) -> Result<Bytes, Problem> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > max {
        return Err(too_large(max));
    }
    let mut parts = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(part) = timeout(SILENCE_TIMEOUT, parts.next())
        .await
        .map_err(|_| silent(whole.len()))?
    {
        let part = part.map_err(|error| broken_off(&error, whole.len()))?;
        if whole.len() + part.len() > max {
            return Err(too_large(max));
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}

/// Reads on for a while, and drops what comes.
pub async fn drain(parts: &mut BodyDataStream) {
    let reading = async {
        let mut drained = 0;
        while let Some(Ok(part)) = parts.next().await {
            drained += part.len();
            if drained > MAX_DRAINED {
                return;
            }
        }
    };
    let _ = timeout(DRAIN_TIMEOUT, reading).await;
}

fn broken_off(error: &axum::Error, there: usize) -> Problem {
    let first: Option<&(dyn Error + 'static)> = Some(error);
    let mut causes = std::iter::successors(first, |&error| error.source());
    if causes.any(|error| error.is::<Stopping>()) {
        let detail = format!(
            "the daemon is stopping, and only {there} bytes of the body came in time; nothing was done"
        );
        return Problem::new(Code::Stopping, detail).hint("send again once it is back");
    }
    let detail = format!("the body did not arrive: {error}");
    Problem::new(Code::BadRequest, detail)
}

fn silent(there: usize) -> Problem {
    let seconds = SILENCE_TIMEOUT.as_secs();
    let detail =
        format!("no byte of the body came for {seconds} s, after {there} bytes; nothing was done");
    Problem::new(Code::RequestTimeout, detail)
        .hint("send as many bytes as content-length says, or end a chunked body")
}

/// The refusal of a body, or a line of a stream, that is too long.
pub fn too_large(max: usize) -> Problem {
    Problem::new(Code::TooLarge, format!("longer than {max} bytes"))
        .hint("the operator sets the limit with socket.max_body in nudged.toml")
}

/// Longest body of everything but notifications and settings, in bytes.
const MAX_SMALL_BODY: usize = 64 << 10;

/// A JSON body of at most so many bytes.
pub struct Json<T, const MAX: usize = MAX_SMALL_BODY>(pub T);

impl<T: DeserializeOwned, S: Send + Sync, const MAX: usize> FromRequest<S> for Json<T, MAX> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        check_type(&request)?;
        Ok(Self(json::parse(&whole(request.into_body(), MAX).await?)?))
    }
}

/// A JSON body that may be left out.
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        check_type(&request)?;
        let bytes = whole(request.into_body(), MAX_SMALL_BODY).await?;
        match bytes.trim_ascii() {
            b"" => Ok(Self(T::default())),
            _ => Ok(Self(json::parse(&bytes)?)),
        }
    }
}

/// JSON may come without a type, but not with another one: a form is a mistake.
pub fn check_type(request: &Request) -> Result<(), Problem> {
    let kind = request.headers().get(CONTENT_TYPE).map(|it| it.as_bytes());
    let patch = request.method() == Method::PATCH;
    match kind {
        None => Ok(()),
        // What curl sends with -d alone; its users mean JSON.
        Some(kind) if kind.starts_with(b"application/x-www-form-urlencoded") => Ok(()),
        Some(kind) if kind.starts_with(b"application/json") => Ok(()),
        Some(kind) if patch && kind.starts_with(b"application/merge-patch+json") => Ok(()),
        Some(kind) => {
            let kind = String::from_utf8_lossy(kind);
            Err(Problem::new(
                Code::UnsupportedMediaType,
                format!("the body is {kind}, expected application/json"),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_falls_silent_is_given_up_and_one_that_is_slow_is_not() {
        let part = |text: &'static str| Ok::<_, std::convert::Infallible>(Bytes::from(text));
        let start = tokio::time::Instant::now();
        let slow = futures_util::stream::iter(["{", " ", "}"]).then(move |text| async move {
            tokio::time::sleep(SILENCE_TIMEOUT - Duration::from_secs(1)).await;
            part(text)
        });
        assert_eq!(whole(Body::from_stream(slow), 100).await.unwrap(), "{ }");
        assert!(start.elapsed() > 2 * SILENCE_TIMEOUT);
        let begun = futures_util::stream::iter([part("{\"to\"")]);
        let silent = Body::from_stream(begun.chain(futures_util::stream::pending()));

        let problem = whole(silent, 100).await.expect_err("it never ends");

        assert_eq!((problem.status, &*problem.code), (408, "request_timeout"));
        assert!(problem.detail.contains("after 5 bytes"), "{problem:?}");
    }
}
