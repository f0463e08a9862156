//! The socket: HTTP/1.1 with JSON, and nothing durable of its own.
//!
//! In: requests of local services, with the uid and gid that the kernel vouches for. Out:
//! calls of admission and registry, views of the rest. Refuses to know vendors.

mod allowed;
mod body;
mod brake;
mod channels;
mod classes;
mod connection;
mod devices;
mod driver_view;
mod events;
mod health;
mod held;
mod im;
mod lines;
mod listener;
mod malformed;
mod notifications;
mod openapi;
mod path;
mod places;
mod queue;
mod refusal;
mod reload;
mod revoke;
mod router;
mod settings;
mod socket;
mod wire;

pub use driver_view::{driver_view, refused_view};

use std::sync::Arc;

use crate::access::Access;
use crate::admission::Admission;
use crate::dispatch::{Dispatch, Operator, Revoker, Routes};
use crate::lifecycle::Lifecycle;
use crate::outcome::{Brakes, Events, Stats};
use crate::queue::{Queue, Revocations};
use crate::quota::Ledger;
use crate::registry::Registry;
use crate::reload::Reloading;
use crate::store::Store;

pub use events::{Feed, StreamPlaces};
pub use listener::Listener;
pub use openapi::document;
pub use router::router;
pub use socket::{BindError, Bound, KEPT, bind};

/// What the routes work with.
pub struct Api {
    /// Takes notifications.
    pub admission: Arc<Admission>,
    /// Takes devices.
    pub registry: Arc<Registry>,
    /// For views.
    pub queue: Arc<Queue>,
    /// For views.
    pub routes: Arc<Routes>,
    /// For views.
    pub dispatch: Arc<Dispatch>,
    /// For views and the sweep.
    pub revocations: Arc<Revocations>,
    /// Takes notifications back.
    pub revoker: Arc<Revoker>,
    /// Tends the queue.
    pub operator: Arc<Operator>,
    /// Of channels whose devices are not removed.
    pub brakes: Arc<Brakes>,
    /// For views.
    pub ledger: Arc<Ledger>,
    /// Who may do what.
    pub access: Arc<Access>,
    /// Takes a new configuration into use.
    pub reload: Box<dyn Reloading>,
    /// For readers of what is kept.
    pub events: Arc<Events>,
    /// For followers.
    pub feed: Arc<Feed>,
    /// For streams of events.
    pub places: Arc<StreamPlaces>,
    /// For views.
    pub stats: Arc<Stats>,
    /// For health.
    pub store: Store,
    /// Whether the daemon serves, reloads or stops.
    pub lifecycle: Arc<Lifecycle>,
    /// Longest body, or line of a stream, in bytes.
    pub max_body: usize,
}
