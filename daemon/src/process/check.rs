//! `nudged --check`, which `nudgectl check` asks: all that a start would do, short of starting.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use nudged_wire::CheckedSetup;

use super::plan::{self, Plan, PreviousPlan};
use super::reload::identify;
use crate::clock::now;
use crate::config::ConfigProblems;
use crate::driver::Loader;

/// Reads the configuration, loads the drivers and opens every channel. A channel that a start would
/// serve without is a mistake here.
pub fn run(file: &Path) -> CheckedSetup {
    with(file, &Loader::default())
}

/// As [`run`], with a loader that knows drivers already: one that is in memory stays there.
pub fn with(file: &Path, loader: &Loader) -> CheckedSetup {
    let mut found = look(file, loader).unwrap_or_else(|ConfigProblems(problems)| CheckedSetup {
        problems,
        ..CheckedSetup::default()
    });
    found.ok = found.problems.is_empty();
    found
}

fn look(file: &Path, loader: &Loader) -> Result<CheckedSetup, ConfigProblems> {
    let mut plan = plan::make(file, loader, &PreviousPlan::default())?;
    identify(&mut plan, &BTreeMap::new(), &BTreeSet::new(), now());
    let mut found = CheckedSetup {
        advice: plan.advice.clone(),
        ..CheckedSetup::default()
    };
    if !plan.broken.is_empty() {
        let mistakes = plan.broken.into_iter().flat_map(|it| it.problems);
        found.problems = mistakes.collect();
        return Ok(found);
    }
    match plan.strict(|_, _| false) {
        Ok(plan) => found.lines = lines(&plan),
        Err(ConfigProblems(mistakes)) => found.problems = mistakes,
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
