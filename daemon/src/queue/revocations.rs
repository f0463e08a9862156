//! Which notifications are not to be sent any more.
//!
//! In: what is to be revoked. Out: whether something may still be sent, from memory; and which of
//! them were in flight at that moment and accepted after all. Refuses to know how a vendor takes
//! anything back.

use std::collections::{BTreeSet, HashMap};

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;
use tokio::sync::Notify;

use crate::model::{NotificationId, Revocation};
use crate::store::{Commit, Keyspace, Store, StoreError, Write, decoded};
use crate::sync::{Mutex, RwLock};

/// The revoked notifications.
pub struct Revocations {
    store: Store,
    known: RwLock<HashMap<NotificationId, Revocation>>,
    late: Mutex<BTreeSet<NotificationId>>,
    came: Notify,
}

impl Revocations {
    /// Those of this database.
    pub fn open(store: Store) -> Result<Self, StoreError> {
        let mut known = HashMap::new();
        for record in store.prefix(Keyspace::Revoked, &[]) {
            let (key, bytes) = record?;
            if let Some(id) = key.first_chunk() {
                let revocation = decoded(Keyspace::Revoked, &bytes)?;
                known.insert(NotificationId::from_bytes(*id), revocation);
            }
        }
        Ok(Self {
            store,
            known: RwLock::new(known),
            late: Mutex::default(),
            came: Notify::new(),
        })
    }

    /// Nothing more of this notification is sent; durable on return.
    pub async fn revoke(
        &self,
        id: NotificationId,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.contains(id) {
            return Ok(());
        }
        let revocation = Revocation {
            at: now,
            expires_at,
        };
        // It takes something away, so it is written however little disk space there is.
        let commit = Commit::synced(vec![Write::put(
            Keyspace::Revoked,
            id.to_bytes(),
            to_bytes(&revocation),
        )]);
        self.store.commit(commit).await?;
        let mut known = self.known.write();
        known.insert(id, revocation);
        Ok(())
    }

    /// Whether a notification is not to be sent any more.
    pub fn contains(&self, id: NotificationId) -> bool {
        let known = self.known.read();
        // req 63: what was revoked is not sent. Nearly always there is none, and this is asked for
        // every request.
        !known.is_empty() && known.contains_key(&id)
    }

    /// A delivery was accepted, and that is written. If its notification was revoked in the
    /// meantime, [`Self::late`] returns it.
    pub fn accepted(&self, id: NotificationId) {
        if self.contains(id) {
            let mut late = self.late.lock();
            late.insert(id);
            drop(late);
            self.came.notify_one();
        }
    }

    /// Waits for a notification of which something was accepted after it was revoked.
    pub async fn late(&self) -> NotificationId {
        loop {
            let next = self.late.lock().pop_first();
            match next {
                Some(id) => return id,
                None => self.came.notified().await,
            }
        }
    }

    /// Forgets what the sweep of the database removes with the same times.
    pub fn forget(&self, before: Timestamp, now: Timestamp) {
        let end = NotificationId::floor(before.0);
        let mut known = self.known.write();
        known.retain(|id, revocation| *id >= end || revocation.expires_at >= now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{StoreSettings, sweep};

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn id(millis_before: u64) -> NotificationId {
        NotificationId::floor(NOW.0 - millis_before)
    }

    fn store(dir: &tempfile::TempDir) -> Store {
        let settings = StoreSettings {
            path: dir.path().to_owned(),
            min_free: 0,
            max_bytes: None,
        };
        Store::open(&settings).expect("a new database")
    }

    #[tokio::test]
    async fn a_revocation_is_there_after_a_restart() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = store(&dir);
        let revocations = Revocations::open(store.clone()).expect("readable");
        let (one, other) = (id(0), id(1));
        assert!(!revocations.contains(one));
        for _ in 0..2 {
            let done = revocations.revoke(one, NOW.plus_seconds(60), NOW).await;
            done.expect("written");
        }
        let again = Revocations::open(store).expect("readable");
        for revocations in [revocations, again] {
            assert!(revocations.contains(one));
            assert!(!revocations.contains(other));
        }
    }

    #[tokio::test]
    async fn what_is_accepted_after_its_revocation_is_told() {
        let dir = tempfile::tempdir().expect("a directory");
        let revocations = Revocations::open(store(&dir)).expect("readable");
        revocations.accepted(id(1));
        let done = revocations.revoke(id(0), NOW.plus_seconds(60), NOW).await;
        done.expect("written");
        for accepted in [id(1), id(0), id(0)] {
            revocations.accepted(accepted);
        }
        assert_eq!(revocations.late().await, id(0));
        let more = futures_util::FutureExt::now_or_never(revocations.late());
        assert_eq!(more, None, "once is enough");
    }

    #[tokio::test]
    async fn a_revocation_is_kept_as_long_as_anything_could_be_sent() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = store(&dir);
        let revocations = Revocations::open(store.clone()).expect("readable");
        const DAY: u64 = 86_400_000;
        let (old, waiting, young) = (id(9 * DAY), id(8 * DAY), id(DAY));
        for (id, expires_at) in [
            (old, Timestamp(NOW.0 - DAY)),
            (waiting, NOW.plus_seconds(60)),
            (young, Timestamp(NOW.0 - 1)),
        ] {
            let done = revocations.revoke(id, expires_at, NOW).await;
            done.expect("written");
        }
        let before = Timestamp(NOW.0 - 7 * DAY);
        sweep(&store, before, NOW).await.expect("swept");
        revocations.forget(before, NOW);
        let again = Revocations::open(store).expect("readable");
        for revocations in [revocations, again] {
            let known = [old, waiting, young].map(|id| revocations.contains(id));
            assert_eq!(known, [false, true, true]);
        }
    }
}
