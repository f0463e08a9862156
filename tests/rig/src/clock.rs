//! A clock that is wrong, and is set right: a small library, preloaded into the daemon, adds to the
//! time of day what a file says. Needs no rights, and no other process notices.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::shim;

/// The clock that a daemon goes by.
#[derive(Debug)]
pub struct Clock {
    library: PathBuf,
    file: PathBuf,
    ahead: File,
}

impl Clock {
    /// Builds the library with the system's C compiler, into `directory`; the clock is right.
    pub fn build(directory: &Path) -> std::io::Result<Clock> {
        let library = directory.join("clock.so");
        shim::compile("src/clock.c", &library)?;
        let file = directory.join("clock");
        let clock = Clock {
            library,
            ahead: File::create(&file)?,
            file,
        };
        clock.set(0)?;
        Ok(clock)
    }

    /// What a daemon must have in its environment.
    pub fn environment(&self) -> [(&'static str, OsString); 2] {
        [
            ("LD_PRELOAD", self.library.clone().into()),
            ("NUDGED_CLOCK", self.file.clone().into()),
        ]
    }

    /// Sets it so many milliseconds ahead of the machine's, or behind.
    pub fn set(&self, ahead: i64) -> std::io::Result<()> {
        self.ahead.write_all_at(&ahead.to_ne_bytes(), 0)
    }
}
