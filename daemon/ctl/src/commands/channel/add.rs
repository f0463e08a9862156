//! `channel add`: the driver's settings are the options; what is written is checked at once.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use clap::error::ErrorKind as ClapError;
use clap::{ArgMatches, Command};

use super::{number, options};
use crate::commands::driver::{ChannelValues, channel_file};
use crate::error::CtlError;
use crate::program;
use crate::session::Session;
use nudged_wire::{
    CheckedSetup, ConfigProblem, ConfigProblems, DriverView, MAIN_FILE, Setup, is_name,
};

/// Writes the file of a new channel. Needs no daemon, but the right to read its files.
pub fn add(session: &mut Session<'_>, rest: &[String]) -> Result<(), CtlError> {
    let config_file = PathBuf::from(option(rest, "--config").unwrap_or(MAIN_FILE));
    let Some(vendor) = option(rest, "--driver") else {
        // Says what is missing, or how it works.
        return match parse(session, options::base().arg_required_else_help(true), rest)? {
            Some(_) => Err(CtlError::Usage("--driver DRIVER is missing".to_owned())),
            None => Ok(()),
        };
    };
    if rest
        .iter()
        .any(|argument| argument == "--help" || argument == "-h")
    {
        return help(session, vendor, &config_file);
    }
    let setup = program::setup(&config_file)?;
    if !setup.problems.is_empty() {
        return Err(CtlError::Config(ConfigProblems(setup.problems)));
    }
    let driver =
        driver(&setup, vendor).ok_or_else(|| CtlError::NotFound(no_driver(vendor, &setup)))?;
    let Some(matches) = parse(session, options::with_settings(driver), rest)? else {
        return Ok(());
    };
    let name = matches.get_one::<String>("name").map_or("", String::as_str);
    let app = matches.get_one::<String>("app").cloned();
    if let Some(bad) = [Some(name), app.as_deref()]
        .into_iter()
        .flatten()
        .find(|text| !is_name(text))
    {
        return Err(CtlError::Usage(format!(
            "{bad:?} is not a valid name: letters, digits, - and _ only, at most 64"
        )));
    }
    let certificate_id = match matches.get_one::<u32>("certificate_id") {
        Some(chosen) => *chosen,
        None => number::next(&setup)?,
    };
    let given = ChannelValues {
        app,
        certificate_id: Some(certificate_id),
        values: options::values(driver, &matches)?,
    };
    let file = setup.channels_directory.join(format!("{name}.toml"));
    write(&file, &channel_file(driver, &given))?;
    let advice = check(&config_file, &setup, &file)?;
    number::keep(&setup, certificate_id)?;
    session.out.line(format!("{}: written", file.display()))?;
    for line in options::left_out(driver, &matches) {
        session.out.line(line)?;
    }
    for advice in advice {
        session.out.line(format!("warning: {advice}"))?;
    }
    session.out.line(format!(
        "certificate id {certificate_id}: phones report it with their token"
    ))?;
    session.out.line("nudgectl reload puts it to use")
}

/// Says how it works. Before anything is installed or configured too: what cannot be listed
/// then, and why, is said below the rest.
fn help(session: &mut Session<'_>, vendor: &str, config_file: &Path) -> Result<(), CtlError> {
    let setup = program::setup(config_file)?;
    let mut command = match driver(&setup, vendor) {
        Some(driver) => options::with_settings(driver),
        None => {
            let mut why = no_driver(vendor, &setup);
            if !setup.problems.is_empty() {
                why.push_str(&format!(
                    "\nDrivers were looked for where they are by default, because of {}",
                    ConfigProblems(setup.problems)
                ));
            }
            options::base().after_help(format!("The settings cannot be listed: {why}"))
        }
    };
    session.out.lines(&command.render_help().to_string())
}

/// The value of an option before anything is known of the others.
fn option<'a>(rest: &'a [String], name: &str) -> Option<&'a str> {
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        if argument == name {
            let value = rest.next().map(String::as_str);
            return value.filter(|value| !value.starts_with('-'));
        }
        if let Some(value) = argument
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('='))
        {
            return Some(value);
        }
    }
    None
}

/// None when help was asked for, and given.
fn parse(
    session: &mut Session<'_>,
    command: Command,
    rest: &[String],
) -> Result<Option<ArgMatches>, CtlError> {
    let name = "nudgectl channel add".to_owned();
    let arguments = std::iter::once(&name).chain(rest);
    match command
        .no_binary_name(false)
        .try_get_matches_from(arguments)
    {
        Ok(matches) => Ok(Some(matches)),
        Err(error)
            if matches!(
                error.kind(),
                ClapError::DisplayHelp | ClapError::DisplayHelpOnMissingArgumentOrSubcommand
            ) =>
        {
            session.out.lines(&error.to_string())?;
            Ok(None)
        }
        Err(error) => Err(CtlError::Usage(in_a_line(&error.to_string()))),
    }
}

/// What clap says in paragraphs, without the usage.
fn in_a_line(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let lines = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

fn driver<'a>(setup: &'a Setup, vendor: &str) -> Option<&'a DriverView> {
    let mut drivers = setup.drivers.iter();
    drivers.find(|it| it.vendor.as_deref() == Some(vendor))
}

fn no_driver(vendor: &str, setup: &Setup) -> String {
    let drivers = setup.drivers.iter();
    let known: Vec<&str> = drivers.filter_map(|it| it.vendor.as_deref()).collect();
    let directory = setup.drivers_directory.display();
    if known.is_empty() {
        return format!("no driver {vendor}: {directory} holds no usable .so file");
    }
    format!(
        "no driver {vendor} in {directory}; there are: {}",
        known.join(", ")
    )
}

/// The file may hold secrets, and must not exist already.
fn write(file: &Path, text: &str) -> Result<(), CtlError> {
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut to| {
            to.write_all(text.as_bytes())?;
            hand_over(&to, file)
        });
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => CtlError::Usage(format!(
            "{} exists already; edit it, or choose another name",
            file.display()
        )),
        ErrorKind::NotFound => CtlError::Usage(format!(
            "cannot write {}: make its directory first",
            file.display()
        )),
        _ => CtlError::Usage(format!("cannot write {}: {error}", file.display())),
    })
}

/// What root writes belongs to whom its directory belongs: the daemon must be able to read it.
fn hand_over(written: &File, file: &Path) -> std::io::Result<()> {
    let Some(directory) = file.parent().filter(|_| nix::unistd::geteuid().is_root()) else {
        return Ok(());
    };
    let owner = std::fs::metadata(directory)?;
    fchown(written, Some(owner.uid()), Some(owner.gid()))
}

/// A channel that cannot be opened is not left behind: the next reload would fail on it. Nor is one
/// that could not be looked at, because of a mistake in the main file. That another channel is
/// broken does not keep it from being written. Gives what its settings cost every message.
fn check(config: &Path, setup: &Setup, file: &Path) -> Result<Vec<ConfigProblem>, CtlError> {
    let CheckedSetup {
        problems,
        mut advice,
        ..
    } = program::check(config)?;
    advice.retain(|it| it.file == file);
    let of_others = |path: &Path| path != file && path.starts_with(&setup.channels_directory);
    let mut problems: Vec<_> = problems
        .into_iter()
        .filter(|problem| !of_others(&problem.file))
        .collect();
    if problems.is_empty() {
        return Ok(advice);
    }
    std::fs::remove_file(file).map_err(|source| CtlError::Input {
        file: file.to_owned(),
        source,
    })?;
    if problems.iter().all(|problem| problem.file != file) {
        problems.push(ConfigProblem::new(
            file,
            "was not written: it cannot be checked before that is put right",
        ));
    }
    Err(CtlError::Config(ConfigProblems(problems)))
}
