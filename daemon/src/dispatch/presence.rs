//! Decided again at send time: a device that came to the foreground, logged out or went to
//! another user while its delivery waited is not pushed, nor is what was revoked.
//!
//! In: groups that are about to be sent. Out: those that still may be, with the tokens that
//! the devices have now, and what is to be written of the others.

use std::sync::Arc;

use arc_swap::ArcSwap;
use nudged_plugin_api::{Scope, Timestamp};

use super::batch::Group;
use crate::model::{Delivery, Reason, Rules};
use crate::outcome::{Decision, Settlement};
use crate::queue::{Lease, Revocations};
use crate::registry::{DeviceKey, Registry};

/// What is known of the devices.
pub struct Presence {
    registry: Arc<Registry>,
    revocations: Arc<Revocations>,
    rules: Arc<ArcSwap<Rules>>,
}

impl Presence {
    /// What these know, by these rules.
    pub fn new(
        registry: Arc<Registry>,
        revocations: Arc<Revocations>,
        rules: Arc<ArcSwap<Rules>>,
    ) -> Self {
        Self {
            registry,
            revocations,
            rules,
        }
    }

    /// Parts those that may be sent from those that may not.
    pub fn sift(&self, groups: Vec<Group>, now: Timestamp) -> (Vec<Group>, Vec<Settlement>) {
        let mut silent = Vec::new();
        let sifted = groups.into_iter().map(|group| {
            let sent = group.into_iter().filter_map(|mut lease| {
                match self.way(lease.delivery(), now) {
                    Ok(Some(token)) => lease.renew(token),
                    Ok(None) => {}
                    Err(reason) => {
                        silent.push(suppressed(lease, reason));
                        return None;
                    }
                }
                Some(lease)
            });
            sent.collect::<Group>()
        });
        let sifted = sifted.filter(|group| !group.is_empty()).collect();
        (sifted, silent)
    }

    /// The device's token where it has changed, or why it is not pushed any more.
    fn way(&self, delivery: &Delivery, now: Timestamp) -> Result<Option<String>, Reason> {
        if self.revocations.contains(delivery.id.notification) {
            return Err(Reason::Revoked);
        }
        let recipient = &delivery.recipient;
        let (Some(user), Some(device)) = (&recipient.user, &recipient.device) else {
            return Ok(None);
        };
        let key = DeviceKey {
            app: delivery.content.app.clone(),
            user: user.clone(),
            device: device.clone(),
        };
        let found = match self.registry.get(&key) {
            Ok(Some(found)) => found,
            // What cannot be read is told as the lesser news.
            Ok(None) => match self.registry.tombstone(&key) {
                Ok(Some(_)) => return Err(Reason::TokenDead),
                _ => return Err(Reason::DeviceGone),
            },
            Err(error) => {
                tracing::error!(%error, user, device, "a device cannot be read; it is pushed as it was");
                return Ok(None);
            }
        };
        let bound = found.reach(now, self.rules.load().dormant_after)?;
        if bound.channel != delivery.channel {
            return Err(Reason::DeviceMoved);
        }
        Ok((bound.token != recipient.token).then(|| bound.token.clone()))
    }
}

/// A delivery that ends unsent, by rule.
pub(super) fn suppressed(lease: Lease, reason: Reason) -> Settlement {
    Settlement {
        lease,
        attempt: None,
        decision: Decision::Suppress(reason),
        vendor_id: None,
        dead_since: None,
        scope: Scope::Unsaid,
        spared: false,
        settings: 0,
        recall_key: String::new(),
        ticket: None,
    }
}
