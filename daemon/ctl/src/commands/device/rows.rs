//! The rows of a file, CSV or NDJSON, packed or not, each as a line for the daemon. What parts
//! the columns, a comma, a semicolon or a tab, is seen by the names in the first line. No cell
//! has a line end in it, so that a quote that is not closed costs its own line and no other.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use indicatif::ProgressBar;
use serde_json::{Map, Value};

use nudged_wire::json::halves;

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

/// A row.
pub struct Row {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// For the daemon, or why it cannot even be asked.
    pub json: Result<Vec<u8>, String>,
}

/// The rows of a file.
pub struct Rows {
    from: Form,
    app: Option<String>,
}

type Input = Box<dyn BufRead + Send>;

enum Form {
    Csv(Table),
    Lines(Input, u64),
}

/// A file with columns.
struct Table {
    input: Input,
    names: Vec<String>,
    between: u8,
    /// What a line ends with: `\n`, or `\r` alone.
    end: u8,
    /// The last line that was read.
    line: u64,
}

impl Table {
    /// The table that begins with the line of names; `before` lines came before it.
    fn new(mut input: Input, between: u8, before: u64) -> io::Result<Self> {
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
            between,
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
    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
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
            .delimiter(self.between)
            .buffer_capacity(line.len() + 1)
            .from_reader(line)
            .read_record(&mut record);
        match read {
            Ok(_) => Ok(record),
            Err(_) => Err("is not UTF-8 text".to_owned()),
        }
    }

    fn row(&self, line: &[u8], app: Option<&str>) -> Result<Vec<u8>, String> {
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
            let told = told_separator(begin);
            let before = u64::from(told.is_some());
            if told.is_some() {
                input.read_until(b'\n', &mut Vec::new())?;
            }
            let between = match told {
                Some(between) => between,
                None => separator(input.fill_buf()?),
            };
            Form::Csv(Table::new(input, between, before)?)
        } else {
            Form::Lines(input, 0)
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

/// What parts the columns, by the first line: what is not in the name of a column.
fn separator(begin: &[u8]) -> u8 {
    let end = begin.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    let header = &begin[..end.unwrap_or(begin.len())];
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    match [b';', b'\t'].into_iter().max_by_key(|it| count(*it)) {
        Some(other) if count(other) > count(b',') => other,
        _ => b',',
    }
}

/// `sep=;`, with which a spreadsheet says it.
fn told_separator(begin: &[u8]) -> Option<u8> {
    let (separator, rest) = begin.strip_prefix(b"sep=")?.split_first()?;
    let ends = rest.starts_with(b"\n") || rest.starts_with(b"\r\n");
    (ends && separator.is_ascii()).then_some(*separator)
}

fn invalid<T>(text: impl Into<String>) -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::InvalidData, text.into()))
}

fn check(names: &[String]) -> io::Result<()> {
    let known = COLUMNS.join(", ");
    if let [one] = names
        && let Some(between) = one.chars().find(|it| matches!(it, '|' | ':' | '，' | '；'))
    {
        return invalid(format!(
            "the columns are parted by {between:?}, expected a comma, a semicolon or a tab"
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

impl Iterator for Rows {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        let app = self.app.as_deref();
        match &mut self.from {
            Form::Csv(table) => {
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
            Form::Lines(input, line) => loop {
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
mod tests {
    use super::*;

    fn rows(name: &str, text: &[u8], app: Option<&str>) -> io::Result<Vec<String>> {
        let input = Box::new(io::Cursor::new(text.to_vec()));
        let bar = ProgressBar::hidden();
        let rows = Rows::new(input, Path::new(name), app.map(str::to_owned), &bar)?;
        rows.map(|row| {
            let row = row?;
            let json = row.json.map(|json| String::from_utf8(json).expect("UTF-8"));
            let text = json.unwrap_or_else(|why| format!("cannot be read: {why}"));
            Ok(format!("{} {text}", row.line))
        })
        .collect()
    }

    #[test]
    fn csv_becomes_objects_and_keeps_its_line_numbers() {
        let csv = "user, device ,token,certificate_id\n\
                   bob,phone,\"a\"\"b\",1\n\
                   \n\
                   eve,phone,,x\n\
                   joe,phone\n\
                   ann,phone,t,2\n";
        let read = rows("x.csv", csv.as_bytes(), None).expect("CSV");
        assert_eq!(
            read,
            [
                r#"2 {"certificate_id":1,"device":"phone","token":"a\"b","user":"bob"}"#,
                r#"4 {"certificate_id":"x","device":"phone","user":"eve"}"#,
                "5 cannot be read: has 2 columns, expected 4 as in the first line",
                r#"6 {"certificate_id":2,"device":"phone","token":"t","user":"ann"}"#,
            ]
        );
    }

    #[test]
    fn a_quote_that_is_not_closed_costs_its_own_line_only() {
        let csv = "user,device,token\na,p,\"T1\nb,p,T2\nc,p,\"T\n3\"\nd,p,T4\n";
        let read = rows("x.csv", csv.as_bytes(), None).expect("CSV");
        let refused = |line: u64| {
            format!(
                "{line} cannot be read: a quote is not closed; a quote inside a cell is written twice"
            )
        };
        assert_eq!(
            read,
            [
                refused(2),
                r#"3 {"device":"p","token":"T2","user":"b"}"#.to_owned(),
                refused(4),
                refused(5),
                r#"6 {"device":"p","token":"T4","user":"d"}"#.to_owned(),
            ]
        );
    }

    #[test]
    fn lines_are_passed_on_and_get_the_app_that_they_lack() {
        let lines = b"{\"user\":\"bob\"}\n\n  \nnonsense\n{\"app\":\"x\"}";
        let read = rows("x", lines, None).expect("lines");
        assert_eq!(
            read,
            ["1 {\"user\":\"bob\"}", "4 nonsense", "5 {\"app\":\"x\"}"]
        );
        let read = rows("x", lines, Some("shop")).expect("lines");
        assert_eq!(read[0], r#"1 {"app":"shop","user":"bob"}"#);
        assert_eq!(read[2], r#"5 {"app":"x"}"#);
        // Half an emoji does not send it to another app.
        let cut = rows("x", br#"{"user":"bob \ud83d"}"#, Some("shop")).expect("lines");
        assert_eq!(cut, ["1 {\"app\":\"shop\",\"user\":\"bob \u{fffd}\"}"]);
    }

    #[test]
    fn what_it_is_is_seen_by_name_or_content_though_packed() {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        io::Write::write_all(&mut packed, b"\xef\xbb\xbfuser,device,token\nbob,phone,t\n")
            .expect("memory");
        let packed = packed.finish().expect("memory");
        for name in ["x.csv.gz", "x", "-", "X.CSV"] {
            let read = rows(name, &packed, None).expect("CSV");
            assert_eq!(read, [r#"2 {"device":"phone","token":"t","user":"bob"}"#]);
        }
        let half = &packed[..packed.len() - 10];
        assert!(rows("x.csv.gz", half, None).is_err());
        assert_eq!(rows("x", b"", None).expect("nothing").len(), 0);
    }

    #[test]
    fn what_parts_the_columns_is_seen_by_the_first_line() {
        let row = r#"{"device":"p","token":"a,b;c","user":"bob"}"#;
        for (text, line) in [
            ("user;device;token\nbob;p;\"a,b;c\"\n", 2),
            ("user\tdevice\ttoken\r\nbob\tp\ta,b;c\r\n", 2),
            ("user,device,token\nbob,p,\"a,b;c\"\n", 2),
            ("\u{feff}user;device;token\rbob;p;\"a,b;c\"\r", 2),
            ("sep=|\r\nuser|device|token\r\nbob|p|a,b;c\r\n", 3),
            ("sep=,\nuser,device,token\nbob,p,\"a,b;c\"\n", 3),
        ] {
            for name in ["x.csv", "x.tsv", "x.txt", "-"] {
                let read = rows(name, text.as_bytes(), None).expect("CSV");
                assert_eq!(read, [format!("{line} {row}")], "{text:?}");
            }
        }
        let error = rows("x.csv", b"user|device|token\n", None).expect_err("refused");
        assert!(error.to_string().contains("parted by '|'"), "{error}");
    }

    #[test]
    fn a_json_array_is_refused_whole() {
        for (name, text) in [
            ("x.json", "[\n {\"user\":\"bob\"}\n]"),
            ("x", "\u{feff} [{}]"),
            ("x.csv", "[{}]"),
        ] {
            let error = rows(name, text.as_bytes(), None).expect_err("refused");
            assert!(error.to_string().contains("jq -c '.[]'"), "{error}");
        }
    }

    #[test]
    fn an_object_over_several_lines_is_refused_whole() {
        for text in ["{\n \"user\":\"bob\"\n}\n", "\n{ \r\n\"user\":\"bob\"}"] {
            let error = rows("x.json", text.as_bytes(), None).expect_err("refused");
            assert!(error.to_string().contains("jq -c ."), "{error}");
        }
        assert_eq!(rows("x", b"{}\n{\n", None).expect("lines").len(), 2);
    }

    #[test]
    fn columns_that_are_not_known_are_refused_at_once() {
        for (header, word) in [
            ("user,device,tokne", "tokne"),
            ("user,device,token,user", "twice"),
            ("user,device", "token"),
            ("bob,phone,t", "bob"),
        ] {
            let error = rows("x.csv", header.as_bytes(), None).expect_err("refused");
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
