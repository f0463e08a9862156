//! What ties commits to each other: one that is built on a refused one is refused too.
//!
//! In: which commits one was built on. Out: whether one of them was refused. Refuses to know what
//! they write.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What ties a commit to others.
#[derive(Default)]
pub struct Tie {
    /// Tells those that are built on this one.
    pub fate: Fate,
    /// What it is built on: if one of these is refused, so is this.
    pub after: Vec<Fate>,
    /// Dropped when the commit has ended, written or not; never before, even if nobody
    /// waits for it any more.
    pub held: Option<Box<dyn Any + Send>>,
}

/// Whether a commit was refused.
#[derive(Clone, Default)]
pub struct Fate(Arc<AtomicBool>);

impl Fate {
    /// Whether it was refused.
    pub fn is_refused(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(super) fn refuse(&self) {
        self.0.store(true, Ordering::Release);
    }
}
