//! The open database and its keyspaces, under whatever writes and reads.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use fjall::config::PartitioningPolicy;
use fjall::{
    AbstractTree, Database, KeyspaceCreateOptions, OwnedWriteBatch, PersistMode, UserValue,
};

use super::{Space, StoreError, directory, schema};

/// Everything that keeps the database open.
pub struct Opened {
    /// The database.
    pub db: Database,
    meta: fjall::Keyspace,
    spaces: [fjall::Keyspace; Space::ALL.len()],
}

const BOUND: &str = "numbers";
/// Where the database has the directories of its keyspaces.
const KEYSPACES: &str = "keyspaces";
/// As many memtables may wait to be written out; at one more the database itself would wait,
/// even for a worker that has died of a full disk.
const MOST_SEALED: usize = 3;
/// The same for tables that wait to be merged.
const MOST_TABLES: usize = 29;

impl Opened {
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
        let mut spaces = Vec::with_capacity(Space::ALL.len());
        for space in Space::ALL {
            spaces.push(db.keyspace(space.name(), options).map_err(failed)?);
        }
        // The database syncs what is in the directories of new keyspaces, but not their names.
        File::open(path.join(KEYSPACES))
            .and_then(|directory| directory.sync_all())
            .map_err(|error| failed(error.into()))?;
        let spaces = spaces
            .try_into()
            .unwrap_or_else(|_| unreachable!("each of them was opened"));
        Ok(Self { db, meta, spaces })
    }

    /// The keyspace of one kind of record.
    pub fn space(&self, space: Space) -> &fjall::Keyspace {
        &self.spaces[space as usize]
    }

    /// The greatest key.
    pub fn last_key(&self, space: Space) -> fjall::Result<Option<UserValue>> {
        self.space(space)
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
    pub fn compact_one(&self, space: Space) -> fjall::Result<()> {
        let space = self.space(space);
        space.rotate_memtable_and_wait()?;
        space.major_compact()
    }

    /// Whether a write would have to wait for the worker.
    pub fn is_behind(&self) -> bool {
        self.spaces.iter().any(|space| {
            space.tree.sealed_memtable_count() >= MOST_SEALED
                || space.tree.l0_run_count() >= MOST_TABLES
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
