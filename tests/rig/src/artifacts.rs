//! The programs and drivers that a run needs, built by cargo once per process.
//!
//! In: the profile of the caller, or `NUDGED_ARTIFACTS`, a directory with `nudged`,
//! `nudgectl` and `drivers/` in it. Out: paths.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde::Deserialize;

use crate::vendor::VENDORS;

/// Names a directory that holds everything, so that nothing is built.
pub const ARTIFACTS_VAR: &str = "NUDGED_ARTIFACTS";

/// The package of the operator's command.
const NUDGECTL: &str = "nudged-ctl";

/// The packages of all drivers.
fn driver_packages() -> Vec<String> {
    let packages = VENDORS.iter().map(|vendor| package(vendor.name));
    packages.collect()
}

fn package(driver: &str) -> String {
    format!("nudged-{driver}")
}

/// Paths of what was built.
#[derive(Debug, Clone)]
pub struct Artifacts {
    /// The daemon.
    pub nudged: PathBuf,
    /// The operator's command.
    pub nudgectl: PathBuf,
    /// The drivers.
    pub drivers: Vec<PathBuf>,
}

/// Why there is nothing to run.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ArtifactError {
    /// Cargo could not be started.
    #[error("{program} could not be started: {problem}")]
    NoCargo {
        /// What was tried.
        program: String,
        /// What the system said.
        problem: String,
    },
    /// Cargo failed; what it said is on stderr.
    #[error("`{command}` failed; see its messages above")]
    Build {
        /// The command line.
        command: String,
    },
    /// The build did not give what was expected of it.
    #[error("no {name} came out of `{command}`")]
    Missing {
        /// What was expected.
        name: String,
        /// The command line, or the directory looked into.
        command: String,
    },
}

impl Artifacts {
    /// All of it, built when needed.
    pub fn get() -> Result<Artifacts, ArtifactError> {
        static BUILT: OnceLock<Result<Artifacts, ArtifactError>> = OnceLock::new();
        BUILT
            .get_or_init(|| match given() {
                Some(directory) => Artifacts::in_directory(&directory),
                None => Artifacts::build(),
            })
            .clone()
    }

    /// As [`Artifacts::get`] for a test of the daemon, whose program cargo has built already.
    pub fn with_daemon(nudged: &str) -> Result<Artifacts, ArtifactError> {
        static BUILT: OnceLock<Result<(PathBuf, Vec<PathBuf>), ArtifactError>> = OnceLock::new();
        if given().is_some() {
            return Artifacts::get();
        }
        let (nudgectl, drivers) = BUILT
            .get_or_init(|| {
                let mut packages = driver_packages();
                packages.push(NUDGECTL.to_owned());
                let built = cargo(&packages)?;
                Ok((built.program("nudgectl")?, built.drivers()?))
            })
            .clone()?;
        Ok(Artifacts {
            nudged: nudged.into(),
            nudgectl,
            drivers,
        })
    }

    /// The library of a driver, by its name in configuration.
    pub fn driver(&self, name: &str) -> Result<&Path, ArtifactError> {
        let library = library(&package(name));
        let mut drivers = self.drivers.iter().map(PathBuf::as_path);
        drivers
            .find(|path| {
                path.file_name()
                    .is_some_and(|name| name == library.as_str())
            })
            .ok_or_else(|| ArtifactError::Missing {
                name: library.clone(),
                command: "the list of drivers".to_owned(),
            })
    }

    /// The vendors' stand-ins as a program of its own.
    pub fn simulator() -> Result<PathBuf, ArtifactError> {
        const NAME: &str = "nudged-simulator";
        match given() {
            Some(directory) => present(&directory, NAME),
            None => cargo(&[NAME.to_owned()])?.program(NAME),
        }
    }

    /// Clients to measure against, as a program of its own.
    pub fn rival() -> Result<PathBuf, ArtifactError> {
        const NAME: &str = "rival";
        match given() {
            Some(directory) => present(&directory, NAME),
            None => cargo_in("tests/rivals", "rivals", &[])?.program(NAME),
        }
    }

    fn build() -> Result<Artifacts, ArtifactError> {
        let mut packages = driver_packages();
        packages.extend(["nudged", NUDGECTL].map(str::to_owned));
        let built = cargo(&packages)?;
        Ok(Artifacts {
            nudged: built.program("nudged")?,
            nudgectl: built.program("nudgectl")?,
            drivers: built.drivers()?,
        })
    }

    fn in_directory(directory: &Path) -> Result<Artifacts, ArtifactError> {
        let drivers = driver_packages().into_iter().map(|package| {
            let library = library(&package);
            present(directory, &format!("drivers/{library}"))
        });
        Ok(Artifacts {
            nudged: present(directory, "nudged")?,
            nudgectl: present(directory, "nudgectl")?,
            drivers: drivers.collect::<Result<_, _>>()?,
        })
    }
}

fn given() -> Option<PathBuf> {
    std::env::var_os(ARTIFACTS_VAR)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

fn present(directory: &Path, name: &str) -> Result<PathBuf, ArtifactError> {
    let path = directory.join(name);
    match path.exists() {
        true => Ok(path),
        false => Err(ArtifactError::Missing {
            name: name.to_owned(),
            command: directory.display().to_string(),
        }),
    }
}

fn library(package: &str) -> String {
    format!("lib{}.so", package.replace('-', "_"))
}

/// What cargo reported: programs and libraries by name.
struct Built {
    command: String,
    files: BTreeMap<String, PathBuf>,
}

impl Built {
    fn program(&self, name: &str) -> Result<PathBuf, ArtifactError> {
        self.files
            .get(name)
            .cloned()
            .ok_or_else(|| ArtifactError::Missing {
                name: name.to_owned(),
                command: self.command.clone(),
            })
    }

    fn drivers(&self) -> Result<Vec<PathBuf>, ArtifactError> {
        driver_packages()
            .iter()
            .map(|package| self.program(&library(package)))
            .collect()
    }
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    executable: Option<PathBuf>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

fn cargo(packages: &[String]) -> Result<Built, ArtifactError> {
    cargo_in("", "", packages)
}

/// Builds packages of a workspace of the repository, below `target` in the target directory.
fn cargo_in(workspace: &str, target: &str, packages: &[String]) -> Result<Built, ArtifactError> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut arguments: Vec<OsString> = vec!["build".into(), "--quiet".into()];
    for package in packages {
        arguments.extend(["--package".into(), package.into()]);
    }
    if !cfg!(debug_assertions) {
        arguments.push("--release".into());
    }
    let mut command = Command::new(&program);
    command
        .args(&arguments)
        .arg("--message-format=json-render-diagnostics");
    // What cargo has told a test of its package would be news to the build scripts of others,
    // such as ring's, and all that stands on them would be built again in each run.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_"]
            .iter()
            .any(|it| name.starts_with(it))
        {
            command.env_remove(&*name);
        }
    }
    let repository = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command
        .arg("--manifest-path")
        .arg(repository.join(workspace).join("Cargo.toml"));
    if let Some(directory) = target_directory() {
        command.arg("--target-dir").arg(directory.join(target));
    }
    let shown = format!("{} {}", program.display(), display(&arguments));
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| ArtifactError::NoCargo {
            program: shown.clone(),
            problem: error.to_string(),
        })?;
    if !output.status.success() {
        return Err(ArtifactError::Build { command: shown });
    }
    let mut files = BTreeMap::new();
    for line in output.stdout.split(|byte| *byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Message>(line) else {
            continue;
        };
        if message.reason != "compiler-artifact" {
            continue;
        }
        let libraries = message
            .filenames
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "so"));
        for path in message.executable.into_iter().chain(libraries) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.insert(name, path);
        }
    }
    Ok(Built {
        command: shown,
        files,
    })
}

/// Where this program itself was built: cargo marks its directories.
fn target_directory() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    here.ancestors()
        .find(|path| path.join("CACHEDIR.TAG").exists())
        .map(Path::to_owned)
}

fn display(arguments: &[OsString]) -> String {
    arguments
        .iter()
        .map(|it| it.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
