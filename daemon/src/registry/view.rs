//! The registry as one transaction sees it: what it wrote itself, over what is under way,
//! over what is in the database.

use std::collections::BTreeMap;
use std::sync::Arc;

use nudged_plugin_api::frame::{Field, to_bytes};

use super::overlay::{Overlay, Place, Value};
use super::{Accounts, DeviceKey, Owner};
use crate::model::{CertificateId, Device};
use crate::store::{Fate, Space, Store, StoreError, decoded};

type Record = (Vec<u8>, Vec<u8>);

/// Reads and records writes; nothing is written before the transaction ends.
pub struct View<'a> {
    store: &'a Store,
    overlay: &'a Overlay,
    pub(super) accounts: Arc<Accounts>,
    pub(super) writes: BTreeMap<Place, Value>,
    pub(super) after: Vec<Fate>,
    /// How many devices more, or fewer, have a token of a channel.
    pub(super) bound: Vec<(CertificateId, i64)>,
}

impl<'a> View<'a> {
    pub(super) fn new(store: &'a Store, overlay: &'a Overlay, accounts: Arc<Accounts>) -> Self {
        Self {
            store,
            overlay,
            accounts,
            writes: BTreeMap::new(),
            after: Vec::new(),
            bound: Vec::new(),
        }
    }

    /// One device.
    pub fn get(&mut self, key: &DeviceKey) -> Result<Option<Device>, StoreError> {
        self.record(Space::Devices, key.bytes())
    }

    /// The devices of a user, by device id.
    pub fn of_user(&mut self, app: &str, user: &str) -> Result<Vec<(String, Device)>, StoreError> {
        let prefix = DeviceKey::of_user(app, user);
        self.prefix(Space::Devices, &prefix)?
            .into_iter()
            .map(|(key, bytes)| {
                let id = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
                Ok((id, decoded(Space::Devices, &bytes)?))
            })
            .collect()
    }

    pub(super) fn put(&mut self, key: &DeviceKey, device: &Device) {
        self.write(Space::Devices, key.bytes(), Some(to_bytes(device)));
    }

    pub(super) fn owner(&mut self, token: Vec<u8>) -> Result<Option<Owner>, StoreError> {
        self.record(Space::Tokens, token)
    }

    pub(super) fn write(&mut self, space: Space, key: Vec<u8>, value: Value) {
        self.writes.insert((space, key), value);
    }

    pub(super) fn record<T: Field>(
        &mut self,
        space: Space,
        key: Vec<u8>,
    ) -> Result<Option<T>, StoreError> {
        let read = |value: &Value| {
            let bytes = value.as_deref();
            bytes.map(|bytes| decoded(space, bytes)).transpose()
        };
        let place = (space, key);
        if let Some(value) = self.writes.get(&place) {
            return read(value);
        }
        if let Some(flying) = self.overlay.writes.get(&place) {
            self.after.push(flying.fate.clone());
            return read(&flying.value);
        }
        self.store.get(space, &place.1)
    }

    /// The records whose keys begin with `prefix`, in order.
    pub(super) fn prefix(
        &mut self,
        space: Space,
        prefix: &[u8],
    ) -> Result<Vec<Record>, StoreError> {
        let mut found = BTreeMap::new();
        for record in self.store.prefix(space, prefix) {
            let (key, value) = record?;
            found.insert(key.to_vec(), Some(value.to_vec()));
        }
        let from: Place = (space, prefix.to_vec());
        let of_prefix = |place: &Place| place.0 == space && place.1.starts_with(prefix);
        let flying = self.overlay.writes.range(from.clone()..);
        for (place, flying) in flying.take_while(|it| of_prefix(it.0)) {
            self.after.push(flying.fate.clone());
            found.insert(place.1.clone(), flying.value.clone());
        }
        let ours = self.writes.range(from..);
        for (place, value) in ours.take_while(|it| of_prefix(it.0)) {
            found.insert(place.1.clone(), value.clone());
        }
        Ok(found
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect())
    }
}
