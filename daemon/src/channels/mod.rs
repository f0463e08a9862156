//! The channels that are configured: what each was made from, how it is opened, and what its
//! certificate id stands for.
//!
//! In: channel files and drivers. Out: routes that are ready for use, broken channels, and what
//! follows for the devices of a certificate id when its channel changes. Refuses to know queues,
//! tasks and deliveries: what is sent by a route is dispatch's affair.

mod accounts;
mod canonicalize;
mod inputs;
mod meaning;
mod open;
mod restorable;

pub use accounts::share_accounts;
pub use canonicalize::canonicalize;
pub use inputs::{InputChange, RouteInputs, SharedInputs};
pub use meaning::{CertificateMeaning, CertificateMeanings};
pub use open::{OpenContext, open, unreadable};
pub use restorable::{RestorableDevices, count_restorable, restore_devices, with_changed_settings};
