//! One channel's deliveries: a window in memory over what stands in the database.

mod lease;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nudged_plugin_api::Timestamp;
use tokio::sync::Notify;

use super::record::{Leader, Reader};
use crate::model::{CertificateId, Delivery};
use crate::store::{Space, Store, StoreError};

pub use lease::Lease;

/// Deliveries of a lane that are held in memory for sending.
const WINDOW: usize = 4096;

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
        let (Self::Ready { number } | Self::Waiting { number, .. }) = self;
        Self::Waiting { due, number }
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
    leased: usize,
    /// Whether the last lease was for a further try.
    gave_due: bool,
    depth: Depth,
    /// Whether the depth is that of the database.
    counted: bool,
}

/// One keyspace of the lane: what is loaded, and how far.
struct Source {
    loaded: VecDeque<Item>,
    /// Everything from this key on is still only in the database.
    cursor: Vec<u8>,
    /// Whether there may be anything from the cursor on.
    more: bool,
}

struct Item {
    place: Place,
    delivery: Delivery,
    /// Whose content it shares in the database.
    leader: Leader,
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
        let source = || Source {
            loaded: VecDeque::new(),
            cursor: start.clone(),
            more: true,
        };
        let state = State {
            fresh: source(),
            due: source(),
            next_due: Some(Timestamp(0)),
            leased: 0,
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
            in_flight: state.leased,
            ready: state.depth.ready.saturating_sub(state.leased),
            ..state.depth
        }
    }

    /// How many of its deliveries are leased.
    pub fn in_flight(&self) -> usize {
        self.lock().leased
    }

    /// Whether there is nothing to lease at `now`.
    pub fn is_empty(&self, now: Timestamp) -> bool {
        let state = self.lock();
        state.depth.ready == state.leased && state.next_due.is_none_or(|due| due > now)
    }

    /// When there may be something to lease again; none = when woken.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.lock().next_due
    }

    /// Wakes when something was added.
    pub async fn woken(&self) {
        self.wake.notified().await;
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
                batch.push(self.leased(source.loaded.pop_front()?));
                Some(())
            });
            if joined.is_none() {
                if batches.len() >= room.requests {
                    break;
                }
                let Some(next) = state.next_turn() else { break };
                batches.push(vec![self.leased(next)]);
            }
            state.leased += 1;
        }
        Ok(batches)
    }

    fn leased(self: &Arc<Self>, item: Item) -> Lease {
        Lease {
            lane: self.clone(),
            item: Some(item),
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
            self.fresh.loaded.push_back(Item {
                place,
                delivery,
                leader,
            });
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
            self.fresh.load(store, channel, Space::Ready, None)?;
        }
        if self.next_due.is_some_and(|due| due <= now) && self.due.loaded.len() < WINDOW / 2 {
            let before = self.due.loaded.len();
            self.next_due = self.due.load(store, channel, Space::Waiting, Some(now))?;
            let came = self.due.loaded.len() - before;
            self.depth.waiting = self.depth.waiting.saturating_sub(came);
            self.depth.ready += came;
        }
        Ok(())
    }
}

impl Source {
    /// Loads from the cursor on; of waiting ones those that are due. Returns when the first
    /// that was left behind is due.
    fn load(
        &mut self,
        store: &Store,
        channel: CertificateId,
        space: Space,
        now: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut end = channel.0.to_be_bytes().to_vec();
        end.extend([0xff; 17]);
        let mut reader = Reader::new(store, channel);
        for record in store.range(space, &self.cursor, &end) {
            let (key, bytes) = record?;
            let due = match Place::of_key(space, &key) {
                Some(Place::Waiting { due, .. }) => Some(due),
                _ => None,
            };
            let early = due.is_some_and(|due| now.is_some_and(|now| due > now));
            if early || self.loaded.len() >= WINDOW {
                self.more = true;
                return Ok(due);
            }
            self.cursor = after(key.to_vec());
            let place = Place::of_key(space, &key);
            let Some(place) = place else { continue };
            match reader.read(place, &bytes) {
                Ok((delivery, leader)) => self.loaded.push_back(Item {
                    place,
                    delivery,
                    leader,
                }),
                // One bad record must not stop the lane; it stays for the operator to see.
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(certificate_id = %channel, %error, "a queued delivery cannot be read and is left");
                }
                Err(error) => return Err(error),
            }
        }
        self.more = false;
        Ok(None)
    }
}

/// The least key after `key`.
fn after(mut key: Vec<u8>) -> Vec<u8> {
    key.push(0);
    key
}
