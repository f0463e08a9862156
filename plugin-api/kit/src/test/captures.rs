//! Answers that vendors really gave, one file each, in a driver's `tests/captures`.
//!
//! In: the directory of the driver's crate. Out: the answers by their files' names, and whether each
//! file was looked at. `README.md` says where they come from, and is no answer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use nudged_plugin_api::HttpResponse;

/// The captures of one driver.
#[derive(Clone, Debug)]
pub struct Captures {
    directory: PathBuf,
}

impl Captures {
    /// Those of the crate in `manifest_dir`: `Captures::of(env!("CARGO_MANIFEST_DIR"))`.
    pub fn of(manifest_dir: impl AsRef<Path>) -> Self {
        let directory = manifest_dir.as_ref().join("tests/captures");
        Self { directory }
    }

    /// The answer in a file, with the HTTP status that it came with. Panics where it cannot be read.
    #[track_caller]
    pub fn response(&self, file: &str, status: u16) -> HttpResponse {
        let path = self.directory.join(file);
        match std::fs::read(&path) {
            Ok(body) => HttpResponse::new(status, body),
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }

    /// Panics where a file is not among `files`: it would be looked at by no test.
    #[track_caller]
    pub fn assert_all<'a>(&self, files: impl IntoIterator<Item = &'a str>) {
        let known: BTreeSet<&str> = files.into_iter().chain(["README.md"]).collect();
        let entries = match std::fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) => panic!("{}: {error}", self.directory.display()),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let unknown: BTreeSet<String> = names.filter(|it| !known.contains(it.as_str())).collect();
        assert!(unknown.is_empty(), "captures without a row: {unknown:?}");
    }
}
