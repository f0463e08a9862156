//! Channels whose credentials went wrong on their way: hundreds for each driver, the same in
//! every run.

use std::collections::BTreeMap;

use fastrand::Rng;
use nudged_rig::{Home, Vendor};
use nudged_wire::DriverView;
use toml::{Table, Value};

use super::planted::Planted;
use super::spoilt;

/// Drawn by lot for each secret, besides those that are always tried.
const DRAWN: usize = 60;

/// Where a secret is.
#[derive(Clone, Copy)]
enum Held {
    /// In the setting itself.
    AsText,
    /// In the file that the setting names.
    InFile,
}

/// A channel that works, with secrets planted in it.
pub struct Sound {
    pub vendor: Vendor,
    settings: Table,
    /// Its files by the paths in its settings, and what is in them.
    files: BTreeMap<String, Vec<u8>>,
    /// Settings that hold or name a secret.
    secret: Vec<(String, Held)>,
    /// All settings that the driver knows.
    keys: Vec<String>,
    /// Its classes of messages.
    classes: Vec<String>,
}

/// A channel that has gone wrong.
pub struct Mutant {
    /// What was done to it.
    pub what: String,
    /// Its channel file.
    pub channel: String,
    /// Files that go with it, by their names in the home.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Sound {
    /// The rig's channel, in which each secret text is one that was never seen before.
    pub fn of(vendor: Vendor, driver: &DriverView, home: &Home, planted: &mut Planted) -> Self {
        let text = std::fs::read_to_string(home.channel_file(vendor.channel)).expect("there");
        let channel: Table = text.parse().expect("the rig's own");
        let settings = channel["settings"].as_table().expect("a table").clone();
        let mut sound = Self {
            vendor,
            settings,
            files: BTreeMap::new(),
            secret: Vec::new(),
            keys: Vec::new(),
            classes: Vec::new(),
        };
        let classes = driver.limits.iter().flat_map(|limits| &limits.classes);
        sound
            .classes
            .extend(classes.map(|class| class.name.clone()));
        for setting in &driver.settings {
            sound.keys.push(setting.key.clone());
            let given = sound.settings.get(&setting.key).and_then(Value::as_str);
            let Some(given) = given.map(str::to_owned) else {
                continue;
            };
            match setting.kind.as_str() {
                "file" | "identity" => {
                    let name = given.trim_start_matches("../").to_owned();
                    let contents = std::fs::read(home.path().join(&name)).expect("there");
                    planted.file(&contents);
                    sound.files.insert(given, contents);
                    sound.secret.push((setting.key.clone(), Held::InFile));
                }
                "text" if setting.secret => {
                    let secret = never_seen(vendor.name, &setting.key);
                    planted.text(&secret);
                    sound.settings.insert(setting.key.clone(), secret.into());
                    sound.secret.push((setting.key.clone(), Held::AsText));
                }
                _ => {}
            }
        }
        assert!(!sound.secret.is_empty(), "{} has no secret", vendor.name);
        sound
    }

    /// With other settings: a file and a password that the rig's channel has not.
    pub fn with(mut self, without: &[&str], file: (&str, &str, Vec<u8>), password: &str) -> Self {
        let (key, path, contents) = file;
        for gone in without {
            self.settings.remove(*gone);
            self.secret.retain(|(key, _)| key != gone);
        }
        self.settings.insert(key.to_owned(), path.into());
        self.secret = vec![(key.to_owned(), Held::InFile)];
        self.files = [(path.to_owned(), contents)].into();
        if !password.is_empty() {
            let key = format!("{key}_password");
            self.settings.insert(key.clone(), password.into());
            self.secret.push((key, Held::AsText));
        }
        self
    }

    /// The channel as it is.
    pub fn sound(&self) -> Mutant {
        self.mutant("as it is".to_owned(), &self.settings, "")
    }

    /// All that is tried.
    pub fn mutants(&self) -> Vec<Mutant> {
        let mut by = Rng::with_seed(u64::from(self.vendor.certificate_id));
        let mut all = Vec::new();
        for (key, kind) in &self.secret {
            let given = self.settings[key].as_str().expect("a text").to_owned();
            let secret = match kind {
                Held::AsText => given.clone(),
                Held::InFile => {
                    self.damaged_file(key, &given, &mut by, &mut all);
                    as_text(&self.files[&given])
                }
            };
            self.instead(key, &secret, &given, &mut by, &mut all);
            self.elsewhere(key, &secret, &mut all);
            self.torn(key, &secret, &mut all);
        }
        all
    }

    /// The file is damaged, or another one.
    fn damaged_file(&self, key: &str, path: &str, by: &mut Rng, all: &mut Vec<Mutant>) {
        let contents = &self.files[path];
        let mut tried: Vec<Vec<u8>> = match std::str::from_utf8(contents) {
            Ok(text) => {
                let each = spoilt::each(text).into_iter();
                let drawn = (0..DRAWN).map(|_| spoilt::any(text, by));
                each.chain(drawn).map(String::into_bytes).collect()
            }
            Err(_) => [2, 30, 300, contents.len() / 2, contents.len() - 1]
                .map(|cut| contents[..cut.min(contents.len())].to_vec())
                .to_vec(),
        };
        for _ in 0..DRAWN / 4 {
            let mut flipped = contents.clone();
            let at = by.usize(0..flipped.len());
            flipped[at] ^= 1 << by.u8(0..8);
            tried.push(flipped);
        }
        for (n, contents) in tried.into_iter().enumerate() {
            let mut mutant = self.sound();
            mutant.what = format!("damage {n} of the file of {key}");
            mutant
                .files
                .retain(|(name, _)| !path.ends_with(name.as_str()));
            mutant.files.push((name_of(path), contents));
            all.push(mutant);
        }
    }

    /// Something else stands where it belongs: for a path, what is in the file.
    fn instead(&self, key: &str, secret: &str, given: &str, by: &mut Rng, all: &mut Vec<Mutant>) {
        let mut texts = spoilt::each(secret);
        texts.extend((0..DRAWN).map(|_| spoilt::any(secret, by)));
        for cut in [12, 16, 20, 33] {
            let part: String = secret.chars().skip(30).take(cut).collect();
            texts.extend([
                format!("{part}{given}"),
                format!("{given}{part}"),
                format!("{part}.p8"),
                format!("/{part}"),
                format!("keys/{part}/key.pem"),
                part,
            ]);
        }
        for (n, text) in texts.into_iter().enumerate() {
            let mut settings = self.settings.clone();
            settings.insert(key.to_owned(), text.into());
            all.push(self.mutant(format!("text {n} in {key}"), &settings, ""));
        }
        for (what, value) in [
            ("list", Value::Array(vec![secret.into()])),
            (
                "table",
                Value::Table([(secret.to_owned(), 1.into())].into_iter().collect()),
            ),
            ("path", "../nudged.toml".into()),
            ("directory", ".".into()),
        ] {
            let mut settings = self.settings.clone();
            settings.insert(key.to_owned(), value);
            all.push(self.mutant(format!("{what} in {key}"), &settings, ""));
        }
    }

    /// It stands in another setting's place, too or instead, or in the place of a key.
    fn elsewhere(&self, key: &str, secret: &str, all: &mut Vec<Mutant>) {
        let one_line = secret.replace('\n', "");
        let places = self.keys.iter().filter(|place| *place != key);
        for place in places {
            for text in [secret, one_line.as_str()] {
                let mut both = self.settings.clone();
                both.insert(place.clone(), text.into());
                all.push(self.mutant(format!("{key} in {place} too"), &both, ""));
                let mut only = both.clone();
                only.remove(key);
                all.push(self.mutant(format!("{key} in {place}"), &only, ""));
                if let Some(other) = self.settings.get(place) {
                    both.insert(key.to_owned(), other.clone());
                    all.push(self.mutant(format!("{key} and {place} changed"), &both, ""));
                }
            }
        }
        for typed in [
            secret.to_owned(),
            one_line.clone(),
            one_line.chars().take(40).collect(),
        ] {
            let mut settings = self.settings.clone();
            settings.insert(typed.clone(), "x".into());
            all.push(self.mutant(format!("{key} typed as a key"), &settings, ""));
            let typed = Value::from(typed);
            let hours = self.classes.iter();
            let hours = hours.map(|class| format!("[limits.hours]\n{class} = {typed}\n"));
            let lines = [
                format!("[limits.daily]\n{typed} = 5\n"),
                format!("[limits.hours]\n{typed} = \"07:00-23:00\"\n"),
                format!("{typed} = 1\n"),
                format!("[{typed}]\nx = 1\n"),
                format!("[limits]\n{typed} = 1\n"),
                format!("[limits.daily]\n{typed} = {typed}\n"),
                format!("[limits]\nrate = {typed}\n"),
                format!("[limits]\noutside_hours = {typed}\n"),
                format!("[defaults]\n{typed} = {typed}\n"),
                format!("[defaults]\nclick = {{ action = {typed} }}\n"),
            ];
            for line in lines.into_iter().chain(hours) {
                let what = format!("{key} at the end: {}", &line[..8]);
                all.push(self.mutant(what, &self.settings, &line));
            }
            for (place, what) in [("driver", "\"\""), ("certificate_id", "0")] {
                let mut mutant = self.sound();
                let end = mutant
                    .channel
                    .split_off(mutant.channel.find("[settings]").expect("one"));
                let kept = mutant
                    .channel
                    .lines()
                    .filter(|line| !line.starts_with(place));
                let kept: String = kept.flat_map(|line| [line, "\n"]).collect();
                mutant.channel = format!("{place} = {typed}\n{kept}{end}");
                mutant.what = format!("{key} for {what} in {place}");
                all.push(mutant);
            }
        }
    }

    /// The line in the channel file is no TOML any more.
    fn torn(&self, key: &str, secret: &str, all: &mut Vec<Mutant>) {
        let one_line = secret.replace('\n', "");
        let mut settings = self.settings.clone();
        settings.remove(key);
        for secret in [secret, &one_line] {
            for (n, line) in [
                format!("{key} = {secret}\n"),
                format!("{key} = \"{secret}\n"),
                format!("{key} = '{secret}\n"),
                format!("{key} \"{secret}\"\n"),
                format!("{key} = \"{secret}\"x\n"),
                format!("{key}: {secret}\n"),
                format!("{secret}\n"),
                format!("{secret} = {secret}\n"),
                format!("\"{secret}\" =\n"),
                format!("{key} = \"\"\"{secret}\n"),
                format!("{key} = \"\\q{secret}\"\n"),
                format!("{key} = [{secret}]\n"),
                format!("{key} = {{ {secret} = 1 }}\n"),
                format!("{key} = 1\n{key} = \"{secret}\"\n"),
                format!("\"{secret}\" = 1\n\"{secret}\" = 2\n"),
                format!("{key}.x = 1\n{key} = \"{secret}\"\n"),
                format!("[{secret}\n"),
            ]
            .into_iter()
            .enumerate()
            {
                let mut mutant = self.mutant(format!("torn {n} at {key}"), &settings, "");
                let at = mutant.channel.find("[settings]\n").expect("one") + "[settings]\n".len();
                mutant.channel.insert_str(at, &line);
                all.push(mutant);
            }
        }
    }

    fn mutant(&self, what: String, settings: &Table, end: &str) -> Mutant {
        let files = self.files.iter();
        Mutant {
            what: format!("{}: {what}", self.vendor.name),
            channel: self.vendor.channel_file(&settings.to_string(), end),
            files: files
                .map(|(path, contents)| (name_of(path), contents.clone()))
                .collect(),
        }
    }
}

impl Mutant {
    /// The same as one of many in a home: with an id and files of its own.
    pub fn apart(&self, n: usize) -> Mutant {
        let mut channel = String::new();
        for line in self.channel.split_inclusive('\n') {
            let id = line.strip_prefix("certificate_id = ");
            match id.is_some_and(|id| id.trim_end().parse::<u32>().is_ok()) {
                true => channel += &format!("certificate_id = {}\n", 1000 + n),
                false => channel += line,
            }
        }
        let mut files = Vec::new();
        for (name, contents) in &self.files {
            let own = format!("m{n}-{name}");
            channel = channel.replace(&format!("\"../{name}\""), &format!("\"../{own}\""));
            files.push((own, contents.clone()));
        }
        Mutant {
            what: self.what.clone(),
            channel,
            files,
        }
    }

    /// Puts it into a home.
    pub fn write(&self, channel: &str, home: &Home) {
        for (name, contents) in &self.files {
            home.write(name, contents).expect("written");
        }
        home.write_channel(channel, &self.channel).expect("written");
    }
}

/// A secret of the form that vendors give: letters and digits, the same in every run.
fn never_seen(vendor: &str, key: &str) -> String {
    let seed = vendor.bytes().chain(key.bytes());
    let seed = seed.fold(7, |seed: u64, byte| seed.wrapping_mul(31) + u64::from(byte));
    let mut by = Rng::with_seed(seed);
    (0..32).map(|_| by.alphanumeric()).collect()
}

fn name_of(path: &str) -> String {
    path.trim_start_matches("../").to_owned()
}

fn as_text(contents: &[u8]) -> String {
    String::from_utf8(contents.to_vec()).unwrap_or_else(|_| super::planted::hex(contents))
}
