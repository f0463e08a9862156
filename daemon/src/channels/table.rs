//! The channels that are configured now, by name and by certificate id; swapped whole.
//!
//! In: the routes and the broken channels of a reload. Out: an [`RouteEntry`] for each that has a
//! certificate id, whether it can send or not: devices are reported for it and deliveries stand
//! in its lane either way.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use nudged_plugin_api::{Info, Timestamp};

use super::{BrokenChannel, Route};
use crate::config::Defaults;
use crate::model::CertificateId;

/// The channels that are configured now.
#[derive(Default)]
pub struct Routes {
    table: ArcSwap<RouteTable>,
}

/// One state of the channels.
#[derive(Default)]
pub struct RouteTable {
    entries: Vec<RouteEntry>,
    by_id: HashMap<CertificateId, usize>,
    broken: Vec<Arc<BrokenChannel>>,
}

/// A channel that is configured.
pub struct RouteEntry {
    pub name: String,
    pub app: String,
    pub certificate_id: CertificateId,
    /// What its driver says of itself; of one that is not there, the name alone.
    pub info: Info,
    /// What its messages get that do not say.
    pub defaults: Defaults,
    /// When its client certificate expires.
    pub credential_expires_at: Option<Timestamp>,
    /// Whether it can send.
    pub readiness: Readiness,
}

/// Whether a channel can send.
pub enum Readiness {
    Ready(Arc<Route>),
    Broken(Arc<BrokenChannel>),
}

impl Routes {
    /// The channels at this moment.
    pub fn current(&self) -> Arc<RouteTable> {
        self.table.load_full()
    }

    /// Whether these are still the channels.
    pub fn is_current(&self, table: &Arc<RouteTable>) -> bool {
        Arc::ptr_eq(&self.table.load(), table)
    }

    /// Replaces all of them.
    pub fn swap(&self, routes: Vec<Arc<Route>>, broken: Vec<Arc<BrokenChannel>>) {
        self.table.store(Arc::new(RouteTable::new(routes, broken)));
    }
}

impl RouteEntry {
    fn of_route(route: Arc<Route>) -> Self {
        Self {
            name: route.name.clone(),
            app: route.app.clone(),
            certificate_id: route.certificate_id,
            info: route.info.clone(),
            defaults: route.defaults.clone(),
            credential_expires_at: route.credential_expires_at,
            readiness: Readiness::Ready(route),
        }
    }

    /// None for a channel of which nobody knows the app or the certificate id.
    fn of_broken(channel: &Arc<BrokenChannel>) -> Option<Self> {
        Some(Self {
            name: channel.name.clone(),
            app: channel.app.clone()?,
            certificate_id: channel.certificate_id?,
            info: channel.info.clone(),
            defaults: channel.defaults.clone(),
            credential_expires_at: channel.credential_expires_at,
            readiness: Readiness::Broken(channel.clone()),
        })
    }

    /// Whether its driver is there and says what it can.
    pub fn is_described(&self) -> bool {
        !self.info.version.is_empty()
    }

    /// The route, if it can send.
    pub fn route(&self) -> Option<&Arc<Route>> {
        match &self.readiness {
            Readiness::Ready(route) => Some(route),
            Readiness::Broken(_) => None,
        }
    }

    /// Why it cannot send, if so.
    pub fn broken(&self) -> Option<&Arc<BrokenChannel>> {
        match &self.readiness {
            Readiness::Ready(_) => None,
            Readiness::Broken(channel) => Some(channel),
        }
    }
}

impl RouteTable {
    pub fn new(routes: Vec<Arc<Route>>, broken: Vec<Arc<BrokenChannel>>) -> Self {
        let mut entries: Vec<RouteEntry> = routes.into_iter().map(RouteEntry::of_route).collect();
        entries.extend(broken.iter().filter_map(RouteEntry::of_broken));
        let mut by_id = HashMap::with_capacity(entries.len());
        for (at, entry) in entries.iter().enumerate() {
            // Of two with one id, the one that can send.
            by_id.entry(entry.certificate_id).or_insert(at);
        }
        Self {
            entries,
            by_id,
            broken,
        }
    }

    /// All channels that have a certificate id.
    pub fn all(&self) -> &[RouteEntry] {
        &self.entries
    }

    /// Those that can send.
    pub fn routes(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.entries.iter().filter_map(RouteEntry::route)
    }

    /// Those that cannot, also those without a certificate id.
    pub fn broken(&self) -> &[Arc<BrokenChannel>] {
        &self.broken
    }

    /// The channel with this certificate id.
    pub fn by_id(&self, id: CertificateId) -> Option<&RouteEntry> {
        self.by_id.get(&id).map(|at| &self.entries[*at])
    }

    /// The channel of this name in an app.
    pub fn by_name(&self, app: &str, name: &str) -> Option<&RouteEntry> {
        self.entries
            .iter()
            .find(|entry| entry.app == app && entry.name == name)
    }

    /// The channels of an app.
    pub fn of_app<'a>(&'a self, app: &'a str) -> impl Iterator<Item = &'a RouteEntry> {
        self.entries.iter().filter(move |entry| entry.app == app)
    }

    /// The channels of an app as a sentence, for whoever named another one.
    pub fn names(&self, app: &str) -> String {
        let names: Vec<String> = self
            .of_app(app)
            .map(|entry| format!("{} (certificate id {})", entry.name, entry.certificate_id))
            .collect();
        if names.is_empty() {
            format!("app {app} has no channels")
        } else {
            format!("app {app} has {}", names.join(", "))
        }
    }
}
