//! What becomes of messages of a class that is not sent for now: the other classes go on.

use nudged_plugin_api::Timestamp;

use super::batch::Group;
use super::landing::{case, settlement};
use crate::outcome::{Decision, Settlement, judge_hold};
use crate::quota::Closed;

/// They wait, without the vendor being asked, for the day or the hour in which it takes this
/// class again; or end, where the channel does not wait for that.
pub(super) fn held(
    group: Group,
    class: &str,
    closed: &Closed,
    time: Timestamp,
) -> impl Iterator<Item = Settlement> {
    let attempt = closed.attempt(class, time);
    let (ends, until, asked) = (closed.ends(), closed.until(), closed.is_asked());
    group.into_iter().map(move |lease| {
        let decision = match ends {
            Some(reason) => Decision::Suppress(reason),
            None => judge_hold(case(&lease), until, asked),
        };
        settlement(lease, attempt.clone(), decision)
    })
}
