//! Notifications: one object, or a stream of them.

mod stream;
pub mod trace;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::allowed::{Allowed, Caller, Send};
use super::body;
use super::refusal::Refusal;
use super::state::MaxBody;
use crate::admission::Admission;
use crate::lifecycle::Lifecycle;
use nudged_wire::Problem;
use nudged_wire::{Accepted, LineAnswer, NotificationSpec, PreviewView};

/// Deliveries of a notification that an answer shows.
pub const MAX_DELIVERIES: usize = 1000;

/// Accepts a notification, or a stream of them (`application/x-ndjson`) that is answered
/// line by line in the same order. The answer comes after the fsync. Answers are to be read while
/// the stream is written: the daemon takes no more lines while nobody reads what it says of the
/// earlier ones. A daemon that stops ends a stream with the problem `stopping`, whose `line` is the
/// first that was not taken. Of every body, a member that is null counts as absent where it may be,
/// but for tokens and for the sounds of settings, where null is a value.
#[utoipa::path(
    post, path = "/v1/notifications",
    request_body(content((NotificationSpec = "application/json"), (NotificationSpec = "application/x-ndjson"))),
    responses(
        (status = 202, description = "on disk; will be delivered or explained", body = Accepted),
        (status = 200, description = "answers to a stream", body = LineAnswer, content_type = "application/x-ndjson"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "nothing was accepted; send again after Retry-After", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn post(
    caller: Caller<Send>,
    State(admission): State<Arc<Admission>>,
    State(lifecycle): State<Arc<Lifecycle>>,
    State(MaxBody(max_body)): State<MaxBody>,
    request: Request,
) -> Result<Response, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE).map(|it| it.as_bytes());
    if kind.is_some_and(|kind| kind.starts_with(b"application/x-ndjson")) {
        let body = request.into_body();
        return Ok(stream::answer(
            caller, admission, &lifecycle, body, max_body,
        ));
    }
    let spec = spec(request, max_body).await?;
    let Allowed { object: spec, .. } = caller.allow(spec)?;
    let answer = admission.admit(spec.into()).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(answer.accepted)).into_response())
}

/// What sending this notification now would do: which devices would be pushed, by which rule
/// the others would not, and the request that each vendor would get. Sends nothing.
#[utoipa::path(
    post, path = "/v1/notifications/preview", request_body = NotificationSpec,
    responses((status = 200, body = PreviewView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn preview(
    caller: Caller<Send>,
    State(admission): State<Arc<Admission>>,
    State(MaxBody(max_body)): State<MaxBody>,
    request: Request,
) -> Result<axum::Json<PreviewView>, Refusal> {
    let spec = spec(request, max_body).await?;
    let Allowed { object: spec, .. } = caller.allow(spec)?;
    Ok(axum::Json(admission.preview(&spec.into())?))
}

async fn spec(request: Request, max_body: usize) -> Result<NotificationSpec, Problem> {
    body::check_type(&request)?;
    let bytes = body::whole(request.into_body(), max_body).await?;
    nudged_wire::json::parse(&bytes)
}
