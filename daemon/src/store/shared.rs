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

use super::opened::Opened;
use super::room::Room;
use super::{StoreError, StoreSettings};
use crate::sync::Mutex;

/// What is known of the database, open or not.
pub struct Inner {
    /// The directory.
    pub path: PathBuf,
    /// None for the moment in which it is closed and opened again.
    pub opened: ArcSwapOption<Opened>,
    /// Why nothing can be written, as long as nothing can.
    pub down: watch::Sender<Option<StoreError>>,
    room: Mutex<Room>,
    /// How many fsyncs there were.
    #[cfg(test)]
    pub syncs: AtomicU64,
}

impl Inner {
    pub fn new(settings: &StoreSettings, opened: Opened) -> Self {
        Self {
            path: settings.path.clone(),
            opened: ArcSwapOption::from_pointee(opened),
            down: watch::Sender::new(None),
            room: Mutex::new(Room::new(settings.min_free, settings.most)),
            #[cfg(test)]
            syncs: AtomicU64::new(0),
        }
    }

    /// Whether there is room for anything new; as it was within the last second.
    pub fn room(&self) -> Result<(), StoreError> {
        let opened = self.opened()?;
        let mut room = self.room.lock();
        room.check(&self.path, &opened)
    }

    /// The database; while it is closed, why that is so.
    pub fn opened(&self) -> Result<Arc<Opened>, StoreError> {
        self.opened
            .load_full()
            .ok_or_else(|| self.down.borrow().clone().unwrap_or(StoreError::Closed))
    }

    /// There was an fsync.
    pub fn synced(&self) {
        #[cfg(test)]
        self.syncs.fetch_add(1, Ordering::Relaxed);
    }
}
