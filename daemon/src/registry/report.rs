//! What is reported of a device, and what follows from it.

use nudged_plugin_api::Timestamp;

use super::kinds::{self, KindReport};
use super::{DeviceKey, RegistryError, RegistryView, TokenOwner, TokenTransfer};
use crate::model::{AppState, Binding, Device, MAX_BADGE};
use crate::store::StoreError;

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
    /// Its tokens for one kind of message; those that are not reported stay.
    pub tokens: Vec<KindReport>,
}

/// What became of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportResult {
    /// The device as it is now.
    pub device: Device,
    /// Whose the token was until now, if another device's; that device is forgotten.
    pub taken_from: Option<TokenOwner>,
    /// Devices that lost another token to this one, and are there without it.
    pub tokens_from: Vec<TokenOwner>,
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
pub enum BadgeCount {
    /// One more.
    One,
    /// To this.
    Set(u32),
    /// So many more.
    Add(u32),
}

impl RegistryView<'_> {
    /// Takes a report. One that comes late must not switch the push of a phone on again on
    /// which the user has logged out: that needs a login.
    pub fn report(
        &mut self,
        key: &DeviceKey,
        report: Report,
        login: bool,
        now: Timestamp,
    ) -> Result<ReportResult, RegistryError> {
        let known = self.get(key)?;
        let before = match &known {
            Some(known) => known.clone(),
            // Its own token died, and none of its others with that.
            None => Device {
                tokens: self
                    .tombstone(key)?
                    .map_or_else(Vec::new, |it| it.device.tokens),
                ..Device::default()
            },
        };
        let logged_in = before.is_logged_in();
        // req 11: a new report replaces the token
        let mut device = Device {
            binding: report.binding,
            platform: report.platform,
            language: report.language,
            app_version: report.app_version,
            registered_at: now,
            ..before
        };
        let kinds = report.tokens.iter().filter_map(|it| it.binding.as_ref());
        let reported_tokens: Vec<Binding> = device.binding.iter().chain(kinds).cloned().collect();
        if !logged_in {
            if login {
                device.state = AppState::Background;
                device.state_at = now;
            } else if !reported_tokens.is_empty() {
                // req 10: a report binds the device of a user who is logged in
                return Err(RegistryError::NotLoggedIn);
            }
        }
        kinds::take(&mut device, report.tokens, now)?;
        // Nothing was written so far: of many reports together one that is refused leaves no trace.
        if known.is_none() {
            self.forget_tombstone(key)?;
        }
        let mut reported = ReportResult::default();
        for bound in &reported_tokens {
            let taken = self.claim(key, bound)?;
            let elsewhere = self.claim_elsewhere(key, bound)?;
            taken
                .into_iter()
                .chain(elsewhere)
                .for_each(|it| reported.note(it));
        }
        self.replace(key, known.as_ref(), Some(&device));
        reported.device = device;
        Ok(reported)
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
                AppState::Foreground
            }
            StateReport::Background { unread } => {
                // req 18: what the app reports is the badge's start
                let unread = unread.map(|it| it.min(MAX_BADGE));
                device.unread = unread.or(device.unread);
                AppState::Background
            }
            StateReport::LoggedOut => AppState::LoggedOut,
            StateReport::Kicked => AppState::Kicked,
        };
        self.put(key, &device);
        Ok(device)
    }

    /// Counts a push. Says the new number; none when the app reports none, then nothing is
    /// counted.
    pub fn count_badge(
        &mut self,
        key: &DeviceKey,
        change: BadgeCount,
    ) -> Result<Option<u32>, StoreError> {
        let Some(mut device) = self.get(key)? else {
            return Ok(None);
        };
        let Some(before) = device.unread else {
            return Ok(None);
        };
        // req 18: each push counts on; req 51: or sets the badge, or adds to it
        let unread = match change {
            BadgeCount::One => before.saturating_add(1),
            BadgeCount::Set(unread) => unread,
            BadgeCount::Add(more) => before.saturating_add(more),
        };
        let unread = unread.min(MAX_BADGE);
        if unread != before {
            device.unread = Some(unread);
            self.put(key, &device);
        }
        Ok(Some(unread))
    }

    /// Forgets a device. Says whether there was one.
    pub fn delete(&mut self, key: &DeviceKey) -> Result<bool, StoreError> {
        let Some(device) = self.get(key)? else {
            return Ok(self.forget_tombstone(key)?.is_some());
        };
        self.replace(key, Some(&device), None);
        Ok(true)
    }
}

impl ReportResult {
    /// How many other devices lost tokens.
    pub fn lost(&self) -> u64 {
        u64::from(self.taken_from.is_some()) + self.tokens_from.len() as u64
    }

    fn note(&mut self, TokenTransfer { owner, with_device }: TokenTransfer) {
        if with_device && self.taken_from.is_none() {
            self.taken_from = Some(owner);
        } else if !self.tokens_from.contains(&owner) {
            self.tokens_from.push(owner);
        }
    }
}
