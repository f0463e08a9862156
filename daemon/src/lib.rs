//! nudged gets a message to a phone whose app is not running.
//!
//! ```text
//! socket > api > admission > queue > dispatch > driver encode > transport > driver decode > outcome
//! Notification > Delivery > Batch > HttpRequest > HttpResponse > Verdict > Outcome
//! ```
//!
//! A stage knows only the next one. [`dispatch`] pulls the [`queue`] and drives the last
//! four, within what [`quota`] allows; only [`outcome`] writes back. Devices go from [`api`] to [`registry`]. Everything
//! durable is written by the one committer in [`store`]. [`process`] builds the stages,
//! wires them and takes them down again; a reload is one transaction there.

pub mod access;
pub mod admission;
pub mod api;
pub mod channels;
pub mod config;
pub mod credential;
pub mod dispatch;
pub mod driver;
pub mod lifecycle;
pub mod model;
pub mod outcome;
pub mod process;
mod queue;
mod quota;
pub mod registry;
pub mod reload;
pub mod store;
mod sync;
pub mod telemetry;
mod transport;
