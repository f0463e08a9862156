//! Which dead tokens are meant: found, counted, put back and forgotten, step by step.
//!
//! In: a filter. Out: the tombstones of devices, and the dead tokens for one kind of message of
//! devices that are there. Nothing is held up while many are looked at; what is changed is looked
//! at again in its transaction.

use std::collections::BTreeMap;

use nudged_plugin_api::{Scope, Timestamp};

use super::key::NAMES;
use super::{DeviceKey, Registry, RegistryView, durable};
use crate::model::{Binding, CertificateId, Device, Evidence, KindToken, Tombstone};
use crate::store::{Commit, Keyspace, StoreError, decoded};

/// Tombstones that one step reads.
const STEP: usize = 500;

/// Which tombstones; what is none is not asked for.
#[derive(Clone, Debug, Default)]
pub struct TombstoneFilter {
    /// Of this app.
    pub app: Option<String>,
    /// Of this user; with an app.
    pub user: Option<String>,
    /// Of this device.
    pub device: Option<String>,
    /// Of one of these channels.
    pub channels: Option<Vec<CertificateId>>,
    /// Made then or later.
    pub since: Timestamp,
    /// Made on an answer that may have been the settings' fault, under other settings than these,
    /// which their channels have now.
    pub not_under: Option<BTreeMap<CertificateId, u64>>,
}

impl TombstoneFilter {
    fn fit(&self, key: &DeviceKey, bound: Option<&Binding>, evidence: &Evidence) -> bool {
        let named = |wanted: &Option<String>, name: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == name)
        };
        named(&self.app, &key.app)
            && named(&self.user, &key.user)
            && named(&self.device, &key.device)
            && evidence.at >= self.since
            && self
                .channels
                .as_ref()
                .is_none_or(|channels| bound.is_some_and(|bound| channels.contains(&bound.channel)))
            && self.not_under.as_ref().is_none_or(|settings| {
                let now = bound.and_then(|bound| settings.get(&bound.channel));
                evidence.scope == Scope::Credential
                    && evidence.settings != 0
                    && now.is_some_and(|now| *now != evidence.settings)
            })
    }

    fn fit_device(&self, key: &DeviceKey, tombstone: &Tombstone) -> bool {
        let bound = tombstone.device.binding.as_ref();
        self.fit(key, bound, &tombstone.evidence)
    }

    fn fit_token(&self, key: &DeviceKey, token: &KindToken) -> bool {
        let dead = token.dead.as_ref();
        dead.is_some_and(|dead| self.fit(key, Some(&token.binding), dead))
    }

    fn range(&self) -> (Vec<u8>, Vec<u8>) {
        match (&self.app, &self.user) {
            (Some(app), Some(user)) => {
                let from = DeviceKey::of_user(app, user);
                let mut to = from.clone();
                to.pop();
                to.push(1);
                (from, to)
            }
            (Some(app), None) => (DeviceKey::of_app(app), DeviceKey::end_of_app(app)),
            _ => (NAMES.0.to_vec(), NAMES.1.to_vec()),
        }
    }
}

/// What one step found.
#[derive(Debug)]
pub struct Page<T> {
    /// What was asked for.
    pub found: Vec<(DeviceKey, T)>,
    /// The last that was looked at; none = there are no more.
    pub last: Option<DeviceKey>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self {
            found: Vec::new(),
            last: None,
        }
    }
}

/// What was put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestoredDevices {
    /// Devices.
    pub devices: usize,
    /// Tokens for one kind of message, of devices that were there.
    pub tokens: usize,
}

impl Registry {
    /// Tombstones after one, in the order of their keys.
    pub fn tombstones(
        &self,
        filter: &TombstoneFilter,
        after: Option<&DeviceKey>,
    ) -> Result<Page<Tombstone>, StoreError> {
        let (mut from, to) = filter.range();
        if let Some(after) = after {
            from = [&after.bytes()[..], &[0]].concat();
        }
        let mut page = Page::default();
        for record in self
            .store
            .range(Keyspace::Tombstones, &from, &to)
            .take(STEP)
        {
            let (key, bytes) = record?;
            let key = DeviceKey::read(&key);
            let tombstone = decoded(Keyspace::Tombstones, &bytes)?;
            if filter.fit_device(&key, &tombstone) {
                page.found.push((key.clone(), tombstone));
            }
            page.last = Some(key);
        }
        Ok(page)
    }

    /// Dead tokens for one kind of message, of devices that are there; after a device, in the order
    /// of their keys.
    pub fn dead_tokens(
        &self,
        filter: &TombstoneFilter,
        after: Option<&DeviceKey>,
    ) -> Result<Page<KindToken>, StoreError> {
        let (from, to) = filter.range();
        let (mut from, to) = (DeviceKey::dead_index(&from), DeviceKey::dead_index(&to));
        if let Some(after) = after {
            from = [&DeviceKey::dead_index(&after.bytes())[..], &[0]].concat();
        }
        let mut page = Page::default();
        for record in self
            .store
            .range(Keyspace::Tombstones, &from, &to)
            .take(STEP)
        {
            let key = DeviceKey::read_dead_index(&record?.0);
            let device = self.get(&key)?.unwrap_or_default();
            let dead = device.dead().filter(|it| filter.fit_token(&key, it));
            page.found.extend(dead.map(|it| (key.clone(), it.clone())));
            page.last = Some(key);
        }
        Ok(page)
    }

    /// How many devices of each channel lost a token. Takes a while where there are many: not for
    /// a task that others wait for.
    pub fn count_tombstones(
        &self,
        filter: &TombstoneFilter,
    ) -> Result<BTreeMap<CertificateId, u64>, StoreError> {
        let mut count = BTreeMap::new();
        let mut lost = |bound: &Binding| *count.entry(bound.channel).or_default() += 1;
        walk(
            |after| self.tombstones(filter, after),
            |tombstone| tombstone.device.binding.iter().for_each(&mut lost),
        )?;
        walk(
            |after| self.dead_tokens(filter, after),
            |dead| lost(&dead.binding),
        )?;
        Ok(count)
    }

    /// The tombstone of a device.
    pub fn tombstone(&self, key: &DeviceKey) -> Result<Option<Tombstone>, StoreError> {
        self.store.get(Keyspace::Tombstones, &key.bytes())
    }

    /// Puts devices back, and dead tokens of devices that are there. Durable on return.
    pub async fn restore(&self, filter: &TombstoneFilter) -> Result<RestoredDevices, StoreError> {
        let _moving = self.moving.lock().await;
        let devices = self
            .each_device(filter, durable, |view, key, tombstone| {
                view.restore(key, tombstone)
            })
            .await?;
        let tokens = self
            .each_token(filter, durable, |device, dead| {
                let token = device.tokens.iter_mut().find(|it| **it == *dead);
                token.map(|it| it.dead = None).is_some()
            })
            .await?;
        Ok(RestoredDevices { devices, tokens })
    }

    /// Forgets the tombstones and dead tokens from before `before`; says how many.
    pub async fn sweep(&self, before: Timestamp) -> Result<usize, StoreError> {
        let all = TombstoneFilter::default();
        let devices = self.each_device(&all, Commit::default, |view, key, tombstone| {
            let old = tombstone.evidence.at < before;
            if old {
                view.forget_tombstone(key)?;
            }
            Ok(old)
        });
        let devices = devices.await?;
        let tokens = self.each_token(&all, Commit::default, |device, dead| {
            let old = dead.dead.as_ref().is_some_and(|it| it.at < before);
            if old {
                device.tokens.retain(|it| it != dead);
            }
            old
        });
        Ok(devices + tokens.await?)
    }

    async fn each_device(
        &self,
        filter: &TombstoneFilter,
        commit: impl Fn() -> Commit,
        change: impl Fn(&mut RegistryView<'_>, &DeviceKey, &Tombstone) -> Result<bool, StoreError>,
    ) -> Result<usize, StoreError> {
        let look = |after: Option<&DeviceKey>| self.tombstones(filter, after);
        self.each(look, commit, |view, key, _| match view.tombstone(key)? {
            Some(tombstone) if filter.fit_device(key, &tombstone) => change(view, key, &tombstone),
            _ => Ok(false),
        })
        .await
    }

    async fn each_token(
        &self,
        filter: &TombstoneFilter,
        commit: impl Fn() -> Commit,
        change: impl Fn(&mut Device, &KindToken) -> bool,
    ) -> Result<usize, StoreError> {
        let look = |after: Option<&DeviceKey>| self.dead_tokens(filter, after);
        self.each(look, commit, |view, key, dead| {
            let Some(before) = view.get(key)? else {
                return Ok(false);
            };
            let mut after = before.clone();
            let changed = before.tokens.contains(dead) && change(&mut after, dead);
            if changed {
                view.replace(key, Some(&before), Some(&after));
            }
            Ok(changed)
        })
        .await
    }

    /// Changes what is found, a transaction for each step, and says how much. It may be another by
    /// then than was found: `change` looks again.
    async fn each<T>(
        &self,
        look: impl Fn(Option<&DeviceKey>) -> Result<Page<T>, StoreError>,
        commit: impl Fn() -> Commit,
        change: impl Fn(&mut RegistryView<'_>, &DeviceKey, &T) -> Result<bool, StoreError>,
    ) -> Result<usize, StoreError> {
        let (mut changed, mut last) = (0, None);
        loop {
            let page = look(last.as_ref())?;
            if page.last.is_none() {
                return Ok(changed);
            }
            last = page.last;
            if page.found.is_empty() {
                continue;
            }
            changed += self
                .transact(|view| {
                    let mut here = 0;
                    for (key, found) in &page.found {
                        here += usize::from(change(view, key, found)?);
                    }
                    Ok::<_, StoreError>((commit(), here))
                })
                .await?;
        }
    }
}

fn walk<T>(
    look: impl Fn(Option<&DeviceKey>) -> Result<Page<T>, StoreError>,
    mut each: impl FnMut(&T),
) -> Result<(), StoreError> {
    let mut last = None;
    loop {
        let page = look(last.as_ref())?;
        page.found.iter().for_each(|(_, found)| each(found));
        last = page.last;
        if last.is_none() {
            return Ok(());
        }
    }
}
