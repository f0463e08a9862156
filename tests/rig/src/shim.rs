//! A disk that fails on demand: a small library, preloaded into the daemon, that refuses
//! what would change something in its data directory. Needs no rights and no file system
//! of its own, and can do what neither can: fail an fsync of data that is all there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFault {
    /// It is full: nothing more can be written.
    Full,
    /// It is full, and takes a part of what it is given first.
    FullHalfway,
    /// It takes no more files: the journal can be written, but it cannot be moved on.
    NoNewFiles,
    /// Nothing can be written, and nothing brought to the disk.
    Error,
    /// All is written, but not brought to the disk.
    SyncError,
    /// It was mounted read-only.
    ReadOnly,
}

/// Every one of them.
pub const DISK_FAULTS: [DiskFault; 6] = [
    DiskFault::Full,
    DiskFault::FullHalfway,
    DiskFault::NoNewFiles,
    DiskFault::Error,
    DiskFault::SyncError,
    DiskFault::ReadOnly,
];

impl DiskFault {
    /// What the library reads: the error and the calls that fail with it.
    fn line(self) -> &'static str {
        match self {
            Self::Full => "28 w",
            Self::FullHalfway => "28 t",
            Self::NoNewFiles => "28 o",
            Self::Error => "5 ws",
            Self::SyncError => "5 s",
            Self::ReadOnly => "30 wso",
        }
    }
}

/// The disk that a daemon has its data on.
#[derive(Debug)]
pub struct Disk {
    library: PathBuf,
    data: PathBuf,
    fault: PathBuf,
}

impl Disk {
    /// Builds the library with the system's C compiler, into `directory`.
    pub fn build(directory: &Path, data: &Path) -> std::io::Result<Disk> {
        let library = directory.join("disk.so");
        compile("src/shim.c", &library)?;
        Ok(Disk {
            library,
            // What the kernel calls its files.
            data: data.canonicalize()?,
            fault: directory.join("disk.fault"),
        })
    }

    /// What a daemon must have in its environment.
    pub fn environment(&self) -> [(&'static str, OsString); 3] {
        [
            ("LD_PRELOAD", self.library.clone().into()),
            ("NUDGED_DISK", self.data.clone().into()),
            ("NUDGED_FAULT", self.fault.clone().into()),
        ]
    }

    /// From now on it fails.
    pub fn fail(&self, fault: DiskFault) -> std::io::Result<()> {
        // Renamed into place: half of it must not be read.
        let unfinished = self.fault.with_extension("new");
        std::fs::write(&unfinished, fault.line())?;
        std::fs::rename(unfinished, &self.fault)
    }

    /// From now on it is well.
    pub fn mend(&self) -> std::io::Result<()> {
        std::fs::remove_file(&self.fault)
    }
}

/// Builds a library to be preloaded with the system's C compiler.
pub(crate) fn compile(source: &str, library: &Path) -> std::io::Result<()> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(library)
        .arg(&source)
        // What older systems have in a library of its own.
        .arg("-ldl")
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let problem = format!("cc {}: {said}", source.display());
    Err(std::io::Error::other(problem))
}
