//! The channels that are configured: what each was made from, how it is opened, what its certificate
//! id stands for, and who is looked up by name or id.
//!
//! In: channel files and drivers. Out: [`Routes`], of which admission, api and dispatch each take the
//! current [`Table`], broken channels with their reasons, and what follows for the devices of a
//! certificate id when its channel changes. Refuses to know queues, tasks and deliveries: what is
//! sent by a route is dispatch's affair.

mod accounts;
mod broken;
mod canonical;
mod canonicalize;
mod damage;
mod inputs;
mod meaning;
mod open;
mod route;
mod table;
mod token;
mod undo;

pub use accounts::tell as share_accounts;
pub use broken::BrokenChannel;
pub use canonical::Form;
pub use canonicalize::canonicalize;
pub use damage::Damage;
pub use inputs::{InputChange, RouteInputs, SharedInputs};
pub use meaning::{Meaning, Meanings};
pub use open::{OpenContext, open, unreadable};
pub use route::{REHEARSED_GRANT, Rehearsed, Route};
pub use table::{Entry, Routes, Table, Way};
pub use token::{LONGEST_TOKEN, RefusedToken, TokenError, TokenProblem, check_token};
pub use undo::{changed, count, restore};
