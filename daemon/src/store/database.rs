//! The open database and its keyspaces, under whatever writes and reads.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use fjall::config::PartitioningPolicy;
use fjall::{
    AbstractTree, Database, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode, UserValue,
};

use super::{Keyspace, StoreError, directory, schema};

/// Everything that keeps the database open.
pub struct OpenDatabase {
    /// The database.
    pub db: Database,
    meta: fjall::Keyspace,
    keyspaces: [fjall::Keyspace; Keyspace::ALL.len()],
}

const BOUND: &str = "numbers";
/// Where the database has the directories of its keyspaces.
const KEYSPACES: &str = "keyspaces";
/// As many memtables may wait to be written out; at one more the database itself would wait,
/// even for a worker that has died of a full disk.
const MAX_SEALED: usize = 3;
/// The same for tables that wait to be merged.
const MAX_TABLES: usize = 29;

impl OpenDatabase {
    /// Opens or creates it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Open {
            path: path.to_owned(),
            source: Arc::new(source),
        };
        directory::prepare(path)?;
        let db = Database::builder(path)
            .cache_size(8 << 20)
            .max_cached_files(Some(200))
            .max_journaling_size(64 << 20)
            .worker_threads(1)
            .open()
            .map_err(failed)?;
        let meta = schema::check(&db, path)?;
        let mut keyspaces = Vec::with_capacity(Keyspace::ALL.len());
        for keyspace in Keyspace::ALL {
            keyspaces.push(db.keyspace(keyspace.name(), options).map_err(failed)?);
        }
        // The database syncs what is in the directories of new keyspaces, but not their names.
        File::open(path.join(KEYSPACES))
            .and_then(|directory| directory.sync_all())
            .map_err(|error| failed(error.into()))?;
        let keyspaces = keyspaces
            .try_into()
            .unwrap_or_else(|_| unreachable!("each of them was opened"));
        Ok(Self {
            db,
            meta,
            keyspaces,
        })
    }

    /// The keyspace of one kind of record.
    pub fn keyspace(&self, keyspace: Keyspace) -> &fjall::Keyspace {
        &self.keyspaces[keyspace as usize]
    }

    /// The greatest key.
    pub fn last_key(&self, keyspace: Keyspace) -> fjall::Result<Option<UserValue>> {
        self.keyspace(keyspace)
            .last_key_value()
            .map(|guard| guard.key())
            .transpose()
    }

    /// Above every number that was ever given, if that was written down.
    pub fn bound(&self) -> fjall::Result<Option<u64>> {
        let bound = self.meta.get(BOUND)?;
        Ok(bound.and_then(|bytes| bytes.first_chunk().copied().map(u64::from_be_bytes)))
    }

    /// Adds that to a batch.
    pub fn fill_bound(&self, batch: &mut OwnedWriteBatch, bound: u64) {
        batch.insert(&self.meta, BOUND, bound.to_be_bytes());
    }

    /// Writes it by itself.
    #[cfg(test)]
    pub fn write_bound(&self, bound: u64) -> fjall::Result<()> {
        self.meta.insert(BOUND, bound.to_be_bytes())
    }

    /// Bytes on disk.
    pub fn disk_bytes(&self) -> fjall::Result<u64> {
        self.db.disk_space()
    }

    /// Rewrites one kind of record.
    pub fn compact_one(&self, keyspace: Keyspace) -> fjall::Result<()> {
        let keyspace = self.keyspace(keyspace);
        keyspace.rotate_memtable_and_wait()?;
        keyspace.major_compact()
    }

    /// Whether a write would have to wait for the worker.
    pub fn is_behind(&self) -> bool {
        self.keyspaces.iter().any(|keyspace| {
            keyspace.tree.sealed_memtable_count() >= MAX_SEALED
                || keyspace.tree.l0_run_count() >= MAX_TABLES
        })
    }

    /// Whether nothing can be written any more until it is opened anew.
    pub fn is_dead(&self) -> bool {
        self.db.persist(PersistMode::Buffer).is_err()
    }
}

/// Small memtables: the queue lives in them, and so in resident memory. Index and filter of
/// all but the youngest tables come in small blocks: whole ones are half a megabyte, too
/// large for the cache, and would be read anew for each of millions of devices.
fn options() -> KeyspaceCreateOptions {
    let small = || PartitioningPolicy::new([false, true]);
    KeyspaceCreateOptions::default()
        .max_memtable_size(2 << 20)
        .index_block_partitioning_policy(small())
        .filter_block_partitioning_policy(small())
}
