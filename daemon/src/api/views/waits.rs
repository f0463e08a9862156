//! What a delivery waits for that has not ended.

use super::Views;
use crate::clock::now;
use crate::model::{CertificateId, DeliveryId};

impl Views {
    /// In words; none when it is only its turn that it waits for.
    pub fn waits_for(&self, id: DeliveryId, channel: Option<CertificateId>) -> Option<String> {
        if self.revocations.contains(id.notification) {
            return Some("it is revoked, and ends unsent when its turn comes".to_owned());
        }
        let id = channel?;
        let table = self.routes.current();
        if let Some(broken) = table.by_id(id).and_then(|entry| entry.broken()) {
            return Some(format!("the channel is broken: {}", broken.reason()));
        }
        if self.dispatch.view(id).is_none() {
            return Some(format!(
                "no channel with certificate id {id} is configured now"
            ));
        }
        let held = self.holds(id, now()).into_iter().next()?;
        let until = held.until.map(|until| format!(" until {until}"));
        Some(format!(
            "the channel is held{}: {}",
            until.unwrap_or_default(),
            held.reason
        ))
    }
}
