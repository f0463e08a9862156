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

pub mod admission;
pub mod api;
pub mod channels;
pub mod clock;
pub mod config;
pub mod credential;
pub mod dispatch;
pub mod driver;
pub mod model;
pub mod outcome;
pub mod process;
pub mod queue;
pub mod quota;
pub mod registry;
pub mod store;
pub mod telemetry;
pub mod transport;
