//! What is told of a device, and what follows from it.

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;

use super::{DeviceKey, Owner, RegistryError, View};
use crate::model::{Binding, Device, State};
use crate::store::{Space, StoreError};

/// Largest number on an app's icon.
pub const MOST_UNREAD: u32 = 99_999;

/// What an app reports of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How it is reached; none turns its push off.
    pub binding: Option<Binding>,
    /// The phone's system.
    pub platform: Option<String>,
    /// The language of the app.
    pub language: Option<String>,
    /// Version of the app.
    pub app_version: Option<String>,
}

/// What became of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reported {
    /// The device as it is now.
    pub device: Device,
    /// Whose the token was until now, if another device's; that device is forgotten.
    pub taken_from: Option<Owner>,
}

/// Where an app says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateReport {
    /// In sight.
    Foreground {
        /// Seconds for which that holds without another report.
        lease: u32,
    },
    /// Out of sight.
    Background {
        /// What the app's icon shows; none = as before.
        unread: Option<u32>,
    },
    /// The user logged out.
    LoggedOut,
    /// The user was logged out by a login elsewhere.
    Kicked,
}

/// How a push changes the number on the app's icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// One more.
    One,
    /// To this.
    Set(u32),
    /// So many more.
    Add(u32),
}

impl View<'_> {
    /// Takes a report. One that comes late must not switch the push of a phone on again on
    /// which the user has logged out: that needs a login.
    pub fn report(
        &mut self,
        key: &DeviceKey,
        report: Report,
        login: bool,
        now: Timestamp,
    ) -> Result<Reported, RegistryError> {
        let known = self.get(key)?;
        if known.is_none() {
            self.forget_tombstone(key)?;
        }
        let before = known.unwrap_or_default();
        let mut device = Device {
            binding: report.binding,
            platform: report.platform,
            language: report.language,
            app_version: report.app_version,
            registered_at: now,
            ..before.clone()
        };
        if !before.is_logged_in() {
            if login {
                device.state = State::Background;
                device.state_at = now;
            } else if device.binding.is_some() {
                return Err(RegistryError::NotLoggedIn);
            }
        }
        if before.binding != device.binding {
            self.release(key, before.binding.as_ref());
        }
        let taken_from = match &device.binding {
            Some(bound) => self.take(key, bound)?,
            None => None,
        };
        self.put(key, &device);
        Ok(Reported { device, taken_from })
    }

    /// Takes a report of where the app is.
    pub fn set_state(
        &mut self,
        key: &DeviceKey,
        report: StateReport,
        now: Timestamp,
    ) -> Result<Device, RegistryError> {
        let mut device = self.get(key)?.ok_or(RegistryError::NoDevice)?;
        device.state_at = now;
        device.lease_until = Timestamp::default();
        device.state = match report {
            StateReport::Foreground { lease } => {
                device.lease_until = now.plus_seconds(lease.into());
                // Whoever looks at the app has read.
                device.unread = Some(0);
                State::Foreground
            }
            StateReport::Background { unread } => {
                let unread = unread.map(|it| it.min(MOST_UNREAD));
                device.unread = unread.or(device.unread);
                State::Background
            }
            StateReport::LoggedOut => State::LoggedOut,
            StateReport::Kicked => State::Kicked,
        };
        self.put(key, &device);
        Ok(device)
    }

    /// Counts a push. Says the new number; none when the app reports none, then nothing is
    /// counted.
    pub fn counted(&mut self, key: &DeviceKey, change: Count) -> Result<Option<u32>, StoreError> {
        let Some(mut device) = self.get(key)? else {
            return Ok(None);
        };
        let Some(before) = device.unread else {
            return Ok(None);
        };
        let unread = match change {
            Count::One => before.saturating_add(1),
            Count::Set(unread) => unread,
            Count::Add(more) => before.saturating_add(more),
        };
        let unread = unread.min(MOST_UNREAD);
        if unread != before {
            device.unread = Some(unread);
            self.put(key, &device);
        }
        Ok(Some(unread))
    }

    /// Forgets a device. Says whether there was one.
    pub fn delete(&mut self, key: &DeviceKey) -> Result<bool, StoreError> {
        let Some(device) = self.get(key)? else {
            return self.forget_tombstone(key);
        };
        self.remove(key, &device);
        Ok(true)
    }

    pub(super) fn take(
        &mut self,
        key: &DeviceKey,
        bound: &Binding,
    ) -> Result<Option<Owner>, StoreError> {
        let ours = Owner::of(key);
        let token = DeviceKey::token(&key.app, bound.channel, &bound.token);
        let owner = self.owner(token.clone())?;
        if owner.as_ref() == Some(&ours) {
            return Ok(None);
        }
        if let Some(owner) = &owner {
            self.write(Space::Devices, owner.key(&key.app).bytes(), None);
        } else {
            self.bound.push((bound.channel, 1));
        }
        self.forget_grave(&key.app, &token)?;
        self.write(Space::Tokens, token, Some(to_bytes(&ours)));
        Ok(owner)
    }

    pub(super) fn remove(&mut self, key: &DeviceKey, device: &Device) {
        self.write(Space::Devices, key.bytes(), None);
        self.release(key, device.binding.as_ref());
    }

    pub(super) fn release(&mut self, key: &DeviceKey, binding: Option<&Binding>) {
        if let Some(bound) = binding {
            let token = DeviceKey::token(&key.app, bound.channel, &bound.token);
            self.write(Space::Tokens, token, None);
            self.bound.push((bound.channel, -1));
        }
    }
}
