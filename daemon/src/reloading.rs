//! The reload as whoever asks for one sees it: how it is to be done, and what came of it.
//!
//! In: a [`ReloadMode`]. Out: what changed, or all that is wrong, in which case everything stays as
//! it was. Refuses to know how it is done: the process does it, and gives the socket a
//! [`Reloading`].

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use nudged_plugin_api::Timestamp;

use crate::channels::RestorableDevices;
use crate::config::{ConfigProblem, ConfigProblems};
use crate::dispatch::{CredentialCheck, RouteChanges};
use crate::driver::Catalog;
use crate::model::CertificateId;

/// Takes a new configuration into use, all of it or nothing.
pub trait Reloading: Send + Sync {
    /// Goes on to its end though nobody waits for it.
    fn reload(
        self: Arc<Self>,
        mode: ReloadMode,
    ) -> BoxFuture<'static, Result<Reloaded, ConfigProblems>>;

    /// The last one that was tried; none since the start.
    fn last(&self) -> Option<LastReload>;

    /// The drivers in use.
    fn catalog(&self) -> Arc<Catalog>;

    /// The main file of the configuration.
    fn file(&self) -> &Path;
}

/// How a reload is done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReloadMode {
    /// Ask vendors about new credentials first; none = as the configuration says.
    pub probe: Option<bool>,
    /// Certificate ids that may come to stand for another account.
    pub rebind: BTreeSet<CertificateId>,
    /// Put the devices back that settings which are no more may have cost.
    pub restore: bool,
    /// Change nothing.
    pub dry_run: bool,
}

/// What a reload did.
#[derive(Debug)]
pub struct Reloaded {
    /// Which channels changed.
    pub changes: RouteChanges,
    /// Channels that are still broken.
    pub broken: Vec<String>,
    /// What vendors said of new credentials, by channel.
    pub probes: Vec<(String, CredentialCheck)>,
    /// Sections that have changed and take effect at the next restart.
    pub restart: Vec<String>,
    /// What works but should be looked at.
    pub warnings: Vec<String>,
    /// Devices that settings which are no more may have cost, and that are not put back.
    pub restorable: Vec<RestorableDevices>,
    /// Those that were put back.
    pub restored: Vec<RestorableDevices>,
}

/// A reload that was tried.
#[derive(Clone, Debug)]
pub struct LastReload {
    pub at: Timestamp,
    /// Why it was not taken; none when it was.
    pub problems: Vec<ConfigProblem>,
}
