//! Taking deliveries for something else than sending: the operator looks at them, removes
//! them, or has them retried now. What is in flight is never taken.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use nudged_plugin_api::Timestamp;

use super::source::{Item, after};
use super::{Lane, Lease};
use crate::model::{CertificateId, Delivery, Rank};
use crate::queue::position::{LanePosition, bounds};
use crate::queue::record::{DeliveryReader, LoadedDelivery};
use crate::store::{Keyspace, StoreError};

/// Waiting deliveries among which the oldest is looked for.
const MAX_AGED: usize = 1000;

/// How far a walk over a lane has come.
pub struct Scan {
    keyspace: Keyspace,
    /// The next key; none = that was all.
    from: Option<Vec<u8>>,
}

impl Scan {
    /// Over those that may be sent.
    pub fn ready(channel: CertificateId) -> Self {
        Self {
            keyspace: Keyspace::Ready,
            from: Some(channel.0.to_be_bytes().to_vec()),
        }
    }

    /// Over those that wait for an attempt at this time or later.
    pub fn waiting(channel: CertificateId, due: Timestamp) -> Self {
        let channel = &channel.0.to_be_bytes()[..];
        Self {
            keyspace: Keyspace::Waiting,
            from: Some([channel, &due.0.to_be_bytes()].concat()),
        }
    }

    /// Whether there is nothing more.
    pub fn is_over(&self) -> bool {
        self.from.is_none()
    }
}

/// What was taken in one step.
#[derive(Default)]
pub struct ClaimedLeases {
    /// Those that were wanted, and until when their vendor asked to wait.
    pub leases: Vec<(Lease, Timestamp)>,
    /// How many were wanted and are in flight.
    pub in_flight: usize,
}

/// A delivery as it stands in its lane.
pub struct QueuedDelivery {
    /// What it is.
    pub delivery: Delivery,
    /// When its next attempt is; none = it may be sent.
    pub due: Option<Timestamp>,
    /// Whether it is in flight.
    pub in_flight: bool,
}

impl Lane {
    /// Takes those of the next `max` deliveries that are wanted.
    pub fn claim(
        self: &Arc<Self>,
        scan: &mut Scan,
        max: usize,
        wanted: impl Fn(&Delivery) -> bool,
    ) -> Result<ClaimedLeases, StoreError> {
        let mut state = self.lock();
        let mut found = self.step(scan, max)?;
        found.retain(|(_, written)| wanted(&written.delivery));
        let mut claimed = ClaimedLeases::default();
        if found.is_empty() {
            return Ok(claimed);
        }
        let numbers: HashSet<u64> = found
            .iter()
            .map(|(position, _)| position.number())
            .collect();
        let mut taken: HashMap<u64, Item> = HashMap::new();
        for source in state.sources(scan.keyspace) {
            let (ours, left): (Vec<Item>, _) = std::mem::take(&mut source.loaded)
                .into_iter()
                .partition(|item| numbers.contains(&item.position.number()));
            source.loaded = left.into();
            taken.extend(ours.into_iter().map(|item| (item.position.number(), item)));
        }
        for (position, written) in found {
            let number = position.number();
            let not_before = written.not_before;
            let item = match taken.remove(&number) {
                Some(item) => item,
                None if state.is_leased(number) => {
                    claimed.in_flight += 1;
                    continue;
                }
                // Not loaded yet.
                None => {
                    if matches!(position, LanePosition::Waiting { .. }) {
                        state.counts.moved(-1);
                    }
                    Item {
                        position,
                        delivery: written.delivery,
                        leader: written.leader,
                    }
                }
            };
            state.claimed.insert(number);
            let lease = Lease {
                lane: self.clone(),
                item: Some(item),
                claimed: true,
            };
            claimed.leases.push((lease, not_before));
        }
        Ok(claimed)
    }

    /// The next `max` deliveries as they stand.
    pub fn peek(&self, scan: &mut Scan, max: usize) -> Result<Vec<QueuedDelivery>, StoreError> {
        let state = self.lock();
        let found = self.step(scan, max)?.into_iter();
        Ok(found
            .map(|(position, written)| QueuedDelivery {
                delivery: written.delivery,
                due: match position {
                    LanePosition::Waiting { due, .. } => Some(due),
                    LanePosition::Ready { .. } => None,
                },
                in_flight: state.leased.contains(&position.number()),
            })
            .collect())
    }

    /// When the next of those that wait at `now` is due.
    pub fn due_after(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let (from, end) = self.bounds(&Scan::waiting(self.channel, now));
        let next = self.store.range(Keyspace::Waiting, &from, &end).next();
        let position = next.transpose()?;
        Ok(position.and_then(
            |(key, _)| match LanePosition::of_key(Keyspace::Waiting, &key) {
                Some(LanePosition::Waiting { due, .. }) => Some(due),
                _ => None,
            },
        ))
    }

    /// When the oldest was accepted; of a long line that waits, the oldest of its first.
    pub fn oldest(&self) -> Result<Option<Timestamp>, StoreError> {
        let firsts = Rank::ALL.into_iter().filter_map(|rank| {
            let (from, end) = bounds(self.channel, rank);
            self.store.range(Keyspace::Ready, &from, &end).next()
        });
        let ready = firsts.collect::<Result<Vec<_>, _>>()?;
        let (from, end) = self.bounds(&Scan::waiting(self.channel, Timestamp(0)));
        let waiting = self
            .store
            .range(Keyspace::Waiting, &from, &end)
            .take(MAX_AGED);
        let waiting = waiting.collect::<Result<Vec<_>, _>>()?;
        // Numbers rise with the time of acceptance, ranks and due times do not.
        let number = |key: &[u8]| key.last_chunk::<8>().copied().map(u64::from_be_bytes);
        let mut oldest = None;
        for (keyspace, found) in [(Keyspace::Ready, ready), (Keyspace::Waiting, waiting)] {
            let record = found.into_iter().min_by_key(|(key, _)| number(key));
            let position = record
                .and_then(|(key, bytes)| Some((LanePosition::of_key(keyspace, &key)?, bytes)));
            let Some((position, bytes)) = position else {
                continue;
            };
            let written = DeliveryReader::new(&self.store, self.channel).read(position, &bytes);
            // Of a damaged one no time is known.
            if let Ok(written) = written {
                let accepted = written.delivery.content.accepted_at;
                oldest = Some(oldest.map_or(accepted, |at: Timestamp| at.min(accepted)));
            }
        }
        Ok(oldest)
    }

    fn bounds(&self, scan: &Scan) -> (Vec<u8>, Vec<u8>) {
        let mut end = self.channel.0.to_be_bytes().to_vec();
        end.extend([0xff; 17]);
        (scan.from.clone().unwrap_or_else(|| end.clone()), end)
    }

    /// Reads on. The lock is held meanwhile, or what is read would not be what is loaded.
    fn step(
        &self,
        scan: &mut Scan,
        max: usize,
    ) -> Result<Vec<(LanePosition, LoadedDelivery)>, StoreError> {
        let (from, end) = self.bounds(scan);
        let mut reader = DeliveryReader::new(&self.store, self.channel);
        let mut found = Vec::new();
        let mut read = 0;
        let mut last = None;
        for record in self.store.range(scan.keyspace, &from, &end).take(max) {
            let (key, bytes) = record?;
            read += 1;
            let position = LanePosition::of_key(scan.keyspace, &key);
            last = Some(key);
            let Some(position) = position else { continue };
            match reader.read(position, &bytes) {
                Ok(written) => found.push((position, written)),
                // Told when it is loaded.
                Err(StoreError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        scan.from = last.filter(|_| read == max).map(|key| after(key.to_vec()));
        Ok(found)
    }
}
