//! A channel's settings: from the texts in its file to values of the types that its driver
//! declared, with the files that they name.
//!
//! In: a channel's file, the driver's declarations, the time. Out: values for the driver, or
//! every mistake with its line. Refuses to know what the values mean.

use std::collections::BTreeMap;

use nudged_plugin_api::info::Kind;
use nudged_plugin_api::{File, Identity, Setting, Settings, Timestamp, Value};

use crate::config::{ChannelFile, ConfigProblem, Given, Trusted, shown, source};
use crate::credential::{ClientIdentity, CredentialError, Secrets, client_identities};
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
    /// What must not be seen.
    pub secrets: Secrets,
    /// What others can read or change.
    pub lax: Vec<ConfigProblem>,
    /// Whether a secret stands in the channel's own file.
    inline: bool,
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
pub fn read(
    channel: &ChannelFile,
    driver: &Driver,
    time: Timestamp,
    trusted: &Trusted,
) -> Result<Read, Vec<ConfigProblem>> {
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
            let mut problem = format!("the {} driver has no such setting", channel.driver);
            if !shown::is_name(key) {
                problem = format!("{problem}: {}", shown::description(key));
            }
            problems.push(
                channel
                    .problem(key, problem)
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
        secrets: secrets(channel, driver),
        lax: Vec::new(),
        inline: false,
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
        match read_value(channel, setting, &value, time, trusted, &mut read) {
            Ok(value) => read.settings = read.settings.with(setting.key.as_str(), value),
            Err(problem) => problems.push(problem),
        }
    }
    let own = match read.inline {
        true => trusted.secret(channel.permissions),
        false => trusted.written(channel.permissions),
    };
    if let Err(lax) = own {
        let problem = ConfigProblem::new(&channel.file, lax.to_string());
        read.lax.push(problem.hint(lax.remedy()));
    }
    if problems.is_empty() {
        Ok(read)
    } else {
        let told = problems.into_iter();
        Err(told
            .map(|problem| without_secrets(channel, &read.secrets, problem))
            .collect())
    }
}

fn default(setting: &Setting) -> Option<Given> {
    let text = setting.default.as_ref()?;
    let table: toml::Table = format!("value = {text}").parse().ok()?;
    table.get("value").cloned().map(Given::from)
}

fn read_value(
    channel: &ChannelFile,
    setting: &Setting,
    value: &Given,
    time: Timestamp,
    trusted: &Trusted,
    read: &mut Read,
) -> Result<Value, ConfigProblem> {
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
                    let text = shown::name(text);
                    Err(channel.problem(&setting.key, format!("{text} is none of {choices}")))
                }
                Kind::Url => {
                    if let Err(error) = AllowedHosts::new([], [text]) {
                        return Err(channel
                            .problem(&setting.key, error.to_string())
                            .hint("write it https://HOST or https://HOST:PORT"));
                    }
                    read.urls.push(text.to_owned());
                    Ok(text.into())
                }
                Kind::File => {
                    let file = read_file(channel, setting, text, trusted, read)?;
                    read.secrets.add_file(&file.contents);
                    Ok(file.into())
                }
                Kind::Identity => {
                    let file = read_file(channel, setting, text, trusted, read)?;
                    let password = format!("{}_password", setting.key);
                    let password = channel.settings.get(&password).and_then(Given::as_str);
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
                _ => {
                    if setting.secret {
                        read.inline = true;
                        read.secrets.add(text);
                    }
                    Ok(text.into())
                }
            }
        }
    }
}

fn read_file(
    channel: &ChannelFile,
    setting: &Setting,
    text: &str,
    trusted: &Trusted,
    read: &mut Read,
) -> Result<File, ConfigProblem> {
    let path = channel.resolve(text);
    let source = source::read(&path, source::MOST).map_err(|error| {
        // What names something that is there is a path; anything else may be the key itself.
        if shown::is_path(text) || path.symlink_metadata().is_ok() {
            let problem = format!("{}: {error}", path.display());
            return channel
                .problem(&setting.key, problem)
                .hint("the daemon's user must be able to read it");
        }
        let found = shown::description(text);
        channel
            .problem(
                &setting.key,
                format!("must be the path of a file, not {found}"),
            )
            .hint("put what the vendor gave you into a file, and write the file's path here")
    })?;
    let secret = setting.secret || setting.kind == Kind::Identity;
    let checked = match secret {
        true => trusted.secret(source.permissions),
        false => trusted.written(source.permissions),
    };
    let name = path.display().to_string();
    if let Err(lax) = checked {
        let problem = channel.problem(&setting.key, format!("{name} {lax}"));
        read.lax.push(problem.hint(lax.remedy()));
    }
    let file = File::new(name, source.contents.as_slice());
    Ok(file)
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

/// A problem in whose words nothing stands that was read: neither a secret, nor the value of a
/// setting that may be one because it was typed in the wrong place.
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
    let told = |text: String| {
        let mut text = secrets.hide(text);
        for (key, value) in &values {
            if text.contains(value) && channel.resolve(value).symlink_metadata().is_err() {
                text = text.replace(value, &format!("(the value of {key})"));
            }
        }
        text
    };
    ConfigProblem {
        problem: told(problem.problem),
        hint: problem.hint.map(told),
        ..problem
    }
}
