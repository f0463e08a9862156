//! Why the registry did not do what was asked.
//!
//! In: what a report or a change of settings runs into. Out: one precise variant each. Refuses to
//! know what is made of it.

use super::KindName;
use crate::store::StoreError;

/// Why the registry did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RegistryError {
    /// The user is not logged in: on this device, or for settings on none.
    #[error("the user is not logged in")]
    NotLoggedIn,
    /// There is no such device.
    #[error("there is no such device")]
    NoDevice,
    /// One token is reported as two of a device's.
    #[error("one token is reported for two kinds of message")]
    SameToken {
        /// Which it is reported as.
        which: KindName,
        /// What it is besides; none = the device's own.
        other: Option<KindName>,
    },
    /// The database could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}
