//! What a stream was opened with, and may lose while it lasts.
//!
//! In: a peer, a verb and an app. Out: whether the policy that is in force now still allows
//! it. A stream asks with every batch, which costs it a look at a number as long as nothing
//! was reloaded.

use std::sync::Arc;

use tokio::sync::watch;

use super::access::Peer;
use crate::config::Verb;
use crate::process::Reloader;
use nudged_wire::Problem;

/// A right that lasts until a reload takes it away.
pub struct Permit {
    reload: Arc<Reloader>,
    generation: watch::Receiver<u64>,
    peer: Arc<Peer>,
    verb: Verb,
    app: Option<String>,
}

impl Permit {
    /// The right to do something in an app, or in all.
    pub fn of(
        reload: &Arc<Reloader>,
        peer: &Arc<Peer>,
        verb: Verb,
        app: Option<&str>,
    ) -> Result<Self, Problem> {
        // Before the policy is looked at: a reload in between is noticed.
        let generation = reload.generation();
        reload.policy().check(peer, verb, app)?;
        Ok(Self {
            reload: reload.clone(),
            generation,
            peer: peer.clone(),
            verb,
            app: app.map(str::to_owned),
        })
    }

    /// Whether it holds now; the problem is what the caller hears as the last line.
    pub fn check(&mut self) -> Result<(), Problem> {
        // Its sender lives as long as the reload that is held here.
        if self.generation.has_changed().unwrap_or(true) {
            self.generation.borrow_and_update();
            let policy = self.reload.policy();
            policy.check(&self.peer, self.verb, self.app.as_deref())?;
        }
        Ok(())
    }

    /// Returns once there is a reason to check.
    pub async fn questioned(&self) {
        let _ = self.generation.clone().changed().await;
    }
}
