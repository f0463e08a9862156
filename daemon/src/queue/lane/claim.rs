//! Taking deliveries for something else than sending: the operator looks at them, removes
//! them, or has them tried at once. What is under way is never taken.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use nudged_plugin_api::Timestamp;

use super::source::{Item, after};
use super::{Lane, Lease};
use crate::model::{CertificateId, Delivery, Rank};
use crate::queue::place::{Place, bounds};
use crate::queue::record::{Reader, Written};
use crate::store::{Space, StoreError};

/// Waiting deliveries among which the oldest is looked for.
const LOOK_AT: usize = 1000;

/// How far a walk over a lane has come.
pub struct Scan {
    space: Space,
    /// The next key; none = that was all.
    from: Option<Vec<u8>>,
}

impl Scan {
    /// Over those that may be sent.
    pub fn ready(channel: CertificateId) -> Self {
        Self {
            space: Space::Ready,
            from: Some(channel.0.to_be_bytes().to_vec()),
        }
    }

    /// Over those that wait for a try at this time or later.
    pub fn waiting(channel: CertificateId, due: Timestamp) -> Self {
        let channel = &channel.0.to_be_bytes()[..];
        Self {
            space: Space::Waiting,
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
pub struct Claimed {
    /// Those that were wanted, and until when their vendor asked to wait.
    pub leases: Vec<(Lease, Timestamp)>,
    /// How many were wanted and are under way.
    pub under_way: usize,
}

/// A delivery as it stands in its lane.
pub struct Standing {
    /// What it is.
    pub delivery: Delivery,
    /// When its next try is; none = it may be sent.
    pub due: Option<Timestamp>,
    /// Whether it is under way.
    pub under_way: bool,
}

impl Lane {
    /// Takes those of the next `most` deliveries that are wanted.
    pub fn claim(
        self: &Arc<Self>,
        scan: &mut Scan,
        most: usize,
        wanted: impl Fn(&Delivery) -> bool,
    ) -> Result<Claimed, StoreError> {
        let mut state = self.lock();
        let mut found = self.step(scan, most)?;
        found.retain(|(_, written)| wanted(&written.delivery));
        let mut claimed = Claimed::default();
        if found.is_empty() {
            return Ok(claimed);
        }
        let numbers: HashSet<u64> = found.iter().map(|(place, _)| place.number()).collect();
        let mut taken: HashMap<u64, Item> = HashMap::new();
        for source in state.sources(scan.space) {
            let (ours, left): (Vec<Item>, _) = std::mem::take(&mut source.loaded)
                .into_iter()
                .partition(|item| numbers.contains(&item.place.number()));
            source.loaded = left.into();
            taken.extend(ours.into_iter().map(|item| (item.place.number(), item)));
        }
        for (place, written) in found {
            let number = place.number();
            let asked = written.asked;
            let item = match taken.remove(&number) {
                Some(item) => item,
                None if state.is_out(number) => {
                    claimed.under_way += 1;
                    continue;
                }
                // Not loaded yet.
                None => {
                    if matches!(place, Place::Waiting { .. }) {
                        state.tally.moved(-1);
                    }
                    Item {
                        place,
                        delivery: written.delivery,
                        leader: written.leader,
                    }
                }
            };
            state.apart.insert(number);
            let lease = Lease {
                lane: self.clone(),
                item: Some(item),
                apart: true,
            };
            claimed.leases.push((lease, asked));
        }
        Ok(claimed)
    }

    /// The next `most` deliveries as they stand.
    pub fn look(&self, scan: &mut Scan, most: usize) -> Result<Vec<Standing>, StoreError> {
        let state = self.lock();
        let found = self.step(scan, most)?.into_iter();
        Ok(found
            .map(|(place, written)| Standing {
                delivery: written.delivery,
                due: match place {
                    Place::Waiting { due, .. } => Some(due),
                    Place::Ready { .. } => None,
                },
                under_way: state.leased.contains(&place.number()),
            })
            .collect())
    }

    /// When the next of those that wait at `now` is due.
    pub fn due_after(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let (from, end) = self.bounds(&Scan::waiting(self.channel, now));
        let next = self.store.range(Space::Waiting, &from, &end).next();
        let place = next.transpose()?;
        Ok(
            place.and_then(|(key, _)| match Place::of_key(Space::Waiting, &key) {
                Some(Place::Waiting { due, .. }) => Some(due),
                _ => None,
            }),
        )
    }

    /// When the oldest was accepted; of a long line that waits, the oldest of its first.
    pub fn oldest(&self) -> Result<Option<Timestamp>, StoreError> {
        let firsts = Rank::ALL.into_iter().filter_map(|rank| {
            let (from, end) = bounds(self.channel, rank);
            self.store.range(Space::Ready, &from, &end).next()
        });
        let ready = firsts.collect::<Result<Vec<_>, _>>()?;
        let (from, end) = self.bounds(&Scan::waiting(self.channel, Timestamp(0)));
        let waiting = self.store.range(Space::Waiting, &from, &end).take(LOOK_AT);
        let waiting = waiting.collect::<Result<Vec<_>, _>>()?;
        // Numbers rise with the time of acceptance, ranks and due times do not.
        let number = |key: &[u8]| key.last_chunk::<8>().copied().map(u64::from_be_bytes);
        let mut oldest = None;
        for (space, found) in [(Space::Ready, ready), (Space::Waiting, waiting)] {
            let record = found.into_iter().min_by_key(|(key, _)| number(key));
            let place = record.and_then(|(key, bytes)| Some((Place::of_key(space, &key)?, bytes)));
            let Some((place, bytes)) = place else {
                continue;
            };
            let written = Reader::new(&self.store, self.channel).read(place, &bytes);
            // A damaged one has no time to tell.
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
    fn step(&self, scan: &mut Scan, most: usize) -> Result<Vec<(Place, Written)>, StoreError> {
        let (from, end) = self.bounds(scan);
        let mut reader = Reader::new(&self.store, self.channel);
        let mut found = Vec::new();
        let mut read = 0;
        let mut last = None;
        for record in self.store.range(scan.space, &from, &end).take(most) {
            let (key, bytes) = record?;
            read += 1;
            let place = Place::of_key(scan.space, &key);
            last = Some(key);
            let Some(place) = place else { continue };
            match reader.read(place, &bytes) {
                Ok(written) => found.push((place, written)),
                // Told when it is loaded.
                Err(StoreError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        scan.from = last.filter(|_| read == most).map(|key| after(key.to_vec()));
        Ok(found)
    }
}
