//! How much stands in a lane: counted once, beside everything else when it is much, and kept
//! up to date from then on.
//!
//! What is counted is how the database stood when the counting began; what has changed since
//! is added up as it happens, and so the sum is right in the end.

use std::sync::{Arc, Weak};

use super::Lane;
use super::counts::{LaneCounts, Recount};
use super::state::LaneState;
use crate::store::{Keyspace, StoreError};

/// Keys that are counted at once; past them a thread goes on, and nobody waits.
const STEP: usize = 10_000;

impl Lane {
    /// Counts, where that was not done yet. The lock is held from before the look at the
    /// database, so nothing can change in between.
    pub(super) fn count(self: &Arc<Self>, state: &mut LaneState) -> Result<(), StoreError> {
        if state.recount != Recount::Due {
            return Ok(());
        }
        let prefix = self.channel.0.to_be_bytes();
        let [mut ready, mut waiting] = self
            .store
            .snapshot_keys([Keyspace::Ready, Keyspace::Waiting], &prefix)?;
        let mut step = move || {
            let max = STEP as isize;
            let ready = counted(&mut ready, max)?;
            let waiting = counted(&mut waiting, max - ready)?;
            Ok::<_, StoreError>((LaneCounts::new(ready, waiting), ready + waiting < max))
        };
        let (counts, is_over) = step()?;
        state.counts = counts;
        state.recount = Recount::Done;
        if is_over {
            return Ok(());
        }
        state.recount = Recount::Running;
        let lane: Weak<Lane> = Arc::downgrade(self);
        let thread = std::thread::Builder::new().name("count".to_owned());
        let counting = thread.spawn(move || {
            loop {
                let step = step();
                let Some(lane) = lane.upgrade() else { return };
                match step {
                    Ok((counts, is_over)) => {
                        if lane.lock().counted(counts, is_over) {
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
            tracing::error!(certificate_id = %self.channel, %error, "cannot start a thread that counts the queue");
        }
        Ok(())
    }
}

impl LaneState {
    fn counted(&mut self, found: LaneCounts, is_over: bool) -> bool {
        self.counts.add(found);
        if is_over {
            self.recount = Recount::Done;
        }
        is_over
    }
}

fn counted<T>(
    keys: &mut impl Iterator<Item = Result<T, StoreError>>,
    max: isize,
) -> Result<isize, StoreError> {
    let mut count = 0;
    while count < max {
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
