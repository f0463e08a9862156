//! How much stands in a lane: counted once, beside everything else when it is much, and kept
//! up to date from then on.
//!
//! What is counted is how the database stood when the counting began; what has changed since
//! is added up as it happens, and so the sum is right in the end.

use std::sync::{Arc, Weak};

use super::Lane;
use super::state::State;
use super::tally::{Census, Tally};
use crate::store::{Space, StoreError};

/// Keys that are counted at once; past them a thread goes on, and nobody waits.
const AT_ONCE: usize = 10_000;

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
            let most = AT_ONCE as isize;
            let ready = counted(&mut ready, most)?;
            let waiting = counted(&mut waiting, most - ready)?;
            Ok::<_, StoreError>((Tally::new(ready, waiting), ready + waiting < most))
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
        self.tally.add(found);
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
