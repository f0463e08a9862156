//! The files that a channel names, each read once: what is compared, what the driver is opened with
//! and what is remembered of it are of one moment.
//!
//! In: paths. Out: the contents of the files, or why one cannot be read. The contents may be secret,
//! and are wiped with the snapshot.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::permissions::Permissions;
use super::source::{self, ConfigSource, ReadError};

/// Files of one moment.
pub struct FileSnapshot(BTreeMap<PathBuf, Result<ConfigSource, ReadError>>);

impl FileSnapshot {
    /// Reads these now.
    pub fn of(paths: impl Iterator<Item = PathBuf>) -> Self {
        let read = |path: PathBuf| {
            let read = source::read(&path, source::MAX_FILE);
            (path, read)
        };
        Self(paths.map(read).collect())
    }

    /// A file; one that no setting named, as a driver's default may, is read now.
    pub fn file(&mut self, path: PathBuf) -> &Result<ConfigSource, ReadError> {
        let read = |path: &PathBuf| source::read(path, source::MAX_FILE);
        let entry = self.0.entry(path);
        entry.or_insert_with_key(read)
    }

    /// What a file was, to compare it with another time; none for one that no setting named.
    pub fn state(&self, path: &Path) -> Option<FileState> {
        self.0.get(path).map(|read| match read {
            Ok(source) => FileState::of(source),
            Err(error) => FileState::Unreadable(error.to_string()),
        })
    }
}

/// What a file was when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState {
    Readable {
        permissions: Permissions,
        digest: FileDigest,
    },
    /// Why it could not be read.
    Unreadable(String),
}

impl FileState {
    pub fn of(source: &ConfigSource) -> Self {
        Self::Readable {
            permissions: source.permissions,
            digest: FileDigest::of(&source.contents),
        }
    }
}

/// Stands for contents that may be secret: equal where they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FileDigest([u8; 32]);

impl FileDigest {
    pub fn of(contents: &[u8]) -> Self {
        Self(Sha256::digest(contents).into())
    }
}

/// Never shows it: a short secret can be guessed from it.
impl fmt::Debug for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileDigest(…)")
    }
}
