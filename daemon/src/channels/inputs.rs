//! All that a route is made from, as a value: two routes made from equal inputs are the same route.
//!
//! In: the operator's files, the driver's build, the sections that concern all channels. Out: whether
//! two routes differ, and in what. Compared by value and never by what `Debug` prints, which hides
//! secrets and would hide their change. Refuses to know what follows from a change.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::{
    ChannelSources, DeliverySection, FileState, SourceChange, TransportSection, differing,
};
use crate::driver::FileIdentity;

/// What a route is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInputs {
    pub sources: ChannelSources,
    /// Which build of the driver.
    pub driver: FileIdentity,
    pub shared: Arc<SharedInputs>,
}

/// What all routes are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedInputs {
    pub transport: TransportSection,
    pub delivery: DeliverySection,
    /// The files of `transport.extra_roots`.
    pub roots: BTreeMap<PathBuf, FileState>,
}

/// A part that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputChange {
    Source(SourceChange),
    Driver,
    Transport,
    DeliverySection,
    Root(PathBuf),
}

impl RouteInputs {
    /// What differs in `new`; empty exactly if they are equal.
    pub fn changes(&self, new: &Self) -> Vec<InputChange> {
        let Self {
            sources,
            driver,
            shared,
        } = self;
        let mut changes: Vec<InputChange> = sources
            .changes(&new.sources)
            .into_iter()
            .map(InputChange::Source)
            .collect();
        if *driver != new.driver {
            changes.push(InputChange::Driver);
        }
        changes.extend(shared.changes(&new.shared));
        changes
    }
}

impl SharedInputs {
    fn changes(&self, new: &Self) -> Vec<InputChange> {
        let Self {
            transport,
            delivery,
            roots,
        } = self;
        let mut changes = Vec::new();
        if *transport != new.transport {
            changes.push(InputChange::Transport);
        }
        if *delivery != new.delivery {
            changes.push(InputChange::DeliverySection);
        }
        let roots = differing(roots, &new.roots).into_iter();
        changes.extend(roots.map(InputChange::Root));
        changes
    }
}

impl fmt::Display for InputChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(change) => change.fmt(f),
            Self::Driver => f.write_str("the driver's build"),
            Self::Transport => f.write_str("[transport]"),
            Self::DeliverySection => f.write_str("[delivery]"),
            Self::Root(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{FileDigest, Permissions};

    fn transport(text: &str) -> TransportSection {
        toml::from_str(text).expect("a section")
    }

    fn inputs() -> RouteInputs {
        RouteInputs {
            sources: ChannelSources::Unreadable {
                name: "ios".to_owned(),
                digest: FileDigest::of(b"text"),
            },
            driver: FileIdentity::default(),
            shared: Arc::new(SharedInputs {
                transport: transport("proxy = \"http://user:old-password@proxy:3128\""),
                delivery: DeliverySection::default(),
                roots: BTreeMap::new(),
            }),
        }
    }

    fn with_shared(change: impl FnOnce(&mut SharedInputs)) -> RouteInputs {
        let mut inputs = inputs();
        change(Arc::make_mut(&mut inputs.shared));
        inputs
    }

    #[test]
    fn a_new_password_of_the_proxy_is_a_change_though_debug_hides_it() {
        let new = with_shared(|it| {
            it.transport = transport("proxy = \"http://user:new-password@proxy:3128\"");
        });
        let shown = |it: &RouteInputs| format!("{:?}", it.shared.transport);
        assert_eq!(shown(&inputs()), shown(&new));
        assert!(!shown(&new).contains("password"));
        assert_ne!(inputs(), new);
        assert_eq!(inputs().changes(&new), [InputChange::Transport]);
    }

    #[test]
    fn each_part_that_differs_is_named_and_equal_inputs_have_none() {
        assert_eq!(inputs().changes(&inputs()), []);
        let state = |contents: &[u8]| FileState::Readable {
            permissions: Permissions::default(),
            digest: FileDigest::of(contents),
        };
        let root = |contents: &'static [u8]| {
            with_shared(|it| {
                it.roots.insert("ca.pem".into(), state(contents));
            })
        };
        let changed_root = [InputChange::Root("ca.pem".into())];
        assert_eq!(inputs().changes(&root(b"one")), changed_root);
        assert_eq!(root(b"one").changes(&root(b"other")), changed_root);
        assert_eq!(root(b"one").changes(&inputs()), changed_root);
        let longer = with_shared(|it| it.delivery.longest_retry *= 2);
        assert_eq!(inputs().changes(&longer), [InputChange::DeliverySection]);
        let named = inputs().changes(&longer)[0].to_string();
        assert_eq!(named, "[delivery]");
    }
}
