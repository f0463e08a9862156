//! What the operator makes a channel from, as a value: its file, and the files that it names. Not
//! the driver: a new one is nobody's change of the channel.
//!
//! In: a channel's file and the files that it names. Out: whether two such differ, and in what. A
//! channel that cannot be opened has sources too. Holds digests in the place of what may be secret;
//! whether the files are any good is not asked here.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use super::defaults::Defaults;
use super::file::ChannelFile;
use super::limits::ChannelLimits;
use crate::config::permissions::Permissions;
use crate::config::shown;
use crate::config::snapshot::{FileDigest, FileSnapshot, FileState};
use crate::config::unreadable::UnreadableChannel;
use crate::model::CertificateId;

/// What a channel is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelSources {
    Readable(Box<ReadableSources>),
    /// Its file is no channel file.
    Unreadable {
        name: String,
        digest: FileDigest,
    },
}

/// What a channel is made from whose file can be read.
#[derive(Clone, PartialEq, Eq)]
pub struct ReadableSources {
    name: String,
    app: String,
    certificate_id: CertificateId,
    driver: String,
    permissions: Permissions,
    defaults: Defaults,
    limits: ChannelLimits,
    settings: BTreeMap<String, FileDigest>,
    /// By the setting that names it: its path may be no path, but a secret.
    files: BTreeMap<String, FileState>,
}

/// Shows neither settings nor their keys: a secret may stand in the place of either.
impl fmt::Debug for ReadableSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadableSources")
            .field("name", &self.name)
            .field("certificate_id", &self.certificate_id)
            .finish_non_exhaustive()
    }
}

/// A part of the sources that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceChange {
    Name,
    App,
    CertificateId,
    Driver,
    Permissions,
    Defaults,
    Limits,
    /// One that is new, gone or has another value.
    Setting(String),
    /// The file that this setting names.
    File(String),
    /// The file could not be read before, or cannot be read now, or was another unreadable one.
    Text,
}

impl ChannelSources {
    /// Those of a channel whose file can be read.
    pub fn of(channel: &ChannelFile, files: &FileSnapshot) -> Self {
        let settings = channel.settings.iter();
        let settings = settings.map(|(key, value)| {
            let text = Zeroizing::new(value.to_toml());
            (key.clone(), FileDigest::of(text.as_bytes()))
        });
        let named = channel.settings.iter().filter_map(|(key, value)| {
            let path = channel.resolve(value.as_str()?);
            Some((key.clone(), files.state(&path)?))
        });
        Self::Readable(Box::new(ReadableSources {
            name: channel.name.clone(),
            app: channel.app.clone(),
            certificate_id: channel.certificate_id,
            driver: channel.driver.clone(),
            permissions: channel.permissions,
            defaults: channel.defaults.clone(),
            limits: channel.limits.clone(),
            settings: settings.collect(),
            files: named.collect(),
        }))
    }

    /// Those of a channel whose file cannot be read.
    pub fn of_unreadable(channel: &UnreadableChannel) -> Self {
        Self::Unreadable {
            name: channel.name.clone(),
            digest: channel.digest,
        }
    }

    /// What differs in `new`; empty exactly if they are equal.
    pub fn changes(&self, new: &Self) -> Vec<SourceChange> {
        match (self, new) {
            (Self::Readable(old), Self::Readable(new)) => old.changes(new),
            (old, new) if old == new => Vec::new(),
            _ => vec![SourceChange::Text],
        }
    }
}

impl ReadableSources {
    fn changes(&self, new: &Self) -> Vec<SourceChange> {
        // Every field is named, so that a new one is not forgotten.
        let Self {
            name,
            app,
            certificate_id,
            driver,
            permissions,
            defaults,
            limits,
            settings,
            files,
        } = self;
        let parts = [
            (*name != new.name, SourceChange::Name),
            (*app != new.app, SourceChange::App),
            (
                *certificate_id != new.certificate_id,
                SourceChange::CertificateId,
            ),
            (*driver != new.driver, SourceChange::Driver),
            (*permissions != new.permissions, SourceChange::Permissions),
            (*defaults != new.defaults, SourceChange::Defaults),
            (*limits != new.limits, SourceChange::Limits),
        ];
        let parts = parts.into_iter().filter(|(differs, _)| *differs);
        let settings = differing(settings, &new.settings).into_iter();
        let files = differing(files, &new.files).into_iter();
        let parts = parts.map(|(_, change)| change);
        let settings = settings.map(SourceChange::Setting);
        parts
            .chain(settings)
            .chain(files.map(SourceChange::File))
            .collect()
    }
}

/// The keys that are in one only, or whose values differ.
pub fn differing<K: Ord + Clone, V: PartialEq>(
    old: &BTreeMap<K, V>,
    new: &BTreeMap<K, V>,
) -> Vec<K> {
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    let other = new
        .iter()
        .filter(|(key, value)| old.get(*key) != Some(*value));
    gone.chain(other.map(|(key, _)| key)).cloned().collect()
}

/// As it may be logged: what was typed in the place of a key may be a secret.
impl fmt::Display for SourceChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("name"),
            Self::App => f.write_str("app"),
            Self::CertificateId => f.write_str("certificate_id"),
            Self::Driver => f.write_str("driver"),
            Self::Permissions => f.write_str("the file's permissions"),
            Self::Defaults => f.write_str("[defaults]"),
            Self::Limits => f.write_str("[limits]"),
            Self::Setting(key) if shown::is_name(key) => write!(f, "settings.{key}"),
            Self::Setting(_) => f.write_str("a setting"),
            Self::File(key) if shown::is_name(key) => write!(f, "the file of settings.{key}"),
            Self::File(_) => f.write_str("a file"),
            Self::Text => f.write_str("the file's text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;
    use crate::config::channel::read::read_one;

    const CHANNEL: &str = "driver = \"xiaomi\"\ncertificate_id = 7\n[settings]\n\
                           app_secret = \"old-secret-of-the-app\"\nkey = \"key.p8\"\n";

    fn sources(directory: &Path, text: &str) -> ChannelSources {
        let file = directory.join("xiaomi.toml");
        std::fs::write(&file, text).expect("written");
        let channel = read_one(&file).expect("a channel");
        ChannelSources::of(&channel, &FileSnapshot::of(channel.named_paths()))
    }

    #[test]
    fn a_new_secret_is_a_change_though_debug_hides_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let old = sources(directory.path(), CHANNEL);
        let text = CHANNEL.replace("old-secret", "new-secret");
        let new = sources(directory.path(), &text);
        assert!(!format!("{old:?}{new:?}").contains("-secret-"));
        assert_ne!(old, new);
        let changes = old.changes(&new);
        assert_eq!(changes, [SourceChange::Setting("app_secret".to_owned())]);
        assert_eq!(changes[0].to_string(), "settings.app_secret");
    }

    #[test]
    fn what_a_named_file_holds_and_who_may_read_it_is_a_part_of_the_sources() {
        let directory = tempfile::tempdir().expect("a directory");
        let key = directory.path().join("key.p8");
        let absent = sources(directory.path(), CHANNEL);
        std::fs::write(&key, "one").expect("written");
        let one = sources(directory.path(), CHANNEL);
        std::fs::write(&key, "two").expect("written");
        let two = sources(directory.path(), CHANNEL);
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("set");
        let closed = sources(directory.path(), CHANNEL);
        std::fs::set_permissions(&key, open).expect("set");
        let opened = sources(directory.path(), CHANNEL);
        for (old, new) in [(&absent, &one), (&one, &two), (&closed, &opened)] {
            assert_eq!(old.changes(new), [SourceChange::File("key".to_owned())]);
        }
    }

    #[test]
    fn each_part_of_the_file_is_named_and_equal_sources_have_no_changes() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |text: &str| sources(directory.path(), text);
        let old = at(CHANNEL);
        assert_eq!(old.changes(&at(CHANNEL)), []);
        // A comment changes nothing that a channel is made from.
        assert_eq!(old, at(&format!("# a comment\n{CHANNEL}")));
        for (from, to, change) in [
            ("driver", "app = \"shop\"\ndriver", SourceChange::App),
            ("= 7", "= 8", SourceChange::CertificateId),
            ("xiaomi", "oppo", SourceChange::Driver),
            (
                "[settings]",
                "[limits]\nrate = 5\n[settings]",
                SourceChange::Limits,
            ),
            (
                "[settings]",
                "[defaults]\nsound = \"a.caf\"\n[settings]",
                SourceChange::Defaults,
            ),
            (
                "[settings]",
                "[settings]\nmore = 1",
                SourceChange::Setting("more".to_owned()),
            ),
        ] {
            let new = at(&CHANNEL.replacen(from, to, 1));
            assert_eq!(old.changes(&new), [change]);
        }
        let torn = ChannelSources::Unreadable {
            name: "xiaomi".to_owned(),
            digest: FileDigest::of(b"torn"),
        };
        assert_eq!(old.changes(&torn), [SourceChange::Text]);
        assert_eq!(torn.changes(&torn.clone()), []);
    }

    #[test]
    fn what_was_typed_in_the_place_of_a_key_is_not_shown() {
        let secret = "0123456789abcdef0123456789abcdef".to_owned();
        let change = SourceChange::Setting(secret.clone());
        assert_eq!(change.to_string(), "a setting");
        assert_eq!(SourceChange::File(secret).to_string(), "a file");
    }
}
