//! Ends what can never be sent, because its record in the queue cannot be read.

use nudged_plugin_api::Timestamp;

use super::ending::Ending;
use super::settle::Outcomes;
use crate::model::{DeliveryId, Outcome, OutcomeKind, Trace};
use crate::queue::Audit;
use crate::store::{Commit, Keyspace, StoreError, Write};

/// Deliveries, or records, of one commit.
const MAX_COMMITTED: usize = 1000;

impl Outcomes {
    /// Removes what cannot be read, and ends the deliveries that are lost by it.
    pub async fn write_off(&self, audit: &Audit, now: Timestamp) -> Result<(), StoreError> {
        for damaged in audit.damaged.chunks(MAX_COMMITTED) {
            let writes = damaged
                .iter()
                .map(|it| Write::remove(it.keyspace, it.key.clone()));
            let commit = Commit::of(writes.collect());
            self.store.commit(commit).await?;
            damaged
                .iter()
                .for_each(|it| self.queue.record_removed(it.keyspace, &it.key));
        }
        for lost in audit.lost.chunks(MAX_COMMITTED) {
            let commit = self.ending(lost, now)?;
            self.store.commit(commit).await?;
        }
        Ok(())
    }

    fn ending(&self, lost: &[DeliveryId], now: Timestamp) -> Result<Commit, StoreError> {
        let mut ending = Ending::with(Commit::default());
        for id in lost {
            let trace: Option<Trace> = self.store.get(Keyspace::Trace, &id.to_bytes())?;
            let Some(mut trace) = trace else { continue };
            trace.outcome = Some(Outcome {
                kind: OutcomeKind::Failed,
                code: "record_damaged".to_owned(),
                text: "its record in the queue could not be read".to_owned(),
                remedy: "send it again if it still matters, and check the disk".to_owned(),
                at: now,
                ..Outcome::default()
            });
            ending.end(*id, &trace);
        }
        Ok(ending.into_commit(&self.events, &self.stats))
    }
}
