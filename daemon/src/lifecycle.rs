//! Whether the daemon serves, reloads or stops, and since when it runs.
//!
//! In: what the process does. Out: a status for views, and the end of streams that would never end
//! by themselves. Refuses to know what is reloaded or stopped.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Instant;

use nudged_plugin_api::Timestamp;
use tokio::sync::watch;

use crate::clock::now;

/// Where the daemon is between its start and its end.
pub struct Lifecycle {
    state: AtomicU8,
    stopping: watch::Sender<bool>,
    started: Instant,
    started_at: Timestamp,
}

const READY: u8 = 0;
const RELOADING: u8 = 1;
const STOPPING: u8 = 2;

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            state: AtomicU8::new(READY),
            stopping: watch::Sender::new(false),
            started: Instant::now(),
            started_at: now(),
        }
    }
}

impl Lifecycle {
    /// `ready`, `reloading` or `stopping`.
    pub fn status(&self) -> &'static str {
        match self.state.load(Ordering::Relaxed) {
            READY => "ready",
            RELOADING => "reloading",
            _ => "stopping",
        }
    }

    /// Marks the begin or the end of a reload. A daemon that stops goes on stopping.
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

    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    pub fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Seconds since the start.
    pub fn uptime(&self) -> u64 {
        self.started.elapsed().as_secs()
    }
}
