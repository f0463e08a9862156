//! The process: builds the stages, wires them, reloads them and takes them down again.

mod check;
mod command_line;
mod descriptors;
mod housekeeping;
mod notify;
mod plan;
mod private;
mod reload;
mod setup;
mod shutdown;
mod signal;
mod start;

pub use command_line::main;
