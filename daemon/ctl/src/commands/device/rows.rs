//! The rows of a file, CSV or NDJSON, packed or not, each as a line for the daemon.
//!
//! In: a file or standard input. Out: rows with the line on which they begin. Refuses to know what
//! the daemon makes of them.

mod table;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;
use serde_json::Value;

use nudged_wire::json::halves;
use table::{Input, Table, invalid};

pub use table::COLUMNS;

pub struct Row {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// For the daemon, or why it cannot even be asked.
    pub json: Result<Vec<u8>, String>,
}

/// The rows of a file.
pub struct Rows {
    from: Format,
    app: Option<String>,
}

enum Format {
    Csv(Table),
    /// The last line that was read, from 1.
    Ndjson {
        input: Input,
        line: u64,
    },
}

/// A file, or standard input.
pub fn open(file: &Path) -> io::Result<Box<dyn Read + Send>> {
    if file == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let opened = File::open(file)?;
    if opened.metadata()?.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(Box::new(opened))
}

impl Rows {
    /// The rows of an input that `file` names. `app` is that of rows that name none; the bar
    /// is told what was read.
    pub fn new(
        input: Box<dyn Read + Send>,
        file: &Path,
        app: Option<String>,
        bar: &ProgressBar,
    ) -> io::Result<Self> {
        let mut input: Input = Box::new(BufReader::with_capacity(64 << 10, bar.wrap_read(input)));
        if input.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
            input = Box::new(BufReader::new(MultiGzDecoder::new(input)));
        }
        if input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            input.consume(3);
        }
        let begin = input.fill_buf()?;
        if begin.trim_ascii_start().starts_with(b"[") {
            // Some of its lines would look like devices: all of them, or none.
            return invalid(
                "it is a JSON array, expected a JSON object a line; `jq -c '.[]'` makes that of it",
            );
        }
        if is_spread(begin) {
            return invalid(
                "it has a JSON object over several lines, expected each on a line of its own; \
                 `jq -c .` makes that of it",
            );
        }
        let from = if is_csv(file, begin) {
            let declared = table::declared_separator(begin);
            let before = u64::from(declared.is_some());
            if declared.is_some() {
                input.read_until(b'\n', &mut Vec::new())?;
            }
            let delimiter = match declared {
                Some(delimiter) => delimiter,
                None => table::separator(input.fill_buf()?),
            };
            Format::Csv(Table::new(input, delimiter, before)?)
        } else {
            Format::Ndjson { input, line: 0 }
        };
        Ok(Self { from, app })
    }
}

/// By name, or else by what it begins with.
fn is_csv(file: &Path, begin: &[u8]) -> bool {
    let name = file.to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match Path::new(name).extension().and_then(|it| it.to_str()) {
        Some("csv" | "tsv" | "tab") => true,
        Some("ndjson" | "jsonl" | "json") => false,
        _ => !begin.trim_ascii_start().is_empty() && !begin.trim_ascii_start().starts_with(b"{"),
    }
}

/// Whether its first line is an object's first brace only.
fn is_spread(begin: &[u8]) -> bool {
    let begin = begin.trim_ascii_start();
    let first = begin.split(|byte| *byte == b'\n').next();
    first.is_some_and(|line| line.trim_ascii() == b"{") && begin.len() > 2
}

impl Iterator for Rows {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        let app = self.app.as_deref();
        match &mut self.from {
            Format::Csv(table) => {
                let line = match table.next_line() {
                    Ok(line) => line?,
                    Err(error) => return Some(Err(error)),
                };
                let json = table.row(&line, app);
                Some(Ok(Row {
                    line: table.line,
                    json,
                }))
            }
            Format::Ndjson { input, line } => loop {
                let mut text = Vec::new();
                match input.read_until(b'\n', &mut text) {
                    Ok(0) => return None,
                    Ok(_) => *line += 1,
                    Err(error) => return Some(Err(error)),
                }
                if text.trim_ascii().is_empty() {
                    continue;
                }
                let json = Ok(with_app(text.trim_ascii(), app));
                return Some(Ok(Row { line: *line, json }));
            },
        }
    }
}

fn with_app(line: &[u8], app: Option<&str>) -> Vec<u8> {
    if let Some(app) = app
        && let Ok(Value::Object(mut members)) = halves::read(line)
        && members.get("app").is_none_or(|it| it.is_null() || it == "")
    {
        members.insert("app".to_owned(), app.into());
        return Value::Object(members).to_string().into_bytes();
    }
    line.to_vec()
}

#[cfg(test)]
mod tests;
