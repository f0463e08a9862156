//! Notifications: one object, or a stream of them; and what became of one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use nudged_plugin_api::Notice;
use tokio::sync::watch;

use super::Api;
use super::access::Peer;
use super::body;
use super::lines::{self, Lines};
use super::path::Path;
use crate::admission::Ask;
use crate::api::refusal::Refusal;
use crate::config::Verb;
use crate::dispatch::Table;
use crate::model::{DeliveryId, NotificationId, Trace, now, rfc3339};
use crate::store::{Keyspace, StoreError, decoded};
use nudged_wire::{
    Accepted, AttemptView, DeliveryState, DeliveryView, LineAnswer, NoticeView, NotificationSpec,
    NotificationView, OutcomeView, PreviewView, RecallView, RevokeState,
};
use nudged_wire::{Code, Problem};

/// Lines of a stream that share a commit.
const TOGETHER: usize = 256;
/// How long a stream pauses for want of room before its lines are refused.
const PAUSE: Duration = Duration::from_secs(30);
/// How often it is looked whether there is room again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Deliveries that a view shows.
pub(super) const SHOWN: usize = 1000;

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
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    request: Request,
) -> Result<Response, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE).map(|it| it.as_bytes());
    if kind.is_some_and(|kind| kind.starts_with(b"application/x-ndjson")) {
        return Ok(stream(api, peer, request));
    }
    body::check_type(&request)?;
    let bytes = body::whole(request.into_body(), api.max_body).await?;
    let spec = allowed(&api, &peer, nudged_wire::json::parse(&bytes)?)?;
    let answer = api.admission.admit(spec.into()).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(answer.accepted)).into_response())
}

/// What sending this notification now would do: which devices would be pushed, by which rule
/// the others would not, and the request that each vendor would get. Sends nothing.
#[utoipa::path(
    post, path = "/v1/notifications/preview", request_body = NotificationSpec,
    responses((status = 200, body = PreviewView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn preview(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    request: Request,
) -> Result<axum::Json<PreviewView>, Refusal> {
    body::check_type(&request)?;
    let bytes = body::whole(request.into_body(), api.max_body).await?;
    let spec = allowed(&api, &peer, nudged_wire::json::parse(&bytes)?)?;
    Ok(axum::Json(api.admission.preview(&spec.into())?))
}

fn allowed(api: &Api, peer: &Peer, spec: NotificationSpec) -> Result<NotificationSpec, Problem> {
    let named = spec.app.as_deref().filter(|app| !app.is_empty());
    let app = named.unwrap_or("default");
    api.reload.policy().check(peer, Verb::Send, Some(app))?;
    Ok(spec)
}

fn stream(api: Arc<Api>, peer: Arc<Peer>, request: Request) -> Response {
    let most = api.max_body;
    let state = Stream {
        lines: Lines::of(request.into_body(), most, TOGETHER),
        stopping: api.life.stopping(),
        told: false,
        api,
        peer,
        paused: None,
    };
    let answers = futures_util::stream::unfold(state, |mut state| async move {
        let answers = state.next().await?;
        Some((Ok::<_, std::convert::Infallible>(answers), state))
    });
    (
        [(CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(answers),
    )
        .into_response()
}

struct Stream {
    api: Arc<Api>,
    peer: Arc<Peer>,
    lines: Lines,
    /// Since when it waits for room.
    paused: Option<Instant>,
    stopping: watch::Receiver<bool>,
    /// The caller knows that no more lines are taken.
    told: bool,
}

impl Stream {
    /// Reads no further while the database is over its budget: whoever sends feels it. Once it
    /// has lasted too long, lines are refused, each in words, until there is room again.
    async fn pause(&mut self) {
        while let Err(StoreError::OverBudget { .. }) = self.api.store.check_free_space() {
            let since = *self.paused.get_or_insert_with(Instant::now);
            if since.elapsed() >= PAUSE || *self.stopping.borrow() {
                return;
            }
            let _ = tokio::time::timeout(LOOK_AGAIN, self.stopping.changed()).await;
        }
        self.paused = None;
    }

    /// Admits the lines that are there and answers them.
    async fn next(&mut self) -> Option<Bytes> {
        if self.told {
            self.lines.drain().await;
            return None;
        }
        let lines = self.lines.next_until(&mut self.stopping).await?;
        if lines.is_empty() {
            self.told = true;
            return Some(refused_line(lines::stopping(self.lines.next_number()?)));
        }
        self.pause().await;
        let mut numbers = Vec::with_capacity(lines.len());
        let mut specs = Vec::with_capacity(lines.len());
        for (number, line) in lines {
            numbers.push(number);
            specs.push(
                line.and_then(|line| nudged_wire::json::parse(&line))
                    .and_then(|spec| allowed(&self.api, &self.peer, spec))
                    .map(Ask::from),
            );
        }
        let answers = self.api.admission.admit_all(specs).await;
        let mut bytes = Vec::with_capacity(answers.len() * 80);
        for (number, answer) in numbers.into_iter().zip(answers) {
            let answer = match answer {
                Ok(answer) => LineAnswer::Accepted(answer.accepted),
                Err(mut problem) => {
                    problem.line = Some(number);
                    LineAnswer::Refused { problem }
                }
            };
            // A Vec takes everything, and an answer has nothing that JSON lacks.
            let _ = serde_json::to_writer(&mut bytes, &answer);
            bytes.push(b'\n');
        }
        Some(bytes.into())
    }
}

fn refused_line(problem: Problem) -> Bytes {
    // An answer has nothing that JSON lacks.
    let mut bytes = serde_json::to_vec(&LineAnswer::Refused { problem }).unwrap_or_default();
    bytes.push(b'\n');
    bytes.into()
}

/// What became of a notification.
#[utoipa::path(
    get, path = "/v1/notifications/{id}", params(("id" = String, Path)),
    responses((status = 200, body = NotificationView), (status = 404, body = Problem, content_type = "application/problem+json")),
)]
pub async fn get(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(id): Path<String>,
) -> Result<axum::Json<NotificationView>, Refusal> {
    let unknown = || unknown(&id);
    let policy = api.reload.policy();
    policy.check_anywhere(&peer, Verb::Observe)?;
    let notification: NotificationId = id.parse().map_err(|_| unknown())?;
    let table = api.routes.now();
    let mut traces = api
        .store
        .prefix(Keyspace::Trace, &notification.to_bytes())
        .take(SHOWN + 1)
        .map(|record| {
            let (key, bytes) = record?;
            let n = DeliveryId::from_bytes(&key).map_or(0, |id| id.n);
            Ok((n, decoded::<Trace>(Keyspace::Trace, &bytes)?))
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let truncated = traces.len() > SHOWN;
    traces.truncate(SHOWN);
    let first = traces.first().map(|(_, trace)| trace).ok_or_else(unknown)?;
    policy.check_found(&peer, Verb::Observe, Some(&first.app), unknown)?;
    Ok(axum::Json(NotificationView {
        id: notification.to_string(),
        app: first.app.clone(),
        accepted_at: rfc3339(first.accepted_at),
        expires_at: rfc3339(first.expires_at),
        deliveries: traces
            .iter()
            .map(|(n, trace)| {
                let id = DeliveryId {
                    notification,
                    n: *n,
                };
                delivery(&api, &table, id, trace)
            })
            .collect(),
        truncated,
    }))
}

/// No trace has this id.
pub(super) fn unknown(id: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no notification {id:?}")).hint(
        "notifications without a device leave no trace, traces are kept for store.retention, and those of an app that you may not observe are not shown",
    )
}

fn notice(from: Notice) -> NoticeView {
    NoticeView {
        field: from.field,
        text: from.text,
    }
}

fn delivery(api: &Api, table: &Table, id: DeliveryId, trace: &Trace) -> DeliveryView {
    let route = trace.channel.and_then(|id| table.by_id(id));
    let attempts = trace.attempts.iter().cloned().map(|attempt| AttemptView {
        at: rfc3339(attempt.at),
        elapsed_ms: attempt.elapsed,
        fault: attempt.fault().to_owned(),
        class: attempt.class,
        code: attempt.code,
        text: attempt.text,
        remedy: attempt.remedy,
        retry_at: attempt.retry_at.map(rfc3339),
        notices: attempt.notices.into_iter().map(notice).collect(),
    });
    DeliveryView {
        n: id.n,
        channel: route.map(|route| route.name.clone()),
        certificate_id: trace.channel.map(|id| id.0),
        driver: route.map(|route| route.info.vendor.clone()),
        user: trace.user.clone(),
        device: trace.device.clone(),
        token: trace.token.clone(),
        state: if trace.outcome.is_some() {
            DeliveryState::Done
        } else {
            DeliveryState::Queued
        },
        waits_for: trace
            .outcome
            .is_none()
            .then(|| waits_for(api, id, trace))
            .flatten(),
        attempts: attempts.collect(),
        outcome: trace.outcome.clone().map(|outcome| OutcomeView {
            kind: outcome.kind.as_str().to_owned(),
            code: outcome.code,
            text: outcome.text,
            remedy: outcome.remedy,
            vendor_id: outcome.vendor_id,
            at: rfc3339(outcome.at),
        }),
        recall: trace.recall.clone().map(|recall| RecallView {
            state: RevokeState::of(recall.done),
            code: recall.code,
            text: recall.text,
            remedy: recall.remedy,
            at: rfc3339(recall.at),
        }),
    }
}

fn waits_for(api: &Api, id: DeliveryId, trace: &Trace) -> Option<String> {
    if api.revocations.contains(id.notification) {
        return Some("it is revoked, and ends unsent when its turn comes".to_owned());
    }
    let id = trace.channel?;
    let table = api.routes.now();
    if let Some(broken) = table.by_id(id).and_then(|entry| entry.trouble()) {
        return Some(format!("the channel is broken: {}", broken.reason()));
    }
    if api.dispatch.view(id).is_none() {
        return Some(format!(
            "no channel with certificate id {id} is configured now"
        ));
    }
    let held = api.holds(id, now()).into_iter().next()?;
    let until = held.until.map(|until| format!(" until {until}"));
    Some(format!(
        "the channel is held{}: {}",
        until.unwrap_or_default(),
        held.reason
    ))
}
