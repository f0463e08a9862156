//! A slot for one commit: taken first, filled later, without waiting.
//!
//! Whoever reads before writing does both under one lock, which must not be held while
//! waiting; so the waiting comes before ([`Store::reserve`](super::Store::reserve)) and
//! after ([`PendingCommit`]).

use std::any::Any;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::mpsc::OwnedPermit;
use tokio::sync::oneshot;

use super::{Commit, StoreError};

/// A slot for one commit.
pub struct Slot {
    permit: OwnedPermit<Job>,
}

/// A commit that was submitted: ends when it is written, or refused.
pub struct PendingCommit {
    reply: oneshot::Receiver<CommitReply>,
}

pub(super) struct Job {
    pub commit: Commit,
    pub done: oneshot::Sender<CommitReply>,
}

pub(super) struct CommitReply {
    pub result: Result<(), StoreError>,
    /// Dropped by whoever waits, rather than by the committer, which others wait for.
    pub _guard: Option<Box<dyn Any + Send>>,
}

impl Slot {
    pub(super) fn new(permit: OwnedPermit<Job>) -> Self {
        Self { permit }
    }

    /// Hands the commit over. Commits are written in the order of these calls.
    pub fn submit(self, commit: Commit) -> PendingCommit {
        let (done, reply) = oneshot::channel();
        self.permit.send(Job { commit, done });
        PendingCommit { reply }
    }
}

impl Future for PendingCommit {
    type Output = Result<(), StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = ready!(Pin::new(&mut self.reply).poll(context));
        Poll::Ready(reply.map_or(Err(StoreError::Closed), |reply| reply.result))
    }
}
