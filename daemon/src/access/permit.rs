//! What a stream was opened with, and may lose while it lasts.
//!
//! In: a peer, a verb and an app. Out: whether the policy that is in force now still allows
//! it. A stream asks with every batch, which costs it a look at a number as long as nothing
//! was reloaded.

use std::sync::Arc;

use tokio::sync::watch;

use super::{Access, Denied, Peer};
use crate::config::Verb;

/// A right that lasts until a reload takes it away.
pub struct Permit {
    access: Arc<Access>,
    generation: watch::Receiver<u64>,
    peer: Arc<Peer>,
    verb: Verb,
    app: Option<String>,
}

impl Permit {
    /// The right to do something in an app, or in all.
    pub fn of(
        access: &Arc<Access>,
        peer: &Arc<Peer>,
        verb: Verb,
        app: Option<&str>,
    ) -> Result<Self, Denied> {
        // Before the policy is looked at: a reload in between is noticed.
        let generation = access.generation();
        access.policy().check(peer, verb, app)?;
        Ok(Self {
            access: access.clone(),
            generation,
            peer: peer.clone(),
            verb,
            app: app.map(str::to_owned),
        })
    }

    /// Whether it holds now.
    pub fn check(&mut self) -> Result<(), Denied> {
        // Its sender lives as long as the access that is held here.
        if self.generation.has_changed().unwrap_or(true) {
            self.generation.borrow_and_update();
            let policy = self.access.policy();
            policy.check(&self.peer, self.verb, self.app.as_deref())?;
        }
        Ok(())
    }

    /// Returns once there is a reason to check.
    pub async fn questioned(&self) {
        let _ = self.generation.clone().changed().await;
    }
}
