//! Why the database could not do what was asked.
//!
//! In: what fjall or the disk reports, or a record that cannot be read. Out: one precise variant
//! each. Refuses to know what is made of it.

use std::path::PathBuf;
use std::sync::Arc;

use super::Keyspace;

/// Why the database could not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory cannot be used.
    #[error("{path}: cannot open the database: {source}")]
    Open {
        /// The directory.
        path: PathBuf,
        /// What went wrong.
        source: Arc<fjall::Error>,
    },
    /// Others may change the directory.
    #[error("{path}: the database's directory {problem}")]
    LoosePermissions {
        /// The directory.
        path: PathBuf,
        /// What they may do, and what to do about it.
        problem: String,
    },
    /// The directory was written by a version that this one does not know.
    #[error("{path}: written by database format {found}, this daemon reads {ours}")]
    Format {
        /// The directory.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The newest that we read.
        ours: u64,
    },
    /// Too little space is free on the file system to accept anything new.
    #[error("{path}: {free} bytes free, {wanted} are needed before anything new is accepted")]
    Full {
        /// The directory.
        path: PathBuf,
        /// Bytes free.
        free: u64,
        /// Bytes that must be free.
        wanted: u64,
    },
    /// The database takes more than it may.
    #[error("{path}: the database takes {taken} bytes, {max_bytes} are allowed")]
    OverBudget {
        /// The directory.
        path: PathBuf,
        /// Bytes that it takes.
        taken: u64,
        /// Bytes that it may take.
        max_bytes: u64,
    },
    /// Reading or writing failed.
    #[error("database failed: {0}")]
    Failed(Arc<fjall::Error>),
    /// A record could not be read.
    #[error("damaged record in {keyspace:?}: {problem}")]
    Damaged {
        /// Its keyspace.
        keyspace: Keyspace,
        /// What is wrong with it.
        problem: String,
    },
    /// It was built on a pending write, and that was refused.
    #[error("a write that this one is built on was refused")]
    DependencyRefused,
    /// The daemon is stopping.
    #[error("the database is closed")]
    Closed,
}

impl From<fjall::Error> for StoreError {
    fn from(error: fjall::Error) -> Self {
        Self::Failed(Arc::new(error))
    }
}
