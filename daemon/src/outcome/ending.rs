//! The act of ending: a delivery's trace with its outcome, its number among the events, and, once
//! both are written, the counts and the announcement. Every end passes here.
//!
//! In: a commit that is being built, and what ended. Out: the commit. Refuses to know why it ended.

use std::sync::Arc;

use nudged_plugin_api::frame::to_bytes;

use super::events::Events;
use super::stats::Stats;
use crate::model::{DeliveryId, OutcomeKind, Trace};
use crate::store::{Commit, Keyspace, NumberedWrite, Write};

/// A delivery that ends with its admission.
pub struct Suppressed {
    /// Its id.
    pub id: DeliveryId,
    /// What is remembered of it, with its outcome.
    pub trace: Trace,
}

/// The ends in one commit.
pub(super) struct Ending {
    pub(super) commit: Commit,
    counts: [u32; OutcomeKind::ALL.len()],
}

impl Ending {
    /// With these writes in the same commit.
    pub(super) fn with(commit: Commit) -> Self {
        Self {
            commit,
            counts: [0; OutcomeKind::ALL.len()],
        }
    }

    /// Ends a delivery; its trace holds its outcome.
    // req 63: an event for each outcome, and its trace.
    pub(super) fn end(&mut self, id: DeliveryId, trace: &Trace) {
        let kind = trace.outcome.as_ref().map(|outcome| outcome.kind);
        self.counts[kind.unwrap_or_default() as usize] += 1;
        let key = id.to_bytes();
        self.commit.numbered.push(NumberedWrite {
            keyspace: Keyspace::Events,
            prefix: Vec::new(),
            value: key.to_vec(),
        });
        let trace = Write::put(Keyspace::Trace, key, to_bytes(trace));
        self.commit.writes.push(trace);
    }

    /// The commit; once it is written, the ends are counted and announced.
    pub(super) fn into_commit(self, events: &Arc<Events>, stats: &Arc<Stats>) -> Commit {
        let Self { mut commit, counts } = self;
        if counts == [0; OutcomeKind::ALL.len()] {
            return commit;
        }
        let (events, stats) = (events.clone(), stats.clone());
        let (earlier, count) = (commit.on_commit.take(), commit.numbered.len() as u64);
        commit.on_commit = Some(Box::new(move |first| {
            if let Some(earlier) = earlier {
                earlier(first);
            }
            let ended = OutcomeKind::ALL.into_iter().zip(counts);
            for (kind, count) in ended.filter(|(_, count)| *count > 0) {
                stats.ended(kind, count);
            }
            events.announce(first + count - 1);
        }));
        commit
    }
}
