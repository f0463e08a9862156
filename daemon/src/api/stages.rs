//! What the routes work with: the stages behind them, of which each handler takes what it needs.
//!
//! In: the stages, once, when the daemon starts. Out: the state of the router, from which axum's
//! `State` takes single stages. Refuses to know routes.

use std::sync::Arc;

use axum::extract::FromRef;

use super::events::{Feed, StreamSlots};
use super::views::Views;
use crate::access::Access;
use crate::admission::Admission;
use crate::dispatch::{Dispatch, Operator, Revoker, Routes};
use crate::lifecycle::Lifecycle;
use crate::outcome::{Brakes, Events, Stats, Traces};
use crate::queue::{Queue, Revocations};
use crate::quota::Ledger;
use crate::registry::Registry;
use crate::reload::Reloading;
use crate::store::Store;

/// The stages that stand behind the socket.
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
    pub events: Arc<Events>,
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

/// The state of the router; cheap to clone.
#[derive(Clone)]
pub struct Shared(Arc<(Stages, Arc<Views>)>);

impl Shared {
    pub fn new(stages: Stages) -> Self {
        let views = Arc::new(Views::new(&stages));
        Self(Arc::new((stages, views)))
    }
}

/// Longest body of a notification, or line of a stream, in bytes.
#[derive(Clone, Copy)]
pub struct MaxBody(pub usize);

impl FromRef<Shared> for MaxBody {
    fn from_ref(shared: &Shared) -> Self {
        Self(shared.0.0.max_body)
    }
}

impl FromRef<Shared> for Arc<Views> {
    fn from_ref(shared: &Shared) -> Self {
        shared.0.1.clone()
    }
}

macro_rules! stages {
    ($($name:ident: $stage:ty),* $(,)?) => {$(
        impl FromRef<Shared> for $stage {
            fn from_ref(shared: &Shared) -> Self {
                shared.0.0.$name.clone()
            }
        }
    )*};
}

stages! {
    access: Arc<Access>,
    admission: Arc<Admission>,
    registry: Arc<Registry>,
    queue: Arc<Queue>,
    routes: Arc<Routes>,
    revoker: Arc<Revoker>,
    operator: Arc<Operator>,
    brakes: Arc<Brakes>,
    reload: Arc<dyn Reloading>,
    events: Arc<Events>,
    traces: Arc<Traces>,
    feed: Arc<Feed>,
    slots: Arc<StreamSlots>,
    stats: Arc<Stats>,
    lifecycle: Arc<Lifecycle>,
    store: Store,
}
