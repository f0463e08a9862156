//! All channels at a glance: which do not send, cannot be opened, are suspected, run short.

use std::collections::BTreeMap;

use super::Views;
use super::queue::queue_depth;
use crate::clock::now;
use crate::credential::expiry::expires_soon;
use crate::model::rfc3339;
use crate::store::StoreError;
use nudged_wire::{ChannelClassView, ConfigProblem, Holder, QueueDepth, SuspicionView};

impl Views {
    /// Channels that do not send, and who holds them.
    pub fn held_channels(&self) -> BTreeMap<String, Holder> {
        let (table, time) = (self.routes.current(), now());
        table
            .routes()
            .filter_map(|route| {
                let first = self.holds(route.certificate_id, time).into_iter().next()?;
                Some((route.name.clone(), first.by))
            })
            .collect()
    }

    /// Classes that are held, or whose quota is running out, of all channels.
    pub fn all_short_classes(&self) -> Result<Vec<ChannelClassView>, StoreError> {
        let (table, time) = (self.routes.current(), now());
        let found = table.routes().map(|route| self.short_classes(route, time));
        Ok(found.collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// Channels that cannot be opened, and why.
    pub fn broken(&self) -> BTreeMap<String, Vec<ConfigProblem>> {
        let table = self.routes.current();
        let broken = table.broken().iter();
        broken
            .map(|channel| (channel.name.clone(), channel.problems.clone()))
            .collect()
    }

    /// Channels whose client certificate expires within a month, or has, and when.
    pub fn expiring(&self) -> BTreeMap<String, String> {
        let (table, time) = (self.routes.current(), now());
        let expiring = table.routes().filter_map(|route| {
            let at = route.credential_expires_at?;
            expires_soon(at, time).then(|| (route.name.clone(), rfc3339(at)))
        });
        expiring.collect()
    }

    /// What stands against channels since their last accepted message.
    pub fn suspected(&self) -> BTreeMap<String, Vec<SuspicionView>> {
        let table = self.routes.current();
        let suspected = table.routes().filter_map(|route| {
            let views = self.suspicions(route.certificate_id);
            (!views.is_empty()).then(|| (route.name.clone(), views))
        });
        suspected.collect()
    }

    /// What stands in the queue, over all configured channels.
    pub fn depth(&self) -> QueueDepth {
        let table = self.routes.current();
        let channels = table.all().iter().map(|entry| entry.certificate_id);
        queue_depth(self.queue.depth(channels))
    }

    /// How many channels are configured, whether they can be opened or not.
    pub fn configured(&self) -> usize {
        let table = self.routes.current();
        table.routes().count() + table.broken().len()
    }
}
