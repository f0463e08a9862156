//! What ties commits to each other: one that is built on a refused one is refused too.
//!
//! In: which commits one was built on. Out: whether one of them was refused. Refuses to know what
//! they write.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What ties a commit to others.
#[derive(Default)]
pub struct CommitDependency {
    /// Whether it was refused, for those that are built on this one.
    pub state: CommitState,
    /// What it is built on: if one of these is refused, so is this.
    pub after: Vec<CommitState>,
    /// Dropped when the commit has ended, written or not; never before, even if nobody
    /// waits for it any more.
    pub guard: Option<Box<dyn Any + Send>>,
}

/// Whether a commit was refused.
#[derive(Clone, Default)]
pub struct CommitState(Arc<AtomicBool>);

impl CommitState {
    /// Whether it was refused.
    pub fn is_refused(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(super) fn refuse(&self) {
        self.0.store(true, Ordering::Release);
    }
}
