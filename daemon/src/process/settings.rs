//! A channel's settings: from the texts in its file to values of the types that its driver
//! declared, with the files that they name.
//!
//! In: a channel's file, the driver's declarations, the time. Out: values for the driver, or
//! every mistake with its line. Refuses to know what the values mean.

use std::collections::BTreeMap;

use nudged_plugin_api::info::Kind;
use nudged_plugin_api::{File, Identity, Setting, Settings, Timestamp, Value};

use crate::config::{ChannelFile, Problem};
use crate::credential::{ClientIdentity, CredentialError, client_identities};
use crate::driver::Driver;
use crate::transport::AllowedHosts;

/// What was read.
pub struct Read {
    /// For the driver.
    pub settings: Settings,
    /// Hosts that the operator named.
    pub urls: Vec<String>,
    /// The client certificate, if the driver has one.
    pub identity: Option<ClientIdentity>,
    /// Other certificates of the same key that are valid, which the driver may prefer.
    pub others: Vec<Other>,
    /// What became of one that is not valid.
    pub outdated: Option<CredentialError>,
    /// Everything that was read, for the fingerprint.
    pub contents: Vec<Vec<u8>>,
}

/// A client certificate that could stand in a setting's place.
pub struct Other {
    /// The setting.
    pub key: String,
    /// What the driver gets to see.
    pub seen: Identity,
    /// The whole.
    pub identity: ClientIdentity,
}

/// Reads the settings of a channel.
pub fn read(channel: &ChannelFile, driver: &Driver, time: Timestamp) -> Result<Read, Vec<Problem>> {
    let mut problems = Vec::new();
    let known: BTreeMap<&str, &Setting> = driver
        .info
        .settings
        .iter()
        .filter(|setting| !setting.unneeded)
        .map(|setting| (setting.key.as_str(), setting))
        .collect();
    for key in channel.settings.keys() {
        if !known.contains_key(key.as_str()) {
            let names: Vec<&str> = known.keys().copied().collect();
            problems.push(
                channel
                    .problem(
                        key,
                        format!("the {} driver has no such setting", channel.driver),
                    )
                    .hint(format!("it has {}", names.join(", "))),
            );
        }
    }
    let mut read = Read {
        settings: Settings::new(),
        urls: Vec::new(),
        identity: None,
        others: Vec::new(),
        outdated: None,
        contents: Vec::new(),
    };
    for setting in driver.info.settings.iter().filter(|it| !it.unneeded) {
        let given = channel.settings.get(&setting.key).cloned();
        let value = match given.or_else(|| default(setting)) {
            Some(value) => value,
            None if setting.required => {
                let problem = channel.problem(&setting.key, "is missing");
                problems.push(problem.hint(setting.help.as_str()));
                continue;
            }
            None => continue,
        };
        match read_value(channel, setting, &value, time, &mut read) {
            Ok(value) => read.settings = read.settings.with(setting.key.as_str(), value),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(read)
    } else {
        Err(problems)
    }
}

fn default(setting: &Setting) -> Option<toml::Value> {
    let text = setting.default.as_ref()?;
    let table: toml::Table = format!("value = {text}").parse().ok()?;
    table.get("value").cloned()
}

fn read_value(
    channel: &ChannelFile,
    setting: &Setting,
    value: &toml::Value,
    time: Timestamp,
    read: &mut Read,
) -> Result<Value, Problem> {
    let wrong = |expected: &str| {
        let found = value.type_str();
        Err(channel
            .problem(&setting.key, format!("must be {expected}, not {found}"))
            .hint(setting.help.as_str()))
    };
    match setting.kind {
        Kind::Integer => value
            .as_integer()
            .map_or_else(|| wrong("a whole number"), |n| Ok(n.into())),
        Kind::Boolean => value
            .as_bool()
            .map_or_else(|| wrong("true or false"), |flag| Ok(flag.into())),
        kind => {
            let Some(text) = value.as_str() else {
                return wrong("a text in quotes");
            };
            if text.is_empty() {
                return Err(channel
                    .problem(&setting.key, "must not be empty")
                    .hint(setting.help.as_str()));
            }
            match kind {
                Kind::Choice if !setting.choices.iter().any(|choice| choice == text) => {
                    let choices = setting.choices.join(", ");
                    Err(channel.problem(&setting.key, format!("{text:?} is none of {choices}")))
                }
                Kind::Url => {
                    if let Err(error) = AllowedHosts::new([], [text]) {
                        return Err(channel.problem(&setting.key, error.to_string()));
                    }
                    read.urls.push(text.to_owned());
                    Ok(text.into())
                }
                Kind::File => Ok(read_file(channel, setting, text, read)?.into()),
                Kind::Identity => {
                    let file = read_file(channel, setting, text, read)?;
                    let password = format!("{}_password", setting.key);
                    let password = channel
                        .settings
                        .get(&password)
                        .and_then(toml::Value::as_str);
                    let found = client_identities(&file.name, &file.contents, password, time)
                        .map_err(|error| {
                            let problem = channel.problem(&setting.key, error.to_string());
                            problem.hint(error.remedy())
                        })?;
                    let shown = |identity: ClientIdentity| Other {
                        key: setting.key.clone(),
                        seen: Identity::new(
                            file.name.as_str(),
                            identity.leaf().to_vec(),
                            identity.expires_at,
                        ),
                        identity,
                    };
                    let first = shown(found.first);
                    read.others = found.others.into_iter().map(shown).collect();
                    read.outdated = found.outdated;
                    read.identity = Some(first.identity);
                    Ok(first.seen.into())
                }
                _ => Ok(text.into()),
            }
        }
    }
}

fn read_file(
    channel: &ChannelFile,
    setting: &Setting,
    text: &str,
    read: &mut Read,
) -> Result<File, Problem> {
    let path = channel.resolve(text);
    let contents = std::fs::read(&path).map_err(|error| {
        let problem = format!("{}: cannot read: {error}", path.display());
        channel
            .problem(&setting.key, problem)
            .hint("the daemon's user must be able to read it")
    })?;
    read.contents.push(contents.clone());
    Ok(File::new(path.display().to_string(), contents))
}

/// The texts among a channel's settings that must never be seen.
pub fn secrets(driver: &Driver, settings: &Settings) -> Vec<String> {
    let secret = driver.info.settings.iter().filter(|it| it.secret);
    secret
        .filter_map(|it| settings.text(&it.key).map(str::to_owned))
        .collect()
}
