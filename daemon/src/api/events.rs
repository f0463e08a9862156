//! Outcomes as a stream of lines.

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
use super::problem::{Code, Problem};
use super::schema::Event;
use crate::config::Verb;
use crate::dispatch::Table;
use crate::model::rfc3339;
use crate::outcome::Happened;

/// Which outcomes.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
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

/// Outcomes that are read at once.
const STEP: usize = 256;

/// Outcomes in the order in which they happened (`application/x-ndjson`), each told at
/// least once.
#[utoipa::path(
    get, path = "/v1/events", params(Which),
    responses((status = 200, body = Event, content_type = "application/x-ndjson")),
)]
pub async fn events(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    which: Result<Query<Which>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(which) = which.map_err(|error| Problem::new(Code::BadRequest, error.body_text()))?;
    api.reload
        .policy()
        .check(&peer, Verb::Observe, which.app.as_deref())?;
    // Asked for before the latest is read: nothing can fall between.
    let follow = which.follow.then(|| api.events.follow());
    let cursor = match which.since {
        Some(cursor) => cursor,
        None if which.follow => api.events.latest(),
        None => 0,
    };
    let stopping = api.life.stopping();
    let state = Follower {
        api,
        cursor,
        follow,
        stopping,
        app: which.app,
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

struct Follower {
    api: Arc<Api>,
    cursor: u64,
    follow: Option<watch::Receiver<u64>>,
    stopping: watch::Receiver<bool>,
    app: Option<String>,
}

impl Follower {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(latest) = &mut self.follow {
                latest.borrow_and_update();
            }
            let happened = match self.api.events.after(self.cursor, STEP) {
                Ok(happened) => happened,
                // Followers need not notice that the database is opened anew.
                Err(_) if self.follow.is_some() && self.api.store.has_failed() => {
                    tokio::select! {
                        () = self.api.store.working() => continue,
                        _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "events cannot be read");
                    return None;
                }
            };
            let Some(last) = happened.last() else {
                let latest = self.follow.as_mut()?;
                tokio::select! {
                    changed = latest.changed() => changed.ok()?,
                    _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                }
                continue;
            };
            self.cursor = last.cursor;
            let table = self.api.routes.now();
            let mut lines = Vec::with_capacity(happened.len() * 300);
            for it in &happened {
                if self.app.as_ref().is_none_or(|app| *app == it.trace.app) {
                    // A Vec takes everything, and an Event has nothing that JSON lacks.
                    let _ = serde_json::to_writer(&mut lines, &view(&table, it));
                    lines.push(b'\n');
                }
            }
            if !lines.is_empty() {
                return Some(lines.into());
            }
        }
    }
}

fn view(table: &Table, happened: &Happened) -> Event {
    let trace = &happened.trace;
    let outcome = trace.outcome.clone().unwrap_or_default();
    Event {
        cursor: happened.cursor,
        at: rfc3339(outcome.at),
        id: happened.id.notification.to_string(),
        n: happened.id.n,
        app: trace.app.clone(),
        channel: trace
            .channel
            .and_then(|id| table.by_id(id))
            .map(|route| route.name.clone()),
        certificate_id: trace.channel.map(|id| id.0),
        user: trace.user.clone(),
        device: trace.device.clone(),
        outcome: outcome.kind.as_str().to_owned(),
        code: outcome.code,
        vendor_id: outcome.vendor_id,
    }
}
