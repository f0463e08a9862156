//! What goes wrong on demand: faults, the plan that picks the requests, and how a fault happens.

mod fault;
pub(crate) mod inject;
mod plan;
#[cfg(test)]
mod tests;

pub use fault::{Fault, FaultKind};
pub(crate) use plan::{FaultPlan, FaultTarget};
