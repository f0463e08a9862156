//! What becomes of messages that are not sent for now, as nothing more of their class is, or as the
//! vendor has refused the same message: all others go on.
//!
//! In: batches that are about to be sent. Out: those that are, and settlements of the others, which
//! are deferred or end as `outcome` decides.

use nudged_plugin_api::Timestamp;

use super::batch::Batch;
use super::channel::{ChannelTask, retry_context};
use crate::outcome::{Settlement, decide_closed, decide_hold};
use crate::quota::ClassClosed;

impl ChannelTask {
    /// Takes out what waits for another delivery of the same message.
    pub(super) fn withhold_refused(
        &mut self,
        mut batches: Vec<Batch>,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) -> Vec<Batch> {
        for batch in &mut batches {
            let request = self.refused_contents.next_request();
            let (mut sent, mut expired) = (Vec::with_capacity(batch.len()), Vec::new());
            for lease in batch.drain(..) {
                let id = lease.delivery().id;
                let Some(wait) = self.refused_contents.wait(id, request, time) else {
                    sent.push(lease);
                    continue;
                };
                let decision = decide_hold(retry_context(&lease), wait.until);
                if decision.end().is_some() {
                    expired.push(id);
                }
                settled.push(Settlement::tried(lease, wait.attempt, decision));
            }
            let contents = &mut self.refused_contents;
            expired.into_iter().for_each(|id| contents.ended(id));
            *batch = sent;
        }
        batches.retain(|batch| !batch.is_empty());
        batches
    }
}

/// They wait, without the vendor being asked, for the day or the hour in which it takes this
/// class again; or end, where the channel does not wait for that.
pub(super) fn withhold_class(
    batch: Batch,
    class: &str,
    closed: &ClassClosed,
    time: Timestamp,
) -> impl Iterator<Item = Settlement> {
    let attempt = closed.attempt(class, time);
    batch.into_iter().map(move |lease| {
        let decision = decide_closed(retry_context(&lease), closed);
        Settlement::tried(lease, attempt.clone(), decision)
    })
}
