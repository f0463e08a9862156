//! How much stands in a lane: counted once, beside everything else when it is much, and kept
//! up to date from then on.
//!
//! What is counted is how the database stood when the counting began; what has changed since
//! is added up as it happens, and so the sum is right in the end.

use std::sync::{Arc, Weak};

use super::{Lane, State};
use crate::store::{Space, StoreError};

/// Keys that are counted at once; past them a thread goes on, and nobody waits.
const AT_ONCE: usize = 10_000;

/// Whether the tally is that of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Census {
    /// Not at all.
    Due,
    /// It is being counted; there are more.
    UnderWay,
    /// It is.
    Over,
}

/// Deliveries in the lane. What left while it was being counted may be more than what was
/// counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    ready: isize,
    waiting: isize,
}

impl Tally {
    /// Those that are not waiting, leased ones too.
    pub fn ready(self) -> usize {
        self.ready.max(0).unsigned_abs()
    }

    /// Those that wait.
    pub fn waiting(self) -> usize {
        self.waiting.max(0).unsigned_abs()
    }

    /// So many came, and may be sent.
    pub fn added(&mut self, count: isize) {
        self.ready += count;
    }

    /// One is gone from this keyspace.
    pub fn gone(&mut self, from: Space) {
        match from {
            Space::Waiting => self.waiting -= 1,
            _ => self.ready -= 1,
        }
    }

    /// So many began to wait.
    pub fn moved(&mut self, count: isize) {
        self.ready -= count;
        self.waiting += count;
    }
}

impl Lane {
    /// Counts, where that was not done yet. The lock is held from before the look at the
    /// database, so nothing can change in between.
    pub(super) fn count(self: &Arc<Self>, state: &mut State) -> Result<(), StoreError> {
        if state.census != Census::Due {
            return Ok(());
        }
        let prefix = self.channel.0.to_be_bytes();
        let [mut ready, mut waiting] =
            self.store.frozen([Space::Ready, Space::Waiting], &prefix)?;
        let mut step = move || {
            let mut tally = Tally::default();
            let most = AT_ONCE as isize;
            tally.ready = counted(&mut ready, most)?;
            tally.waiting = counted(&mut waiting, most - tally.ready)?;
            let is_over = tally.ready + tally.waiting < most;
            Ok::<_, StoreError>((tally, is_over))
        };
        let (tally, is_over) = step()?;
        state.tally = tally;
        state.census = Census::Over;
        if is_over {
            return Ok(());
        }
        state.census = Census::UnderWay;
        let lane: Weak<Lane> = Arc::downgrade(self);
        let thread = std::thread::Builder::new().name("count".to_owned());
        let counting = thread.spawn(move || {
            loop {
                let step = step();
                let Some(lane) = lane.upgrade() else { return };
                match step {
                    Ok((tally, is_over)) => {
                        if lane.lock().counted(tally, is_over) {
                            return;
                        }
                    }
                    Err(error) => {
                        tracing::error!(certificate_id = %lane.channel, %error, "the queue cannot be counted");
                        return;
                    }
                }
            }
        });
        if let Err(error) = counting {
            tracing::error!(certificate_id = %self.channel, %error, "no thread to count the queue");
        }
        Ok(())
    }
}

impl State {
    fn counted(&mut self, found: Tally, is_over: bool) -> bool {
        self.tally.ready += found.ready;
        self.tally.waiting += found.waiting;
        if is_over {
            self.census = Census::Over;
        }
        is_over
    }
}

fn counted<T>(
    keys: &mut impl Iterator<Item = Result<T, StoreError>>,
    most: isize,
) -> Result<isize, StoreError> {
    let mut count = 0;
    while count < most {
        match keys.next() {
            Some(key) => {
                key?;
            }
            None => break,
        }
        count += 1;
    }
    Ok(count)
}
