//! `nudgectl check` and `nudged --check`: all that a start would do, short of starting.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::change;
use super::plan::{self, Before, Plan};
use crate::config::{ConfigProblem, ConfigProblems};
use crate::driver::Loader;
use crate::model::now;

/// Reads the configuration, loads the drivers and opens every channel. Gives a line for
/// each channel and each warning. A channel that a start would serve without is a mistake here.
pub fn run(file: &Path) -> Result<Vec<String>, ConfigProblems> {
    with(file, &Loader::default())
}

/// As [`run`], with a loader that knows drivers already: one that is in memory stays there.
pub fn with(file: &Path, loader: &Loader) -> Result<Vec<String>, ConfigProblems> {
    let found = look(file, loader)?;
    match found.mistakes.is_empty() {
        true => Ok(found.lines),
        false => Err(ConfigProblems(found.mistakes)),
    }
}

/// What there is to say of a configuration.
#[derive(Debug, Default)]
pub struct Found {
    /// What keeps channels from being opened, or must not be.
    pub mistakes: Vec<ConfigProblem>,
    /// What the settings of the channels that can be opened cost every message.
    pub advice: Vec<ConfigProblem>,
    /// A line for each channel and each warning; none where there are mistakes.
    pub lines: Vec<String>,
}

/// Looks at all of it; fails only where there is nothing to look at.
pub fn look(file: &Path, loader: &Loader) -> Result<Found, ConfigProblems> {
    let mut plan = plan::make(file, loader, &Before::default())?;
    change::identify(&mut plan, &BTreeMap::new(), &BTreeSet::new(), now());
    let mut found = Found {
        advice: plan.advice.clone(),
        ..Found::default()
    };
    if !plan.broken.is_empty() {
        let mistakes = plan.broken.into_iter().flat_map(|it| it.problems);
        found.mistakes = mistakes.collect();
        return Ok(found);
    }
    match plan.strict(|_| None) {
        Ok(plan) => found.lines = lines(&plan),
        Err(ConfigProblems(mistakes)) => found.mistakes = mistakes,
    }
    Ok(found)
}

fn lines(plan: &Plan) -> Vec<String> {
    let channels = plan.routes.iter().map(|route| {
        format!(
            "channel {}: app {}, certificate id {}, driver {} {}{}: ok",
            route.name,
            route.app,
            route.certificate_id,
            route.info.vendor,
            route.info.version,
            match route.driver.account() {
                Some(account) => format!(", account {account}"),
                None => String::new(),
            }
        )
    });
    let advice = plan.advice(|_| true);
    let warnings = plan.warnings.iter().chain(&advice);
    let warnings = warnings.map(|warning| format!("warning: {warning}"));
    channels.chain(warnings).collect()
}
