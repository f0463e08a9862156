//! One reader for all who follow the events.
//!
//! In: the announcement that there is more. Out: the ring of lines, read and encoded once
//! however many follow, and not at all while nobody does. A follower that the ring has left
//! behind reads the database itself, from its own cursor, until it has caught up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use super::line;
use super::ring::{Piece, Ring, RingRead};
use crate::channels::Routes;
use crate::outcome::{Events, OutcomeEvent};
use crate::store::StoreError;
use crate::sync::{Mutex, MutexGuard};

/// Bytes of the ring: some ten thousand events.
const MAX_RING: usize = 4 << 20;
/// Events that are read for the ring at once.
const STEP: usize = 256;
/// Events that one who is behind reads at once; each holds this much of its own.
const STEP_BEHIND: usize = 64;
/// Bytes from which on a piece is full: a slow follower keeps at most one of them alive.
const MAX_PIECE: usize = 16 << 10;
/// After a mistake that is no failure of the disk.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The events as lines, for all who follow.
pub struct Feed {
    events: Arc<Events>,
    routes: Arc<Routes>,
    state: Mutex<FeedState>,
    /// Up to where the ring goes.
    filled: watch::Sender<u64>,
    /// Whether anybody follows.
    followed: watch::Sender<bool>,
    encoded: AtomicU64,
}

struct FeedState {
    ring: Ring,
    followers: usize,
}

/// Somebody who follows; gone when dropped.
pub struct Follower {
    feed: Arc<Feed>,
    filled: watch::Receiver<u64>,
    cursor: u64,
    app: Option<String>,
}

impl Feed {
    /// Of these events, whose channels have these names.
    pub fn new(events: Arc<Events>, routes: Arc<Routes>) -> Self {
        Self {
            events,
            routes,
            state: Mutex::new(FeedState {
                ring: Ring::new(MAX_RING),
                followers: 0,
            }),
            filled: watch::Sender::new(0),
            followed: watch::Sender::new(false),
            encoded: AtomicU64::new(0),
        }
    }

    /// Follows from a cursor on, or from now.
    pub fn follow(self: &Arc<Self>, since: Option<u64>, app: Option<String>) -> Follower {
        {
            let mut state = self.state();
            state.followers += 1;
            if state.followers == 1 {
                state.ring.restart(self.events.latest());
                self.followed.send_replace(true);
            }
        }
        Follower {
            filled: self.filled.subscribe(),
            // Read after the ring began: nothing can fall between.
            cursor: since.unwrap_or_else(|| self.events.latest()),
            feed: self.clone(),
            app,
        }
    }

    /// The next outcomes after a cursor that are kept, of one app or of all, for one who does not
    /// follow; none at the end.
    pub fn kept(&self, cursor: &mut u64, app: Option<&str>) -> Result<Vec<Bytes>, StoreError> {
        loop {
            let happened = self.events.after(*cursor, STEP)?;
            let Some(last) = happened.last() else {
                return Ok(Vec::new());
            };
            *cursor = last.cursor;
            let table = self.routes.current();
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

    /// How many lines were made, in the ring or for one who was behind.
    pub fn encoded(&self) -> u64 {
        self.encoded.load(Ordering::Relaxed)
    }

    /// Fills the ring while anybody follows, until the daemon stops.
    pub async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        tokio::select! {
            () = self.fill() => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
    }

    async fn fill(&self) {
        let mut followed = self.followed.subscribe();
        let mut latest = self.events.follow();
        // Its senders are this feed's own: the waiting ends when somebody comes.
        while followed.wait_for(|followed| *followed).await.is_ok() {
            let Some(after) = self.end() else { continue };
            if *latest.borrow_and_update() <= after {
                tokio::select! {
                    changed = latest.changed() => if changed.is_err() { return },
                    _ = followed.wait_for(|followed| !*followed) => {}
                }
                continue;
            }
            match self.read(after, STEP) {
                Ok(read) if read.is_empty() => self.skip(),
                Ok(read) => {
                    let mut state = self.state();
                    state.ring.push(after, read);
                    self.filled.send_replace(state.ring.last());
                }
                // Each follower comes to the same place on its own, and ends or waits there.
                Err(error) => {
                    tracing::warn!(%error, "events cannot be read ahead");
                    self.skip();
                    tokio::time::sleep(RETRY_DELAY).await;
                }
            }
        }
    }

    /// Up to where the ring goes, for those who follow.
    fn end(&self) -> Option<u64> {
        let state = self.state();
        (state.followers > 0).then(|| state.ring.last())
    }

    /// Goes on at the end: what is left out, followers read themselves.
    fn skip(&self) {
        let mut state = self.state();
        state.ring.restart(self.events.latest());
        self.filled.send_replace(state.ring.last());
    }

    /// What came after a cursor, in pieces.
    fn read(&self, after: u64, max: usize) -> Result<Vec<Piece>, StoreError> {
        let happened = self.events.after(after, max)?;
        self.encoded
            .fetch_add(happened.len() as u64, Ordering::Relaxed);
        let table = self.routes.current();
        let mut pieces = Vec::new();
        let (mut lines, mut ends) = (Vec::with_capacity(MAX_PIECE), Vec::new());
        let mut app = Arc::<str>::from("");
        let last = happened.last().map(|it| it.cursor);
        for it in happened {
            line::write(&mut lines, &table, &it);
            // Neighbours are often of one app.
            if *app != *it.trace.app {
                app = Arc::from(it.trace.app.as_str());
            }
            ends.push((it.cursor, lines.len(), app.clone()));
            if lines.len() >= MAX_PIECE || Some(it.cursor) == last {
                let lines = std::mem::replace(&mut lines, Vec::with_capacity(MAX_PIECE));
                pieces.push(Piece::new(exact(lines), std::mem::take(&mut ends)));
            }
        }
        Ok(pieces)
    }

    fn state(&self) -> MutexGuard<'_, FeedState> {
        self.state.lock()
    }
}

/// Pieces live as long as the ring does: without spare capacity.
fn exact(mut lines: Vec<u8>) -> Bytes {
    lines.shrink_to_fit();
    lines.into()
}

impl Follower {
    /// The next lines, at once or as soon as there are some.
    pub async fn next(&mut self) -> Result<Vec<Bytes>, StoreError> {
        loop {
            self.filled.borrow_and_update();
            let app = self.app.as_deref();
            let found = self.feed.state().ring.after(self.cursor, app);
            match found {
                RingRead::Lines(lines, last) => {
                    self.cursor = last;
                    if !lines.is_empty() {
                        return Ok(lines);
                    }
                }
                RingRead::Gone(start) => {
                    let lines = self.behind(start)?;
                    if !lines.is_empty() {
                        return Ok(lines);
                    }
                }
                // The feed outlives its followers.
                RingRead::Nothing => {
                    let _ = self.filled.changed().await;
                }
            }
        }
    }

    /// Some of what the ring has no longer, read for this follower alone.
    fn behind(&mut self, start: u64) -> Result<Vec<Bytes>, StoreError> {
        let mut ring = Ring::new(usize::MAX);
        ring.restart(self.cursor);
        ring.push(self.cursor, self.feed.read(self.cursor, STEP_BEHIND)?);
        if ring.last() == self.cursor {
            // All that there was before the ring is kept no longer.
            self.cursor = start;
            return Ok(Vec::new());
        }
        let mut lines = Vec::new();
        while let RingRead::Lines(found, last) = ring.after(self.cursor, self.app.as_deref()) {
            lines.extend(found);
            self.cursor = last;
        }
        Ok(lines)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut state = self.feed.state();
        state.followers -= 1;
        if state.followers == 0 {
            state.ring.restart(0);
            self.feed.followed.send_replace(false);
        }
    }
}

#[cfg(test)]
mod tests;
