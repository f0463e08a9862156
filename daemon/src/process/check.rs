//! `nudgectl check` and `nudged --check`: all that a start would do, short of starting.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::change;
use super::plan::{self, Before};
use crate::config::Problems;
use crate::driver::Loader;
use crate::model::now;

/// Reads the configuration, loads the drivers and opens every channel. Gives a line for
/// each channel and each warning. A channel that a start would serve without is a mistake here.
pub fn run(file: &Path) -> Result<Vec<String>, Problems> {
    with(file, &Loader::default())
}

/// As [`run`], with a loader that knows drivers already: one that is in memory stays there.
pub fn with(file: &Path, loader: &Loader) -> Result<Vec<String>, Problems> {
    let mut plan = plan::make(file, loader, &Before::default())?;
    change::identify(&mut plan, &BTreeMap::new(), &BTreeSet::new(), now());
    if !plan.broken.is_empty() {
        let problems = plan.broken.into_iter().flat_map(|it| it.problems);
        return Err(Problems(problems.collect()));
    }
    let plan = plan.strict(|_| None)?;
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
    let warnings = plan
        .warnings
        .iter()
        .map(|warning| format!("warning: {warning}"));
    Ok(channels.chain(warnings).collect())
}
