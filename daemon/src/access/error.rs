//! What is wrong with a rule of the operator, and who may not do what.

use std::fmt;

use crate::config::Verb;

/// Why a rule cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessRuleError {
    #[error("a rule needs users or groups")]
    NoPeers,
    #[error("a rule needs apps (\"*\" is all) and verbs")]
    NoRights,
    #[error("there is no user {0:?}")]
    UnknownUser(String),
    #[error("there is no group {0:?}")]
    UnknownGroup(String),
}

/// No rule lets this user do this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    pub uid: u32,
    pub verb: Verb,
    /// None = what concerns all apps.
    pub app: Option<String>,
}

impl fmt::Display for Denied {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uid, verb, app } = self;
        let verb = name(*verb);
        match app {
            Some(app) => write!(to, "user {uid} may not {verb} in app {app}"),
            None => write!(to, "user {uid} may not {verb} in all apps"),
        }
    }
}

impl std::error::Error for Denied {}

/// Why something that was found is not shown or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoundError {
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not even that it is there may be known.
    #[error("this user may not know of it")]
    Hidden,
}

/// As the configuration writes it.
pub(super) fn name(verb: Verb) -> &'static str {
    match verb {
        Verb::Send => "send",
        Verb::Devices => "devices",
        Verb::Observe => "observe",
        Verb::Admin => "admin",
    }
}
