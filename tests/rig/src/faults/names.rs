//! Names that are not found, on demand: a small library, preloaded into the daemon, in place
//! of the system's resolver. Addresses are no names and always found.

use std::ffi::OsString;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::shim::compile;

/// What a daemon finds names with.
#[derive(Debug)]
pub(super) struct Names {
    directory: TempDir,
    library: PathBuf,
}

impl Names {
    /// Builds the library with the system's C compiler.
    pub(super) fn build() -> std::io::Result<Names> {
        let directory = tempfile::tempdir()?;
        let library = directory.path().join("names.so");
        compile("src/faults/names.c", &library)?;
        Ok(Names { directory, library })
    }

    /// What a daemon must have in its environment.
    pub(super) fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("LD_PRELOAD", self.library.clone().into()),
            ("NUDGED_NAMES", self.flag().into()),
        ]
    }

    /// From now on none is found.
    pub(super) fn fail(&self) -> std::io::Result<()> {
        std::fs::write(self.flag(), "")
    }

    /// From now on they are found again.
    pub(super) fn mend(&self) -> std::io::Result<()> {
        std::fs::remove_file(self.flag())
    }

    /// How many were not found since the failure began; none once it is over.
    pub(super) fn failed(&self) -> u64 {
        std::fs::metadata(self.flag()).map_or(0, |flag| flag.len())
    }

    fn flag(&self) -> PathBuf {
        self.directory.path().join("fail")
    }
}
