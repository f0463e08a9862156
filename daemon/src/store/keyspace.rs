//! The kinds of records, each in a keyspace of its own.
//!
//! In: nothing. Out: their names on disk. Refuses to know what is in them. Which stage may name
//! which keyspace is held by the test below: a record is read and written by the stages that own
//! it, and by nobody else.

/// One list, so that the names on disk and the variants cannot disagree.
macro_rules! keyspaces {
    ($($(#[$meaning:meta])* $variant:ident = $name:literal,)*) => {
        /// Kinds of records; each has a keyspace of its own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Keyspace {
            $($(#[$meaning])* $variant,)*
        }

        impl Keyspace {
            /// All, in their order.
            pub(super) const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// Its name on disk; never another one for the same records.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

keyspaces! {
    /// Deliveries that may be sent: channel, rank, number → delivery.
    Ready = "ready",
    /// Deliveries that wait for their next try: channel, due, number → delivery.
    Waiting = "waiting",
    /// What several deliveries share: the first of them → content.
    Content = "content",
    /// What became of each delivery: notification, n → trace.
    Trace = "trace",
    /// Outcomes in the order in which they happened: number → delivery id.
    Events = "events",
    /// Devices: app, user, device → device.
    Devices = "devices",
    /// Whose token it is: app, channel, digest of the token → user, device; zero, `accounts` →
    /// channels of one account between which no phone has two users.
    Tokens = "tokens",
    /// Idempotency: app, key → notification.
    Keys = "keys",
    /// What users want of push: app, user → settings; app, user, conversation → one byte.
    Settings = "settings",
    /// Notifications that are not to be sent any more: notification → since when.
    Revoked = "revoked",
    /// Channels that the operator holds: channel → since when.
    Holds = "holds",
    /// Devices whose token is dead: app, user, device → tombstone; zero, app, channel, digest
    /// of the token → user, device.
    Tombstones = "tombstones",
    /// What is used of each class's day, and what the vendor refused: channel, class → usage.
    Quotas = "quotas",
    /// What each certificate id stands for: channel → meaning.
    Meanings = "meanings",
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    /// Which stages read and write it, besides the store, which knows the numbers that it gives and
    /// what the sweep removes.
    fn owners(keyspace: Keyspace) -> &'static [&'static str] {
        match keyspace {
            Keyspace::Ready
            | Keyspace::Waiting
            | Keyspace::Content
            | Keyspace::Revoked
            | Keyspace::Holds => &["queue"],
            Keyspace::Trace => &["queue", "outcome", "dispatch/recall.rs"],
            Keyspace::Events => &["outcome"],
            Keyspace::Keys => &["admission"],
            Keyspace::Devices | Keyspace::Tokens | Keyspace::Settings | Keyspace::Tombstones => {
                &["registry"]
            }
            Keyspace::Quotas => &["quota"],
            Keyspace::Meanings => &["channels/meaning.rs"],
        }
    }

    fn sources(of: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(of).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|it| it == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn each_keyspace_is_named_by_its_owners_only() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for owner in Keyspace::ALL.into_iter().flat_map(owners) {
            assert!(root.join(owner).exists(), "there is no {owner}");
        }
        let mut files = Vec::new();
        sources(&root, &mut files);
        let mut strangers = Vec::new();
        for path in files {
            let file = path.strip_prefix(&root).expect("below the root");
            let is_test = file.iter().any(|it| it == "tests" || it == "tests.rs");
            if is_test || file.starts_with("store") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("readable");
            let code = text
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap_or_default();
            for keyspace in Keyspace::ALL {
                let is_named = code
                    .split(&format!("Keyspace::{keyspace:?}"))
                    .skip(1)
                    .any(|rest| !rest.starts_with(|it: char| it.is_alphanumeric()));
                let is_owner = owners(keyspace).iter().any(|owner| file.starts_with(owner));
                if is_named && !is_owner {
                    strangers.push(format!("{} names {keyspace:?}", file.display()));
                }
            }
        }
        assert!(strangers.is_empty(), "{strangers:#?}");
    }
}
