mod defaults;
mod limits;
mod sources;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_spanned::Spanned;

use super::file::{Lines, parse, read_text};
use super::given::Given;
use super::line::line;
use super::permissions::Permissions;
use super::shown;
use super::unreadable::UnreadableChannel;
use crate::model::CertificateId;
use nudged_wire::ConfigProblem;

pub use defaults::Defaults;
pub use limits::ChannelLimits;
pub use sources::{ChannelSources, SourceChange};

/// A channel as its file says it: one vendor account of one app.
#[derive(Clone, PartialEq)]
pub struct ChannelFile {
    /// The file.
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
    pub settings: BTreeMap<String, Given>,
    /// What messages get that do not say.
    pub defaults: Defaults,
    /// What the channel may use.
    pub limits: ChannelLimits,
    /// Whose the file was when it was read.
    pub permissions: Permissions,
    lines: Lines,
    /// What settings are called in the file that the driver calls otherwise.
    written: BTreeMap<String, String>,
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
        self.lines.get(key).copied()
    }

    /// Gives a setting the name that its driver has for it; problems with it go on naming the
    /// one in the file.
    pub fn rename_setting(&mut self, written: &str, key: &str) {
        if let Some(value) = self.settings.remove(written) {
            self.settings.insert(key.to_owned(), value);
            self.written.insert(key.to_owned(), written.to_owned());
        }
    }

    /// A path in this file, which is relative to the file.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new(".")).join(path)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    driver: Spanned<String>,
    certificate_id: Spanned<u32>,
    #[serde(default)]
    app: Option<Spanned<String>>,
    #[serde(default)]
    settings: Option<Spanned<BTreeMap<Spanned<String>, Given>>>,
    #[serde(default)]
    defaults: defaults::Raw,
    #[serde(default)]
    limits: limits::Raw,
}

/// Reads every `*.toml` of a directory, in the order of their names; a directory that is not
/// there has none. A file with a mistake is set aside. What begins with a dot is no channel:
/// editors and copying tools leave such files behind.
pub fn read_all(
    directory: &Path,
) -> Result<(Vec<ChannelFile>, Vec<UnreadableChannel>), ConfigProblem> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) => {
            return Err(ConfigProblem::new(
                directory,
                format!("cannot read: {error}"),
            ));
        }
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let is_toml = path.extension().is_some_and(|it| it == "toml");
            let name = path.file_name().unwrap_or_default();
            is_toml && !name.as_encoded_bytes().starts_with(b".")
        })
        .collect();
    files.sort();
    let mut channels: Vec<ChannelFile> = Vec::with_capacity(files.len());
    let mut unreadable = Vec::new();
    for file in files {
        match read_one(&file) {
            Ok(channel) => channels.push(channel),
            Err(problem) => unreadable.push(UnreadableChannel::new(&file, problem)),
        }
    }
    Ok((channels, unreadable))
}

pub(super) fn read_one(file: &Path) -> Result<ChannelFile, ConfigProblem> {
    let (text, permissions) = read_text(file)?;
    let raw: Raw = parse(file, &text)?;
    let name = file
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default()
        .to_owned();
    if !nudged_wire::is_name(&name) {
        return Err(ConfigProblem::new(
            file,
            "the file's name is the channel's name: letters, digits, - and _ only",
        ));
    }
    let mut lines = Lines::new();
    lines.insert("driver".to_owned(), line(&text, raw.driver.span().start));
    lines.insert(
        "certificate_id".to_owned(),
        line(&text, raw.certificate_id.span().start),
    );
    let app = raw.app.map_or_else(
        || "default".to_owned(),
        |app| {
            lines.insert("app".to_owned(), line(&text, app.span().start));
            app.into_inner()
        },
    );
    let mut settings = BTreeMap::new();
    if let Some(table) = raw.settings {
        lines.insert("settings".to_owned(), line(&text, table.span().start));
        for (key, value) in table.into_inner() {
            lines.insert(key.get_ref().clone(), line(&text, key.span().start));
            settings.insert(key.into_inner(), value);
        }
    }
    let defaults = raw.defaults.read(file, &text, &mut lines)?;
    let limits = raw.limits.read(&text, &mut lines);
    let channel = ChannelFile {
        file: file.to_owned(),
        name,
        driver: raw.driver.into_inner(),
        certificate_id: CertificateId(raw.certificate_id.into_inner()),
        app,
        settings,
        defaults,
        limits,
        permissions,
        lines,
        written: BTreeMap::new(),
    };
    if !nudged_wire::is_name(&channel.app) {
        return Err(channel.problem("app", "an app's name has letters, digits, - and _ only"));
    }
    let ChannelLimits {
        concurrency, rate, ..
    } = channel.limits;
    for (key, most) in [(limits::CONCURRENCY, concurrency), (limits::RATE, rate)] {
        if most == Some(0) {
            return Err(channel.problem(
                key,
                "a limit of 0 would stop the channel; remove its file for that",
            ));
        }
    }
    Ok(channel)
}
