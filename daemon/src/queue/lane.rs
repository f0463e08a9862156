//! One channel's deliveries: a window in memory over what stands in the database.

mod claim;
mod lease;
mod source;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nudged_plugin_api::Timestamp;
use tokio::sync::Notify;

use super::record::Leader;
use crate::model::{CertificateId, Delivery};
use crate::store::{Space, Store, StoreError};

pub use claim::{Claimed, Scan, Standing};
pub use lease::Lease;
use source::{Item, Source, WINDOW, after};

/// Where a delivery stands in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// May be sent.
    Ready {
        /// Its number.
        number: u64,
    },
    /// Waits for its next try.
    Waiting {
        /// When that is.
        due: Timestamp,
        /// Its number.
        number: u64,
    },
}

impl Place {
    /// The keyspace.
    pub fn space(self) -> Space {
        match self {
            Self::Ready { .. } => Space::Ready,
            Self::Waiting { .. } => Space::Waiting,
        }
    }

    fn key(self, channel: CertificateId) -> Vec<u8> {
        let channel = &channel.0.to_be_bytes()[..];
        match self {
            Self::Ready { number } => [channel, &number.to_be_bytes()].concat(),
            Self::Waiting { due, number } => {
                [channel, &due.0.to_be_bytes(), &number.to_be_bytes()].concat()
            }
        }
    }

    fn of_key(space: Space, key: &[u8]) -> Option<Self> {
        let (_, rest) = key.split_first_chunk::<4>()?;
        let (first, rest) = rest.split_first_chunk::<8>()?;
        let first = u64::from_be_bytes(*first);
        match space {
            Space::Waiting => Some(Self::Waiting {
                due: Timestamp(first),
                number: u64::from_be_bytes(*rest.first_chunk()?),
            }),
            _ => Some(Self::Ready { number: first }),
        }
    }

    /// Where it stands when it is to wait until `due`.
    fn postponed(self, due: Timestamp) -> Self {
        let number = self.number();
        Self::Waiting { due, number }
    }

    fn number(self) -> u64 {
        let (Self::Ready { number } | Self::Waiting { number, .. }) = self;
        number
    }
}

/// One channel's deliveries.
pub struct Lane {
    channel: CertificateId,
    store: Store,
    state: Mutex<State>,
    wake: Notify,
}

struct State {
    /// First tries, oldest first.
    fresh: Source,
    /// Further tries that are due.
    due: Source,
    /// When the earliest of the others is.
    next_due: Option<Timestamp>,
    /// Numbers of those that are being sent.
    leased: HashSet<u64>,
    /// Numbers of those that are taken for something else than sending.
    apart: HashSet<u64>,
    /// Whether the last lease was for a further try.
    gave_due: bool,
    depth: Depth,
    /// Whether the depth is that of the database.
    counted: bool,
}

/// How much stands in a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Deliveries that may be sent now.
    pub ready: usize,
    /// Deliveries that wait for their next try.
    pub waiting: usize,
    /// Deliveries under way.
    pub in_flight: usize,
}

impl Lane {
    pub(super) fn open(channel: CertificateId, store: Store) -> Self {
        let start = channel.0.to_be_bytes().to_vec();
        let source = || Source::from(start.clone());
        let state = State {
            fresh: source(),
            due: source(),
            next_due: Some(Timestamp(0)),
            leased: HashSet::new(),
            apart: HashSet::new(),
            gave_due: false,
            depth: Depth::default(),
            counted: false,
        };
        let lane = Self {
            channel,
            store,
            state: Mutex::new(state),
            wake: Notify::new(),
        };
        // A database that is closed for the moment is counted with the first load.
        let _ = lane.lock().count(&lane.store, channel);
        lane
    }

    /// How much stands in the lane.
    pub fn depth(&self) -> Depth {
        let state = self.lock();
        Depth {
            in_flight: state.leased.len(),
            ready: state.depth.ready.saturating_sub(state.out()),
            ..state.depth
        }
    }

    /// How many of its deliveries are leased.
    pub fn in_flight(&self) -> usize {
        self.lock().leased.len()
    }

    /// Whether there is nothing to lease at `now`.
    pub fn is_empty(&self, now: Timestamp) -> bool {
        let state = self.lock();
        state.depth.ready == state.out() && state.next_due.is_none_or(|due| due > now)
    }

    /// When there may be something to lease again; none = when woken.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.lock().next_due
    }

    /// Wakes when something was added.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Wakes whoever sends, as something else than its content has changed.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Takes up to `most` deliveries that may be sent at `now`, each on its own.
    pub fn lease(self: &Arc<Self>, now: Timestamp, most: usize) -> Result<Vec<Lease>, StoreError> {
        let room = Room {
            requests: most,
            batch: 1,
            devices: most,
        };
        let batches = self.lease_batches(now, room, |_, _| false)?;
        Ok(batches.into_iter().flatten().collect())
    }

    /// Takes deliveries that may be sent at `now`, as many as there is room for: neighbours
    /// that `share` a request together. What was added first is leased first; further tries
    /// and first tries take turns, so that neither starves.
    pub fn lease_batches(
        self: &Arc<Self>,
        now: Timestamp,
        room: Room,
        share: impl Fn(&Delivery, &Delivery) -> bool,
    ) -> Result<Vec<Vec<Lease>>, StoreError> {
        let mut state = self.lock();
        state.load(&self.store, self.channel, now)?;
        let mut batches: Vec<Vec<Lease>> = Vec::new();
        for _ in 0..room.devices {
            let open = batches.last_mut().filter(|batch| batch.len() < room.batch);
            let joined = open.and_then(|batch| {
                let last = batch.last()?;
                let source = state.source(last.is_first());
                let next = source.loaded.front()?;
                if !share(last.delivery(), &next.delivery) {
                    return None;
                }
                let next = source.loaded.pop_front()?;
                state.leased.insert(next.place.number());
                batch.push(self.leased(next));
                Some(())
            });
            if joined.is_none() {
                if batches.len() >= room.requests {
                    break;
                }
                let Some(next) = state.next_turn() else { break };
                state.leased.insert(next.place.number());
                batches.push(vec![self.leased(next)]);
            }
        }
        Ok(batches)
    }

    fn leased(self: &Arc<Self>, item: Item) -> Lease {
        Lease {
            lane: self.clone(),
            item: Some(item),
            apart: false,
        }
    }

    /// Adds what was written, all at once: who shares a request must be seen together.
    pub(super) fn landed(&self, written: impl IntoIterator<Item = Landed>) {
        let mut state = self.lock();
        for landed in written {
            state.landed(landed, self.channel);
        }
        drop(state);
        self.wake.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A delivery that was written to the database just now.
pub(super) struct Landed {
    pub number: u64,
    pub delivery: Delivery,
    pub leader: Leader,
}

/// How much may be leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Requests, each for at least one delivery.
    pub requests: usize,
    /// Deliveries in one request.
    pub batch: usize,
    /// Deliveries in all of them.
    pub devices: usize,
}

impl State {
    /// How many of those that may be sent somebody has.
    fn out(&self) -> usize {
        self.leased.len() + self.apart.len()
    }

    /// Somebody has it no more.
    fn returned(&mut self, item: &Item, apart: bool) {
        let from = if apart {
            &mut self.apart
        } else {
            &mut self.leased
        };
        from.remove(&item.place.number());
    }

    /// Whether somebody has it.
    fn is_out(&self, number: u64) -> bool {
        self.leased.contains(&number) || self.apart.contains(&number)
    }

    /// One that counted as ready waits in the database.
    fn waits(&mut self, place: Place) {
        self.depth.ready = self.depth.ready.saturating_sub(1);
        self.depth.waiting += 1;
        if let Place::Waiting { due, .. } = place {
            self.next_due = Some(self.next_due.map_or(due, |next| next.min(due)));
        }
    }

    fn source(&mut self, first: bool) -> &mut Source {
        if first {
            &mut self.fresh
        } else {
            &mut self.due
        }
    }

    /// The next of those whose turn it is, else of the others.
    fn next_turn(&mut self) -> Option<Item> {
        let first = self.gave_due;
        let item = match self.source(first).loaded.pop_front() {
            Some(item) => item,
            None => self.source(!first).loaded.pop_front()?,
        };
        self.gave_due = matches!(item.place, Place::Waiting { .. });
        Some(item)
    }

    fn landed(&mut self, landed: Landed, channel: CertificateId) {
        let Landed {
            number,
            delivery,
            leader,
        } = landed;
        self.depth.ready += 1;
        // Behind something that is not loaded, or past the window, it stays in the database.
        let place = Place::Ready { number };
        let key = place.key(channel);
        if self.fresh.more || self.fresh.loaded.len() >= WINDOW {
            self.fresh.more = true;
        } else if key >= self.fresh.cursor {
            self.fresh.cursor = after(key);
            // Else the operator has found it in the database already.
            if !self.is_out(number) {
                self.fresh.loaded.push_back(Item {
                    place,
                    delivery,
                    leader,
                });
            }
        }
        // Else a load has found it in the database before this thread came here.
    }

    fn count(&mut self, store: &Store, channel: CertificateId) -> Result<(), StoreError> {
        if !self.counted {
            let start = channel.0.to_be_bytes();
            self.depth = Depth {
                ready: store.count(Space::Ready, &start)?,
                waiting: store.count(Space::Waiting, &start)?,
                in_flight: 0,
            };
            self.counted = true;
        }
        Ok(())
    }

    fn load(
        &mut self,
        store: &Store,
        channel: CertificateId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.count(store, channel)?;
        if self.fresh.more && self.fresh.loaded.len() < WINDOW / 2 {
            let out = |number: &u64| self.leased.contains(number) || self.apart.contains(number);
            self.fresh.load(store, channel, Space::Ready, None, out)?;
        }
        if self.next_due.is_some_and(|due| due <= now) && self.due.loaded.len() < WINDOW / 2 {
            let before = self.due.loaded.len();
            let out = |number: &u64| self.leased.contains(number) || self.apart.contains(number);
            let next = self
                .due
                .load(store, channel, Space::Waiting, Some(now), out)?;
            self.next_due = next;
            let came = self.due.loaded.len() - before;
            self.depth.waiting = self.depth.waiting.saturating_sub(came);
            self.depth.ready += came;
        }
        Ok(())
    }
}
