//! The process: builds the stages, wires them, reloads them and takes them down again.

mod accounts;
mod budget;
mod candidates;
mod change;
pub mod check;
mod descriptors;
mod diff;
mod expiry;
mod fingerprint;
mod forms;
mod housekeeping;
mod lax;
mod meaning;
mod names;
mod notify;
mod plan;
mod private;
mod rehearsal;
mod reload;
mod settings;
mod setup;
mod shutdown;
mod signal;
mod start;
mod startup;
mod terms;
mod undo;

pub use expiry::soon;
pub use meaning::Meanings;
pub use reload::{How, LastReload, Reload, Reloaded};
pub use start::{Daemon, StartError, main};
pub use undo::Blameless;
