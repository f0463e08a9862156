//! One phone per person over the channels of one vendor account. The vendor knows a phone by one
//! token, whichever channel it was reported for: a certificate that got a new id must not leave the
//! phone to its former user too.
//!
//! In: which channels are one account. Out: a registry in which no phone has two users by two of
//! them. Refuses to know accounts.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use nudged_plugin_api::Timestamp;

use super::accounts::VendorAccounts;
use super::key::{NAMES, SEPARATED};
use super::tokens::{TokenTransfer, owner_key};
use super::{DeviceKey, Registry, RegistryView, TokenOwner};
use crate::model::{Binding, Device};
use crate::store::{Commit, Keyspace, StoreError, Write, decoded};

/// Devices that one step looks at.
const STEP: usize = 1000;

impl Registry {
    /// From now on these channels are one account. Where a phone was reported through two of them
    /// before, the later report has it. Says how many tokens their devices lost. That this was done
    /// is written down: all devices are looked through once for a set of channels, not at each
    /// start.
    pub async fn set_accounts(&self, accounts: VendorAccounts) -> Result<u64, StoreError> {
        let is_known = *self.accounts.load_full() == accounts;
        if is_known && self.is_separated.load(Ordering::Relaxed) {
            return Ok(0);
        }
        self.is_separated.store(false, Ordering::Relaxed);
        // Whoever failed to set them has served without, and the mark does not know of that.
        let is_trusted = self.trusts_mark.swap(false, Ordering::Relaxed);
        let is_alone = accounts.is_empty();
        let mark = accounts.to_bytes();
        let before = self.store.read(Keyspace::Tokens, SEPARATED);
        let is_done = is_trusted && matches!(&before, Ok(Some(it)) if it[..] == mark[..]);
        if !is_done && !matches!(before, Ok(None)) {
            // First: it does not hold for what is reported from now on.
            self.mark_separated(Write::remove(Keyspace::Tokens, SEPARATED))
                .await?;
        }
        self.accounts.store(Arc::new(accounts));
        // What was pending did not know of it; after this, it is read.
        let written = self.transact(|_| Ok::<_, StoreError>((Commit::default(), ())));
        written.await?;
        let mut lost = 0;
        if !is_alone && !is_done {
            lost = self.separate().await?;
            self.mark_separated(Write::put(Keyspace::Tokens, SEPARATED, mark))
                .await?;
        }
        self.is_separated.store(true, Ordering::Relaxed);
        Ok(lost)
    }

    async fn mark_separated(&self, mark: Write) -> Result<(), StoreError> {
        self.transact(|_| Ok((Commit::of(vec![mark]), ()))).await
    }

    async fn separate(&self) -> Result<u64, StoreError> {
        let accounts = self.accounts.load_full();
        let (mut from, mut lost) = (NAMES.0.to_vec(), 0);
        loop {
            let (mut shared, mut last) = (Vec::new(), None);
            for record in self
                .store
                .range(Keyspace::Devices, &from, &NAMES.1)
                .take(STEP)
            {
                let (key, bytes) = record?;
                let device: Device = decoded(Keyspace::Devices, &bytes)?;
                if device.live().any(|it| accounts.has(it.channel)) {
                    shared.push(DeviceKey::read(&key));
                }
                last = Some(key);
            }
            let Some(last) = last else {
                return Ok(lost);
            };
            // What comes right after a key is that key and a zero byte.
            from = [&last[..], &[0]].concat();
            if shared.is_empty() {
                tokio::task::yield_now().await;
                continue;
            }
            let separated = self.transact(|view| {
                let mut separated = 0;
                for key in &shared {
                    separated += view.separate(key)?;
                }
                Ok::<_, StoreError>((Commit::default(), separated))
            });
            lost += separated.await?;
        }
    }
}

impl RegistryView<'_> {
    /// Takes a token for a device, as [`RegistryView::claim`] does, from whoever has it by another
    /// channel of the same account.
    pub(super) fn claim_elsewhere(
        &mut self,
        key: &DeviceKey,
        bound: &Binding,
    ) -> Result<Vec<TokenTransfer>, StoreError> {
        let accounts = self.accounts.clone();
        let ours = TokenOwner::of(key);
        let mut taken = Vec::new();
        for other in accounts.elsewhere(bound) {
            self.forget_dead_owner(&key.app, &other, &ours)?;
            match self.owner(owner_key(key, &other))? {
                Some(owner) if owner != ours => taken.push(self.release(&key.app, owner, &other)?),
                _ => {}
            }
        }
        Ok(taken)
    }

    /// Whether a token is somebody else's, by whichever channel of its account.
    pub(super) fn is_owned_by_another(
        &mut self,
        key: &DeviceKey,
        bound: &Binding,
    ) -> Result<bool, StoreError> {
        let accounts = self.accounts.clone();
        let ours = TokenOwner::of(key);
        for known in std::iter::once(bound.clone()).chain(accounts.elsewhere(bound)) {
            if self
                .owner(owner_key(key, &known))?
                .is_some_and(|it| it != ours)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes what others have of this device's tokens and did not report later. Of two that were
    /// reported at once, as those of an import are, the first that is looked at has it.
    fn separate(&mut self, key: &DeviceKey) -> Result<u64, StoreError> {
        let Some(device) = self.get(key)? else {
            return Ok(0);
        };
        let accounts = self.accounts.clone();
        let ours = TokenOwner::of(key);
        let mut lost = 0;
        for bound in device.live() {
            for other in accounts.elsewhere(bound) {
                let owner = self.owner(owner_key(key, &other))?;
                let Some(owner) = owner.filter(|it| *it != ours) else {
                    continue;
                };
                let rival = self.get(&owner.key(&key.app))?;
                let since = rival.and_then(|it| reported_at(&it, &other));
                if since.is_some_and(|since| Some(since) <= reported_at(&device, bound)) {
                    self.release(&key.app, owner, &other)?;
                    lost += 1;
                }
            }
        }
        Ok(lost)
    }
}

fn reported_at(device: &Device, bound: &Binding) -> Option<Timestamp> {
    if device.binding.as_ref() == Some(bound) {
        return Some(device.registered_at);
    }
    let token = device.tokens.iter().find(|it| it.binding == *bound);
    token.map(|it| it.reported_at)
}
