//! The process: builds the stages, wires them, reloads them and takes them down again.

mod budget;
pub mod check;
mod housekeeping;
mod lax;
mod notify;
mod plan;
mod private;
mod rehearsal;
mod reload;
mod settings;
mod shutdown;
mod signal;
mod start;
mod terms;

pub use reload::{LastReload, Reload};
pub use start::{Daemon, StartError, main};
