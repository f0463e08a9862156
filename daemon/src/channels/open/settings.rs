//! A channel's settings: from the texts in its file to values of the types that its driver
//! declared, with the files that they name.
//!
//! In: a channel's file, the driver's declarations, the time. Out: values for the driver, or
//! every mistake with its line. Refuses to know what the values mean.

use std::collections::BTreeSet;
use std::path::Path;

use nudged_plugin_api::info::Kind;
use nudged_plugin_api::{File, Identity, Setting, Settings, Timestamp, Value};

use crate::config::{
    ChannelFile, ConfigProblem, ConfigValue, FileSnapshot, TrustedOwners, shown, source,
};
use crate::credential::{ClientIdentity, CredentialError, Secrets, client_identities};
use crate::driver::Driver;
use crate::transport::AllowedHosts;

pub struct ChannelSettings {
    /// For the driver.
    pub settings: Settings,
    /// Hosts that the operator named.
    pub urls: Vec<String>,
    /// The client certificate, if the driver has one.
    pub identity: Option<ClientIdentity>,
    /// Other certificates of the same key that are valid, which the driver may prefer.
    pub alternatives: Vec<AlternativeIdentity>,
    /// Why a certificate of the same key is none of them.
    pub outdated: Option<CredentialError>,
    /// What must not be seen.
    pub secrets: Secrets,
    /// What others can read or change.
    pub lax: Vec<ConfigProblem>,
}

/// A client certificate that could stand in a setting's place.
pub struct AlternativeIdentity {
    pub key: String,
    /// What the driver gets to see.
    pub public: Identity,
    pub identity: ClientIdentity,
}

/// Reads the settings of a channel.
pub fn read(
    channel: &ChannelFile,
    driver: &Driver,
    files: &mut FileSnapshot,
    time: Timestamp,
    trusted: &TrustedOwners,
) -> Result<ChannelSettings, Vec<ConfigProblem>> {
    let declared = driver.info.settings.iter().filter(|it| !it.unneeded);
    let mut problems = undeclared(channel, declared.clone());
    let mut reading = Reading {
        channel,
        files,
        time,
        trusted,
        has_inline_secret: false,
        read: ChannelSettings {
            settings: Settings::new(),
            urls: Vec::new(),
            identity: None,
            alternatives: Vec::new(),
            outdated: None,
            secrets: secrets(channel, driver),
            lax: Vec::new(),
        },
    };
    for setting in declared {
        let given = channel.settings.get(&setting.key).cloned();
        let value = match given.or_else(|| default(setting)) {
            Some(value) => value,
            // req 2: a channel that lacks a field of its vendor is refused
            None if setting.required => {
                let problem = channel.problem(&setting.key, "is missing");
                problems.push(problem.hint(setting.help.as_str()));
                continue;
            }
            None => continue,
        };
        match reading.value(setting, &value) {
            Ok(value) => {
                let settings = std::mem::take(&mut reading.read.settings);
                reading.read.settings = settings.with(setting.key.as_str(), value);
            }
            Err(problem) => problems.push(problem),
        }
    }
    reading.check_own_file();
    let read = reading.read;
    if problems.is_empty() {
        return Ok(read);
    }
    let hide = |problem| without_secrets(channel, &read.secrets, problem);
    Err(problems.into_iter().map(hide).collect())
}

/// The settings in the file that the driver does not have.
fn undeclared<'a>(
    channel: &ChannelFile,
    declared: impl Iterator<Item = &'a Setting>,
) -> Vec<ConfigProblem> {
    let names: BTreeSet<&str> = declared.map(|setting| setting.key.as_str()).collect();
    let has = || names.iter().copied().collect::<Vec<_>>().join(", ");
    let unknown = channel.settings.keys();
    let unknown = unknown.filter(|key| !names.contains(key.as_str()));
    unknown
        .map(|key| {
            let mut problem = format!("the {} driver has no such setting", channel.driver);
            if !shown::is_name(key) {
                problem = format!("{problem}: {}", shown::description(key));
            }
            channel
                .problem(key, problem)
                .hint(format!("it has {}", has()))
        })
        .collect()
}

fn default(setting: &Setting) -> Option<ConfigValue> {
    ConfigValue::from_toml(setting.default.as_ref()?)
}

/// The settings of a channel while they are read.
struct Reading<'a> {
    channel: &'a ChannelFile,
    files: &'a mut FileSnapshot,
    time: Timestamp,
    trusted: &'a TrustedOwners,
    /// Whether a secret stands in the channel's own file.
    has_inline_secret: bool,
    read: ChannelSettings,
}

impl Reading<'_> {
    fn value(&mut self, setting: &Setting, value: &ConfigValue) -> Result<Value, ConfigProblem> {
        let wrong = |expected: &str| {
            let problem = format!("must be {expected}, not {}", value.type_str());
            self.problem(setting, problem).hint(setting.help.as_str())
        };
        match setting.kind {
            Kind::Integer => match value.as_integer() {
                Some(number) => Ok(number.into()),
                None => Err(wrong("a whole number")),
            },
            Kind::Boolean => match value.as_bool() {
                Some(flag) => Ok(flag.into()),
                None => Err(wrong("true or false")),
            },
            _ => match value.as_str() {
                Some(text) => self.text(setting, text),
                None => Err(wrong("a text in quotes")),
            },
        }
    }

    fn text(&mut self, setting: &Setting, text: &str) -> Result<Value, ConfigProblem> {
        if text.is_empty() {
            let problem = self.problem(setting, "must not be empty");
            return Err(problem.hint(setting.help.as_str()));
        }
        match setting.kind {
            Kind::Choice if !setting.choices.iter().any(|choice| choice == text) => {
                let choices = setting.choices.join(", ");
                let problem = format!("{} is none of {choices}", shown::name(text));
                Err(self.problem(setting, problem))
            }
            Kind::Url => {
                AllowedHosts::new([], [text]).map_err(|error| {
                    self.problem(setting, error.to_string())
                        .hint("write it https://HOST or https://HOST:PORT")
                })?;
                self.read.urls.push(text.to_owned());
                Ok(text.into())
            }
            Kind::File => {
                let file = self.file(setting, text)?;
                self.read.secrets.add_file(&file.contents);
                Ok(file.into())
            }
            Kind::Identity => self.identity(setting, text),
            _ => {
                if setting.secret {
                    self.has_inline_secret = true;
                    self.read.secrets.add(text);
                }
                Ok(text.into())
            }
        }
    }

    fn identity(&mut self, setting: &Setting, text: &str) -> Result<Value, ConfigProblem> {
        let file = self.file(setting, text)?;
        let password = format!("{}_password", setting.key);
        let password = self
            .channel
            .settings
            .get(&password)
            .and_then(ConfigValue::as_str);
        let found = client_identities(&file.name, &file.contents, password, self.time).map_err(
            |error| {
                let problem = self.problem(setting, error.to_string());
                problem.hint(error.remedy())
            },
        )?;
        let public = |identity: ClientIdentity| AlternativeIdentity {
            key: setting.key.clone(),
            public: Identity::new(
                file.name.as_str(),
                identity.leaf().to_vec(),
                identity.expires_at,
            ),
            identity,
        };
        let first = public(found.first);
        self.read.alternatives = found.others.into_iter().map(public).collect();
        self.read.outdated = found.outdated;
        self.read.identity = Some(first.identity);
        Ok(first.public.into())
    }

    fn file(&mut self, setting: &Setting, text: &str) -> Result<File, ConfigProblem> {
        let path = self.channel.resolve(text);
        let name = path.display().to_string();
        let source = match self.files.file(path.clone()) {
            Ok(source) => source,
            Err(error) => return Err(unreadable(self.channel, setting, text, &path, error)),
        };
        let file = File::new(name.as_str(), source.contents.as_slice());
        let secret = setting.secret || setting.kind == Kind::Identity;
        let checked = match secret {
            true => self.trusted.check_secret(source.permissions),
            false => self.trusted.check_file(source.permissions),
        };
        if let Err(lax) = checked {
            let problem = self.problem(setting, format!("{name} {lax}"));
            self.read.lax.push(problem.hint(lax.remedy()));
        }
        Ok(file)
    }

    /// Whether others can read or change the channel's own file.
    fn check_own_file(&mut self) {
        let permissions = self.channel.permissions;
        let checked = match self.has_inline_secret {
            true => self.trusted.check_secret(permissions),
            false => self.trusted.check_file(permissions),
        };
        if let Err(lax) = checked {
            let problem = ConfigProblem::new(&self.channel.file, lax.to_string());
            self.read.lax.push(problem.hint(lax.remedy()));
        }
    }

    fn problem(&self, setting: &Setting, problem: impl Into<String>) -> ConfigProblem {
        self.channel.problem(&setting.key, problem)
    }
}

fn unreadable(
    channel: &ChannelFile,
    setting: &Setting,
    text: &str,
    path: &Path,
    error: &source::ReadError,
) -> ConfigProblem {
    // What names something that is there is a path; anything else may be the key itself.
    if shown::is_path(text) || path.symlink_metadata().is_ok() {
        let problem = format!("{}: {error}", path.display());
        return channel
            .problem(&setting.key, problem)
            .hint("the daemon's user must be able to read it");
    }
    let problem = format!(
        "must be the path of a file, not {}",
        shown::description(text)
    );
    channel
        .problem(&setting.key, problem)
        .hint("put what the vendor gave you into a file, and write the file's path here")
}

/// What in a channel's file must never be seen: secrets where they belong, and what looks like
/// one elsewhere.
fn secrets(channel: &ChannelFile, driver: &Driver) -> Secrets {
    let mut secrets = Secrets::default();
    for (key, value) in &channel.settings {
        let Some(text) = value.as_str() else { continue };
        let setting = driver.info.settings.iter().find(|it| it.key == *key);
        match setting.map(|setting| (setting.kind, setting.secret)) {
            Some((Kind::Text, true)) => secrets.add(text),
            Some((Kind::File | Kind::Identity, _)) if shown::is_path(text) => {}
            _ => secrets.add_keys(text),
        }
    }
    secrets
}

/// A problem whose texts hold nothing that was read: neither a secret, nor the value of a setting
/// that may be one because it was typed in the wrong place.
pub fn without_secrets(
    channel: &ChannelFile,
    secrets: &Secrets,
    problem: ConfigProblem,
) -> ConfigProblem {
    let harmless =
        |text: &str| shown::is_name(text) || shown::is_address(text) || shown::is_path(text);
    let settings = channel.settings.iter();
    let values: Vec<(&str, &str)> = settings
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
        .filter(|(key, text)| shown::is_name(key) && text.len() >= 4 && !harmless(text))
        .collect();
    let hide = |text: String| {
        let mut text = secrets.hide(text);
        for (key, value) in &values {
            if text.contains(value) && channel.resolve(value).symlink_metadata().is_err() {
                text = text.replace(value, &format!("(the value of {key})"));
            }
        }
        text
    };
    ConfigProblem {
        problem: hide(problem.problem),
        hint: problem.hint.map(hide),
        ..problem
    }
}
