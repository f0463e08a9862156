//! The channels that are configured: looked up by name and by certificate id, asked for canonical
//! tokens, rehearsed.
//!
//! In: what the reload opened, and what it could not open. Out: [`Routes`], of which admission, api
//! and dispatch each take the current [`Table`]. Refuses to know queues, tasks and deliveries: what
//! is sent by a route is dispatch's affair.

mod broken;
mod canonical;
mod damage;
mod route;
mod table;
mod token;

pub use broken::BrokenChannel;
pub use canonical::Form;
pub use damage::Damage;
pub use route::{REHEARSED_GRANT, Rehearsed, Route};
pub use table::{Entry, Routes, Table, Way};
pub use token::{LONGEST_TOKEN, RefusedToken, TokenError, TokenProblem, check_token};
