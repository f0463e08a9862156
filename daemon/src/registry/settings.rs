//! What users want of push.

use std::collections::BTreeMap;

use nudged_plugin_api::frame::to_bytes;

use super::{DeviceKey, RegistryError, RegistryView};
use crate::model::{ConversationMute, UserSettings};
use crate::store::{Keyspace, StoreError, decoded};

/// Most conversations of which one user wants something else than push.
pub const MAX_CONVERSATIONS: usize = 5000;

/// All settings of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllSettings {
    /// Of every conversation.
    pub user: UserSettings,
    /// By conversation, such as `c2c:alice`.
    pub conversations: BTreeMap<String, ConversationMute>,
}

pub(super) fn of_user(app: &str, user: &str) -> Vec<u8> {
    DeviceKey::of_user(app, user)
}

pub(super) fn of_conversation(app: &str, user: &str, conversation: &str) -> Vec<u8> {
    let mut key = of_user(app, user);
    key.extend_from_slice(conversation.as_bytes());
    key
}

/// A number that nobody knows is as if there were none.
pub(super) fn mute(value: &[u8]) -> ConversationMute {
    let known = value.first().copied().and_then(ConversationMute::of);
    known.unwrap_or_default()
}

impl RegistryView<'_> {
    /// All settings of a user who is logged in somewhere.
    pub fn all_settings(&mut self, app: &str, user: &str) -> Result<AllSettings, RegistryError> {
        let devices = self.of_user(app, user)?;
        // req 29: settings are a logged-in user's
        if !devices.iter().any(|(_, device)| device.is_logged_in()) {
            return Err(RegistryError::NotLoggedIn);
        }
        Ok(self.stored_settings(app, user)?)
    }

    /// Replaces all settings of a user who is logged in somewhere.
    pub fn put_settings(
        &mut self,
        app: &str,
        user: &str,
        settings: &AllSettings,
    ) -> Result<(), RegistryError> {
        let before = self.all_settings(app, user)?;
        if settings.user != before.user {
            let value =
                (settings.user != UserSettings::default()).then(|| to_bytes(&settings.user));
            self.write(Keyspace::Settings, of_user(app, user), value);
        }
        let wanted = |conversation: &str| {
            let value = settings.conversations.get(conversation).copied();
            value.unwrap_or_default()
        };
        let names = before
            .conversations
            .keys()
            .chain(settings.conversations.keys());
        for name in names {
            let value = wanted(name);
            if before.conversations.get(name).copied().unwrap_or_default() != value {
                let bytes = (value != ConversationMute::default()).then(|| vec![value.value()]);
                self.write(Keyspace::Settings, of_conversation(app, user, name), bytes);
            }
        }
        Ok(())
    }

    fn stored_settings(&mut self, app: &str, user: &str) -> Result<AllSettings, StoreError> {
        let prefix = of_user(app, user);
        let mut settings = AllSettings::default();
        for (key, value) in self.prefix(Keyspace::Settings, &prefix)? {
            let conversation = &key[prefix.len()..];
            if conversation.is_empty() {
                settings.user = decoded(Keyspace::Settings, &value)?;
                continue;
            }
            let conversation = String::from_utf8_lossy(conversation).into_owned();
            settings.conversations.insert(conversation, mute(&value));
        }
        Ok(settings)
    }
}
