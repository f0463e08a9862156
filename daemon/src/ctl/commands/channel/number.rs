//! Certificate ids that no channel had before: one of a removed channel would bring its
//! devices to whichever channel got it next.
//!
//! In: the channels that there are, and the highest number that was ever given, which is kept
//! in a file beside them. Out: a number for a new channel.

use std::io::ErrorKind;
use std::path::PathBuf;

use crate::config::Config;
use crate::config::source::{self, Unread};
use crate::ctl::error::CtlError;

/// The next number.
pub fn next(config: &Config) -> Result<u32, CtlError> {
    Ok(last(config)?.saturating_add(1))
}

/// Remembers that a number was given, for when its channel is gone.
pub fn keep(config: &Config, number: u32) -> Result<(), CtlError> {
    let last = last(config)?.max(number);
    let file = file(config);
    let unfinished = file.with_extension("new");
    std::fs::write(&unfinished, format!("{last}\n"))
        .and_then(|()| std::fs::rename(&unfinished, &file))
        .map_err(|error| CtlError::Usage(format!("cannot write {}: {error}", file.display())))
}

fn last(config: &Config) -> Result<u32, CtlError> {
    let file = file(config);
    let given = match source::read_text(&file) {
        Ok(text) => text.trim().parse().ok(),
        Err(Unread::System(error)) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(CtlError::Usage(format!("{}: {error}", file.display()))),
    };
    let used = config.channels.iter().map(|it| it.certificate_id);
    let torn = config.unreadable.iter();
    let used = used.chain(torn.filter_map(|it| it.certificate_id));
    let used = used.map(|id| id.0);
    Ok(used.chain(given).max().unwrap_or_default())
}

fn file(config: &Config) -> PathBuf {
    config.channels_directory.join(".last_certificate_id")
}
