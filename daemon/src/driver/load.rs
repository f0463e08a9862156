//! Finds the libraries, checks who could have written them, and loads each once.
//!
//! In: the driver directory. Out: a [`Catalog`]; a file that cannot be used has its [`DriverError`]
//! there. Refuses to know channels.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nudged_plugin_api::Info;
use nudged_plugin_api::host::{Library, LoadError};

use super::{Catalog, Driver, DriverError, description};
use crate::sync::{Mutex, MutexGuard};

/// Tells one build of a driver from the next: device, inode, size, time of change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileIdentity {
    device: u64,
    inode: u64,
    size: u64,
    changed: (i64, i64),
}

impl FileIdentity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            changed: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// A library that is in memory for good.
#[derive(Clone)]
pub struct LoadedLibrary {
    info: Info,
    library: Library,
}

/// Remembers what is loaded: libraries are never unloaded, and the same file is not loaded
/// twice.
#[derive(Default)]
pub struct Loader {
    loaded: Mutex<HashMap<FileIdentity, LoadedLibrary>>,
}

impl Loader {
    /// Looks at every `*.so` of a directory, in the order of their names. A directory that
    /// is not there has none.
    pub fn scan(&self, directory: &Path) -> Catalog {
        let mut catalog = Catalog::default();
        let entries = match std::fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return catalog,
            Err(source) => {
                let path = directory.to_owned();
                let error = DriverError::Unreadable { path, source };
                catalog.refuse(directory.to_owned(), &error);
                return catalog;
            }
        };
        if let Err(error) = check_owner(directory) {
            catalog.refuse(directory.to_owned(), &error);
            return catalog;
        }
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "so"))
            .collect();
        files.sort();
        for file in files {
            match self.load(&file) {
                Ok(driver) => catalog.add(driver),
                Err(error) => catalog.refuse(file, &error),
            }
        }
        catalog
    }

    fn load(&self, file: &Path) -> Result<Driver, DriverError> {
        let metadata = check_owner(file)?;
        let identity = FileIdentity::of(&metadata);
        let known = self.lock().get(&identity).cloned();
        let loaded = match known {
            Some(loaded) => loaded,
            None => {
                let loaded = fresh(file)?;
                self.lock().insert(identity, loaded.clone());
                loaded
            }
        };
        Ok(Driver {
            info: loaded.info,
            library: loaded.library,
            file: file.to_owned(),
            identity,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FileIdentity, LoadedLibrary>> {
        self.loaded.lock()
    }
}

fn fresh(file: &Path) -> Result<LoadedLibrary, DriverError> {
    let path = || file.to_owned();
    let library = Library::load(file).inspect_err(|error| {
        if let LoadError::WrongLayout { report, .. } = error {
            tracing::debug!(file = %file.display(), report, "layout of a refused driver");
        }
    })?;
    let described = library.describe();
    let info = described.map_err(|source| DriverError::NoDescription {
        path: path(),
        source,
    })?;
    description::check(&info).map_err(|source| DriverError::WrongDescription {
        path: path(),
        source,
    })?;
    Ok(LoadedLibrary { info, library })
}

/// Code is run only from where nobody but root and ourselves may write.
fn check_owner(path: &Path) -> Result<Metadata, DriverError> {
    let metadata = std::fs::metadata(path).map_err(|source| DriverError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let ours = nix::unistd::geteuid().as_raw();
    let owner = metadata.uid();
    if owner != 0 && owner != ours {
        let path = path.to_owned();
        return Err(DriverError::ForeignOwner { path, owner, ours });
    }
    if metadata.mode() & 0o022 != 0 {
        let path = path.to_owned();
        return Err(DriverError::WritableByOthers { path });
    }
    Ok(metadata)
}
