//! Whether the queue and the traces agree: every record can be read, and every delivery without
//! an outcome stands in the queue.
//!
//! In: the database. Out: what is wrong. Looks at one moment of each keyspace, traces first: what
//! ends or moves meanwhile is never taken for lost. Changes nothing.

use crate::model::{CertificateId, DeliveryId, Trace};
use crate::store::{Keyspace, Store, StoreError, decoded};

use super::position::LanePosition;
use super::record::DeliveryReader;

/// What was found.
#[derive(Debug, Default)]
pub struct Audit {
    /// Deliveries that stand in the queue and can be read.
    pub queued: usize,
    /// Traces that can be read.
    pub traces: usize,
    /// Records that cannot be read.
    pub damaged: Vec<DamagedRecord>,
    /// Deliveries that have no outcome and stand nowhere.
    pub lost: Vec<DeliveryId>,
}

/// A record that cannot be read.
#[derive(Clone, Debug)]
pub struct DamagedRecord {
    pub keyspace: Keyspace,
    /// Its key.
    pub key: Vec<u8>,
    /// What is wrong with it.
    pub problem: String,
}

impl DamagedRecord {
    /// What kind of record it is, in the operator's words.
    pub fn records(&self) -> &'static str {
        match self.keyspace {
            Keyspace::Trace => "traces",
            _ => "queue",
        }
    }
}

/// Reads everything. Takes its time, and 20 bytes of memory for a delivery that waits.
pub fn audit(store: &Store) -> Result<Audit, StoreError> {
    let mut audit = Audit::default();
    let traces = store.prefix(Keyspace::Trace, &[]);
    let mut queued = Vec::new();
    for keyspace in [Keyspace::Ready, Keyspace::Waiting] {
        audit.read_queue(store, keyspace, &mut queued)?;
    }
    audit.queued = queued.len();
    queued.sort_unstable();
    for record in traces {
        let (key, bytes) = record?;
        let read = decoded::<Trace>(Keyspace::Trace, &bytes);
        match (DeliveryId::from_bytes(&key), read) {
            (Some(id), Ok(trace)) => {
                audit.traces += 1;
                if trace.outcome.is_none() && queued.binary_search(&id).is_err() {
                    audit.lost.push(id);
                }
            }
            (None, _) => audit.damaged(Keyspace::Trace, &key, "the key is not a delivery's id"),
            (_, Err(error)) => audit.damaged(Keyspace::Trace, &key, &error.to_string()),
        }
    }
    // Those that have ended since the traces were looked at.
    let mut still = Vec::with_capacity(audit.lost.len());
    for id in audit.lost {
        let trace: Option<Trace> = store.get(Keyspace::Trace, &id.to_bytes())?;
        if trace.is_some_and(|trace| trace.outcome.is_none()) {
            still.push(id);
        }
    }
    audit.lost = still;
    Ok(audit)
}

impl Audit {
    fn read_queue(
        &mut self,
        store: &Store,
        keyspace: Keyspace,
        queued: &mut Vec<DeliveryId>,
    ) -> Result<(), StoreError> {
        let mut reader: Option<(CertificateId, DeliveryReader<'_>)> = None;
        for record in store.prefix(keyspace, &[]) {
            let (key, bytes) = record?;
            let channel = key.first_chunk().copied().map(u32::from_be_bytes);
            let position = LanePosition::of_key(keyspace, &key);
            let (Some(channel), Some(position)) = (channel.map(CertificateId), position) else {
                self.damaged(keyspace, &key, "the key is not that of a queued delivery");
                continue;
            };
            let reader = match &mut reader {
                Some((of, reader)) if *of == channel => reader,
                other => {
                    &mut other
                        .insert((channel, DeliveryReader::new(store, channel)))
                        .1
                }
            };
            match reader.read(position, &bytes) {
                Ok(written) => queued.push(written.delivery.id),
                // It has ended meanwhile.
                Err(StoreError::Damaged { .. }) if store.read(keyspace, &key)?.is_none() => {}
                Err(StoreError::Damaged { problem, .. }) => self.damaged(keyspace, &key, &problem),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn damaged(&mut self, keyspace: Keyspace, key: &[u8], problem: &str) {
        self.damaged.push(DamagedRecord {
            keyspace,
            key: key.to_vec(),
            problem: problem.to_owned(),
        });
    }
}
