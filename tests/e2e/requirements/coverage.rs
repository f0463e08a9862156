//! Which rule is decided where, and tested by what: the table of this folder against the sources.
//!
//! In: the table, the comments that cite a rule, the names of tests. Out: a list to read, and a
//! failure where they do not fit. Starts no daemon.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const TABLE: &str = include_str!("README.md");
const SOURCES: [&str; 4] = ["daemon", "plugin-api", "plugins", "tests"];
/// What the last column begins with where there is no test.
const NOT_TESTED: &str = "not tested: ";

/// A rule of the table, and where it was found.
#[derive(Default)]
struct Rule {
    text: String,
    reason_for_no_test: Option<String>,
    decided: Vec<String>,
    tests: Vec<String>,
}

#[test]
fn every_rule_is_tested_or_says_why_not() {
    let mut rules = table();
    let mut mistakes = Vec::new();
    for file in sources() {
        let text = std::fs::read_to_string(root().join(&file)).unwrap();
        let mut found =
            |number: u32, of: fn(&mut Rule) -> &mut Vec<String>, what: String| match rules
                .get_mut(&number)
            {
                Some(rule) => of(rule).push(what),
                None => mistakes.push(format!("{what}: there is no rule {number}")),
            };
        for (line, text) in text.lines().enumerate() {
            for name in tests(text) {
                for number in numbers_of_name(name) {
                    found(number, |rule| &mut rule.tests, name.to_owned());
                }
            }
            for number in cited(text).into_iter().filter(|_| !is_of_tests(&file)) {
                let place = format!("{}:{}", file.display(), line + 1);
                found(number, |rule| &mut rule.decided, place);
            }
        }
    }
    for (number, rule) in &rules {
        match (&rule.reason_for_no_test, rule.tests.is_empty()) {
            (None, true) => mistakes.push(format!("rule {number} has neither a test nor a reason")),
            (Some(_), false) => {
                mistakes.push(format!("rule {number} has a test: {:?}", rule.tests))
            }
            (Some(reason), true) if reason.len() < 20 => {
                mistakes.push(format!(
                    "{reason} is no reason for rule {number} to have no test"
                ));
            }
            _ => {}
        }
    }
    println!("{}", shown(&rules));
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn names_and_comments_are_read_as_they_are_meant() {
    assert_eq!(numbers_of_name("req_20_a_link_is_lost"), [20]);
    assert_eq!(numbers_of_name("req_08_gone"), [8]);
    assert_eq!(numbers_of_name("req_58_62_both"), [58, 62]);
    assert_eq!(numbers_of_name("req_66_a_text_of_1400_characters"), [66]);
    assert_eq!(cited("    // req 20: silence"), [20]);
    assert_eq!(cited("x(); // a call (req 72), req 51"), [72, 51]);
    assert_eq!(cited("//! 7 of 8 required, `req 9`"), [9]);
    assert!(cited("let text = \"req 5\";").is_empty());
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn table() -> BTreeMap<u32, Rule> {
    let rows = TABLE.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [number, text, missing] = cells[..] else {
            return None;
        };
        let rule = Rule {
            text: text.to_owned(),
            reason_for_no_test: missing.strip_prefix(NOT_TESTED).map(str::to_owned),
            ..Rule::default()
        };
        Some((number.parse().ok()?, rule))
    });
    let rules: Vec<(u32, Rule)> = rows.collect();
    let numbers: Vec<u32> = rules.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=77).collect::<Vec<_>>(), "the table's numbers");
    rules.into_iter().collect()
}

/// All Rust files, by their paths in the repository.
fn sources() -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = SOURCES.map(PathBuf::from).to_vec();
    let mut files = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(root().join(&directory)).unwrap() {
            let entry = entry.unwrap();
            let path = directory.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                files.push(path);
            }
        }
    }
    assert!(files.len() > 500, "only {} files", files.len());
    files.sort();
    files
}

/// Whether a file is of tests, whose comments decide nothing.
fn is_of_tests(file: &Path) -> bool {
    let mut parts = file.iter();
    parts.any(|part| part == "tests" || part == "tests.rs")
}

/// Names of functions that a line begins.
fn tests(line: &str) -> impl Iterator<Item = &str> {
    let name = line.trim_start().trim_start_matches("async ");
    let name = name.strip_prefix("fn ").and_then(|it| it.split('(').next());
    name.into_iter().filter(|it| it.starts_with("req_"))
}

/// The numbers that a test's name begins with.
fn numbers_of_name(name: &str) -> Vec<u32> {
    let parts = name.split('_').skip(1);
    parts.map_while(|part| part.parse().ok()).collect()
}

/// The numbers that a line's comment cites.
fn cited(line: &str) -> Vec<u32> {
    let Some(at) = line.find("//") else {
        return Vec::new();
    };
    let parts = line[at..].split("req ").skip(1);
    parts
        .filter_map(|part| {
            let end = part.find(|it: char| !it.is_ascii_digit());
            part[..end.unwrap_or(part.len())].parse().ok()
        })
        .collect()
}

fn shown(rules: &BTreeMap<u32, Rule>) -> String {
    let mut text = String::new();
    for (number, rule) in rules {
        let _ = writeln!(text, "{number:>2} {}", rule.text);
        for place in &rule.decided {
            let _ = writeln!(text, "     decided at {place}");
        }
        for name in &rule.tests {
            let _ = writeln!(text, "     tested by {name}");
        }
        if let Some(reason) = &rule.reason_for_no_test {
            let _ = writeln!(text, "     {NOT_TESTED}{reason}");
        }
    }
    let decided = rules.values().filter(|rule| !rule.decided.is_empty());
    let tested = rules.values().filter(|rule| !rule.tests.is_empty());
    let _ = writeln!(
        text,
        "{} rules: {} tested, {} cited where they are decided",
        rules.len(),
        tested.count(),
        decided.count()
    );
    text
}
