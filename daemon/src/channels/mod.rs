//! The channels that are configured: looked up by name and by certificate id, asked for canonical
//! tokens, rehearsed.
//!
//! In: what the reload opened, and what it could not open. Out: [`Routes`], of which admission, api
//! and dispatch each take the current [`RouteTable`]. Refuses to know queues, tasks and deliveries: what
//! is sent by a route is dispatch's affair.

mod broken;
mod canonical;
mod damage;
mod route;
mod table;
mod token;

pub use broken::BrokenChannel;
pub use canonical::CanonicalToken;
pub use damage::TextDamage;
pub use route::{REHEARSAL_GRANT, RehearsalDevice, Route};
pub use table::{Readiness, RouteEntry, RouteTable, Routes};
pub use token::{MAX_TOKEN_BYTES, RefusedToken, TokenError, TokenProblem, check_token};
