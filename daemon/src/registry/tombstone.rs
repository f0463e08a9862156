//! Devices whose token the vendor called dead: taken out with the evidence, put back on
//! demand. A device is there or has a tombstone, never both; whatever makes the old token
//! wrong for the device (a new report, a logout, another owner) takes the tombstone away. Of its
//! tokens for one kind of message one that dies stays in the device, marked with the evidence.

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;

use super::key::NAMES;
use super::tokens::{place, without};
use super::{DeviceKey, Owner, Registry, View, durable};
use crate::model::{Binding, CertificateId, Device, Evidence, KindToken, Purpose, Tombstone};
use crate::store::{Commit, Space, StoreError, decoded};

/// Tombstones that one step reads.
const STEP: usize = 500;

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
}

impl Graves {
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

/// Tombstones of one step.
#[derive(Debug, Default)]
pub struct Page {
    /// Those that were asked for.
    pub found: Vec<(DeviceKey, Tombstone)>,
    /// The last that was looked at; none = there are no more.
    pub last: Option<DeviceKey>,
}

/// Dead tokens, of one step, of devices that are there.
#[derive(Debug, Default)]
pub struct DeadPage {
    /// Those that were asked for.
    pub found: Vec<(DeviceKey, KindToken)>,
    /// The last device that was looked at; none = there are no more.
    pub last: Option<DeviceKey>,
}

/// What was put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PutBack {
    /// Devices.
    pub devices: usize,
    /// Tokens for one kind of message, of devices that were there.
    pub tokens: usize,
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
            if graves.fit_device(&key, &tombstone) {
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
        graves: &Graves,
        after: Option<&DeviceKey>,
    ) -> Result<DeadPage, StoreError> {
        let (from, to) = graves.range();
        let (mut from, to) = (DeviceKey::mourning(&from), DeviceKey::mourning(&to));
        if let Some(after) = after {
            from = [&DeviceKey::mourning(&after.bytes())[..], &[0]].concat();
        }
        let mut page = DeadPage::default();
        for record in self.store.range(Space::Tombstones, &from, &to).take(STEP) {
            let key = DeviceKey::read_mourning(&record?.0);
            let device = self.get(&key)?.unwrap_or_default();
            let dead = device.dead().filter(|it| graves.fit_token(&key, it));
            page.found.extend(dead.map(|it| (key.clone(), it.clone())));
            page.last = Some(key);
        }
        Ok(page)
    }

    /// The tombstone of a device.
    pub fn tombstone(&self, key: &DeviceKey) -> Result<Option<Tombstone>, StoreError> {
        self.store.get(Space::Tombstones, &key.bytes())
    }

    /// Puts devices back, and dead tokens of devices that are there. Durable on return.
    pub async fn restore(&self, graves: &Graves) -> Result<PutBack, StoreError> {
        let devices = self
            .each(graves, durable, |view, key, tombstone| {
                view.restore(key, tombstone)
            })
            .await?;
        let tokens = self
            .each_token(graves, durable, |device, dead| {
                let token = device.tokens.iter_mut().find(|it| **it == *dead);
                token.map(|it| it.dead = None).is_some()
            })
            .await?;
        Ok(PutBack { devices, tokens })
    }

    /// Forgets the tombstones and dead tokens from before `before`; says how many.
    pub async fn sweep(&self, before: Timestamp) -> Result<usize, StoreError> {
        let all = Graves::default();
        let devices = self.each(&all, Commit::default, |view, key, tombstone| {
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
                            && graves.fit_device(key, &tombstone)
                        {
                            here += usize::from(change(view, key, &tombstone)?);
                        }
                    }
                    Ok::<_, StoreError>((commit(), here))
                })
                .await?;
        }
    }

    async fn each_token(
        &self,
        graves: &Graves,
        commit: impl Fn() -> Commit,
        change: impl Fn(&mut Device, &KindToken) -> bool,
    ) -> Result<usize, StoreError> {
        let (mut changed, mut last) = (0, None);
        loop {
            let page = self.dead_tokens(graves, last.as_ref())?;
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
                    for (key, dead) in &page.found {
                        // It may have changed since it was looked for.
                        let Some(before) = view.get(key)? else {
                            continue;
                        };
                        let mut after = before.clone();
                        if before.tokens.contains(dead) && change(&mut after, dead) {
                            view.replace(key, Some(&before), Some(&after));
                            here += 1;
                        }
                    }
                    Ok::<_, StoreError>((commit(), here))
                })
                .await?;
        }
    }
}

impl View<'_> {
    /// Takes out the device of a dead token, or marks the token where it is not the device's own.
    /// Not where the phone reported it after the vendor says that it died: then it is alive
    /// again. Asks before it does so, with what the token took and how many devices of the
    /// channel came or went in this transaction.
    pub fn burial(
        &mut self,
        app: &str,
        channel: CertificateId,
        token: &str,
        evidence: Evidence,
        allowed: impl FnOnce(&Evidence, Option<Purpose>, i64) -> bool,
    ) -> Result<(), StoreError> {
        let bound = Binding {
            channel,
            token: token.to_owned(),
        };
        let token = DeviceKey::token(app, channel, token);
        let Some(owner) = self.owner(token.clone())? else {
            return Ok(());
        };
        let key = owner.key(app);
        let device = self.get(&key)?;
        let own = |it: &Device| it.binding.as_ref() == Some(&bound);
        let kind = |it: &KindToken| it.binding == bound && it.dead.is_none();
        let Some((device, at)) = device.and_then(|device| {
            let at = device.tokens.iter().position(kind);
            (at.is_some() || own(&device)).then_some((device, at))
        }) else {
            self.write(Space::Tokens, token, None);
            return Ok(());
        };
        let at = at.filter(|_| !own(&device));
        let kind = at.map(|at| &device.tokens[at]);
        let reported = kind.map_or(device.registered_at, |it| it.reported_at);
        let alive = evidence.dead_since.is_some_and(|dead| reported > dead);
        let gone = self.bound.iter().filter(|it| it.0 == channel);
        let gone = gone.map(|it| it.1).sum();
        if alive || !allowed(&evidence, kind.map(|it| it.purpose), gone) {
            return Ok(());
        }
        match at {
            Some(at) => {
                let mut after = device.clone();
                after.tokens[at].dead = Some(evidence);
                self.replace(&key, Some(&device), Some(&after));
            }
            None => {
                self.replace(&key, Some(&device), None);
                self.entomb(&key, &Tombstone { device, evidence });
            }
        }
        Ok(())
    }

    /// The tombstone of a device.
    pub(super) fn tombstone(&mut self, key: &DeviceKey) -> Result<Option<Tombstone>, StoreError> {
        self.record(Space::Tombstones, key.bytes())
    }

    /// Writes a tombstone, and where it is found by its tokens.
    pub(super) fn entomb(&mut self, key: &DeviceKey, tombstone: &Tombstone) {
        for token in graves_of(key, &tombstone.device) {
            self.write(Space::Tombstones, token, Some(to_bytes(&Owner::of(key))));
        }
        self.write(Space::Tombstones, key.bytes(), Some(to_bytes(tombstone)));
    }

    /// Takes a tombstone away, and says what stood on it.
    pub(super) fn forget_tombstone(
        &mut self,
        key: &DeviceKey,
    ) -> Result<Option<Tombstone>, StoreError> {
        let Some(tombstone) = self.tombstone(key)? else {
            return Ok(None);
        };
        self.write(Space::Tombstones, key.bytes(), None);
        for token in graves_of(key, &tombstone.device) {
            self.write(Space::Tombstones, token, None);
        }
        Ok(Some(tombstone))
    }

    /// A token that is somebody's now is not restored to whoever had it.
    pub(super) fn forget_grave(
        &mut self,
        app: &str,
        bound: &Binding,
        ours: &Owner,
    ) -> Result<(), StoreError> {
        let grave = DeviceKey::grave(&DeviceKey::token(app, bound.channel, &bound.token));
        let Some(owner) = self.record::<Owner>(Space::Tombstones, grave)? else {
            return Ok(());
        };
        if owner == *ours {
            // Its own: it is written anew by who asks.
            return Ok(());
        }
        let key = owner.key(app);
        if let Some(tombstone) = self.forget_tombstone(&key)? {
            if tombstone.device.binding.as_ref() != Some(bound) {
                let device = without(&tombstone.device, bound);
                self.entomb(
                    &key,
                    &Tombstone {
                        device,
                        ..tombstone
                    },
                );
            }
        } else if let Some(device) = self.get(&key)? {
            let rest = without(&device, bound);
            self.replace(&key, Some(&device), Some(&rest));
        }
        Ok(())
    }

    fn restore(&mut self, key: &DeviceKey, tombstone: &Tombstone) -> Result<bool, StoreError> {
        self.forget_tombstone(key)?;
        self.replace(key, None, Some(&tombstone.device));
        Ok(true)
    }
}

/// Where it is written whose the tokens of a device were.
fn graves_of(key: &DeviceKey, device: &Device) -> Vec<Vec<u8>> {
    let kinds = device.tokens.iter().map(|it| &it.binding);
    let bounds = device.binding.iter().chain(kinds);
    bounds.map(|it| DeviceKey::grave(&place(key, it))).collect()
}
