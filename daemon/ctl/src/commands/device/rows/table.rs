//! A table in a text: columns with names in the first line, parted by a comma, a semicolon or a tab.
//!
//! In: lines. Out: each row as a JSON object for the daemon, or why it is none. No cell has a line end
//! in it, so that a quote that is not closed costs its own line and no other.

use std::io::{self, BufRead};

use serde_json::{Map, Value};

/// What is read from, unpacked.
pub type Input = Box<dyn BufRead + Send>;

/// The columns that there are.
pub const COLUMNS: [&str; 12] = [
    "app",
    "user",
    "device",
    "certificate_id",
    "channel",
    "token",
    "tokens",
    "platform",
    "language",
    "app_version",
    "state",
    "unread",
];
/// Those with numbers.
const NUMBERS: [&str; 2] = ["certificate_id", "unread"];
/// That with a JSON object.
const OBJECT: &str = "tokens";

/// A table that is read row by row.
pub struct Table {
    input: Input,
    names: Vec<String>,
    delimiter: u8,
    /// What a line ends with: `\n`, or `\r` alone.
    end: u8,
    /// The last line that was read.
    pub line: u64,
}

impl Table {
    /// The table that begins with the line of names; `before` lines came before it.
    pub fn new(mut input: Input, delimiter: u8, before: u64) -> io::Result<Self> {
        let begin = input.fill_buf()?;
        let end = begin.iter().position(|it| matches!(it, b'\r' | b'\n'));
        let end = match end.map(|at| &begin[at..]) {
            Some([b'\r', next, ..]) if *next != b'\n' => b'\r',
            Some([b'\r']) => b'\r',
            _ => b'\n',
        };
        let mut table = Self {
            input,
            names: Vec::new(),
            delimiter,
            end,
            line: before,
        };
        if let Some(header) = table.next_line()? {
            let cells = table.cells(&header).or_else(invalid)?;
            let names = cells.iter().map(|it| it.trim().to_owned());
            table.names = names.collect();
            check(&table.names)?;
        }
        Ok(table)
    }

    /// The next line that is not empty, without its end.
    pub fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let mut line = Vec::new();
            if self.input.read_until(self.end, &mut line)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            while let Some(b'\r' | b'\n') = line.last() {
                line.pop();
            }
            if !line.is_empty() {
                return Ok(Some(line));
            }
        }
    }

    fn cells(&self, line: &[u8]) -> Result<csv::StringRecord, String> {
        if line.iter().filter(|byte| **byte == b'"').count() % 2 != 0 {
            return Err("a quote is not closed; a quote inside a cell is written twice".to_owned());
        }
        let mut record = csv::StringRecord::new();
        let read = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(self.delimiter)
            .buffer_capacity(line.len() + 1)
            .from_reader(line)
            .read_record(&mut record);
        match read {
            Ok(_) => Ok(record),
            Err(_) => Err("is not UTF-8 text".to_owned()),
        }
    }

    pub fn row(&self, line: &[u8], app: Option<&str>) -> Result<Vec<u8>, String> {
        let record = self.cells(line)?;
        let (found, expected) = (record.len(), self.names.len());
        if found != expected {
            return Err(format!(
                "has {found} columns, expected {expected} as in the first line"
            ));
        }
        Ok(object(&self.names, &record, app))
    }
}

/// What parts the columns, by the first line: what is not in the name of a column.
pub fn separator(begin: &[u8]) -> u8 {
    let end = begin.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    let header = &begin[..end.unwrap_or(begin.len())];
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    match [b';', b'\t'].into_iter().max_by_key(|it| count(*it)) {
        Some(other) if count(other) > count(b',') => other,
        _ => b',',
    }
}

/// The delimiter that a spreadsheet declares before the table: `sep=;`.
pub fn declared_separator(begin: &[u8]) -> Option<u8> {
    let (separator, rest) = begin.strip_prefix(b"sep=")?.split_first()?;
    let ends = rest.starts_with(b"\n") || rest.starts_with(b"\r\n");
    (ends && separator.is_ascii()).then_some(*separator)
}

fn check(names: &[String]) -> io::Result<()> {
    let known = COLUMNS.join(", ");
    if let [one] = names
        && let Some(delimiter) = one.chars().find(|it| matches!(it, '|' | ':' | '，' | '；'))
    {
        return invalid(format!(
            "the columns are separated by {delimiter:?}, expected a comma, a semicolon or a tab"
        ));
    }
    for (at, name) in names.iter().enumerate() {
        if !COLUMNS.contains(&name.as_str()) {
            return invalid(format!("column {name:?} is not known; there are {known}"));
        }
        if names[..at].contains(name) {
            return invalid(format!("column {name:?} is there twice"));
        }
    }
    for needed in ["user", "device", "token"] {
        if !names.iter().any(|name| name == needed) {
            return invalid(format!(
                "the first line must name the columns; {needed:?} is missing"
            ));
        }
    }
    Ok(())
}

fn object(names: &[String], record: &csv::StringRecord, app: Option<&str>) -> Vec<u8> {
    let mut members = Map::new();
    if let Some(app) = app {
        members.insert("app".to_owned(), app.into());
    }
    for (name, cell) in names.iter().zip(record) {
        if cell.is_empty() {
            continue;
        }
        // What is no number, or no JSON, goes as it is: the daemon says what it expected.
        let value = match name.as_str() {
            OBJECT => serde_json::from_str(cell).ok(),
            name if NUMBERS.contains(&name) => cell.parse::<u64>().ok().map(Value::from),
            _ => None,
        };
        let value = value.unwrap_or_else(|| Value::from(cell));
        members.insert(name.clone(), value);
    }
    Value::Object(members).to_string().into_bytes()
}

/// What is wrong with a whole file.
pub fn invalid<T>(text: impl Into<String>) -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::InvalidData, text.into()))
}
