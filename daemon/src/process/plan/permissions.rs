//! Files that others can read or change: refused, but not where that would stop what runs.
//!
//! In: the files that were found. Out: warnings, or what must be put right. The rule: a start warns, so that an upgrade or a reboot stops nobody; a reload refuses a new or
//! changed channel and warns of one that goes on as it was; a check refuses.

use std::path::Path;

use crate::channels::Route;
use crate::config::{
    ChannelSources, Config, ConfigProblem, ConfigProblems, LoosePermission, Permissions,
    TrustedOwners,
};
use crate::model::CertificateId;

/// A file that others can read or change.
pub struct LooseFile {
    /// The channel that it belongs to, and what the channel was made from; none when it
    /// belongs to all.
    channel: Option<(CertificateId, ChannelSources)>,
    problem: ConfigProblem,
}

impl LooseFile {
    /// Of a channel.
    pub fn of(route: &Route, problem: ConfigProblem) -> Self {
        Self {
            channel: Some((route.certificate_id, route.inputs.sources.clone())),
            problem,
        }
    }

    /// Of no single channel.
    pub fn of_all(file: &Path, checked: Result<(), LoosePermission>) -> Option<Self> {
        let lax = checked.err()?;
        Some(Self {
            channel: None,
            problem: ConfigProblem::new(file, lax.to_string()).hint(lax.remedy()),
        })
    }

    /// What it is, and what it will stop.
    pub fn warning(&self) -> String {
        let refused = match self.channel {
            Some(_) => "the next change of the channel will be refused",
            None => "the next reload will be refused",
        };
        format!("{}; {refused}", self.problem)
    }
}

/// Whoever may change the main file or the channels' directory may change everything, so that
/// no key excuses these.
pub fn of_main(config: &Config, trusted: &TrustedOwners) -> Vec<LooseFile> {
    let directory = &config.channels_directory;
    let channels = std::fs::metadata(directory).ok();
    let channels = channels.map(|it| trusted.check_file(Permissions::of(&it)));
    let main = LooseFile::of_all(&config.file, trusted.check_file(config.permissions));
    let channels = channels.and_then(|checked| LooseFile::of_all(directory, checked));
    main.into_iter().chain(channels).collect()
}

/// Refuses such files of channels that are new or changed, and of what belongs to all; warns of
/// those of channels that go on as they are.
pub fn refuse(
    loose: Vec<LooseFile>,
    runs_from: impl Fn(CertificateId, &ChannelSources) -> bool,
) -> Result<Vec<String>, ConfigProblems> {
    let goes_on = |it: &LooseFile| {
        let channel = it.channel.as_ref();
        channel.is_some_and(|(id, sources)| runs_from(*id, sources))
    };
    let (as_before, refused): (Vec<_>, Vec<_>) = loose.into_iter().partition(goes_on);
    if !refused.is_empty() {
        let problems = refused.into_iter().map(|it| it.problem);
        return Err(ConfigProblems(problems.collect()));
    }
    Ok(as_before.iter().map(LooseFile::warning).collect())
}
