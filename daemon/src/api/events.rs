//! Outcomes as a stream of lines.

mod feed;
mod line;
mod ring;
mod slots;

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::watch;

use super::allowed::{Caller, Observe};
use super::lines;
use super::query::Query;
use super::refusal::Refusal;
use crate::access::Permit;
use crate::lifecycle::Lifecycle;
use crate::store::Store;
use nudged_wire::EventLine;
use nudged_wire::{Code, Problem};

pub use feed::Feed;
pub use slots::StreamSlots;

use feed::Follower;
use slots::StreamSlot;

/// Which outcomes.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EventQuery {
    /// Cursor to go on from; 0 = all that are kept. Default: 0, with `follow` the latest.
    since: Option<u64>,
    /// Stay, and hear what happens.
    #[serde(default)]
    follow: bool,
    /// Of this app only.
    app: Option<String>,
}

/// Outcomes in the order in which they happened (`application/x-ndjson`), each told at
/// least once. A stream ends with the line `{"problem": …}` when a reload takes the right to
/// hear it away. One user has `socket.max_event_streams` of them at once.
#[utoipa::path(
    get, path = "/v1/events", params(EventQuery),
    responses(
        (status = 200, body = EventLine, content_type = "application/x-ndjson"),
        (status = 429, description = "too_many_streams: this user has as many as it may", body = Problem, content_type = "application/problem+json"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn events(
    caller: Caller<Observe>,
    State(lifecycle): State<Arc<Lifecycle>>,
    State(slots): State<Arc<StreamSlots>>,
    State(feed): State<Arc<Feed>>,
    State(store): State<Store>,
    Query(query): Query<EventQuery>,
) -> Result<Response, Refusal> {
    let permit = caller.permit(query.app.as_deref())?;
    let uid = caller.uid();
    let slot = slots.take(uid).ok_or_else(|| too_many(uid, &slots))?;
    let from = if query.follow {
        EventSource::Now(feed.follow(query.since, query.app))
    } else {
        EventSource::Kept {
            cursor: query.since.unwrap_or_default(),
            app: query.app,
        }
    };
    let state = EventStream {
        stopping: lifecycle.stopping(),
        feed,
        store,
        permit,
        from,
        waiting: VecDeque::new(),
        ended: false,
        _slot: slot,
    };
    let stream = futures_util::stream::unfold(state, |mut state| async move {
        let lines = state.next().await?;
        Some((Ok::<_, std::convert::Infallible>(lines), state))
    });
    Ok((
        [(CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(stream),
    )
        .into_response())
}

fn too_many(uid: u32, slots: &StreamSlots) -> Problem {
    let detail = format!(
        "user {uid} has {} streams of events open, as many as a user may",
        slots.max()
    );
    Problem::new(Code::TooManyStreams, detail)
        .hint("end one of them, or let its reader share what it reads; the operator sets the limit with socket.max_event_streams in nudged.toml")
}

struct EventStream {
    feed: Arc<Feed>,
    store: Store,
    permit: Permit,
    from: EventSource,
    /// Found, and not yet given to the caller.
    waiting: VecDeque<Bytes>,
    stopping: watch::Receiver<bool>,
    /// The caller knows that nothing more comes.
    ended: bool,
    _slot: StreamSlot,
}

/// Where the lines come from.
enum EventSource {
    /// The database, to its end.
    Kept { cursor: u64, app: Option<String> },
    /// What happens.
    Now(Follower),
}

impl EventStream {
    async fn next(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        loop {
            if let Err(denied) = self.permit.check() {
                self.ended = true;
                return Some(lines::last(denied.into()));
            }
            if let Some(lines) = self.waiting.pop_front() {
                return Some(lines);
            }
            let found = match &mut self.from {
                EventSource::Kept { cursor, app } => {
                    let kept = self.feed.kept(cursor, app.as_deref());
                    if matches!(&kept, Ok(lines) if lines.is_empty()) {
                        return None;
                    }
                    kept
                }
                EventSource::Now(follower) => tokio::select! {
                    biased;
                    _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                    () = self.permit.questioned() => continue,
                    found = follower.next() => found,
                },
            };
            match found {
                Ok(found) => self.waiting.extend(found),
                // Followers need not notice that the database is opened anew.
                Err(_) if self.follows() && self.store.has_failed() => {
                    tokio::select! {
                        () = self.store.wait_until_writable() => {}
                        _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "events cannot be read");
                    return None;
                }
            }
        }
    }

    fn follows(&self) -> bool {
        matches!(self.from, EventSource::Now(_))
    }
}
