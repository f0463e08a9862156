//! What becomes of messages that are not sent for now, as their class is not, or as the vendor has
//! refused the same message: all others go on.

use nudged_plugin_api::Timestamp;

use super::batch::Group;
use super::channel::Channel;
use super::landing::{case, settlement};
use crate::outcome::{Decision, Settlement, judge_hold};
use crate::quota::Closure;

impl Channel {
    /// Takes out what waits for another delivery of the same message.
    pub(super) fn spared(
        &mut self,
        mut groups: Vec<Group>,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) -> Vec<Group> {
        for group in &mut groups {
            let request = self.alike.next_request();
            let (mut sent, mut expired) = (Vec::with_capacity(group.len()), Vec::new());
            for lease in group.drain(..) {
                let id = lease.delivery().id;
                let Some(wait) = self.alike.waits(id, request, time) else {
                    sent.push(lease);
                    continue;
                };
                let decision = judge_hold(case(&lease), wait.until, false);
                if decision.end().is_some() {
                    expired.push(id);
                }
                settled.push(settlement(lease, wait.attempt, decision));
            }
            expired.into_iter().for_each(|id| self.alike.ended(id));
            *group = sent;
        }
        groups.retain(|group| !group.is_empty());
        groups
    }
}

/// They wait, without the vendor being asked, for the day or the hour in which it takes this
/// class again; or end, where the channel does not wait for that.
pub(super) fn held(
    group: Group,
    class: &str,
    closed: &Closure,
    time: Timestamp,
) -> impl Iterator<Item = Settlement> {
    let attempt = closed.attempt(class, time);
    let (ends, until, asked) = (closed.ends(), closed.until(), closed.is_vendors_time());
    group.into_iter().map(move |lease| {
        let decision = match ends {
            Some(reason) => Decision::Suppress(reason),
            None => judge_hold(case(&lease), until, asked),
        };
        settlement(lease, attempt.clone(), decision)
    })
}
