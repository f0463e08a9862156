//! The documents hold: every link leads somewhere, and every file and constant that a design page
//! names is there.
//!
//! In: the Markdown of this repository. Out: what is named and missing. Refuses to know what a
//! page says.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn pages_in(directory: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(directory)).expect("a directory of pages");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "md"))
        .collect();
    pages.sort();
    pages
}

/// The parts of a text between backticks, one line at a time: code blocks have none.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// The targets of links within the repository, without their fragments.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .map(|target| target.split('#').next().unwrap_or(target))
}

fn is_constant(word: &str) -> bool {
    word.len() > 1
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

#[test]
fn every_link_leads_to_a_file_that_is_there() {
    let mut pages = vec![root().join("README.md")];
    for directory in ["daemon/docs", "packaging", "packaging/man", "plugin-api"] {
        pages.extend(pages_in(directory));
    }
    for page in pages {
        let folder = page.parent().expect("a page lies in a folder");
        for link in links(&read(&page)) {
            assert!(
                folder.join(link).exists(),
                "{}: {link} is not there",
                page.display()
            );
        }
    }
}

#[test]
fn every_file_and_constant_that_a_design_page_names_is_there() {
    let source = root().join("daemon/src");
    for page in pages_in("daemon/docs") {
        let mut named: Option<(&str, String)> = None;
        let text = read(&page);
        for word in quoted(&text) {
            let is_file = word.ends_with(".rs") && word.contains('/');
            if is_file && !word.starts_with("plugins/") {
                let path = word.strip_prefix("daemon/src/").unwrap_or(word);
                named = Some((word, read(&source.join(path))));
            } else if is_constant(word)
                && let Some((file, code)) = &named
            {
                assert!(
                    code.contains(&format!("const {word}:")),
                    "{}: {file} has no constant {word}",
                    page.display()
                );
            }
        }
    }
}

/// All sources below a folder, as one text each.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(read(&path));
        }
    }
}

#[test]
fn what_a_design_page_says_of_a_type_is_there() {
    let mut all = Vec::new();
    for folder in ["daemon/src", "daemon/wire/src", "plugin-api/src"] {
        sources(&root().join(folder), &mut all);
    }
    for page in pages_in("daemon/docs") {
        for (of, name) in quoted(&read(&page)).filter_map(|word| word.split_once("::")) {
            let defines = [
                format!("struct {of} "),
                format!("struct {of}("),
                format!("struct {of}<"),
                format!("enum {of} "),
                format!("impl {of} "),
            ];
            let is_there = |text: &&String| {
                defines.iter().any(|it| text.contains(it.as_str())) && text.contains(name)
            };
            assert!(
                !of.starts_with(char::is_uppercase) || all.iter().any(|text| is_there(&text)),
                "{}: there is no {of}::{name}",
                page.display()
            );
        }
    }
}

#[test]
fn every_file_that_the_tour_names_is_there() {
    let tour = read(&root().join("daemon/src/lib.rs"));
    let files: Vec<&str> = quoted(&tour)
        .filter(|word| word.contains('/') && word.contains('.'))
        .collect();
    for file in &files {
        let places = [root().join("daemon/src").join(file), root().join(file)];
        assert!(places.iter().any(|it| it.exists()), "{file} is not there");
    }
    assert!(files.len() > 30, "the tour names {files:?}");
}

#[test]
fn the_index_names_every_design_page() {
    let index = read(&root().join("daemon/docs/README.md"));
    for page in pages_in("daemon/docs") {
        let name = page.file_name().expect("a page has a name");
        let name = name.to_string_lossy();
        assert!(
            name == "README.md" || index.contains(&format!("({name})")),
            "daemon/docs/README.md does not name {name}"
        );
    }
}
