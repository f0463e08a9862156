//! The brake on the mass removal of tokens.

use super::Views;
use crate::model::{CertificateId, rfc3339};
use nudged_wire::BrakeView;

impl Views {
    /// Why devices of a channel are not removed, if so.
    pub(super) fn brake(&self, channel: CertificateId) -> Option<BrakeView> {
        let engaged = self.brakes.engaged(channel)?;
        Some(BrakeView {
            since: rfc3339(engaged.since),
            first: rfc3339(engaged.first),
            tokens: engaged.tokens,
            reason: engaged.reason,
            slow: engaged.slow,
        })
    }

    /// Names of the channels whose devices are not removed.
    pub fn braked(&self) -> Vec<String> {
        let table = self.routes.current();
        let braked = table
            .all()
            .iter()
            .filter(|route| self.brakes.engaged(route.certificate_id).is_some());
        braked.map(|route| route.name.clone()).collect()
    }
}
