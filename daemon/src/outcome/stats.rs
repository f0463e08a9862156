//! Counts since the start: what was accepted, sent, and how it ended.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::OutcomeKind;

/// Counts since the start.
#[derive(Default)]
pub struct Stats {
    /// Notifications accepted.
    pub notifications: AtomicU64,
    /// Their deliveries.
    pub deliveries: AtomicU64,
    /// Requests sent to vendors.
    pub requests: AtomicU64,
    outcomes: [AtomicU64; OutcomeKind::ALL.len()],
}

impl Stats {
    /// So many more deliveries have ended so.
    pub fn ended(&self, kind: OutcomeKind, count: u32) {
        self.outcomes[kind as usize].fetch_add(count.into(), Ordering::Relaxed);
    }

    /// Ended deliveries by outcome.
    pub fn outcomes(&self) -> impl Iterator<Item = (OutcomeKind, u64)> + '_ {
        OutcomeKind::ALL
            .into_iter()
            .map(|kind| (kind, self.outcomes[kind as usize].load(Ordering::Relaxed)))
    }
}
