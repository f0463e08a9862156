//! What the handles of the database, its committer and its recovery have in common.
//!
//! In: the open database, taken out and put back by the recovery. Out: whether it is open, whether
//! it can be written, whether it may grow. Refuses to know commits.

use std::path::PathBuf;
use std::sync::Arc;
#[cfg(test)]
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use tokio::sync::watch;

use super::database::OpenDatabase;
use super::free_space::FreeSpace;
use super::{StoreError, StoreSettings};
use crate::sync::Mutex;

/// What is known of the database, open or not.
pub struct SharedStore {
    /// The directory.
    pub path: PathBuf,
    /// None for the moment in which it is closed and opened again.
    pub database: ArcSwapOption<OpenDatabase>,
    /// Why nothing can be written, as long as nothing can.
    pub failure: watch::Sender<Option<StoreError>>,
    free_space: Mutex<FreeSpace>,
    /// How many fsyncs there were.
    #[cfg(test)]
    pub syncs: AtomicU64,
}

impl SharedStore {
    pub fn new(settings: &StoreSettings, database: OpenDatabase) -> Self {
        Self {
            path: settings.path.clone(),
            database: ArcSwapOption::from_pointee(database),
            failure: watch::Sender::new(None),
            free_space: Mutex::new(FreeSpace::new(settings.min_free, settings.max_bytes)),
            #[cfg(test)]
            syncs: AtomicU64::new(0),
        }
    }

    /// Whether there is disk space for anything new; as it was within the last second.
    pub fn check_free_space(&self) -> Result<(), StoreError> {
        let database = self.database()?;
        let mut free_space = self.free_space.lock();
        free_space.check(&self.path, &database)
    }

    /// The database; while it is closed, why that is so.
    pub fn database(&self) -> Result<Arc<OpenDatabase>, StoreError> {
        self.database
            .load_full()
            .ok_or_else(|| self.failure.borrow().clone().unwrap_or(StoreError::Closed))
    }

    /// There was an fsync.
    pub fn synced(&self) {
        #[cfg(test)]
        self.syncs.fetch_add(1, Ordering::Relaxed);
    }
}
