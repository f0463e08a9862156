//! The durable queue: every accepted delivery stands in it until its outcome is written.
//!
//! In: deliveries from admission. Out: leases to dispatch. A lease lives in memory only, so
//! whatever was leased when the process died is simply there again. Each channel has a lane
//! of its own; of a long lane only a window is in memory. Refuses to know vendors.

mod audit;
mod depth;
mod holds;
mod lane;
mod place;
mod record;
mod revocations;

use std::collections::HashMap;
use std::sync::Arc;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;

use crate::model::{CertificateId, Delivery, DeliveryId, Trace};
use crate::store::{Commit, Numbered, Space, Store, StoreError, Write};
use crate::sync::Mutex;

pub use audit::{Audit, Damage, audit};
pub use holds::Holds;
pub use lane::{Depth, Item, Lane, Lease, Renewed, Room, Scan, Standing};
pub use revocations::Revocations;

use lane::Landed;
use place::prefix;
use record::content_key;

/// All lanes.
pub struct Queue {
    store: Store,
    lanes: Mutex<HashMap<CertificateId, Arc<Lane>>>,
}

impl Queue {
    /// The queue in this database.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            lanes: Mutex::default(),
        }
    }

    /// The lane of a channel.
    pub fn lane(&self, channel: CertificateId) -> Arc<Lane> {
        let mut lanes = self.lanes.lock();
        // req 57: a lane each, so that one vendor does not hold up another
        lanes
            .entry(channel)
            .or_insert_with(|| Lane::open(channel, self.store.clone()))
            .clone()
    }

    /// Channels with something in the database, whether configured or not.
    pub fn occupied(&self) -> Result<Vec<CertificateId>, StoreError> {
        let mut found = Vec::new();
        for space in [Space::Ready, Space::Waiting] {
            let mut from = 0_u32;
            while let Some(record) = self
                .store
                .range(space, &from.to_be_bytes(), &[0xff; 24])
                .next()
            {
                let (key, _) = record?;
                let channel = key
                    .first_chunk()
                    .copied()
                    .map_or(u32::MAX, u32::from_be_bytes);
                found.push(CertificateId(channel));
                match channel.checked_add(1) {
                    Some(next) => from = next,
                    None => break,
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The commit that adds deliveries, with whatever else belongs to their admission.
    pub fn admission(&self, deliveries: Vec<Delivery>, also: Vec<Write>) -> Commit {
        let mut commit = Commit::accepting(also);
        let mut lanes = Vec::with_capacity(deliveries.len());
        let mut leader = None;
        for (at, delivery) in deliveries.iter().enumerate() {
            let same = |other: usize| {
                deliveries
                    .get(other)
                    .is_some_and(|it| Arc::ptr_eq(&it.content, &delivery.content))
            };
            let follows = at > 0 && same(at - 1);
            if !follows {
                leader = same(at + 1).then_some(delivery.id.n);
                if let Some(leader) = leader {
                    let key = content_key(delivery.id.notification, leader);
                    let content = to_bytes(&*delivery.content);
                    commit.writes.push(Write::put(Space::Content, key, content));
                }
            }
            let trace = to_bytes(&Trace::of(delivery));
            commit
                .writes
                .push(Write::put(Space::Trace, delivery.id.to_bytes(), trace));
            commit.numbered.push(Numbered {
                space: Space::Ready,
                prefix: prefix(delivery.channel, delivery.content.rank()),
                value: record::write(delivery, leader, None),
            });
            lanes.push((self.lane(delivery.channel), leader));
        }
        commit.landed = Some(Box::new(move |first| {
            let mut landed = deliveries
                .into_iter()
                .zip(lanes)
                .zip(first..)
                .map(|((delivery, (lane, leader)), number)| {
                    let landed = Landed {
                        number,
                        delivery,
                        leader,
                    };
                    (lane, landed)
                })
                .peekable();
            // Deliveries of one channel are neighbours.
            while let Some((lane, one)) = landed.next() {
                let same = |(other, _): &(Arc<Lane>, Landed)| Arc::ptr_eq(other, &lane);
                let others = std::iter::from_fn(|| Some(landed.next_if(same)?.1));
                lane.landed(std::iter::once(one).chain(others));
            }
        }));
        commit
    }

    /// A record of it that could not be read is removed.
    pub fn forgotten(&self, space: Space, key: &[u8]) {
        let channel = key.first_chunk().copied().map(u32::from_be_bytes);
        if let (Space::Ready | Space::Waiting, Some(channel)) = (space, channel) {
            self.lane(CertificateId(channel)).forgotten(space);
        }
    }

    /// How many deliveries of a channel wait for this very moment, counted up to `most`.
    pub fn due_at(
        &self,
        channel: CertificateId,
        at: Timestamp,
        most: usize,
    ) -> Result<usize, StoreError> {
        let prefix = [&channel.0.to_be_bytes()[..], &at.0.to_be_bytes()].concat();
        let mut found = self.store.prefix(Space::Waiting, &prefix).take(most);
        found.try_fold(0, |sum, record| record.map(|_| sum + 1))
    }

    /// What is remembered of a delivery.
    pub fn trace(&self, id: DeliveryId) -> Result<Option<Trace>, StoreError> {
        self.store.get(Space::Trace, &id.to_bytes())
    }
}

#[cfg(test)]
mod tests;
