//! What the registry refuses, in the names of the device that it concerns.

use super::tokens;
use crate::registry::{DeviceKey, RegistryError};
use nudged_wire::{Code, Problem};

pub fn problem(error: RegistryError, key: &DeviceKey) -> Problem {
    let DeviceKey { user, device, .. } = key;
    match error {
        RegistryError::NotLoggedIn => {
            let detail = format!("{user} has logged out, or was logged out, on {device:?}");
            Problem::new(Code::NotLoggedIn, detail)
                .hint("after a new login, report with \"login\": true, or report the state first")
        }
        RegistryError::NoDevice => {
            Problem::new(Code::NotFound, format!("{user} has no device {device:?}"))
                .hint("report its certificate id and token first")
        }
        RegistryError::SameToken { which, other } => {
            let other = match other {
                Some(other) => tokens::path(&other),
                None => "token".to_owned(),
            };
            let detail = format!("is the same token as {other}, expected one of its own");
            Problem::new(Code::Invalid, detail)
                .field(tokens::path(&which))
                .hint(
                    "have the app report what the phone's system gives it for each kind of message",
                )
        }
        RegistryError::Store(error) => error.into(),
    }
}
