//! The stages that stand behind the socket: what the daemon hands to the router when it starts.

use std::sync::Arc;

use super::events::{Feed, StreamSlots};
use crate::access::Access;
use crate::admission::Admission;
use crate::channels::Routes;
use crate::dispatch::{Dispatch, Operator, Revoker};
use crate::lifecycle::Lifecycle;
use crate::outcome::{Brakes, Stats, Traces};
use crate::queue::{Queue, Revocations};
use crate::quota::Ledger;
use crate::registry::Registry;
use crate::reloading::Reloading;
use crate::store::Store;

/// All that the routes work with.
pub struct Stages {
    pub access: Arc<Access>,
    pub admission: Arc<Admission>,
    pub registry: Arc<Registry>,
    pub queue: Arc<Queue>,
    pub routes: Arc<Routes>,
    pub dispatch: Arc<Dispatch>,
    pub revocations: Arc<Revocations>,
    pub revoker: Arc<Revoker>,
    pub operator: Arc<Operator>,
    pub brakes: Arc<Brakes>,
    pub ledger: Arc<Ledger>,
    pub reload: Arc<dyn Reloading>,
    pub traces: Arc<Traces>,
    pub feed: Arc<Feed>,
    pub slots: Arc<StreamSlots>,
    pub stats: Arc<Stats>,
    pub lifecycle: Arc<Lifecycle>,
    /// For its health and its size; what is in it, its owners read.
    pub store: Store,
    /// Longest body, or line of a stream, in bytes.
    pub max_body: usize,
}
