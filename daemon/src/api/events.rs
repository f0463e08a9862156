//! Outcomes as a stream of lines.

mod feed;
mod line;
mod places;
mod ring;

use std::collections::VecDeque;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::watch;

use super::Api;
use super::access::Peer;
use super::lines;
use super::permit::Permit;
use crate::api::refusal::Refusal;
use crate::config::Verb;
use crate::outcome::OutcomeEvent;
use crate::store::StoreError;
use nudged_wire::EventLine;
use nudged_wire::{Code, Problem};

pub use feed::Feed;
pub use places::StreamPlaces;

use feed::Follower;
use places::Place;

/// Which outcomes.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Cursor to go on from; 0 = all that are kept. Default: 0, with `follow` the latest.
    since: Option<u64>,
    /// Stay, and hear what happens.
    #[serde(default)]
    follow: bool,
    /// Of this app only.
    app: Option<String>,
}

/// Outcomes that are read at once for one who does not follow.
const STEP: usize = 256;

/// Outcomes in the order in which they happened (`application/x-ndjson`), each told at
/// least once. A stream ends with the line `{"problem": …}` when a reload takes the right to
/// hear it away. One user has `socket.max_event_streams` of them at once.
#[utoipa::path(
    get, path = "/v1/events", params(Which),
    responses(
        (status = 200, body = EventLine, content_type = "application/x-ndjson"),
        (status = 429, description = "too_many_streams: this user has as many as it may", body = Problem, content_type = "application/problem+json"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn events(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    which: Result<Query<Which>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(which) = which.map_err(|error| Problem::new(Code::BadRequest, error.body_text()))?;
    let permit = Permit::of(&api.reload, &peer, Verb::Observe, which.app.as_deref())?;
    let place = api
        .places
        .take(peer.uid)
        .ok_or_else(|| too_many(&peer, &api.places))?;
    let from = if which.follow {
        Source::Now(api.feed.follow(which.since, which.app))
    } else {
        Source::Kept {
            cursor: which.since.unwrap_or_default(),
            app: which.app,
        }
    };
    let state = Stream {
        stopping: api.life.stopping(),
        api,
        permit,
        from,
        waiting: VecDeque::new(),
        told: false,
        _place: place,
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

fn too_many(peer: &Peer, places: &StreamPlaces) -> Problem {
    let detail = format!(
        "user {} has {} streams of events open, as many as a user may",
        peer.uid,
        places.most()
    );
    Problem::new(Code::TooManyStreams, detail)
        .hint("end one of them, or let its reader share what it hears; the operator sets the limit with socket.max_event_streams in nudged.toml")
}

struct Stream {
    api: Arc<Api>,
    permit: Permit,
    from: Source,
    /// Found, and not yet given to the caller.
    waiting: VecDeque<Bytes>,
    stopping: watch::Receiver<bool>,
    /// The caller knows that nothing more comes.
    told: bool,
    _place: Place,
}

/// Where the lines come from.
enum Source {
    /// The database, to its end.
    Kept { cursor: u64, app: Option<String> },
    /// What happens.
    Now(Follower),
}

impl Stream {
    async fn next(&mut self) -> Option<Bytes> {
        if self.told {
            return None;
        }
        loop {
            if let Err(problem) = self.permit.check() {
                self.told = true;
                return Some(lines::last(problem));
            }
            if let Some(lines) = self.waiting.pop_front() {
                return Some(lines);
            }
            let found = match &mut self.from {
                Source::Kept { cursor, app } => {
                    let kept = kept(&self.api, cursor, app.as_deref());
                    if matches!(&kept, Ok(lines) if lines.is_empty()) {
                        return None;
                    }
                    kept
                }
                Source::Now(follower) => tokio::select! {
                    biased;
                    _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                    () = self.permit.questioned() => continue,
                    found = follower.next() => found,
                },
            };
            match found {
                Ok(found) => self.waiting.extend(found),
                // Followers need not notice that the database is opened anew.
                Err(_) if self.follows() && self.api.store.has_failed() => {
                    tokio::select! {
                        () = self.api.store.working() => {}
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
        matches!(self.from, Source::Now(_))
    }
}

/// The next outcomes of one app or of all; none at the end.
fn kept(api: &Api, cursor: &mut u64, app: Option<&str>) -> Result<Vec<Bytes>, StoreError> {
    loop {
        let happened = api.events.after(*cursor, STEP)?;
        let Some(last) = happened.last() else {
            return Ok(Vec::new());
        };
        *cursor = last.cursor;
        let table = api.routes.now();
        let of_app = |it: &&OutcomeEvent| app.is_none_or(|app| app == it.trace.app);
        let mut lines = Vec::with_capacity(happened.len() * 300);
        for it in happened.iter().filter(of_app) {
            line::write(&mut lines, &table, it);
        }
        if !lines.is_empty() {
            return Ok(vec![lines.into()]);
        }
    }
}
