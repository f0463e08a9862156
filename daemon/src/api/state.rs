//! The state of the router, of which each handler takes with axum's `State` the stages it needs.
//!
//! In: the stages. Out: single stages. Refuses to know routes.

use std::sync::Arc;

use axum::extract::FromRef;

use super::events::{Feed, StreamSlots};
use super::stages::Stages;
use super::views::Views;
use crate::access::Access;
use crate::admission::Admission;
use crate::channels::Routes;
use crate::dispatch::{Operator, Revoker};
use crate::lifecycle::Lifecycle;
use crate::outcome::{Brakes, Stats, Traces};
use crate::queue::Queue;
use crate::registry::Registry;
use crate::reloading::Reloading;
use crate::store::Store;

/// The state of the router; cheap to clone.
#[derive(Clone)]
pub struct ApiState(Arc<(Stages, Arc<Views>)>);

impl ApiState {
    pub fn new(stages: Stages) -> Self {
        let views = Arc::new(Views::new(&stages));
        Self(Arc::new((stages, views)))
    }
}

/// Longest body of a notification, or line of a stream, in bytes.
#[derive(Clone, Copy)]
pub struct MaxBody(pub usize);

impl FromRef<ApiState> for MaxBody {
    fn from_ref(shared: &ApiState) -> Self {
        Self(shared.0.0.max_body)
    }
}

impl FromRef<ApiState> for Arc<Views> {
    fn from_ref(shared: &ApiState) -> Self {
        shared.0.1.clone()
    }
}

macro_rules! stages {
    ($($name:ident: $stage:ty),* $(,)?) => {$(
        impl FromRef<ApiState> for $stage {
            fn from_ref(shared: &ApiState) -> Self {
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
    traces: Arc<Traces>,
    feed: Arc<Feed>,
    slots: Arc<StreamSlots>,
    stats: Arc<Stats>,
    lifecycle: Arc<Lifecycle>,
    store: Store,
}
