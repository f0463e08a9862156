//! The channels that are configured: what each was made from, how it is opened, what its certificate
//! id stands for, and who is looked up by name or id.
//!
//! In: channel files and drivers. Out: [`Routes`], of which admission, api and dispatch each take the
//! current [`RouteTable`], broken channels with their reasons, and what follows for the devices of a
//! certificate id when its channel changes. Refuses to know queues, tasks and deliveries: what is
//! sent by a route is dispatch's affair.

mod accounts;
mod broken;
mod canonical;
mod canonicalize;
mod inputs;
mod mangled;
mod meaning;
mod open;
mod restorable;
mod route;
mod table;
mod token;

pub use accounts::share_accounts;
pub use broken::BrokenChannel;
pub use canonical::CanonicalToken;
pub use canonicalize::canonicalize;
pub use inputs::{InputChange, RouteInputs, SharedInputs};
pub use mangled::MangledText;
pub use meaning::{CertificateMeaning, CertificateMeanings};
pub use open::{OpenContext, open, unreadable};
pub use restorable::{RestorableDevices, count_restorable, restore_devices, with_changed_settings};
pub use route::{REHEARSAL_GRANT, RehearsalDevice, Route};
pub use table::{Readiness, RouteEntry, RouteTable, Routes};
pub use token::{MAX_TOKEN_BYTES, RefusedToken, TokenError, TokenProblem, check_token};
