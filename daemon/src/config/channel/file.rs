//! A channel as its file says it: one vendor account of one app.
//!
//! In: what was read. Out: its values, and problems that name the file, the line and the key. Never
//! shows a setting: a secret may stand in the place of any.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::defaults::Defaults;
use super::limits::ChannelLimits;
use crate::config::document::KeyLines;
use crate::config::given::ConfigValue;
use crate::config::permissions::Permissions;
use crate::config::shown;
use crate::model::CertificateId;
use nudged_wire::ConfigProblem;

/// A channel as its file says it: one vendor account of one app.
#[derive(Clone, PartialEq)]
pub struct ChannelFile {
    pub file: PathBuf,
    /// Its name, which is the file's.
    pub name: String,
    /// The driver that speaks to the vendor.
    pub driver: String,
    /// The number that phones report with their token.
    pub certificate_id: CertificateId,
    /// The tenant.
    pub app: String,
    /// The driver's own keys.
    pub settings: BTreeMap<String, ConfigValue>,
    /// What messages get that do not say.
    pub defaults: Defaults,
    /// What the channel may use.
    pub limits: ChannelLimits,
    /// Whose the file was when it was read.
    pub permissions: Permissions,
    pub(super) lines: KeyLines,
    /// What settings are called in the file that the driver calls otherwise.
    pub(super) written: BTreeMap<String, String>,
}

/// Shows neither settings nor their keys: a secret may stand in the place of either.
impl fmt::Debug for ChannelFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelFile")
            .field("file", &self.file)
            .field("certificate_id", &self.certificate_id)
            .finish_non_exhaustive()
    }
}

impl ChannelFile {
    /// A problem with a key of this file.
    pub fn problem(&self, key: &str, problem: impl Into<String>) -> ConfigProblem {
        let key = self.written.get(key).map_or(key, String::as_str);
        let found = self.line(key).or_else(|| self.line("settings"));
        let problem = ConfigProblem::new(&self.file, problem).at(found);
        // What was typed in a key's place may be a secret.
        match shown::is_name(key) {
            true => problem.key(key),
            false => problem,
        }
    }

    /// The line of a key.
    pub fn line(&self, key: &str) -> Option<usize> {
        self.lines.of(key)
    }

    /// Gives a setting the name that its driver has for it; problems with it go on naming the
    /// one in the file.
    pub fn rename_setting(&mut self, written: &str, key: &str) {
        if let Some(value) = self.settings.remove(written) {
            self.settings.insert(key.to_owned(), value);
            self.written.insert(key.to_owned(), written.to_owned());
        }
    }

    /// The paths that settings may name: which of them are paths only the driver knows, and a text
    /// that is none names no file.
    pub fn named_paths(&self) -> impl Iterator<Item = PathBuf> {
        let texts = self.settings.values().filter_map(ConfigValue::as_str);
        texts.map(|text| self.resolve(text))
    }

    /// A path in this file, which is relative to the file.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new(".")).join(path)
    }
}
