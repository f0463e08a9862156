//! Who can be reached by which token, where the app is, and what the user wants.
//!
//! In: reports and settings from the api, counts from admission, cleanups from outcome. Out: the
//! devices and settings of a user. A token belongs to one device at a time, be it the device's own
//! or one for a kind of message only. Whoever changes what it has read does so in
//! [`Registry::transact`]: transactions come one after the other, but share the committer's fsyncs.
//! Refuses to know messages.

mod account_exclusivity;
mod accounts;
mod canonicalize;
mod census;
mod error;
mod key;
mod kind_name;
mod kinds;
mod overlay;
mod owner;
mod report;
mod settings;
mod tokens;
mod tombstone;
mod tombstones;
mod view;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use nudged_plugin_api::Timestamp;

use crate::model::{ConversationMute, Device, UserSettings};
use crate::store::{Commit, Keyspace, Store, StoreError, Write, decoded};
use crate::sync::Mutex;

pub use accounts::VendorAccounts;
pub use canonicalize::{CanonicalTokens, CanonicalizeCounts};
pub use error::RegistryError;
pub use key::{DeviceKey, KeyError};
pub use kind_name::KindName;
pub use kinds::{KindReport, MAX_ACTIVITIES};
pub use owner::TokenOwner;
pub use report::{BadgeCount, Report, ReportResult, StateReport};
pub use settings::{AllSettings, MAX_CONVERSATIONS};
pub use tokens::TokenTransfer;
pub use tombstones::TombstoneFilter;
pub use view::RegistryView;

use census::DeviceCensus;
use overlay::Overlay;

/// Devices and settings of all apps.
pub struct Registry {
    store: Store,
    overlay: Arc<Mutex<Overlay>>,
    census: DeviceCensus,
    accounts: ArcSwap<VendorAccounts>,
    /// Whether phones with two users by two channels of one account were looked for.
    is_separated: AtomicBool,
    /// Whether what is written down of that holds: until the accounts are set for the first time.
    trusts_mark: AtomicBool,
    /// Held by whoever moves records between devices and tombstones out of turn.
    moving: tokio::sync::Mutex<()>,
    /// Whether any user has settings: most have none, and each push asks.
    has_settings: AtomicBool,
}

impl Registry {
    /// The registry in this database.
    pub fn new(store: Store) -> Self {
        // What cannot be read now is asked for, and fails, later.
        let some = !matches!(store.last_key(Keyspace::Settings), Ok(None));
        Self {
            store,
            overlay: Arc::default(),
            census: DeviceCensus::default(),
            accounts: ArcSwap::default(),
            is_separated: AtomicBool::new(false),
            trusts_mark: AtomicBool::new(true),
            moving: tokio::sync::Mutex::default(),
            has_settings: AtomicBool::new(some),
        }
    }

    /// Runs `build` on the registry as it will be once all that is pending is written, and
    /// writes its commit together with what it changed in the view. Between two of them
    /// nothing else changes the registry; none waits for the other's fsync. One that is
    /// built on a write that is refused is refused too ([`StoreError::DependencyRefused`]).
    ///
    /// Keep `build` short: it holds up all others. Once it has run, all is written even if
    /// the caller goes away.
    pub async fn transact<T, E: From<StoreError>>(
        &self,
        build: impl FnOnce(&mut RegistryView<'_>) -> Result<(Commit, T), E>,
    ) -> Result<T, E> {
        let slot = self.store.reserve().await?;
        let (pending, value, bound) = {
            let mut overlay = self.overlay.lock();
            let mut view = RegistryView::new(&self.store, &overlay, self.accounts.load_full());
            let (mut commit, value) = build(&mut view)?;
            let RegistryView {
                writes,
                after,
                bound,
                ..
            } = view;
            self.census.changed(&bound);
            commit.dependency.after.extend(after);
            if writes
                .keys()
                .any(|(keyspace, _)| *keyspace == Keyspace::Settings)
            {
                self.has_settings.store(true, Ordering::Relaxed);
            }
            if !writes.is_empty() {
                let guard = overlay.add(&self.overlay, &writes, &commit.dependency.state);
                commit.dependency.guard = Some(Box::new(guard));
            }
            commit
                .writes
                .extend(writes.into_iter().map(|((keyspace, key), value)| Write {
                    keyspace,
                    key,
                    value,
                }));
            (slot.submit(commit), value, bound)
        };
        if let Err(error) = pending.await {
            self.census.unchanged(&bound);
            return Err(error.into());
        }
        Ok(value)
    }

    /// As [`Registry::transact`], if what it was prepared with still holds once nothing else can
    /// come between; else it gives back what was to be written, and nothing is.
    pub async fn transact_if<W, T, E: From<StoreError>>(
        &self,
        what: W,
        holds: impl FnOnce() -> bool,
        build: impl FnOnce(&mut RegistryView<'_>, W) -> Result<(Commit, T), E>,
    ) -> Result<Result<T, W>, E> {
        enum Not<W, E> {
            Now(W),
            AtAll(E),
        }
        impl<W, E: From<StoreError>> From<StoreError> for Not<W, E> {
            fn from(error: StoreError) -> Self {
                Self::AtAll(error.into())
            }
        }
        let done = self.transact(|view| match holds() {
            true => build(view, what).map_err(Not::AtAll),
            false => Err(Not::Now(what)),
        });
        match done.await {
            Ok(value) => Ok(Ok(value)),
            Err(Not::Now(what)) => Ok(Err(what)),
            Err(Not::AtAll(error)) => Err(error),
        }
    }

    /// Runs `look` on the registry as it will be once all that is pending is written.
    /// What it changes is forgotten.
    pub fn read_view<T>(&self, look: impl FnOnce(&mut RegistryView<'_>) -> T) -> T {
        let overlay = self.overlay.lock();
        look(&mut RegistryView::new(
            &self.store,
            &overlay,
            self.accounts.load_full(),
        ))
    }

    /// Takes a report of a device; durable on return. Gives it back if its token has its form no
    /// more once nothing else can come between.
    pub async fn report_if(
        &self,
        key: &DeviceKey,
        report: Report,
        login: bool,
        now: Timestamp,
        is_canonical: impl FnOnce() -> bool,
    ) -> Result<Result<ReportResult, Report>, RegistryError> {
        self.transact_if(report, is_canonical, |view, report| {
            Ok((durable(), view.report(key, report, login, now)?))
        })
        .await
    }

    /// Takes a report of where the app is. On return it outlives the daemon; on disk it is
    /// within a second: a power cut loses no more than that.
    pub async fn set_state(
        &self,
        key: &DeviceKey,
        report: StateReport,
        now: Timestamp,
    ) -> Result<Device, RegistryError> {
        let gone = matches!(report, StateReport::LoggedOut | StateReport::Kicked);
        let device = self.transact(|view| {
            let device = match view.set_state(key, report, now) {
                // Nobody may be pushed where the user has logged out, should it be restored.
                Err(RegistryError::NoDevice) if gone && view.forget_tombstone(key)?.is_some() => {
                    None
                }
                device => Some(device?),
            };
            Ok::<_, RegistryError>((Commit::default(), device))
        });
        device.await?.ok_or(RegistryError::NoDevice)
    }

    /// Forgets a device; durable on return. Says whether there was one.
    pub async fn delete(&self, key: &DeviceKey) -> Result<bool, RegistryError> {
        // Frees disk space rather than taking it.
        let commit = Commit::synced(Vec::new());
        self.transact(|view| Ok((commit, view.delete(key)?))).await
    }

    /// One device.
    pub fn get(&self, key: &DeviceKey) -> Result<Option<Device>, StoreError> {
        self.store.get(Keyspace::Devices, &key.bytes())
    }

    /// The devices of a user, by device id.
    pub fn of_user(&self, app: &str, user: &str) -> Result<Vec<(String, Device)>, StoreError> {
        let prefix = DeviceKey::of_user(app, user);
        self.store
            .prefix(Keyspace::Devices, &prefix)
            .map(|record| {
                let (key, bytes) = record?;
                let id = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
                Ok((id, decoded(Keyspace::Devices, &bytes)?))
            })
            .collect()
    }

    /// Devices of an app in the order of their keys, at most so many, after this one.
    pub fn of_app(
        &self,
        app: &str,
        after: Option<&DeviceKey>,
        max: usize,
    ) -> Result<Vec<(DeviceKey, Device)>, StoreError> {
        let end = DeviceKey::end_of_app(app);
        let from = match after {
            // What comes right after a key is that key and a zero byte.
            Some(key) => [&key.bytes()[..], &[0]].concat(),
            None => DeviceKey::of_app(app),
        };
        self.store
            .range(Keyspace::Devices, &from, &end)
            .take(max)
            .map(|record| {
                let (key, bytes) = record?;
                let device = decoded(Keyspace::Devices, &bytes)?;
                Ok((DeviceKey::read(&key), device))
            })
            .collect()
    }

    /// What a user wants of all conversations.
    pub fn settings(&self, app: &str, user: &str) -> Result<UserSettings, StoreError> {
        if !self.has_settings.load(Ordering::Relaxed) {
            return Ok(UserSettings::default());
        }
        let settings = self
            .store
            .get(Keyspace::Settings, &settings::of_user(app, user))?;
        Ok(settings.unwrap_or_default())
    }

    /// What a user wants of one conversation, such as `c2c:alice`.
    pub fn mute(
        &self,
        app: &str,
        user: &str,
        conversation: &str,
    ) -> Result<ConversationMute, StoreError> {
        if !self.has_settings.load(Ordering::Relaxed) {
            return Ok(ConversationMute::default());
        }
        let key = settings::of_conversation(app, user, conversation);
        let value = self.store.read(Keyspace::Settings, &key)?;
        Ok(value.map_or_else(ConversationMute::default, |value| settings::mute(&value)))
    }

    /// All settings of a user who is logged in somewhere.
    pub fn all_settings(&self, app: &str, user: &str) -> Result<AllSettings, RegistryError> {
        self.read_view(|view| view.all_settings(app, user))
    }

    /// Replaces all settings of a user who is logged in somewhere; durable on return.
    pub async fn put_settings(
        &self,
        app: &str,
        user: &str,
        settings: &AllSettings,
    ) -> Result<(), RegistryError> {
        self.transact(|view| Ok((durable(), view.put_settings(app, user, settings)?)))
            .await
    }

    /// Changes the settings of a user who is logged in somewhere; durable on return.
    pub async fn change_settings<E: From<RegistryError> + From<StoreError>>(
        &self,
        app: &str,
        user: &str,
        change: impl FnOnce(AllSettings) -> Result<AllSettings, E>,
    ) -> Result<AllSettings, E> {
        self.transact(|view| {
            let settings = change(view.all_settings(app, user)?)?;
            view.put_settings(app, user, &settings)?;
            Ok((durable(), settings))
        })
        .await
    }
}

fn durable() -> Commit {
    Commit::accepting(Vec::new())
}

#[cfg(test)]
mod tests;
