//! Ends what can never be sent, because its place in the queue cannot be read.

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;

use super::Outcomes;
use crate::model::{DeliveryId, Outcome, OutcomeKind, Trace};
use crate::queue::Audit;
use crate::store::{Commit, Keyspace, NumberedWrite, StoreError, Write};

/// Deliveries, or records, of one commit.
const STEP: usize = 1000;

impl Outcomes {
    /// Removes what cannot be read, and ends the deliveries that are lost by it.
    pub async fn write_off(&self, audit: &Audit, now: Timestamp) -> Result<(), StoreError> {
        for damaged in audit.damaged.chunks(STEP) {
            let writes = damaged
                .iter()
                .map(|it| Write::remove(it.keyspace, it.key.clone()));
            let commit = Commit::of(writes.collect());
            self.store.commit(commit).await?;
            damaged
                .iter()
                .for_each(|it| self.queue.record_removed(it.keyspace, &it.key));
        }
        for lost in audit.lost.chunks(STEP) {
            let commit = self.ending(lost, now)?;
            self.store.commit(commit).await?;
        }
        Ok(())
    }

    fn ending(&self, lost: &[DeliveryId], now: Timestamp) -> Result<Commit, StoreError> {
        let mut commit = Commit::default();
        for id in lost {
            let key = id.to_bytes();
            let trace: Option<Trace> = self.store.get(Keyspace::Trace, &key)?;
            let Some(mut trace) = trace else { continue };
            trace.outcome = Some(Outcome {
                kind: OutcomeKind::Failed,
                code: "record_damaged".to_owned(),
                text: "its record in the queue could not be read".to_owned(),
                remedy: "send it again if it still matters, and look after the disk".to_owned(),
                at: now,
                ..Outcome::default()
            });
            let value = to_bytes(&trace);
            commit.writes.push(Write::put(Keyspace::Trace, key, value));
            commit.numbered.push(NumberedWrite {
                keyspace: Keyspace::Events,
                prefix: Vec::new(),
                value: key.to_vec(),
            });
        }
        let (events, stats) = (self.events.clone(), self.stats.clone());
        let count = commit.numbered.len() as u64;
        commit.on_commit = Some(Box::new(move |first| {
            for _ in 0..count {
                stats.ended(OutcomeKind::Failed);
            }
            events.happened((first + count).saturating_sub(1));
        }));
        Ok(commit)
    }
}
