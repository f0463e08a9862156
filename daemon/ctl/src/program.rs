//! The daemon's program, asked about files: it alone knows the configuration and the drivers.
//!
//! In: a configuration file. Out: what `nudged --check`, `--drivers` or `--openapi` say of it.
//! Runs it as the caller, who needs the right to read these files. Needs no running daemon.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nudged_wire::{CheckedSetup, Setup};
use serde::de::DeserializeOwned;

use crate::error::CtlError;

/// Checks a configuration as a start does.
pub fn check(config: &Path) -> Result<CheckedSetup, CtlError> {
    asked([
        "--check".as_ref(),
        "--json".as_ref(),
        "--config".as_ref(),
        config.as_os_str(),
    ])
}

/// Where a configuration keeps its things, and the drivers there.
pub fn setup(config: &Path) -> Result<Setup, CtlError> {
    asked([
        "--drivers".as_ref(),
        "--config".as_ref(),
        config.as_os_str(),
    ])
}

/// The OpenAPI document that the daemon of this version serves.
pub fn openapi() -> Result<serde_json::Value, CtlError> {
    asked(["--openapi".as_ref()])
}

fn asked<T: DeserializeOwned, const N: usize>(arguments: [&OsStr; N]) -> Result<T, CtlError> {
    let program = program();
    let failed = |source| CtlError::Program {
        program: program.clone(),
        source,
    };
    let output = Command::new(&program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(failed)?;
    serde_json::from_slice(&output.stdout).map_err(|_| failed(io::Error::other(said(&output))))
}

/// Of one that did not answer: its own last words, else how it ended.
fn said(output: &Output) -> String {
    let words = String::from_utf8_lossy(&output.stderr);
    match words.trim().lines().next() {
        Some(line) => line.to_owned(),
        None => format!("it ended with {} and no answer", output.status),
    }
}

/// Beside this program, as both are installed; else wherever the shell finds it.
fn program() -> PathBuf {
    let beside = std::env::current_exe()
        .ok()
        .map(|ours| ours.with_file_name("nudged"))
        .filter(|file| file.is_file());
    beside.unwrap_or_else(|| "nudged".into())
}
