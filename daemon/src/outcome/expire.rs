//! Ends what has expired in the lane of a channel that sends nothing: it is broken, its file is gone,
//! or the operator holds it. A channel that sends ends what has expired by itself.

use nudged_plugin_api::Timestamp;

use super::retry::is_expired;
use super::settle::Outcomes;
use super::settlement::Settlement;
use crate::model::CertificateId;
use crate::queue::Scan;
use crate::store::StoreError;

/// Deliveries that are looked at in one go.
const MAX_CLAIMED: usize = 1000;

impl Outcomes {
    /// Ends the deliveries of a channel whose time is over.
    pub async fn expire(&self, channel: CertificateId, now: Timestamp) -> Result<(), StoreError> {
        let lane = self.queue.lane(channel);
        for mut scan in [Scan::ready(channel), Scan::waiting(channel, Timestamp(0))] {
            let claimed =
                lane.claim(&mut scan, MAX_CLAIMED, |delivery| is_expired(delivery, now))?;
            let leases = claimed.leases.into_iter();
            let expired: Vec<_> = leases
                .map(|(lease, _)| Settlement::expired(lease))
                .collect();
            if !expired.is_empty() {
                tracing::warn!(
                    certificate_id = %channel,
                    count = expired.len(),
                    "deliveries expired: their channel does not send; see nudgectl channel ls"
                );
                self.settle(expired, now).await;
            }
        }
        Ok(())
    }
}
