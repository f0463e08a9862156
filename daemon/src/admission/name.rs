//! Whether a text can name an app, a user, a device or what else keys are made of. Pure.
//!
//! In: a text, and the path of the field that it stands in. Out: the registry's word on it, with
//! that path.

use crate::registry::{DeviceKey, KeyError};

/// A text that can be no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct NameError {
    pub field: String,
    /// What is wrong with it.
    pub problem: KeyError,
}

/// Whether a text can be the name of an app, user or device.
pub fn check_name(name: &str, field: &str) -> Result<(), NameError> {
    DeviceKey::check(name).map_err(|problem| NameError {
        field: field.to_owned(),
        problem,
    })
}
