//! A channel that cannot be opened: what its files say as far as they can be read, and why it does
//! not send. What is for it waits in its lane.

use std::path::PathBuf;

use nudged_plugin_api::{Info, Timestamp};

use crate::config::{ChannelSources, ConfigProblem, Defaults};
use crate::model::CertificateId;

/// A channel that cannot be opened.
#[derive(Clone, Debug)]
pub struct BrokenChannel {
    pub name: String,
    /// The tenant, where that can be read or is remembered.
    pub app: Option<String>,
    /// Its certificate id, where that can be read or is remembered.
    pub certificate_id: Option<CertificateId>,
    /// What its driver says of itself; of one that is not there, the name alone.
    pub info: Info,
    /// What its messages get that do not say.
    pub defaults: Defaults,
    /// Why it does not send; never empty.
    pub problems: Vec<ConfigProblem>,
    /// What it was made from.
    pub sources: ChannelSources,
    pub file: PathBuf,
    /// When its client certificate expires or expired, where that is known.
    pub credential_expires_at: Option<Timestamp>,
}

impl BrokenChannel {
    /// Why it does not send and what to do, all of it in one line.
    pub fn reason(&self) -> String {
        let all: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        all.join("; ")
    }
}
