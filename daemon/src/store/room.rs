//! Whether anything new may be accepted: room on the file system, and within the budget.

use std::path::Path;
use std::time::{Duration, Instant};

use super::StoreError;
use super::opened::Opened;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// What was last seen of the room that there is.
pub struct Room {
    /// Bytes that must be free on the file system.
    free: u64,
    /// Most bytes that the database may take; none = as many as fit.
    most: Option<u64>,
    seen: Option<(Instant, Result<(), StoreError>)>,
}

impl Room {
    /// Nothing was looked at yet.
    pub fn new(free: u64, most: Option<u64>) -> Self {
        Self {
            free,
            most,
            seen: None,
        }
    }

    /// Whether there is room; as it was within the last second.
    pub fn check(&mut self, path: &Path, opened: &Opened) -> Result<(), StoreError> {
        if let Some((at, seen)) = &self.seen
            && at.elapsed() < LOOK
        {
            return seen.clone();
        }
        let seen = self.look(path, opened);
        self.seen = Some((Instant::now(), seen.clone()));
        seen
    }

    fn look(&self, path: &Path, opened: &Opened) -> Result<(), StoreError> {
        let path = || path.to_owned();
        // A file system that cannot be asked is written to: the write will tell.
        let free = nix::sys::statvfs::statvfs(&path())
            .map_or(u64::MAX, |fs| fs.blocks_available() * fs.fragment_size());
        if free < self.free {
            return Err(StoreError::Full {
                path: path(),
                free,
                wanted: self.free,
            });
        }
        match (self.most, opened.disk_bytes()) {
            (Some(most), Ok(taken)) if taken > most => Err(StoreError::OverBudget {
                path: path(),
                taken,
                most,
            }),
            _ => Ok(()),
        }
    }
}
