//! A driver's settings as command-line options.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::path::Path;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command, value_parser};
use nudged_driver_kit::keyfile;

use crate::error::CtlError;
use nudged_wire::{DriverView, SettingView};

/// Most bytes of a text that is read from a file, as of any file of the configuration.
const MAX_TEXT: u64 = 1 << 20;

/// The command without any driver's settings.
pub fn base() -> Command {
    Command::new("nudgectl channel add")
        .about("Writes the file of a new channel and checks it. The settings are the driver's.")
        .max_term_width(100)
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .help("Name of the channel and of its file: letters, digits, - and _"),
        )
        .arg(
            Arg::new("driver")
                .long("driver")
                .value_name("DRIVER")
                .required(true)
                .help("The driver; add --help to list its settings"),
        )
        .arg(
            Arg::new("certificate_id")
                .long("certificate-id")
                .value_name("N")
                .value_parser(value_parser!(u32))
                .help("The number that phones report with their token [default: the next one that no channel has had]"),
        )
        .arg(
            Arg::new("app")
                .long("app")
                .value_name("APP")
                .help("The app (tenant) [default: default]"),
        )
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .default_value(nudged_wire::MAIN_FILE)
                .help("The main configuration file; the channels are beside it"),
        )
}

/// The command with the settings of this driver.
pub fn with_settings(driver: &DriverView) -> Command {
    let title = driver.title.as_deref().unwrap_or_default();
    let (unneeded, needed): (Vec<_>, Vec<_>) = driver.settings.iter().partition(|it| it.unneeded);
    base()
        .mut_arg("name", |name| name.required(true))
        .after_help(
            "A text can be read from a file with @FILE, or from standard input with @-, so that a \
             secret stands neither in the list of processes nor in the shell's history. A path is \
             kept as an absolute one.",
        )
        .next_help_heading(format!("Settings of {title}"))
        .args(needed.into_iter().map(option))
        .next_help_heading("Not needed: accepted and left out of the file")
        .args(unneeded.into_iter().map(option))
}

fn option(setting: &SettingView) -> Arg {
    let mut help = setting.help.trim_end_matches('.').to_owned();
    if setting.secret {
        help.push_str(" (secret)");
    }
    if let Some(default) = &setting.default {
        help.push_str(&format!(" [default: {}]", default.trim_matches('"')));
    }
    let arg = Arg::new(setting.key.clone())
        .long(long(&setting.key))
        .visible_aliases(setting.aliases.iter().map(|alias| long(alias)))
        .required(setting.required)
        .help(help);
    match setting.kind.as_str() {
        "integer" => arg
            .value_name("N")
            .value_parser(value_parser!(i64))
            .allow_negative_numbers(true),
        "boolean" => arg
            .value_name("true|false")
            .value_parser(value_parser!(bool)),
        "choice" => arg
            .value_name("CHOICE")
            .value_parser(PossibleValuesParser::new(setting.choices.clone())),
        "file" | "identity" => arg.value_name("PATH"),
        "url" => arg.value_name("URL"),
        _ => arg.value_name("TEXT"),
    }
}

/// Settings are written with `_`, options with `-`. What the command has itself gets a prefix.
fn long(key: &str) -> String {
    let long = key.replace('_', "-");
    match long.as_str() {
        "driver" | "certificate-id" | "app" | "config" | "help" => format!("setting-{long}"),
        _ => long,
    }
}

/// What was given without need, and why it is without.
pub fn left_out(driver: &DriverView, matches: &ArgMatches) -> Vec<String> {
    let given = |it: &&SettingView| it.unneeded && matches.contains_id(&it.key);
    let unneeded = driver.settings.iter().filter(given);
    unneeded
        .map(|it| {
            format!(
                "--{} is not needed and left out: {}",
                long(&it.key),
                it.help
            )
        })
        .collect()
}

/// The values that were given and are needed, in TOML's notation.
pub fn values(
    driver: &DriverView,
    matches: &ArgMatches,
) -> Result<BTreeMap<String, String>, CtlError> {
    let mut values = BTreeMap::new();
    for setting in driver.settings.iter().filter(|it| !it.unneeded) {
        let key = setting.key.as_str();
        let value = match setting.kind.as_str() {
            "integer" => matches.get_one::<i64>(key).map(|&number| number.into()),
            "boolean" => matches.get_one::<bool>(key).map(|&flag| flag.into()),
            "file" | "identity" => matches.get_one::<String>(key).map(path).transpose()?,
            "text" => matches
                .get_one::<String>(key)
                .map(|value| text(value))
                .transpose()?,
            _ => matches
                .get_one::<String>(key)
                .map(|text| text.as_str().into()),
        };
        if let Some(value) = value {
            let value: toml::Value = value;
            values.insert(key.to_owned(), value.to_string());
        }
    }
    Ok(values)
}

fn path(given: &String) -> Result<toml::Value, CtlError> {
    let absolute = std::fs::canonicalize(given).map_err(|source| CtlError::Input {
        file: given.into(),
        source,
    })?;
    let text = absolute
        .into_os_string()
        .into_string()
        .map_err(|path| CtlError::Usage(format!("{} is not UTF-8", Path::new(&path).display())))?;
    Ok(text.into())
}

/// `@FILE` is the file's text, `@-` standard input's, `@@text` begins with an at sign.
fn text(given: &str) -> Result<toml::Value, CtlError> {
    let Some(file) = given.strip_prefix('@') else {
        return Ok(given.into());
    };
    if file.starts_with('@') {
        return Ok(file.into());
    }
    let mut read = Vec::new();
    // A shell's `<(command)` is a pipe, so that anything is read, but not without end.
    let opened: std::io::Result<Box<dyn Read>> = match file {
        "-" => Ok(Box::new(std::io::stdin())),
        file => std::fs::File::open(file).map(|file| Box::new(file) as Box<dyn Read>),
    };
    let text = opened
        .and_then(|from| from.take(MAX_TEXT + 1).read_to_end(&mut read))
        .and_then(|length| match length as u64 > MAX_TEXT {
            true => Err(std::io::Error::other("it is longer than 1 MiB")),
            false => keyfile::text(&read).ok_or_else(|| ErrorKind::InvalidData.into()),
        })
        .map_err(|source| CtlError::Input {
            file: file.into(),
            source,
        })?;
    Ok(text.trim_end_matches(['\n', '\r']).into())
}
