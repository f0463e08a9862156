//! The database: one directory, one committer, a keyspace for each kind of record.
//!
//! In: [`Commit`]s, from any task. Out: the promise that what was committed is on disk, and reads.
//! Knows keys and bytes; refuses to know what they mean, but for the sweep, which removes what is
//! over.
//!
//! A write that fails is refused, and so is every other until the disk can be written: then the
//! database is closed and opened again (`recovery`). Until then it can still be read.

pub mod budget;
mod commit;
mod committer;
mod database;
mod dependency;
mod directory;
mod error;
mod free_space;
mod journal;
mod keyspace;
mod numbers;
mod recovery;
mod schema;
mod shared;
mod slot;
mod sweep;

use std::path::PathBuf;
use std::sync::Arc;

use fjall::{Readable, UserValue};
use nudged_plugin_api::frame::{Field, from_bytes};
use tokio::sync::watch;

use database::OpenDatabase;
use shared::SharedStore;

pub use commit::{Commit, NumberedWrite, Write};
pub use dependency::{CommitDependency, CommitState};
pub use error::StoreError;
pub use keyspace::Keyspace;
pub use slot::Slot;
pub use sweep::{sweep, sweep_oldest};

/// How the database is kept.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// Its directory.
    pub path: PathBuf,
    /// Nothing new is accepted with fewer bytes free on the file system.
    pub min_free: u64,
    /// Nothing new is accepted while the database takes more bytes; none = as many as fit.
    pub max_bytes: Option<u64>,
}

/// The open database.
#[derive(Clone)]
pub struct Store {
    shared: Arc<SharedStore>,
    committer: tokio::sync::mpsc::Sender<slot::Job>,
}

impl Store {
    /// Opens or creates the database and starts its committer.
    pub fn open(settings: &StoreSettings) -> Result<Self, StoreError> {
        let database = OpenDatabase::open(&settings.path)?;
        let shared = Arc::new(SharedStore::new(settings, database));
        let committer = committer::start(shared.clone())?;
        Ok(Self { shared, committer })
    }

    /// Writes everything in `commit` or nothing, together with whatever else is waiting.
    /// Returns once it is durable, when the commit asks for that, else once the kernel has
    /// it: then it survives the end of the daemon, and within a second that of the machine.
    pub async fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.reserve().await?.submit(commit).await
    }

    /// Waits until a commit can be submitted without waiting.
    pub async fn reserve(&self) -> Result<Slot, StoreError> {
        let permit = self.committer.clone().reserve_owned().await;
        permit.map(Slot::new).map_err(|_| StoreError::Closed)
    }

    /// Whether nothing can be written at present.
    pub fn has_failed(&self) -> bool {
        self.shared.failure.borrow().is_some()
    }

    /// Why nothing can be written at present; changes when that does.
    pub fn failure(&self) -> watch::Receiver<Option<StoreError>> {
        self.shared.failure.subscribe()
    }

    /// Returns once something can be written, at once when that is so already.
    pub async fn wait_until_writable(&self) {
        // The sender cannot go before this store does.
        let _ = self.failure().wait_for(Option::is_none).await;
    }

    /// Whether there is disk space for anything new; as it was within the last second.
    pub fn check_free_space(&self) -> Result<(), StoreError> {
        self.shared.check_free_space()
    }

    /// Bytes on disk.
    pub fn disk_bytes(&self) -> Result<u64, StoreError> {
        Ok(self.shared.database()?.disk_bytes()?)
    }

    /// Bytes on disk of one kind of record, and about how many there are.
    pub fn size_of(&self, keyspace: Keyspace) -> Result<(u64, usize), StoreError> {
        let database = self.shared.database()?;
        let keyspace = database.keyspace(keyspace);
        Ok((keyspace.disk_space(), keyspace.approximate_len()))
    }

    /// Rewrites everything: what was replaced or removed leaves the disk. Takes its time; the rig
    /// measures what is left.
    pub fn compact(&self) -> Result<(), StoreError> {
        Keyspace::ALL
            .into_iter()
            .try_for_each(|keyspace| self.compact_one(keyspace))
    }

    /// Rewrites one kind of record, so that what was removed leaves the disk. Takes its time.
    pub fn compact_one(&self, keyspace: Keyspace) -> Result<(), StoreError> {
        Ok(self.shared.database()?.compact_one(keyspace)?)
    }

    /// One record's bytes.
    pub fn read(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<UserValue>, StoreError> {
        Ok(self.shared.database()?.keyspace(keyspace).get(key)?)
    }

    /// One record.
    pub fn get<T: Field>(&self, keyspace: Keyspace, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.read(keyspace, key)?
            .map(|bytes| decoded(keyspace, &bytes))
            .transpose()
    }

    /// The records whose keys begin with `prefix`, in order.
    pub fn prefix(
        &self,
        keyspace: Keyspace,
        prefix: &[u8],
    ) -> impl DoubleEndedIterator<Item = Result<(UserValue, UserValue), StoreError>> + use<> {
        let database = self.shared.database();
        records(database.map(|database| database.keyspace(keyspace).prefix(prefix)))
    }

    /// The records from `from` on, up to and without `to`, in order.
    pub fn range(
        &self,
        keyspace: Keyspace,
        from: &[u8],
        to: &[u8],
    ) -> impl DoubleEndedIterator<Item = Result<(UserValue, UserValue), StoreError>> + use<> {
        let database = self.shared.database();
        records(database.map(|database| {
            database
                .keyspace(keyspace)
                .range(from.to_vec()..to.to_vec())
        }))
    }

    /// All keys, in order; reads no value.
    pub fn keys(
        &self,
        keyspace: Keyspace,
    ) -> Result<impl Iterator<Item = Result<UserValue, StoreError>> + use<>, StoreError> {
        let database = self.shared.database()?;
        let keys = database.keyspace(keyspace).iter();
        Ok(keys.map(|guard| Ok(guard.key()?)))
    }

    /// The keys that begin with `prefix` as they stand now in each of these, whatever is
    /// written while they are read.
    pub fn snapshot_keys<const KEYSPACES: usize>(
        &self,
        keyspaces: [Keyspace; KEYSPACES],
        prefix: &[u8],
    ) -> Result<
        [impl Iterator<Item = Result<UserValue, StoreError>> + Send + use<KEYSPACES>; KEYSPACES],
        StoreError,
    > {
        let database = self.shared.database()?;
        let snapshot = database.db.snapshot();
        Ok(keyspaces.map(|keyspace| {
            let found = snapshot.prefix(database.keyspace(keyspace), prefix);
            found.map(|guard| Ok(guard.key()?)).fuse()
        }))
    }

    /// The greatest key.
    pub fn last_key(&self, keyspace: Keyspace) -> Result<Option<UserValue>, StoreError> {
        Ok(self.shared.database()?.last_key(keyspace)?)
    }
}

/// What is found, or the one error that there is instead. Holds a view of the database, not
/// the database: it can be closed meanwhile.
fn records(
    found: Result<fjall::Iter, StoreError>,
) -> impl DoubleEndedIterator<Item = Result<(UserValue, UserValue), StoreError>> {
    let (found, closed) = match found {
        Ok(found) => (Some(found), None),
        Err(error) => (None, Some(Err(error))),
    };
    let found = found.into_iter().flatten();
    found.map(|guard| Ok(guard.into_inner()?)).chain(closed)
}

/// Reads a record.
pub fn decoded<T: Field>(keyspace: Keyspace, bytes: &[u8]) -> Result<T, StoreError> {
    from_bytes(bytes).map_err(|error| StoreError::Damaged {
        keyspace,
        problem: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
