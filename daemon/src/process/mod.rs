//! The process: builds the stages, wires them, reloads them and takes them down again.

mod budget;
mod candidates;
pub mod check;
mod housekeeping;
mod names;
mod notify;
mod plan;
mod rehearsal;
mod reload;
mod settings;
mod shutdown;
mod signal;
mod start;
mod terms;

pub use reload::{LastReload, Reload};
pub use start::{Daemon, StartError, main};
