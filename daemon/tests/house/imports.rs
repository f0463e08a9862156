//! What each file takes from which: the paths that its tokens name.
//!
//! In: the sources. Out: an arrow for each file that names something of another. Comments and
//! texts are no tokens, tests may know everything, and what a macro is given is read as well.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module's path below the crate, as `["queue", "lane"]`.
pub type Module = Vec<String>;

/// The modules of the daemon, and the paths that each of them names.
pub struct House {
    /// Every module with its file.
    pub files: BTreeMap<Module, PathBuf>,
    named: BTreeMap<Module, BTreeSet<Module>>,
    /// The words of each module in their order, but for those of its tests.
    pub words: BTreeMap<Module, Vec<String>>,
    /// What a module shows of its children's: its name there, and whose it is.
    shown: BTreeMap<(Module, String), Module>,
}

impl House {
    /// Reads the daemon's sources.
    pub fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = BTreeMap::new();
        collect(&root, &mut Vec::new(), &mut files);
        let mut named = BTreeMap::new();
        let mut shown = BTreeMap::new();
        let mut words = BTreeMap::new();
        for (module, file) in &files {
            let tokens = TokenStream::from_str(&text(file)).expect("compiled sources");
            for path in used(&tokens) {
                let of_child = (module.iter().cloned()).chain(path[..1].iter().cloned());
                let of_child: Module = of_child.collect();
                if let Some(name) = path.last().filter(|_| files.contains_key(&of_child)) {
                    let path = module.iter().cloned().chain(path.iter().cloned());
                    shown.insert((module.clone(), name.clone()), path.collect());
                }
            }
            let paths = named.entry(module.clone()).or_default();
            words.insert(module.clone(), words_of(tokens.clone()));
            walk(tokens, module, paths);
        }
        Self {
            files,
            named,
            words,
            shown,
        }
    }

    /// Whose file has what a path names.
    fn file_of(&self, path: &[String]) -> Option<&Module> {
        let lengths = (1..=path.len()).rev();
        let module = lengths.map(|length| &path[..length]);
        let (module, _) = module
            .filter_map(|module| self.files.get_key_value(module))
            .next()?;
        let Some(name) = path.get(module.len()) else {
            return Some(module);
        };
        match self.shown.get(&(module.clone(), name.clone())) {
            Some(path) => self.file_of(path),
            None => Some(module),
        }
    }

    /// From which file to which.
    pub fn arrows(&self) -> BTreeSet<(Module, Module)> {
        let mut arrows = BTreeSet::new();
        for (from, named) in &self.named {
            let to = named.iter().filter_map(|path| self.file_of(path));
            arrows.extend(
                to.filter(|to| *to != from)
                    .map(|to| (from.clone(), to.clone())),
            );
        }
        arrows
    }
}

/// The types that a file has at its own level, but for those of its tests.
pub fn types(file: &Path) -> Vec<String> {
    let tokens = TokenStream::from_str(&text(file)).expect("compiled sources");
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if is_for_tests(&tokens[at..]) {
            at += item(&tokens[at..]);
            continue;
        }
        if let [TokenTree::Ident(word), TokenTree::Ident(name), ..] = &tokens[at..]
            && ["struct", "enum", "union", "trait", "type"]
                .iter()
                .any(|it| word == it)
        {
            found.push(name.to_string());
        }
        at += 1;
    }
    found
}

/// A file's text.
pub fn text(file: &Path) -> String {
    std::fs::read_to_string(file).expect("a source that was just listed")
}

fn collect(directory: &Path, module: &mut Module, files: &mut BTreeMap<Module, PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a folder of the sources") {
        let path = entry.expect("an entry of it").path();
        let stem = path.file_stem().expect("a name").to_string_lossy();
        if stem == "tests" {
            continue;
        }
        let own = ["mod", "lib", "main"].contains(&&*stem);
        if !own {
            module.push(stem.into_owned());
        }
        if path.is_dir() {
            collect(&path, module, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !module.is_empty()
        {
            files.insert(module.clone(), path);
        }
        if !own {
            module.pop();
        }
    }
}

fn words_of(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let (mut words, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if is_for_tests(&tokens[at..]) {
            at += item(&tokens[at..]);
            continue;
        }
        match &tokens[at] {
            TokenTree::Ident(word) => words.push(word.to_string()),
            TokenTree::Group(group) => words.extend(words_of(group.stream())),
            _ => {}
        }
        at += 1;
    }
    words
}

/// The paths that a file's own `use` takes from its children.
fn used(tokens: &TokenStream) -> BTreeSet<Module> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut named = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        if let (TokenTree::Ident(word), Some(TokenTree::Ident(first))) = (token, tokens.get(at + 1))
            && word == "use"
        {
            name(&tokens[at + 2..], vec![first.to_string()], &mut named);
        }
    }
    named
}

fn walk(tokens: TokenStream, module: &[String], named: &mut BTreeSet<Module>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if is_for_tests(&tokens[at..]) {
            at += item(&tokens[at..]);
            continue;
        }
        let (start, length) = match &tokens[at] {
            TokenTree::Ident(ident) if ident == "crate" => (Some(Vec::new()), 1),
            TokenTree::Ident(ident) if ident == "super" => climb(&tokens[at..], module),
            TokenTree::Group(group) => {
                walk(group.stream(), module, named);
                (None, 1)
            }
            _ => (None, 1),
        };
        at += length;
        if let Some(start) = start {
            name(&tokens[at..], start, named);
        }
    }
}

/// `super::super`, and how many tokens that is.
fn climb(tokens: &[TokenTree], module: &[String]) -> (Option<Module>, usize) {
    let mut start = module.to_vec();
    start.pop();
    let mut length = 1;
    while is_separator(&tokens[length..])
        && matches!(tokens.get(length + 2), Some(TokenTree::Ident(ident)) if ident == "super")
    {
        start.pop();
        length += 3;
    }
    (Some(start), length)
}

/// The rest of a path, or of a tree of them.
fn name(tokens: &[TokenTree], mut path: Module, named: &mut BTreeSet<Module>) {
    let mut at = 0;
    while is_separator(&tokens[at..]) {
        match tokens.get(at + 2) {
            Some(TokenTree::Ident(ident)) => path.push(ident.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for branch in inner.split(|token| is_punct(token, ',')) {
                    if let Some(TokenTree::Ident(ident)) = branch.first() {
                        let mut path = path.clone();
                        if ident != "self" {
                            path.push(ident.to_string());
                        }
                        name(&branch[1..], path, named);
                    }
                }
                return;
            }
            _ => break,
        }
        at += 3;
    }
    named.insert(path);
}

fn is_separator(tokens: &[TokenTree]) -> bool {
    tokens.len() > 1 && is_punct(&tokens[0], ':') && is_punct(&tokens[1], ':')
}

fn is_punct(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_for_tests(tokens: &[TokenTree]) -> bool {
    let [hash, TokenTree::Group(group), ..] = tokens else {
        return false;
    };
    is_punct(hash, '#') && group.to_string().replace(' ', "") == "[cfg(test)]"
}

/// How many tokens an item with its attribute is.
fn item(tokens: &[TokenTree]) -> usize {
    let end = tokens.iter().position(|token| {
        is_punct(token, ';')
            || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
    });
    end.map_or(tokens.len(), |end| end + 1)
}
