//! Where it is written whose a token is. A token, of whatever kind, has one owner.
//!
//! In: a device as it was and as it is to be. Out: the device written together with whose
//! its tokens are, and how many devices each channel has more or fewer. Whatever changes a device's
//! tokens goes through here, so that these agree.

use nudged_plugin_api::frame::to_bytes;

use super::{DeviceKey, RegistryView, TokenOwner};
use crate::model::{Binding, CertificateId, Device};
use crate::store::{Keyspace, StoreError};

/// What a device lost to another one's report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenTransfer {
    /// Whose it was.
    pub owner: TokenOwner,
    /// It was the device's own token: the device is forgotten. Else it lost one of its others.
    pub with_device: bool,
}

impl RegistryView<'_> {
    /// Writes a device, or that there is none, where `before` was. Nobody else may have its
    /// tokens: see [`RegistryView::claim`].
    pub(super) fn replace(
        &mut self,
        key: &DeviceKey,
        before: Option<&Device>,
        after: Option<&Device>,
    ) {
        self.write(Keyspace::Devices, key.bytes(), after.map(to_bytes));
        let none = Device::default();
        let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
        for gone in before.live().filter(|it| !has(after.live(), it)) {
            self.write(Keyspace::Tokens, owner_key(key, gone), None);
        }
        for new in after.live().filter(|it| !has(before.live(), it)) {
            let owner = to_bytes(&TokenOwner::of(key));
            self.write(Keyspace::Tokens, owner_key(key, new), Some(owner));
        }
        self.index_dead(key, before, after);
        let channels = [before, after].map(channels);
        let [was, is] = &channels;
        let left = was.iter().filter(|it| !is.contains(it));
        let come = is.iter().filter(|it| !was.contains(it));
        self.bound.extend(left.map(|it| (*it, -1)));
        self.bound.extend(come.map(|it| (*it, 1)));
    }

    /// Takes a token for a device from whoever has it, or had it when it died. Says from whom.
    pub(super) fn claim(
        &mut self,
        key: &DeviceKey,
        bound: &Binding,
    ) -> Result<Option<TokenTransfer>, StoreError> {
        let ours = TokenOwner::of(key);
        let token = owner_key(key, bound);
        let owner = self.owner(token.clone())?;
        if owner.as_ref() == Some(&ours) {
            return Ok(None);
        }
        let taken = match owner {
            Some(owner) => Some(self.release(&key.app, owner, bound)?),
            None => None,
        };
        self.forget_dead_owner(&key.app, bound, &ours)?;
        self.write(Keyspace::Tokens, token, Some(to_bytes(&ours)));
        Ok(taken)
    }

    /// A device loses a token to another: all is lost with its own, else no more than that.
    pub(super) fn release(
        &mut self,
        app: &str,
        owner: TokenOwner,
        bound: &Binding,
    ) -> Result<TokenTransfer, StoreError> {
        let key = owner.key(app);
        let mut with_device = true;
        if let Some(device) = self.get(&key)? {
            with_device = device.binding.as_ref() == Some(bound);
            let rest = (!with_device).then(|| without(&device, bound));
            self.replace(&key, Some(&device), rest.as_ref());
        }
        Ok(TokenTransfer { owner, with_device })
    }

    /// Writes down where the dead tokens of a device are found.
    fn index_dead(&mut self, key: &DeviceKey, before: &Device, after: &Device) {
        let (was, is) = (before.dead().next(), after.dead().next());
        if was.is_none() && is.is_none() {
            return;
        }
        for risen in before.dead() {
            let dead_token = DeviceKey::dead_token(&owner_key(key, &risen.binding));
            self.write(Keyspace::Tombstones, dead_token, None);
        }
        for dead in after.dead() {
            let dead_token = DeviceKey::dead_token(&owner_key(key, &dead.binding));
            let owner = to_bytes(&TokenOwner::of(key));
            self.write(Keyspace::Tombstones, dead_token, Some(owner));
        }
        let dead_index = DeviceKey::dead_index(&key.bytes());
        let owner = is.map(|_| to_bytes(&TokenOwner::of(key)));
        self.write(Keyspace::Tombstones, dead_index, owner);
    }
}

/// A device without one of its tokens of one kind.
pub(super) fn without(device: &Device, bound: &Binding) -> Device {
    let mut rest = device.clone();
    rest.tokens.retain(|it| it.binding != *bound);
    rest
}

/// Where it is written whose a token is.
pub(super) fn owner_key(key: &DeviceKey, bound: &Binding) -> Vec<u8> {
    DeviceKey::token(&key.app, bound.channel, &bound.token)
}

/// The channels that reach a device, each once.
pub(super) fn channels(device: &Device) -> Vec<CertificateId> {
    let mut channels = Vec::with_capacity(1);
    for bound in device.live() {
        if !channels.contains(&bound.channel) {
            channels.push(bound.channel);
        }
    }
    channels
}

fn has<'a>(mut all: impl Iterator<Item = &'a Binding>, one: &Binding) -> bool {
    all.any(|it| it == one)
}
