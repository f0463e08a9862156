//! Makes what is deferred in a lane due, step by step.

use std::sync::Arc;

use nudged_plugin_api::Timestamp;

use crate::clock::now;
use crate::model::CertificateId;
use crate::outcome::Outcomes;
use crate::queue::{Lane, Scan};
use crate::store::StoreError;

/// Deliveries that are looked at together.
const MAX_CLAIMED: usize = 500;

/// What flushing a channel came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlushResult {
    /// Deliveries that are due now.
    pub due: usize,
    /// Deliveries that stay deferred, as their vendor asked.
    pub kept: usize,
}

/// Makes what is deferred in a lane due; `until`: how much of the time that its vendor asked for is
/// waited for still.
pub(super) async fn retry_now(
    lane: &Arc<Lane>,
    outcomes: &Outcomes,
    channel: CertificateId,
    until: impl Fn(Timestamp) -> Timestamp,
) -> Result<FlushResult, StoreError> {
    let mut flushed = FlushResult::default();
    let began = now();
    let mut scan = Scan::waiting(channel, Timestamp(began.0 + 1));
    while !scan.is_over() {
        let mut moved = Vec::new();
        for (lease, asked) in lane.claim(&mut scan, MAX_CLAIMED, |_| true)?.leases {
            let asked = until(asked);
            if asked > began {
                flushed.kept += 1;
            } else {
                flushed.due += 1;
            }
            moved.push((lease, asked));
        }
        outcomes.retry_now(moved, began).await?;
    }
    Ok(flushed)
}
