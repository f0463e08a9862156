//! The daemon's side: is this file a driver, load it, talk to it.
//!
//! In: a path or an open file. Out: a [`Library`], its [`Info`], its [`Channel`]s.
//! Libraries are never unloaded. A newer file at the same path is a new library.

use std::error::Error;
use std::fmt::Display;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use abi_stable::StableAbi;
use abi_stable::abi_stability::check_layout_compatibility;
use abi_stable::library::{AbiHeaderRef, LibHeader, ROOT_MODULE_LOADER_NAME_WITH_NUL, RootModule};
use abi_stable::std_types::{RSlice, RVec};
use abi_stable::type_layout::TypeLayout;
use zeroize::Zeroizing;

use crate::call::{OpenCall, Opened, status};
use crate::error::SettingError;
use crate::frame::{FrameError, from_bytes, to_bytes};
use crate::info::Info;
use crate::module::DriverModuleRef;
use crate::settings::Settings;
use crate::time::Timestamp;

mod channel;
mod elf;

pub use channel::Channel;

/// Why a file was refused as a driver. One short sentence each; the file is named in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file could not be read.
    #[error("{path}: cannot read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no shared library of this machine.
    #[error("{path}: not a driver: {problem}")]
    NotALibrary {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        problem: String,
    },
    /// The system's loader refused it.
    #[error("{path}: cannot be loaded: {problem}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// What the loader said.
        problem: String,
    },
    /// The driver was built for another major version.
    #[error(
        "{path}: driver was built for plugin-api {theirs}, this daemon accepts {ours}.x: rebuild the driver"
    )]
    WrongVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        theirs: String,
        /// Our major version.
        ours: String,
    },
    /// The version fits but the functions do not.
    #[error(
        "{path}: driver's functions do not have the layout of plugin-api {theirs}: rebuild the driver"
    )]
    WrongLayout {
        /// The file.
        path: PathBuf,
        /// The version that it claims.
        theirs: String,
        /// abi_stable's report, long.
        report: String,
    },
    /// The driver does not describe itself properly.
    #[error("{path}: driver does not describe itself: {source}")]
    Describe {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: CallError,
    },
}

/// A call into a driver that did not work. It concerns this call only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The driver panicked.
    #[error("driver panicked: {0}")]
    Panicked(String),
    /// The driver is too old for the operation.
    #[error("driver does not know operation {0}")]
    UnknownOperation(u32),
    /// The driver could not read our frame.
    #[error("driver could not read the call: {0}")]
    BadCall(String),
    /// We could not read the driver's frame.
    #[error("driver returned nonsense: {0}")]
    BadAnswer(#[from] FrameError),
    /// The driver answered for fewer or more items than it was asked about.
    #[error("driver answered for {got} items of {asked}")]
    WrongCount {
        /// Items of the call.
        asked: usize,
        /// Items of the answer.
        got: usize,
    },
    /// The answer is longer than anything sensible.
    #[error("driver returned {0} bytes")]
    TooLong(usize),
}

/// Longest frame that is accepted from a driver, in bytes.
pub const MAX_FRAME: usize = 64 << 20;

/// A loaded driver.
#[derive(Clone, Copy)]
pub struct Library {
    module: DriverModuleRef,
}

impl Library {
    /// Loads a driver. What is checked is what is loaded: the file is opened once, and
    /// it is read before any of its code runs, so a file that is no driver never runs.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let read = |source| LoadError::Read {
            path: path.to_owned(),
            source,
        };
        // Opening a pipe would wait for its writer.
        if !std::fs::metadata(path).map_err(read)?.is_file() {
            return Err(LoadError::NotALibrary {
                path: path.to_owned(),
                problem: "not a regular file".to_owned(),
            });
        }
        Self::load_file(&File::open(path).map_err(read)?, path)
    }

    /// The driver that is linked into this program; for tests.
    pub fn linked<D: crate::Driver>() -> Self {
        Self {
            module: crate::module::root::<D>(),
        }
    }

    fn load_file(file: &File, path: &Path) -> Result<Self, LoadError> {
        elf::check(file).map_err(|problem| match problem {
            elf::Problem::Read(source) => LoadError::Read {
                path: path.to_owned(),
                source,
            },
            elf::Problem::Not(problem) => LoadError::NotALibrary {
                path: path.to_owned(),
                problem,
            },
        })?;
        let opened = unique_name(file);
        let refused = |problem: String| LoadError::Refused {
            path: path.to_owned(),
            problem,
        };
        let header = open_library(&opened).map_err(|error| refused(first_line(&error, &opened)))?;

        let versions = header.version_strings();
        let theirs = versions.version.as_str().to_owned();
        let ours = DriverModuleRef::VERSION_STRINGS.version.as_str();
        if major(&theirs) != major(ours) {
            return Err(LoadError::WrongVersion {
                path: path.to_owned(),
                theirs,
                ours: major(ours).to_owned(),
            });
        }
        // abi_stable's own check wants the library to have the same or more than its
        // user, which would refuse every driver older than the daemon. Fields of a prefix
        // type are looked up at run time, so more on either side is sound.
        let layout = DriverModuleRef::LAYOUT;
        if let Some(report) = header.layout().and_then(|other| mismatch(layout, other)) {
            return Err(LoadError::WrongLayout {
                path: path.to_owned(),
                theirs,
                report,
            });
        }
        // SAFETY: the layout was checked just now, in both directions.
        let module = unsafe { header.init_root_module_with_unchecked_layout::<DriverModuleRef>() }
            .map_err(|error| refused(first_line(&error, &opened)))?;
        Ok(Self { module })
    }

    /// The driver's self-description. Fails when the driver panics or answers nonsense.
    pub fn describe(&self) -> Result<Info, CallError> {
        let mut output = RVec::new();
        let code = (self.module.describe())(&mut output);
        Ok(from_bytes(answer(code, &output)?)?)
    }

    /// Opens a channel; the driver checks the settings. A panic in `open` is a refused
    /// setting without a name.
    pub fn open(&self, settings: Settings, now: Timestamp) -> Result<Channel, OpenError> {
        let input = Zeroizing::new(to_bytes(&OpenCall { settings, now }));
        let mut output = RVec::new();
        let handle = (self.module.open())(RSlice::from_slice(&input), &mut output);
        let opened: Result<Opened, _> = from_bytes(output.as_slice());
        match opened {
            Ok(Opened {
                error: None,
                grant_scope,
                account,
                advice,
            }) if !handle.0.is_null() => Ok(Channel {
                module: self.module,
                handle,
                grant_scope,
                account,
                advice,
            }),
            // A handle that comes with an error is the driver's leak, not ours to touch.
            Ok(Opened {
                error: Some(error), ..
            }) => Err(OpenError::Setting(error)),
            Ok(_) => Err(OpenError::NoChannel),
            Err(error) => Err(OpenError::Call(error.into())),
        }
    }
}

/// Why a channel could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The driver refused a setting.
    #[error(transparent)]
    Setting(SettingError),
    /// The driver gave neither a channel nor a reason.
    #[error("driver opened no channel and did not say why")]
    NoChannel,
    /// The driver failed.
    #[error(transparent)]
    Call(CallError),
}

fn answer(code: u32, output: &RVec<u8>) -> Result<&[u8], CallError> {
    let bytes = output.as_slice();
    if bytes.len() > MAX_FRAME {
        return Err(CallError::TooLong(bytes.len()));
    }
    let text = || from_bytes(bytes).unwrap_or_else(|_| format!("status {code}"));
    match code {
        status::OK => Ok(bytes),
        status::PANIC => Err(CallError::Panicked(text())),
        _ => Err(CallError::BadCall(text())),
    }
}

/// Opens the library for good, and reads the header of its module. That the file is a driver's has been
/// read in it before; what the header says of versions and layouts is looked at afterwards.
fn open_library(opened: &Path) -> Result<&'static LibHeader, Box<dyn Error>> {
    // SAFETY: a library's initializers run. It exports a driver, and the daemon opens none that somebody
    // else could have written.
    let library = unsafe { libloading::Library::new(opened) }?;
    // SAFETY: what is exported under this name starts with abi_stable's header, whatever its version.
    let header =
        unsafe { *library.get::<AbiHeaderRef>(ROOT_MODULE_LOADER_NAME_WITH_NUL.as_bytes())? };
    // Its code and its header stay, whatever becomes of the driver: nothing is unloaded.
    std::mem::forget(library);
    Ok(header.upgrade()?)
}

/// A path of the open file that no library was loaded by before.
///
/// The system's loader takes a library of the same name for the same library, whatever
/// the file holds by now, and it never forgets the refused ones either. A path may have
/// any number of `/` and `./`, so it has room for a number that is never used twice.
fn unique_name(file: &File) -> PathBuf {
    static LOADS: AtomicU32 = AtomicU32::new(0);
    let number = LOADS.fetch_add(1, Ordering::Relaxed);
    let digits = 32 - number.leading_zeros();
    let number: String = (0..digits)
        .map(|digit| if number >> digit & 1 == 1 { "./" } else { "/" })
        .collect();
    PathBuf::from(format!("/proc/self/fd/{number}{}", file.as_raw_fd()))
}

/// Why neither layout is an older form of the other.
fn mismatch(ours: &'static TypeLayout, theirs: &'static TypeLayout) -> Option<String> {
    let report = check_layout_compatibility(ours, theirs)
        .into_result()
        .err()?;
    check_layout_compatibility(theirs, ours)
        .into_result()
        .err()?;
    Some(report.to_string())
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or_default()
}

/// The first line of a long error, without the name that only this process knows.
fn first_line(error: &dyn Display, opened: &Path) -> String {
    let text = error.to_string();
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("no reason given");
    // The error that quotes this line names the file already.
    let opened = opened.to_string_lossy();
    let line = line.replace(&format!("{opened}: "), "");
    let line = line.replace(&*opened, "the file");
    line.chars().take(120).collect()
}
