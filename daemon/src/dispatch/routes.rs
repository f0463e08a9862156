//! The channels that are configured now, by name and by certificate id; swapped whole.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::Route;
use crate::model::CertificateId;

/// The channels that are configured now.
#[derive(Default)]
pub struct Routes {
    table: ArcSwap<Table>,
}

/// One state of the channels.
#[derive(Default)]
pub struct Table {
    routes: Vec<Arc<Route>>,
    by_id: HashMap<CertificateId, usize>,
}

impl Routes {
    /// The channels at this moment.
    pub fn now(&self) -> Arc<Table> {
        self.table.load_full()
    }

    /// Puts other channels in their place.
    pub fn swap(&self, routes: Vec<Arc<Route>>) {
        let by_id = routes
            .iter()
            .enumerate()
            .map(|(at, route)| (route.certificate_id, at))
            .collect();
        self.table.store(Arc::new(Table { routes, by_id }));
    }
}

impl Table {
    /// All channels, by name.
    pub fn all(&self) -> &[Arc<Route>] {
        &self.routes
    }

    /// The channel with this certificate id.
    pub fn by_id(&self, id: CertificateId) -> Option<&Arc<Route>> {
        self.by_id.get(&id).map(|at| &self.routes[*at])
    }

    /// The channel of this name in an app.
    pub fn by_name(&self, app: &str, name: &str) -> Option<&Arc<Route>> {
        self.routes
            .iter()
            .find(|route| route.app == app && route.name == name)
    }

    /// The channels of an app.
    pub fn of_app<'a>(&'a self, app: &'a str) -> impl Iterator<Item = &'a Arc<Route>> {
        self.routes.iter().filter(move |route| route.app == app)
    }

    /// The channels of an app in words, for whoever named another one.
    pub fn names(&self, app: &str) -> String {
        let names: Vec<String> = self
            .of_app(app)
            .map(|route| format!("{} (certificate id {})", route.name, route.certificate_id))
            .collect();
        if names.is_empty() {
            format!("app {app} has no channels")
        } else {
            format!("app {app} has {}", names.join(", "))
        }
    }
}
