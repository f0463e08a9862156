//! Certificate ids that no channel had before: one of a removed channel would bring its
//! devices to whichever channel got it next.
//!
//! In: the numbers of the channels that there are, and the highest that was ever given, which is
//! kept in a file beside them. Out: a number for a new channel.

use std::io::{ErrorKind, Read};
use std::path::PathBuf;

use nudged_wire::Setup;

use crate::error::CtlError;

/// A number has ten digits; whatever is longer is none.
const MAX_LENGTH: u64 = 64;

pub fn next(setup: &Setup) -> Result<u32, CtlError> {
    Ok(last(setup)?.saturating_add(1))
}

/// Remembers that a number was given, for when its channel is gone.
pub fn keep(setup: &Setup, number: u32) -> Result<(), CtlError> {
    let last = last(setup)?.max(number);
    let file = file(setup);
    let unfinished = file.with_extension("new");
    std::fs::write(&unfinished, format!("{last}\n"))
        .and_then(|()| std::fs::rename(&unfinished, &file))
        .map_err(|source| CtlError::File { file, source })
}

fn last(setup: &Setup) -> Result<u32, CtlError> {
    let file = file(setup);
    let mut text = String::new();
    let read = std::fs::File::open(&file)
        .and_then(|opened| opened.take(MAX_LENGTH).read_to_string(&mut text));
    let given = match read {
        Ok(_) => text.trim().parse().ok(),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(source) => return Err(CtlError::Input { file, source }),
    };
    let used = setup.certificate_ids.iter().copied();
    Ok(used.chain(given).max().unwrap_or_default())
}

fn file(setup: &Setup) -> PathBuf {
    setup.channels_directory.join(".last_certificate_id")
}
