//! Who may do what: rules of the operator over the users and groups that the kernel vouches for.
//!
//! In: who is at the other end of a connection, what it would do, and in which app. Out: leave,
//! or who was denied what. A reload puts other rules in force while streams are open; a
//! [`Permit`] notices. Refuses to know routes and how a denial is answered.

mod error;
mod peer;
mod permit;
mod policy;

pub use error::{AccessRuleError, Denied, FoundError};
pub use peer::Peer;
pub use permit::Permit;
pub use policy::AccessPolicy;

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;

/// The policy that is in force now.
pub struct Access {
    policy: ArcSwap<AccessPolicy>,
    /// Grows with each policy, after it.
    generation: watch::Sender<u64>,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            policy: ArcSwap::default(),
            generation: watch::Sender::new(0),
        }
    }
}

impl Access {
    /// To be asked at once, and not kept.
    pub fn policy(&self) -> Guard<Arc<AccessPolicy>> {
        self.policy.load()
    }

    /// Puts another one in force, for open streams too.
    pub fn replace(&self, policy: AccessPolicy) {
        self.policy.store(Arc::new(policy));
        self.generation.send_modify(|generation| *generation += 1);
    }

    fn generation(&self) -> watch::Receiver<u64> {
        self.generation.subscribe()
    }
}
