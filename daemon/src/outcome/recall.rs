//! Where a recall is decided: a trace and the time → what can still be done. Pure; is told the time.

use std::time::Duration;

use nudged_plugin_api::Timestamp;

use crate::model::{OutcomeKind, Reason, RecallResult, TimestampExt, Trace};

/// Vendors take a message back for a day: what is older has been read, or never will be.
const MAX_AGE: Duration = Duration::from_secs(86_400);

/// What taking a delivery back comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecallDecision {
    /// It is not sent, or not any more.
    Unsent,
    /// It had ended without reaching the vendor.
    Ended,
    /// The vendor has taken it back already.
    Done(RecallResult),
    /// It cannot be taken back.
    Never(RecallResult),
    /// The vendor has it, and may be asked.
    Ask,
}

/// What can be done about a delivery of a revoked notification.
// req 63: a notification can be revoked.
pub fn decide_recall(trace: &Trace, now: Timestamp) -> RecallDecision {
    let Some(outcome) = &trace.outcome else {
        return RecallDecision::Unsent;
    };
    match outcome.kind {
        OutcomeKind::Suppressed if outcome.code == Reason::Revoked.code() => RecallDecision::Unsent,
        OutcomeKind::Accepted => match &trace.recall {
            Some(recall) if recall.done => RecallDecision::Done(recall.clone()),
            _ if now.since(outcome.at) > MAX_AGE => RecallDecision::Never(RecallResult {
                code: "too_late".to_owned(),
                text: "the vendor accepted it more than 24 hours ago".to_owned(),
                remedy: "nothing: messages are taken back within 24 hours".to_owned(),
                at: now,
                ..RecallResult::default()
            }),
            _ => RecallDecision::Ask,
        },
        _ => RecallDecision::Ended,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn ended(kind: OutcomeKind, code: &str, seconds_ago: u64) -> Trace {
        Trace {
            outcome: Some(Outcome {
                kind,
                code: code.to_owned(),
                at: Timestamp(NOW.0 - seconds_ago * 1000),
                ..Outcome::default()
            }),
            ..Trace::default()
        }
    }

    #[test]
    fn what_was_not_sent_needs_no_vendor() {
        assert_eq!(
            decide_recall(&Trace::default(), NOW),
            RecallDecision::Unsent
        );
        let revoked = ended(OutcomeKind::Suppressed, "revoked", 60);
        assert_eq!(decide_recall(&revoked, NOW), RecallDecision::Unsent);
    }

    #[test]
    fn what_ended_otherwise_stays_as_it_is() {
        for kind in OutcomeKind::ALL {
            let decided = decide_recall(&ended(kind, "muted", 60), NOW);
            let expected = match kind {
                OutcomeKind::Accepted => RecallDecision::Ask,
                _ => RecallDecision::Ended,
            };
            assert_eq!(decided, expected, "{kind:?}");
        }
    }

    #[test]
    fn vendors_are_asked_for_a_day_and_until_they_have_done_it() {
        let accepted = |ago| ended(OutcomeKind::Accepted, "", ago);
        assert_eq!(decide_recall(&accepted(86_400), NOW), RecallDecision::Ask);
        let late = decide_recall(&accepted(86_401), NOW);
        assert!(matches!(late, RecallDecision::Never(recall) if recall.code == "too_late"));
        let mut again = accepted(60);
        again.recall = Some(RecallResult::default());
        assert_eq!(decide_recall(&again, NOW), RecallDecision::Ask);
        let done = RecallResult {
            done: true,
            ..RecallResult::default()
        };
        let mut done_already = accepted(90_000);
        done_already.recall = Some(done.clone());
        assert_eq!(
            decide_recall(&done_already, NOW),
            RecallDecision::Done(done)
        );
    }
}
