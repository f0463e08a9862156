//! The durable queue: every accepted delivery stands in it until its outcome is written.
//!
//! In: deliveries from admission. Out: leases to dispatch. A lease lives in memory only, so
//! whatever was leased when the process died is simply there again. Each channel has a lane
//! of its own; of a long lane only a window is in memory. Refuses to know vendors.

mod audit;
mod depth;
mod held_channels;
mod lane;
mod position;
mod record;
mod revocations;

use std::collections::HashMap;
use std::sync::Arc;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;

use crate::model::{CertificateId, Delivery, DeliveryId, Trace};
use crate::store::{Commit, Keyspace, NumberedWrite, Store, StoreError, Write};
use crate::sync::Mutex;

pub use audit::{Audit, DamagedRecord, audit};
pub use held_channels::HeldChannels;
pub use lane::{CurrentTokens, Depth, Item, Lane, Lease, LeaseLimit, QueuedDelivery, Scan};
pub use revocations::Revocations;

use lane::Enqueued;
use position::prefix;
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
        for keyspace in [Keyspace::Ready, Keyspace::Waiting] {
            let mut from = 0_u32;
            while let Some(record) = self
                .store
                .range(keyspace, &from.to_be_bytes(), &[0xff; 24])
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
                    commit
                        .writes
                        .push(Write::put(Keyspace::Content, key, content));
                }
            }
            let trace = to_bytes(&Trace::of(delivery));
            commit
                .writes
                .push(Write::put(Keyspace::Trace, delivery.id.to_bytes(), trace));
            commit.numbered.push(NumberedWrite {
                keyspace: Keyspace::Ready,
                prefix: prefix(delivery.channel, delivery.content.rank()),
                value: record::write(delivery, leader, None),
            });
            lanes.push((self.lane(delivery.channel), leader));
        }
        commit.on_commit = Some(Box::new(move |first| {
            let mut enqueued = deliveries
                .into_iter()
                .zip(lanes)
                .zip(first..)
                .map(|((delivery, (lane, leader)), number)| {
                    let enqueued = Enqueued {
                        number,
                        delivery,
                        leader,
                    };
                    (lane, enqueued)
                })
                .peekable();
            // Deliveries of one channel are neighbours.
            while let Some((lane, one)) = enqueued.next() {
                let same = |(other, _): &(Arc<Lane>, Enqueued)| Arc::ptr_eq(other, &lane);
                let others = std::iter::from_fn(|| Some(enqueued.next_if(same)?.1));
                lane.enqueued(std::iter::once(one).chain(others));
            }
        }));
        commit
    }

    /// A record of it that could not be read is removed.
    pub fn record_removed(&self, keyspace: Keyspace, key: &[u8]) {
        let channel = key.first_chunk().copied().map(u32::from_be_bytes);
        if let (Keyspace::Ready | Keyspace::Waiting, Some(channel)) = (keyspace, channel) {
            self.lane(CertificateId(channel)).record_removed(keyspace);
        }
    }

    /// How many deliveries of a channel wait for this very moment, counted up to `max`.
    pub fn due_at(
        &self,
        channel: CertificateId,
        at: Timestamp,
        max: usize,
    ) -> Result<usize, StoreError> {
        let prefix = [&channel.0.to_be_bytes()[..], &at.0.to_be_bytes()].concat();
        let mut found = self.store.prefix(Keyspace::Waiting, &prefix).take(max);
        found.try_fold(0, |sum, record| record.map(|_| sum + 1))
    }

    /// What is remembered of a delivery.
    pub fn trace(&self, id: DeliveryId) -> Result<Option<Trace>, StoreError> {
        self.store.get(Keyspace::Trace, &id.to_bytes())
    }
}

#[cfg(test)]
mod tests;
