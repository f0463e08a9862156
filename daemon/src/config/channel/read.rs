//! Reads channel files.
//!
//! In: `channels.d`. Out: each file's channel, or what can be said of one that is no channel file: a
//! mistake costs nobody else. Checks the form; what the values mean the driver says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_spanned::Spanned;

use super::defaults::DefaultsTable;
use super::file::ChannelFile;
use super::limits::{CONCURRENCY, ChannelLimits, LimitsTable, RATE};
use crate::config::document::{KeyLines, parse, read_text};
use crate::config::given::ConfigValue;
use crate::config::permissions::Permissions;
use crate::config::unreadable::UnreadableChannel;
use crate::model::{CertificateId, DEFAULT_APP};
use nudged_wire::ConfigProblem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelTable {
    driver: Spanned<String>,
    certificate_id: Spanned<u32>,
    #[serde(default)]
    app: Option<Spanned<String>>,
    #[serde(default)]
    settings: Option<Spanned<BTreeMap<Spanned<String>, ConfigValue>>>,
    #[serde(default)]
    defaults: DefaultsTable,
    #[serde(default)]
    limits: LimitsTable,
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
            Err(channel) => unreadable.push(*channel),
        }
    }
    Ok((channels, unreadable))
}

/// Reads a channel's file, once.
pub fn read_one(file: &Path) -> Result<ChannelFile, Box<UnreadableChannel>> {
    let unreadable = |text: &str, problem| Box::new(UnreadableChannel::new(file, text, problem));
    let (text, permissions) = read_text(file).map_err(|problem| unreadable("", problem))?;
    read_channel(file, &text, permissions).map_err(|problem| unreadable(&text, problem))
}

fn read_channel(
    file: &Path,
    text: &str,
    permissions: Permissions,
) -> Result<ChannelFile, ConfigProblem> {
    let table: ChannelTable = parse(file, text)?;
    let name = file
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default()
        .to_owned();
    if !nudged_wire::is_name(&name) {
        return Err(ConfigProblem::new(
            file,
            "the file's name is the channel's name: it may have letters, digits, - and _ only",
        ));
    }
    let mut lines = KeyLines::default();
    lines.add(text, "driver", table.driver.span());
    lines.add(text, "certificate_id", table.certificate_id.span());
    let app = match table.app {
        Some(app) => {
            lines.add(text, "app", app.span());
            app.into_inner()
        }
        None => DEFAULT_APP.to_owned(),
    };
    let mut settings = BTreeMap::new();
    if let Some(given) = table.settings {
        lines.add(text, "settings", given.span());
        for (key, value) in given.into_inner() {
            lines.add(text, key.get_ref(), key.span());
            settings.insert(key.into_inner(), value);
        }
    }
    let defaults = table.defaults.read(file, text, &mut lines)?;
    let limits = table.limits.read(text, &mut lines);
    let channel = ChannelFile {
        file: file.to_owned(),
        name,
        driver: table.driver.into_inner(),
        certificate_id: CertificateId(table.certificate_id.into_inner()),
        app,
        settings,
        defaults,
        limits,
        permissions,
        lines,
        written: BTreeMap::new(),
    };
    if !nudged_wire::is_name(&channel.app) {
        return Err(channel.problem(
            "app",
            "the name of an app may have letters, digits, - and _ only",
        ));
    }
    let ChannelLimits {
        concurrency, rate, ..
    } = channel.limits;
    for (key, limit) in [(CONCURRENCY, concurrency), (RATE, rate)] {
        if limit == Some(0) {
            return Err(channel.problem(key, "must not be 0; to stop the channel, remove its file"));
        }
    }
    Ok(channel)
}
