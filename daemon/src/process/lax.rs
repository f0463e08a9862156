//! Files that others can read or change: refused, but not where that would stop what runs.
//!
//! In: a plan with what was found. Out: the plan, with warnings; or what must be put right. The
//! rule: a start warns, so that an upgrade or a reboot stops nobody; a reload refuses a new or
//! changed channel and warns of one that goes on as it was; a check refuses.

use std::path::Path;

use super::plan::Plan;
use crate::config::{
    ChannelSources, Config, ConfigProblem, ConfigProblems, Lax, Permissions, Trusted,
};
use crate::dispatch::Route;
use crate::model::CertificateId;

/// A file that others can read or change.
pub struct LaxFile {
    /// The channel that it belongs to, and what the channel was made from; none when it
    /// belongs to all.
    channel: Option<(CertificateId, ChannelSources)>,
    problem: ConfigProblem,
}

impl LaxFile {
    /// Of a channel.
    pub fn of(route: &Route, problem: ConfigProblem) -> Self {
        Self {
            channel: Some((route.certificate_id, route.inputs.sources.clone())),
            problem,
        }
    }

    /// Of no single channel.
    pub fn of_all(file: &Path, checked: Result<(), Lax>) -> Option<Self> {
        let lax = checked.err()?;
        Some(Self {
            channel: None,
            problem: ConfigProblem::new(file, lax.to_string()).hint(lax.remedy()),
        })
    }
}

impl LaxFile {
    fn warning(&self) -> String {
        let refused = match self.channel {
            Some(_) => "the next change of the channel will be refused",
            None => "the next reload will be refused",
        };
        format!("{}; {refused}", self.problem)
    }
}

/// Whoever may change the main file or the channels' directory may change everything, so that
/// no key excuses these.
pub fn of_main(config: &Config, trusted: &Trusted) -> Vec<LaxFile> {
    let directory = &config.channels_directory;
    let channels = std::fs::metadata(directory).ok();
    let channels = channels.map(|it| trusted.written(Permissions::of(&it)));
    let main = LaxFile::of_all(&config.file, trusted.written(config.permissions));
    let channels = channels.and_then(|checked| LaxFile::of_all(directory, checked));
    main.into_iter().chain(channels).collect()
}

impl Plan {
    /// As a start takes it: with warnings.
    pub fn lenient(mut self) -> Self {
        let lax = std::mem::take(&mut self.lax);
        self.warnings.extend(lax.iter().map(LaxFile::warning));
        self
    }

    /// As a reload or a check takes it; `runs_from` says whether a channel runs that was made from
    /// these sources.
    pub fn strict(
        mut self,
        runs_from: impl Fn(CertificateId, &ChannelSources) -> bool,
    ) -> Result<Self, ConfigProblems> {
        let goes_on = |it: &LaxFile| {
            it.channel
                .as_ref()
                .is_some_and(|(id, sources)| runs_from(*id, sources))
        };
        let lax = std::mem::take(&mut self.lax);
        let (as_before, refused): (Vec<_>, Vec<_>) = lax.into_iter().partition(goes_on);
        if !refused.is_empty() {
            let problems = refused.into_iter().map(|it| it.problem);
            return Err(ConfigProblems(problems.collect()));
        }
        self.warnings.extend(as_before.iter().map(LaxFile::warning));
        Ok(self)
    }
}
