//! Devices whose token the vendor called dead: taken out with the evidence, put back on
//! demand. A device is there or has a tombstone, never both; whatever makes the old token
//! wrong for the device (a new report, a logout, another owner) takes the tombstone away.

use std::collections::BTreeMap;

use nudged_plugin_api::frame::to_bytes;
use nudged_plugin_api::{Scope, Timestamp};

use super::{DeviceKey, Owner, Registry, View, durable};
use crate::model::{CertificateId, Evidence, Tombstone};
use crate::store::{Commit, Space, StoreError, decoded};

/// Tombstones that one step reads.
const STEP: usize = 500;
/// Names begin with a printable character: before it are the tokens, after it nothing.
const NAMES: ([u8; 1], [u8; 1]) = ([1], [0xff]);

/// Which tombstones; what is none is not asked for.
#[derive(Clone, Debug, Default)]
pub struct Graves {
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
    /// Made on a word that may have been the settings' fault, under other settings than these,
    /// which their channels have now.
    pub not_under: Option<BTreeMap<CertificateId, u64>>,
}

impl Graves {
    fn fit(&self, key: &DeviceKey, tombstone: &Tombstone) -> bool {
        let named = |wanted: &Option<String>, name: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == name)
        };
        let bound = tombstone.device.binding.as_ref();
        let evidence = &tombstone.evidence;
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

/// Tombstones of one step.
#[derive(Debug, Default)]
pub struct Page {
    /// Those that were asked for.
    pub found: Vec<(DeviceKey, Tombstone)>,
    /// The last that was looked at; none = there are no more.
    pub last: Option<DeviceKey>,
}

impl Registry {
    /// Tombstones after one, in the order of their keys.
    pub fn tombstones(
        &self,
        graves: &Graves,
        after: Option<&DeviceKey>,
    ) -> Result<Page, StoreError> {
        let (mut from, to) = graves.range();
        if let Some(after) = after {
            from = [&after.bytes()[..], &[0]].concat();
        }
        let mut page = Page::default();
        for record in self.store.range(Space::Tombstones, &from, &to).take(STEP) {
            let (key, bytes) = record?;
            let key = DeviceKey::read(&key);
            let tombstone = decoded(Space::Tombstones, &bytes)?;
            if graves.fit(&key, &tombstone) {
                page.found.push((key.clone(), tombstone));
            }
            page.last = Some(key);
        }
        Ok(page)
    }

    /// How many there are of each channel. Takes a while where there are many: not for a task that
    /// others wait for.
    pub fn count_tombstones(
        &self,
        graves: &Graves,
    ) -> Result<BTreeMap<CertificateId, u64>, StoreError> {
        let (mut count, mut last) = (BTreeMap::new(), None);
        loop {
            let page = self.tombstones(graves, last.as_ref())?;
            if page.last.is_none() {
                return Ok(count);
            }
            last = page.last;
            let bound = page.found.iter().map(|(_, it)| it.device.binding.as_ref());
            for bound in bound.flatten() {
                *count.entry(bound.channel).or_default() += 1;
            }
        }
    }

    /// The tombstone of a device.
    pub fn tombstone(&self, key: &DeviceKey) -> Result<Option<Tombstone>, StoreError> {
        self.store.get(Space::Tombstones, &key.bytes())
    }

    /// Puts devices back; says how many. Durable on return.
    pub async fn restore(&self, graves: &Graves) -> Result<usize, StoreError> {
        let _moving = self.moving.lock().await;
        self.each(graves, durable, |view, key, tombstone| {
            view.restore(key, tombstone)
        })
        .await
    }

    /// Forgets the tombstones from before `before`; says how many.
    pub async fn sweep(&self, before: Timestamp) -> Result<usize, StoreError> {
        self.each(
            &Graves::default(),
            Commit::default,
            |view, key, tombstone| {
                let old = tombstone.evidence.at < before;
                if old {
                    view.forget_tombstone(key)?;
                }
                Ok(old)
            },
        )
        .await
    }

    async fn each(
        &self,
        graves: &Graves,
        commit: impl Fn() -> Commit,
        change: impl Fn(&mut View<'_>, &DeviceKey, &Tombstone) -> Result<bool, StoreError>,
    ) -> Result<usize, StoreError> {
        let (mut changed, mut last) = (0, None);
        loop {
            let page = self.tombstones(graves, last.as_ref())?;
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
                    for (key, _) in &page.found {
                        // It may have changed since it was looked for.
                        if let Some(tombstone) = view.tombstone(key)?
                            && graves.fit(key, &tombstone)
                        {
                            here += usize::from(change(view, key, &tombstone)?);
                        }
                    }
                    Ok::<_, StoreError>((commit(), here))
                })
                .await?;
        }
    }
}

impl View<'_> {
    /// Takes out the device of a dead token, unless the phone reported it after the vendor
    /// says that it died: then it is alive again. Asks before it does so,
    /// with how many devices of the channel came or went in this transaction.
    pub fn burial(
        &mut self,
        app: &str,
        channel: CertificateId,
        token: &str,
        evidence: Evidence,
        allowed: impl FnOnce(&Evidence, i64) -> bool,
    ) -> Result<(), StoreError> {
        let token = DeviceKey::token(app, channel, token);
        let Some(owner) = self.owner(token.clone())? else {
            return Ok(());
        };
        let key = owner.key(app);
        let Some(device) = self.get(&key)? else {
            self.write(Space::Tokens, token, None);
            self.bound.push((channel, -1));
            return Ok(());
        };
        let alive = evidence
            .dead_since
            .is_some_and(|dead| device.registered_at > dead);
        let gone = self.bound.iter().filter(|it| it.0 == channel);
        if alive || !allowed(&evidence, gone.map(|it| it.1).sum()) {
            return Ok(());
        }
        self.remove(&key, &device);
        let grave = DeviceKey::grave(&token);
        self.write(Space::Tombstones, grave, Some(to_bytes(&owner)));
        let tombstone = Tombstone { device, evidence };
        self.write(Space::Tombstones, key.bytes(), Some(to_bytes(&tombstone)));
        Ok(())
    }

    /// The tombstone of a device.
    pub(super) fn tombstone(&mut self, key: &DeviceKey) -> Result<Option<Tombstone>, StoreError> {
        self.record(Space::Tombstones, key.bytes())
    }

    /// Takes a tombstone away. Says whether there was one.
    pub(super) fn forget_tombstone(&mut self, key: &DeviceKey) -> Result<bool, StoreError> {
        let Some(tombstone) = self.tombstone(key)? else {
            return Ok(false);
        };
        self.write(Space::Tombstones, key.bytes(), None);
        if let Some(bound) = &tombstone.device.binding {
            let token = DeviceKey::token(&key.app, bound.channel, &bound.token);
            self.write(Space::Tombstones, DeviceKey::grave(&token), None);
        }
        Ok(true)
    }

    /// A token that is somebody's now is not restored to whoever had it.
    pub(super) fn forget_grave(&mut self, app: &str, token: &[u8]) -> Result<(), StoreError> {
        let grave = DeviceKey::grave(token);
        if let Some(owner) = self.record::<Owner>(Space::Tombstones, grave)? {
            self.forget_tombstone(&owner.key(app))?;
        }
        Ok(())
    }

    fn restore(&mut self, key: &DeviceKey, tombstone: &Tombstone) -> Result<bool, StoreError> {
        self.forget_tombstone(key)?;
        let device = &tombstone.device;
        if let Some(bound) = &device.binding {
            let token = DeviceKey::token(&key.app, bound.channel, &bound.token);
            // Whoever takes a token takes its tombstone away; this is for what went wrong before.
            if self.owner(token.clone())?.is_some() {
                return Ok(false);
            }
            self.write(Space::Tokens, token, Some(to_bytes(&Owner::of(key))));
            self.bound.push((bound.channel, 1));
        }
        self.put(key, device);
        Ok(true)
    }
}
