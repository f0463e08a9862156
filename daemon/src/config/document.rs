//! A configuration file as a text in TOML.
//!
//! In: a file. Out: its text and whose it is; the table that a type reads from it, or the mistake with
//! its line and key and without what stands there; the lines of keys, for mistakes that are found
//! later. Refuses to know any key.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::permissions::Permissions;
use super::{mistake, shown, source};
use nudged_wire::ConfigProblem;
use nudged_wire::json::plainly;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyLines(BTreeMap<String, usize>);

impl KeyLines {
    /// Notes where in the text a key or its value is. Says in which line.
    pub fn add(&mut self, text: &str, key: impl Into<String>, at: Range<usize>) -> usize {
        let line = line(text, at.start);
        self.0.insert(key.into(), line);
        line
    }

    /// From 1; none for a key that is not in the file.
    pub fn of(&self, key: &str) -> Option<usize> {
        self.0.get(key).copied()
    }
}

/// The line that byte `offset` of `text` is in, from 1.
pub fn line(text: &str, offset: usize) -> usize {
    1 + text
        .as_bytes()
        .iter()
        .take(offset)
        .filter(|byte| **byte == b'\n')
        .count()
}

/// A configuration file's text, and whose it is.
pub fn read_text(file: &Path) -> Result<(Zeroizing<String>, Permissions), ConfigProblem> {
    let read = source::read(file, source::MAX_FILE);
    read.and_then(|read| Ok((source::text(read.contents)?, read.permissions)))
        .map_err(|error| ConfigProblem::new(file, error.to_string()))
}

/// Parses TOML; a mistake is told with its line and key, and without what stands there.
pub fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, ConfigProblem> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map(|span| line(text, span.start));
        let message = plainly(&mistake::redact(&error.message().replace('\n', "; ")));
        let message = message.replace("expected an object", "expected a table");
        let names_key = ["unknown field", "missing field"];
        let names_key = names_key.iter().any(|begin| message.starts_with(begin));
        let problem = ConfigProblem::new(file, message).at(at);
        match key_of::<T>(text).filter(|_| !names_key) {
            Some(key) => problem.key(key),
            None => problem,
        }
    })
}

/// The key at which reading stops, if it may be shown: what was typed in its place may be a
/// secret.
fn key_of<T: DeserializeOwned>(text: &str) -> Option<String> {
    let reader = toml::Deserializer::parse(text).ok()?;
    let path = serde_path_to_error::deserialize::<_, T>(reader)
        .err()?
        .path()
        .to_string();
    let parts = path.split('.');
    // What keeps the place of a value is no key.
    let parts: Vec<&str> = parts.filter(|it| !it.starts_with("$__")).collect();
    let name = |part: &&str| shown::is_name(part.split('[').next().unwrap_or_default());
    (!parts.is_empty() && parts.iter().all(name)).then(|| parts.join("."))
}
