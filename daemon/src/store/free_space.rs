//! Whether anything new may be accepted: space is free on the file system, and the database is
//! within its budget.

use std::path::Path;
use std::time::{Duration, Instant};

use super::StoreError;
use super::database::OpenDatabase;

/// How often that is measured.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// What was measured last.
pub struct FreeSpace {
    /// Bytes that must be free on the file system.
    min_free: u64,
    /// At most so many bytes may the database take; none = as many as fit.
    max_bytes: Option<u64>,
    last: Option<(Instant, Result<(), StoreError>)>,
}

impl FreeSpace {
    /// Nothing was measured yet.
    pub fn new(min_free: u64, max_bytes: Option<u64>) -> Self {
        Self {
            min_free,
            max_bytes,
            last: None,
        }
    }

    /// Whether there is disk space; as it was within the last second.
    pub fn check(&mut self, path: &Path, database: &OpenDatabase) -> Result<(), StoreError> {
        if let Some((at, last)) = &self.last
            && at.elapsed() < CHECK_INTERVAL
        {
            return last.clone();
        }
        let last = self.measure(path, database);
        self.last = Some((Instant::now(), last.clone()));
        last
    }

    fn measure(&self, path: &Path, database: &OpenDatabase) -> Result<(), StoreError> {
        let path = || path.to_owned();
        // A file system that cannot be asked is written to: the write will fail if it must.
        let free = nix::sys::statvfs::statvfs(&path())
            .map_or(u64::MAX, |fs| fs.blocks_available() * fs.fragment_size());
        if free < self.min_free {
            return Err(StoreError::Full {
                path: path(),
                free,
                wanted: self.min_free,
            });
        }
        match (self.max_bytes, database.disk_bytes()) {
            (Some(max_bytes), Ok(taken)) if taken > max_bytes => Err(StoreError::OverBudget {
                path: path(),
                taken,
                max_bytes,
            }),
            _ => Ok(()),
        }
    }
}
