//! Which channels the operator holds.
//!
//! In: holds and releases, from the operator. Out: whether a channel may send, from memory.
//! Refuses to know why.

use std::collections::HashMap;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::{from_bytes, to_bytes};

use crate::model::CertificateId;
use crate::store::{Commit, Keyspace, Store, StoreError, Write};
use crate::sync::RwLock;

/// The held channels.
pub struct HeldChannels {
    store: Store,
    known: RwLock<HashMap<CertificateId, Timestamp>>,
    /// One change at a time, so that memory and database agree.
    changing: tokio::sync::Mutex<()>,
}

impl HeldChannels {
    /// Those of this database.
    pub fn open(store: Store) -> Result<Self, StoreError> {
        let mut known = HashMap::new();
        for record in store.prefix(Keyspace::Holds, &[]) {
            let (key, bytes) = record?;
            if let Some(id) = key.first_chunk().copied().map(u32::from_be_bytes) {
                // Of a damaged record it is still known that it holds.
                let since = from_bytes(&bytes).unwrap_or_default();
                known.insert(CertificateId(id), since);
            }
        }
        Ok(Self {
            store,
            known: RwLock::new(known),
            changing: tokio::sync::Mutex::default(),
        })
    }

    /// Since when the operator holds a channel.
    pub fn since(&self, channel: CertificateId) -> Option<Timestamp> {
        let known = self.known.read();
        known.get(&channel).copied()
    }

    /// Stops a channel; durable on return. Says since when.
    pub async fn hold(
        &self,
        channel: CertificateId,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let _one = self.changing.lock().await;
        if let Some(since) = self.since(channel) {
            return Ok(since);
        }
        let key = channel.0.to_be_bytes();
        self.write(Write::put(Keyspace::Holds, key, to_bytes(&now)))
            .await?;
        let mut known = self.known.write();
        known.insert(channel, now);
        Ok(now)
    }

    /// Lets a channel go on; durable on return. Says whether it was held.
    pub async fn release(&self, channel: CertificateId) -> Result<bool, StoreError> {
        let _one = self.changing.lock().await;
        if self.since(channel).is_none() {
            return Ok(false);
        }
        self.write(Write::remove(Keyspace::Holds, channel.0.to_be_bytes()))
            .await?;
        let mut known = self.known.write();
        Ok(known.remove(&channel).is_some())
    }

    /// Accepts nothing new, so it is written however little disk space there is.
    async fn write(&self, write: Write) -> Result<(), StoreError> {
        let commit = Commit::synced(vec![write]);
        self.store.commit(commit).await
    }
}
