//! The socket: HTTP/1.1 with JSON, and nothing durable of its own.
//!
//! In: requests of local services, with the uid and gid that the kernel vouches for. Out:
//! calls of admission and registry, views of the rest. Refuses to know vendors.

pub mod access;
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
mod peer;
mod permit;
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
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Instant;

use nudged_plugin_api::Timestamp;
use tokio::sync::watch;

use crate::admission::Admission;
use crate::dispatch::{Dispatch, Operator, Revoker, Routes};
use crate::outcome::{Brakes, Events, Stats};
use crate::process::Reloader;
use crate::queue::{Queue, Revocations};
use crate::quota::Ledger;
use crate::registry::Registry;
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
    /// For the reload.
    pub reload: Arc<Reloader>,
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
    pub life: Arc<Life>,
    /// Longest body, or line of a stream, in bytes.
    pub max_body: usize,
}

/// Whether the daemon serves, reloads or stops.
pub struct Life {
    state: AtomicU8,
    stopping: watch::Sender<bool>,
    started: Instant,
    /// When it started.
    pub started_at: Timestamp,
}

const READY: u8 = 0;
const RELOADING: u8 = 1;
const STOPPING: u8 = 2;

impl Default for Life {
    fn default() -> Self {
        Self {
            state: AtomicU8::new(READY),
            stopping: watch::Sender::new(false),
            started: Instant::now(),
            started_at: crate::model::now(),
        }
    }
}

impl Life {
    /// In one word.
    pub fn status(&self) -> &'static str {
        match self.state.load(Ordering::Relaxed) {
            READY => "ready",
            RELOADING => "reloading",
            _ => "stopping",
        }
    }

    /// Marks the time of a reload.
    pub fn reloading(&self, yes: bool) {
        let (from, to) = if yes {
            (READY, RELOADING)
        } else {
            (RELOADING, READY)
        };
        let _ = self
            .state
            .compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Ends all streams that would never end by themselves.
    pub fn stop(&self) {
        self.state.store(STOPPING, Ordering::Relaxed);
        self.stopping.send_replace(true);
    }

    /// Turns true when the daemon stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Seconds since the start.
    pub fn uptime(&self) -> u64 {
        self.started.elapsed().as_secs()
    }
}
