//! Why a file of the driver directory is not used. One sentence each, which names the file.
//!
//! In: what was found in the file's metadata, by its loader, or in what the driver says of itself.
//! Out: the sentence that `nudged --check`, the log and the list of drivers show.

use std::path::PathBuf;

use nudged_plugin_api::host::{CallError, LoadError};

use super::description::DescriptionError;

/// Why a file of the driver directory is not used.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    #[error("{}: cannot read: {source}", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },

    #[error(
        "{}: belongs to user {owner}; drivers must belong to root or to user {ours}",
        path.display()
    )]
    ForeignOwner {
        path: PathBuf,
        owner: u32,
        ours: u32,
    },

    #[error("{}: others may write to it; run `chmod go-w` on it", path.display())]
    WritableByOthers { path: PathBuf },

    #[error(transparent)]
    Load(#[from] LoadError),

    #[error("{}: driver does not describe itself: {source}", path.display())]
    NoDescription { path: PathBuf, source: CallError },

    #[error(
        "{}: driver describes itself wrongly: {source}: rebuild or replace it",
        path.display()
    )]
    WrongDescription {
        path: PathBuf,
        source: DescriptionError,
    },

    #[error("{}: a driver for {vendor} is in {} already", path.display(), first.display())]
    SecondOfVendor {
        path: PathBuf,
        vendor: String,
        first: PathBuf,
    },
}
