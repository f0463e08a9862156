//! The socket: HTTP/1.1 with JSON, and nothing durable of its own.
//!
//! In: requests of local services, with the uid and gid that the kernel vouches for. Out:
//! calls of admission and registry, views of the rest. All routes stand in [`router()`]; a handler
//! has leave, reads what was asked, asks a stage, shows what came of it. Refuses to know vendors,
//! and what stands in the database.

mod allowed;
mod body;
mod brake;
mod channels;
mod connection;
mod devices;
mod events;
mod health;
mod im;
mod lines;
mod listener;
mod malformed;
mod notifications;
mod openapi;
mod path;
mod query;
mod queue;
mod refusal;
mod reload;
mod revoke;
mod router;
mod settings;
mod slots;
mod socket;
mod stages;
mod state;
mod unknown;
mod views;

pub use events::{Feed, StreamSlots};
pub use listener::Listener;
pub use openapi::document;
pub use router::router;
pub use socket::{BindError, FDSTORE_NAME, bind};
pub use stages::Stages;
pub use views::{driver_view, refused_view};
