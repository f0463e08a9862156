//! Whose a token is.
//!
//! In: a device's key. Out: what is written beside each of its tokens, and the key again.

use nudged_plugin_api::frame::frame;

use super::DeviceKey;

/// Whose a token is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenOwner {
    /// The user.
    pub user: String,
    /// The user's device.
    pub device: String,
}
frame!(TokenOwner { 0 user, 1 device });

impl TokenOwner {
    pub(super) fn of(key: &DeviceKey) -> Self {
        Self {
            user: key.user.clone(),
            device: key.device.clone(),
        }
    }

    pub(super) fn key(&self, app: &str) -> DeviceKey {
        DeviceKey {
            app: app.to_owned(),
            user: self.user.clone(),
            device: self.device.clone(),
        }
    }
}
