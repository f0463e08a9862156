//! Deferred deliveries that become due earlier than they were to.

use nudged_plugin_api::Timestamp;

use super::settle::Outcomes;
use crate::queue::Lease;
use crate::store::{Commit, StoreError};

impl Outcomes {
    /// Makes deliveries due `now`, or at the time that their vendor asked for where that is later.
    /// Returns once it is written.
    pub async fn retry_now(
        &self,
        mut leases: Vec<(Lease, Timestamp)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut commit = Commit::default();
        // The others go back to where they stood.
        leases.retain(|(lease, asked)| lease.due().is_none_or(|due| due > now.max(*asked)));
        for (lease, asked) in &leases {
            let writes = lease.deferral(now.max(*asked), false, Some(*asked));
            commit.writes.extend(writes);
        }
        self.store.commit(commit).await?;
        for (lease, asked) in leases {
            lease.deferred(now.max(asked), false);
        }
        Ok(())
    }
}
