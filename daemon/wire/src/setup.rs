//! What the daemon's own program says of files, to whoever has no running daemon to ask.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{ConfigProblem, DriverView};

/// What `nudged --drivers` prints: where a configuration keeps its things, and the drivers there.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Setup {
    /// What is wrong with the files; then the rest is as it would be without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ConfigProblem>,
    /// Where the channels' files are.
    pub channels_directory: PathBuf,
    /// Where the drivers are.
    pub drivers_directory: PathBuf,
    /// Certificate ids that channels of these files have, sound or not.
    pub certificate_ids: Vec<u32>,
    /// The drivers that can be used, and the files that are none.
    pub drivers: Vec<DriverView>,
}

/// What `nudged --check --json` prints.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct CheckedSetup {
    /// Whether a start would take it.
    pub ok: bool,
    /// A line for each channel and each warning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// What must be put right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ConfigProblem>,
    /// What the settings of the channels that can be opened cost every message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<ConfigProblem>,
}
