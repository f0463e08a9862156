//! One channel's deliveries: a window in memory over what stands in the database.

mod claim;
mod counts;
mod lease;
mod recount;
mod source;
mod state;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use nudged_plugin_api::Timestamp;
use tokio::sync::Notify;

use super::record::Leader;
use crate::model::{CertificateId, Delivery};
use crate::store::{Keyspace, Store, StoreError};
use crate::sync::{Mutex, MutexGuard};

#[cfg(test)]
pub use claim::ClaimedLeases;
pub use claim::{QueuedDelivery, Scan};
use counts::Recount;
pub use lease::{CurrentTokens, Lease};
pub use source::Item;
use state::LaneState;

/// One channel's deliveries.
pub struct Lane {
    channel: CertificateId,
    store: Store,
    state: Mutex<LaneState>,
    wake: Notify,
}

/// How much stands in a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Deliveries that may be sent now.
    pub ready: usize,
    /// Deliveries that wait for their next attempt.
    pub waiting: usize,
    /// Deliveries in flight.
    pub in_flight: usize,
    /// After a start: the first two are still being counted, and there are more.
    pub counting: bool,
}

impl Lane {
    pub(super) fn open(channel: CertificateId, store: Store) -> Arc<Self> {
        let lane = Arc::new(Self {
            channel,
            store,
            state: Mutex::new(LaneState::new(channel)),
            wake: Notify::new(),
        });
        // A database that is closed for the moment is counted with the first load.
        let _ = lane.count(&mut lane.lock());
        lane
    }

    /// How much stands in the lane.
    pub fn depth(&self) -> Depth {
        let state = self.lock();
        Depth {
            in_flight: state.leased.len(),
            ready: state.counts.ready().saturating_sub(state.leased_ready()),
            waiting: state.counts.waiting(),
            counting: state.recount != Recount::Done,
        }
    }

    /// How many of its deliveries are leased.
    pub fn in_flight(&self) -> usize {
        self.lock().leased.len()
    }

    /// Whether there is nothing to lease at `now`.
    pub fn is_empty(&self, now: Timestamp) -> bool {
        let state = self.lock();
        // Where counting takes its time there is something.
        state.recount == Recount::Done
            && state.counts.ready() == state.leased_ready()
            && state.next_due.is_none_or(|due| due > now)
    }

    /// When there may be something to lease again; none = when woken.
    pub fn next_due(&self) -> Option<Timestamp> {
        let state = self.lock();
        match (state.next_due, state.linger_until) {
            (Some(due), Some(linger_until)) => Some(due.min(linger_until)),
            (due, linger_until) => due.or(linger_until),
        }
    }

    /// Wakes when something was added.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Wakes whoever sends, as something else than its content has changed.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Takes deliveries that may be sent at `now`, at most as many as `limit` allows: those that may
    /// `share` a request with its others together. Of what has the same rank, what was added
    /// first is leased first.
    pub fn lease_batches(
        self: &Arc<Self>,
        now: Timestamp,
        limit: LeaseLimit,
        share: impl Fn(&[Lease], &Item) -> bool,
    ) -> Result<Vec<Vec<Lease>>, StoreError> {
        let mut state = self.lock();
        self.count(&mut state)?;
        state.load(&self.store, self.channel, now)?;
        let busy = !state.leased.is_empty();
        let mut batches: Vec<Vec<Lease>> = Vec::new();
        for _ in 0..limit.devices {
            let open = batches.last_mut().filter(|batch| batch.len() < limit.batch);
            let joined = open.and_then(|batch| {
                let line = state.source(batch.last()?.position());
                line.loaded.front().filter(|next| share(batch, next))?;
                let next = line.loaded.pop_front()?;
                state.leased.insert(next.position.number());
                batch.push(self.leased(next));
                Some(())
            });
            if joined.is_none() {
                if batches.len() >= limit.requests {
                    break;
                }
                let Some(next) = state.next_turn() else { break };
                state.leased.insert(next.position.number());
                batches.push(vec![self.leased(next)]);
            }
        }
        let short = batches.pop_if(|batch| {
            busy && batch.len() < limit.batch
                && batch[0].has_unshared_content()
                && state.is_exhausted()
        });
        match short {
            Some(short) if state.may_linger(now, limit.linger) => {
                state.return_leased(short.into_iter().filter_map(Lease::into_item));
            }
            short => {
                state.linger_until = None;
                batches.extend(short);
            }
        }
        Ok(batches)
    }

    /// One that nobody could read is gone.
    pub(super) fn record_removed(&self, keyspace: Keyspace) {
        self.lock().counts.gone(keyspace);
    }

    fn leased(self: &Arc<Self>, item: Item) -> Lease {
        Lease {
            lane: self.clone(),
            item: Some(item),
            claimed: false,
        }
    }

    /// Adds what was written, all at once: who shares a request must be seen together.
    pub(super) fn enqueued(&self, written: impl IntoIterator<Item = Enqueued>) {
        let mut state = self.lock();
        for enqueued in written {
            state.enqueued(enqueued, self.channel);
        }
        drop(state);
        self.wake.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, LaneState> {
        self.state.lock()
    }
}

/// A delivery that was written to the database just now.
pub(super) struct Enqueued {
    pub number: u64,
    pub delivery: Delivery,
    pub leader: Leader,
}

/// How much may be leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseLimit {
    /// Requests, each for at least one delivery.
    pub requests: usize,
    /// Deliveries in one request.
    pub batch: usize,
    /// Deliveries in all of them.
    pub devices: usize,
    /// How long a request that is not full may wait for others to join it, as long as the vendor
    /// is busy with earlier ones.
    pub linger: Duration,
}
