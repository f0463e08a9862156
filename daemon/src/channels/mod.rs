//! The channels that are configured, and what each of them was made from.

mod inputs;

pub use inputs::{InputChange, RouteInputs, SharedInputs};
