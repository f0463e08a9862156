use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, SystemTime};

use comfy_table::{ContentArrangement, Table, presets};

use super::error::CtlError;
use nudged_wire::plain_json;

pub use nudged_wire::plain;

/// Where answers go. A reader that hangs up is no mistake; what follows is dropped.
pub struct Out {
    to: Box<dyn Write>,
    closed: bool,
    terminal: bool,
}

impl Out {
    pub fn stdout() -> Self {
        Self {
            to: Box::new(io::stdout()),
            closed: false,
            terminal: io::stdout().is_terminal(),
        }
    }

    /// Whether nobody reads any more, so that an endless answer may stop.
    pub fn closed(&self) -> bool {
        self.closed
    }

    /// A line for people: whatever a vendor or an app wrote in it, it stays one line.
    pub fn line(&mut self, text: impl Display) -> Result<(), CtlError> {
        self.write(plain(&text.to_string()).as_bytes())
    }

    /// Lines for people.
    pub fn lines(&mut self, text: &str) -> Result<(), CtlError> {
        text.lines().try_for_each(|line| self.line(line))
    }

    /// JSON for programs, as it came; to people who look at it, as JSON that says the same and
    /// shows all of it.
    pub fn raw(&mut self, json: &[u8]) -> Result<(), CtlError> {
        match str::from_utf8(json) {
            Ok(text) if self.terminal => self.write(plain_json(text).as_bytes()),
            _ => self.write(json),
        }
    }

    /// A file of ours, such as a shell's completions.
    pub fn file(&mut self, contents: &[u8]) -> Result<(), CtlError> {
        self.write(contents)
    }

    fn write(&mut self, line: &[u8]) -> Result<(), CtlError> {
        if self.closed {
            return Ok(());
        }
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let mut text = Vec::with_capacity(line.len() + 1);
        text.extend_from_slice(line);
        text.push(b'\n');
        match self.to.write_all(&text).and_then(|()| self.to.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other.map_err(CtlError::Output),
        }
    }
}

/// Tells people on standard error; who closed that does not want to hear it.
pub fn note<T: AsRef<str>>(lines: &[T]) {
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        text.push_str(if at == 0 { "nudgectl: " } else { "" });
        text.push_str(&plain(line.as_ref()));
        text.push('\n');
    }
    let _ = io::stderr().write_all(text.as_bytes());
}

/// A table as wide as its content; no cell is ever broken, so ids can be copied.
pub fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    for row in rows {
        table.add_row(row.iter().map(|cell| plain(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// What is absent is a dash.
pub fn or_dash(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty())
        .unwrap_or("-")
        .to_owned()
}

/// A time of the API for people: `2026-03-01 12:30:05Z`.
pub fn time(at: &str) -> String {
    match humantime::parse_rfc3339(at) {
        Ok(time) => humantime::format_rfc3339_seconds(time)
            .to_string()
            .replace('T', " "),
        Err(_) => at.to_owned(),
    }
}

/// A time of the API and how far it is from now: `2026-03-01 12:30:05Z (2h 5m ago)`.
pub fn when(at: &str, now: SystemTime) -> String {
    let mut text = time(at);
    if let Ok(then) = humantime::parse_rfc3339(at) {
        // Writing to a String cannot fail.
        let _ = match now.duration_since(then) {
            Ok(ago) => write!(text, " ({} ago)", span(ago.as_secs())),
            Err(ahead) => write!(text, " (in {})", span(ahead.duration().as_secs())),
        };
    }
    text
}

/// Seconds in their two largest units: `2h 5m`.
pub fn span(seconds: u64) -> String {
    let rounded = match seconds {
        0..3600 => seconds,
        3600..86_400 => seconds - seconds % 60,
        _ => seconds - seconds % 3600,
    };
    let whole = humantime::format_duration(Duration::from_secs(rounded)).to_string();
    whole.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// `1 delivery`, `2 deliveries`.
pub fn count(n: impl Into<u128>, one: &str, many: &str) -> String {
    let n = n.into();
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests;
