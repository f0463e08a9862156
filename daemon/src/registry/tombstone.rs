//! Devices whose token the vendor called dead: taken out with the evidence, put back on
//! demand. A device is there or has a tombstone, never both; whatever makes the old token
//! wrong for the device (a new report, a logout, another owner) takes the tombstone away. Of its
//! tokens for one kind of message one that dies stays in the device, marked with the evidence.

use nudged_plugin_api::frame::to_bytes;

use super::tokens::{owner_key, without};
use super::{DeviceKey, RegistryView, TokenOwner};
use crate::model::{Binding, CertificateId, Device, Evidence, KindToken, Purpose, Tombstone};
use crate::store::{Keyspace, StoreError};

impl RegistryView<'_> {
    /// Takes out the device of a dead token, or marks the token where it is not the device's own.
    /// Not where the phone reported it after the vendor says that it died: then it is alive
    /// again. Asks before it does so, with what the token took and how many devices of the
    /// channel came or went in this transaction.
    pub fn remove_dead(
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
            self.write(Keyspace::Tokens, token, None);
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
            // req 72: the death of a token for one kind of message costs no more than that token
            Some(at) => {
                let mut after = device.clone();
                after.tokens[at].dead = Some(evidence);
                self.replace(&key, Some(&device), Some(&after));
            }
            None => {
                self.replace(&key, Some(&device), None);
                self.put_tombstone(&key, &Tombstone { device, evidence });
            }
        }
        Ok(())
    }

    /// The tombstone of a device.
    pub(super) fn tombstone(&mut self, key: &DeviceKey) -> Result<Option<Tombstone>, StoreError> {
        self.record(Keyspace::Tombstones, key.bytes())
    }

    /// Writes a tombstone, and where it is found by its tokens.
    pub(super) fn put_tombstone(&mut self, key: &DeviceKey, tombstone: &Tombstone) {
        for token in dead_tokens_of(key, &tombstone.device) {
            self.write(
                Keyspace::Tombstones,
                token,
                Some(to_bytes(&TokenOwner::of(key))),
            );
        }
        self.write(Keyspace::Tombstones, key.bytes(), Some(to_bytes(tombstone)));
    }

    /// Takes a tombstone away, and says what stood on it.
    pub(super) fn forget_tombstone(
        &mut self,
        key: &DeviceKey,
    ) -> Result<Option<Tombstone>, StoreError> {
        let Some(tombstone) = self.tombstone(key)? else {
            return Ok(None);
        };
        self.write(Keyspace::Tombstones, key.bytes(), None);
        for token in dead_tokens_of(key, &tombstone.device) {
            self.write(Keyspace::Tombstones, token, None);
        }
        Ok(Some(tombstone))
    }

    /// A token that is somebody's now is not restored to whoever had it.
    pub(super) fn forget_dead_owner(
        &mut self,
        app: &str,
        bound: &Binding,
        ours: &TokenOwner,
    ) -> Result<(), StoreError> {
        let dead_token = DeviceKey::dead_token(&DeviceKey::token(app, bound.channel, &bound.token));
        let Some(owner) = self.record::<TokenOwner>(Keyspace::Tombstones, dead_token)? else {
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
                self.put_tombstone(
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

    pub(super) fn restore(
        &mut self,
        key: &DeviceKey,
        tombstone: &Tombstone,
    ) -> Result<bool, StoreError> {
        self.forget_tombstone(key)?;
        let mut device = tombstone.device.clone();
        if let Some(bound) = &device.binding
            && self.is_owned_by_another(key, bound)?
        {
            return Ok(false);
        }
        let mut kept = Vec::with_capacity(device.tokens.len());
        for token in device.tokens {
            if !self.is_owned_by_another(key, &token.binding)? {
                kept.push(token);
            }
        }
        device.tokens = kept;
        self.replace(key, None, Some(&device));
        Ok(true)
    }
}

/// Where it is written whose the tokens of a device were.
fn dead_tokens_of(key: &DeviceKey, device: &Device) -> Vec<Vec<u8>> {
    let kinds = device.tokens.iter().map(|it| &it.binding);
    let bounds = device.binding.iter().chain(kinds);
    bounds
        .map(|it| DeviceKey::dead_token(&owner_key(key, it)))
        .collect()
}
