//! The brakes of all channels, as they stand now. They are in memory: a restart releases them.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use nudged_plugin_api::Timestamp;

use super::brake::{Brake, BrakeDecision, EngagedBrake};
use crate::model::{CertificateId, Evidence, Rules, code_and_text};
use crate::sync::{Mutex, MutexGuard};

/// The brakes of all channels.
pub struct Brakes {
    rules: Arc<ArcSwap<Rules>>,
    channels: Mutex<HashMap<CertificateId, Brake>>,
}

impl Brakes {
    /// All released; with the limits of these rules.
    pub fn new(rules: Arc<ArcSwap<Rules>>) -> Self {
        Self {
            rules,
            channels: Mutex::default(),
        }
    }

    /// A vendor called a token dead. Returns whether its device may be removed; `devices` are
    /// those of the channel, if they are counted.
    pub fn may_remove(
        &self,
        channel: CertificateId,
        evidence: &Evidence,
        devices: Option<u64>,
    ) -> bool {
        let limits = self.rules.load().brake;
        let reason = || code_and_text(&evidence.code, &evidence.text);
        let mut channels = self.channels();
        let brake = channels.entry(channel).or_default();
        let decision = brake.dead(evidence.at, devices, limits, reason);
        if let (BrakeDecision::Engage, Some(engaged)) = (decision, brake.engaged()) {
            tracing::error!(
                certificate_id = %channel,
                tokens = engaged.tokens,
                devices,
                reason = engaged.reason,
                within = if engaged.slow { "a day" } else { "a minute" },
                "the vendor calls too many tokens dead: devices of this channel are kept; see \
                 nudgectl channel ls, and release the brake if the vendor is right"
            );
        }
        decision == BrakeDecision::Remove
    }

    /// Whether the token of a Live Activity may go. It dies with its activity, within hours: that
    /// says nothing of the vendor, and is not counted.
    pub fn may_forget(&self, channel: CertificateId) -> bool {
        let channels = self.channels();
        let brake = channels.get(&channel);
        brake.is_none_or(|brake| brake.engaged().is_none())
    }

    /// Whether devices of a channel are not removed, and why.
    pub fn engaged(&self, channel: CertificateId) -> Option<EngagedBrake> {
        self.channels().get(&channel)?.engaged().cloned()
    }

    /// Removes devices of a channel again. Returns what it was engaged for.
    pub fn release(&self, channel: CertificateId) -> Option<EngagedBrake> {
        self.channels().get_mut(&channel)?.release()
    }

    /// Releases what has been quiet for long.
    pub fn release_if_quiet(&self, now: Timestamp) {
        for (channel, brake) in self.channels().iter_mut() {
            if brake.release_if_quiet(now) {
                tracing::info!(certificate_id = %channel, "the removal brake is released: devices of this channel are removed again");
            }
        }
    }

    fn channels(&self) -> MutexGuard<'_, HashMap<CertificateId, Brake>> {
        self.channels.lock()
    }
}
