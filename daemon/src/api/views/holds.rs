//! Why a channel does not send, for views.

use nudged_plugin_api::Timestamp;

use super::Views;
use crate::dispatch::{SuspectedFault, Suspicion};
use crate::model::{CertificateId, rfc3339};
use nudged_wire::{HoldView, Holder, SuspicionView};

impl Views {
    /// What stands against a channel since its last accepted message.
    pub fn suspicions(&self, channel: CertificateId) -> Vec<SuspicionView> {
        let standing = self.dispatch.suspicions(channel).into_iter();
        standing.map(suspicion).collect()
    }

    /// What keeps a channel from sending at `now`, the operator's hold first.
    pub fn holds(&self, channel: CertificateId, now: Timestamp) -> Vec<HoldView> {
        let by_operator = self.operator.held_since(channel).map(|since| HoldView {
            by: Holder::Operator,
            reason: "the operator holds it; `nudgectl queue release` lets it send again".to_owned(),
            since: Some(rfc3339(since)),
            until: None,
        });
        let held = self.dispatch.view(channel).and_then(|(_, held)| held);
        let held = held.filter(|hold| hold.until > now).map(|hold| HoldView {
            by: if hold.asked {
                Holder::Vendor
            } else {
                Holder::Daemon
            },
            reason: hold.reason,
            since: None,
            until: Some(rfc3339(hold.until)),
        });
        let table = self.routes.current();
        let broken = table.by_id(channel).and_then(|entry| entry.broken());
        let broken = broken.map(|broken| HoldView {
            by: Holder::Configuration,
            reason: broken.reason(),
            since: None,
            until: None,
        });
        by_operator.into_iter().chain(broken).chain(held).collect()
    }
}

fn suspicion(it: Suspicion) -> SuspicionView {
    SuspicionView {
        about: match it.about {
            SuspectedFault::Credential => "credential",
            SuspectedFault::Tokens => "tokens",
        }
        .to_owned(),
        code: it.code,
        text: it.text,
        remedy: it.remedy,
        since: rfc3339(it.since),
        count: it.count,
        confirmed: it.confirmed,
    }
}
