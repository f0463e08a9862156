//! A channel, as it fares.

use nudged_plugin_api::{Notice, Timestamp};

use super::Views;
use super::queue::queue_depth;
use crate::channels::{BrokenChannel, Route, RouteEntry};
use crate::model::rfc3339;
use crate::store::StoreError;
use nudged_wire::{AdviceView, ChannelState, ChannelView, Holder, QueueDepth};

impl Views {
    /// A channel as it is at `time`.
    pub fn channel(&self, entry: &RouteEntry, time: Timestamp) -> Result<ChannelView, StoreError> {
        let (id, route) = (entry.certificate_id, entry.route());
        let held = self.holds(id, time);
        let held = held
            .into_iter()
            .find(|hold| hold.by != Holder::Configuration);
        let depth = self.queue.lane(id).depth();
        Ok(ChannelView {
            name: entry.name.clone(),
            app: Some(entry.app.clone()),
            certificate_id: Some(id.0),
            account: route
                .and_then(|route| route.driver.account())
                .map(str::to_owned),
            driver: entry.info.vendor.clone(),
            state: if entry.broken().is_some() {
                ChannelState::Broken
            } else if held.is_some() {
                ChannelState::Held
            } else {
                ChannelState::Running
            },
            problems: entry
                .broken()
                .map(|broken| broken.problems.clone())
                .unwrap_or_default(),
            held_by: held.as_ref().map(|hold| hold.by),
            held_until: held.as_ref().and_then(|hold| hold.until.clone()),
            held_for: held.map(|hold| hold.reason),
            credential_expires_at: entry.credential_expires_at.map(rfc3339),
            queue: queue_depth(depth),
            connections: route.map_or(0, |route| route.client.connections()),
            devices: self.registry.devices_of(id),
            brake: self.brake(id),
            suspicions: self.suspicions(id),
            advice: route.map(|route| advice(route)).unwrap_or_default(),
            classes: match route {
                Some(route) => self.classes(route, time)?,
                None => Vec::new(),
            },
        })
    }
}

/// What its settings cost every message, as its driver says.
fn advice(route: &Route) -> Vec<AdviceView> {
    let advice = route.driver.advice().into_iter();
    let view = |notice: Notice| AdviceView {
        key: notice.field,
        text: notice.text,
    };
    advice.map(view).collect()
}

/// A channel of which nobody knows the app or the certificate id.
pub fn unlisted(broken: &BrokenChannel) -> ChannelView {
    ChannelView {
        name: broken.name.clone(),
        app: broken.app.clone(),
        certificate_id: broken.certificate_id.map(|id| id.0),
        account: None,
        driver: broken.info.vendor.clone(),
        state: ChannelState::Broken,
        problems: broken.problems.clone(),
        held_by: None,
        held_for: None,
        held_until: None,
        credential_expires_at: broken.credential_expires_at.map(rfc3339),
        queue: QueueDepth::default(),
        connections: 0,
        devices: None,
        brake: None,
        suspicions: Vec::new(),
        advice: Vec::new(),
        classes: Vec::new(),
    }
}
