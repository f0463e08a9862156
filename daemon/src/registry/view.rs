//! The registry as one transaction sees it: what it wrote itself, over what is pending,
//! over what is in the database.

use std::collections::BTreeMap;
use std::sync::Arc;

use nudged_plugin_api::frame::{Field, to_bytes};

use super::overlay::{Overlay, RecordBytes, RecordPosition};
use super::{DeviceKey, TokenOwner, VendorAccounts};
use crate::model::{CertificateId, Device};
use crate::store::{CommitState, Keyspace, Store, StoreError, decoded};

type KeyValue = (Vec<u8>, Vec<u8>);

/// Reads and records writes; nothing is written before the transaction ends.
pub struct RegistryView<'a> {
    store: &'a Store,
    overlay: &'a Overlay,
    pub(super) accounts: Arc<VendorAccounts>,
    pub(super) writes: BTreeMap<RecordPosition, RecordBytes>,
    pub(super) after: Vec<CommitState>,
    /// How many devices more, or fewer, have a token of a channel.
    pub(super) bound: Vec<(CertificateId, i64)>,
}

impl<'a> RegistryView<'a> {
    pub(super) fn new(
        store: &'a Store,
        overlay: &'a Overlay,
        accounts: Arc<VendorAccounts>,
    ) -> Self {
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
        self.record(Keyspace::Devices, key.bytes())
    }

    /// The devices of a user, by device id.
    pub fn of_user(&mut self, app: &str, user: &str) -> Result<Vec<(String, Device)>, StoreError> {
        let prefix = DeviceKey::of_user(app, user);
        self.prefix(Keyspace::Devices, &prefix)?
            .into_iter()
            .map(|(key, bytes)| {
                let id = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
                Ok((id, decoded(Keyspace::Devices, &bytes)?))
            })
            .collect()
    }

    pub(super) fn put(&mut self, key: &DeviceKey, device: &Device) {
        self.write(Keyspace::Devices, key.bytes(), Some(to_bytes(device)));
    }

    pub(super) fn owner(&mut self, token: Vec<u8>) -> Result<Option<TokenOwner>, StoreError> {
        self.record(Keyspace::Tokens, token)
    }

    pub(super) fn write(&mut self, keyspace: Keyspace, key: Vec<u8>, value: RecordBytes) {
        self.writes.insert((keyspace, key), value);
    }

    pub(super) fn record<T: Field>(
        &mut self,
        keyspace: Keyspace,
        key: Vec<u8>,
    ) -> Result<Option<T>, StoreError> {
        let read = |value: &RecordBytes| {
            let bytes = value.as_deref();
            bytes.map(|bytes| decoded(keyspace, bytes)).transpose()
        };
        let place = (keyspace, key);
        if let Some(value) = self.writes.get(&place) {
            return read(value);
        }
        if let Some(pending) = self.overlay.writes.get(&place) {
            self.after.push(pending.state.clone());
            return read(&pending.value);
        }
        self.store.get(keyspace, &place.1)
    }

    /// The records whose keys begin with `prefix`, in order.
    pub(super) fn prefix(
        &mut self,
        keyspace: Keyspace,
        prefix: &[u8],
    ) -> Result<Vec<KeyValue>, StoreError> {
        let mut found = BTreeMap::new();
        for record in self.store.prefix(keyspace, prefix) {
            let (key, value) = record?;
            found.insert(key.to_vec(), Some(value.to_vec()));
        }
        let from: RecordPosition = (keyspace, prefix.to_vec());
        let of_prefix = |place: &RecordPosition| place.0 == keyspace && place.1.starts_with(prefix);
        let pending = self.overlay.writes.range(from.clone()..);
        for (place, pending) in pending.take_while(|it| of_prefix(it.0)) {
            self.after.push(pending.state.clone());
            found.insert(place.1.clone(), pending.value.clone());
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
