//! How much stands in a lane, and whether that is known yet. Pure.
//!
//! In: what was counted, and what came, went and moved meanwhile. Out: the sums.

use crate::store::Keyspace;

/// Whether the tally is that of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recount {
    /// Not at all.
    Due,
    /// It is being counted; there are more.
    Running,
    /// It is.
    Done,
}

/// Deliveries in the lane. What left while it was being counted may be more than what was
/// counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneCounts {
    ready: isize,
    waiting: isize,
}

impl LaneCounts {
    /// So many were counted.
    pub fn new(ready: isize, waiting: isize) -> Self {
        Self { ready, waiting }
    }

    /// And these.
    pub fn add(&mut self, other: Self) {
        self.ready += other.ready;
        self.waiting += other.waiting;
    }

    /// Those that are not waiting, leased ones too.
    pub fn ready(self) -> usize {
        self.ready.max(0).unsigned_abs()
    }

    /// Those that wait.
    pub fn waiting(self) -> usize {
        self.waiting.max(0).unsigned_abs()
    }

    /// So many came, and may be sent.
    pub fn added(&mut self, count: isize) {
        self.ready += count;
    }

    /// One is gone from this keyspace.
    pub fn gone(&mut self, from: Keyspace) {
        match from {
            Keyspace::Waiting => self.waiting -= 1,
            _ => self.ready -= 1,
        }
    }

    /// So many began to wait.
    pub fn moved(&mut self, count: isize) {
        self.ready -= count;
        self.waiting += count;
    }
}
