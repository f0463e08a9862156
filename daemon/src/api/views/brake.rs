//! The brake on the mass removal of tokens.

use super::Views;
use crate::model::{CertificateId, rfc3339};
use nudged_wire::BrakeView;

impl Views {
    /// Why devices of a channel are not removed, if so.
    pub(super) fn brake(&self, channel: CertificateId) -> Option<BrakeView> {
        let stopped = self.brakes.stopped(channel)?;
        Some(BrakeView {
            since: rfc3339(stopped.since),
            first: rfc3339(stopped.first),
            tokens: stopped.tokens,
            reason: stopped.reason,
            slow: stopped.slow,
        })
    }

    /// Names of the channels whose devices are not removed.
    pub fn braked(&self) -> Vec<String> {
        let table = self.routes.current();
        let braked = table
            .all()
            .iter()
            .filter(|route| self.brakes.stopped(route.certificate_id).is_some());
        braked.map(|route| route.name.clone()).collect()
    }
}
