//! What is shown of the stages: the same sentence about a channel wherever it stands.
//!
//! In: the stages as they are at a moment. Out: the views of [`nudged_wire`]. Changes nothing;
//! refuses to know who may see it: a handler asks for what its caller may see.

mod brake;
mod channel;
mod classes;
mod driver;
mod holds;
mod queue;
mod status;
mod waits;

use std::sync::Arc;

use super::stages::Stages;
use crate::channels::Routes;
use crate::dispatch::{Dispatch, Operator};
use crate::outcome::Brakes;
use crate::queue::{Queue, Revocations};
use crate::quota::Ledger;
use crate::registry::Registry;

pub use channel::unlisted;
pub use driver::{driver_view, refused_view};
pub use queue::{check_view, warnings};

/// The stages that are shown.
pub struct Views {
    routes: Arc<Routes>,
    dispatch: Arc<Dispatch>,
    operator: Arc<Operator>,
    queue: Arc<Queue>,
    revocations: Arc<Revocations>,
    ledger: Arc<Ledger>,
    registry: Arc<Registry>,
    brakes: Arc<Brakes>,
}

impl Views {
    pub fn new(stages: &Stages) -> Self {
        Self {
            routes: stages.routes.clone(),
            dispatch: stages.dispatch.clone(),
            operator: stages.operator.clone(),
            queue: stages.queue.clone(),
            revocations: stages.revocations.clone(),
            ledger: stages.ledger.clone(),
            registry: stages.registry.clone(),
            brakes: stages.brakes.clone(),
        }
    }
}
