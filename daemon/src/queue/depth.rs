//! How much stands in several lanes together.

use super::{Depth, Queue};
use crate::model::CertificateId;

impl Queue {
    /// What stands in the lanes of these channels.
    pub fn depth(&self, channels: impl IntoIterator<Item = CertificateId>) -> Depth {
        let mut sum = Depth::default();
        for channel in channels {
            let depth = self.lane(channel).depth();
            sum.ready += depth.ready;
            sum.waiting += depth.waiting;
            sum.in_flight += depth.in_flight;
            sum.counting |= depth.counting;
        }
        sum
    }
}
