//! `nudgectl check` and `nudged --check`: all that a start would do, short of starting.

use std::path::Path;

use super::plan;
use crate::config::Problems;
use crate::driver::Loader;

/// Reads the configuration, loads the drivers and opens every channel. Gives a line for
/// each channel and each warning.
pub fn run(file: &Path) -> Result<Vec<String>, Problems> {
    with(file, &Loader::default())
}

/// As [`run`], with a loader that knows drivers already: one that is in memory stays there.
pub fn with(file: &Path, loader: &Loader) -> Result<Vec<String>, Problems> {
    let plan = plan::make(file, loader)?.strict(|_| None)?;
    let channels = plan.routes.iter().map(|route| {
        format!(
            "channel {}: app {}, certificate id {}, driver {} {}: ok",
            route.name, route.app, route.certificate_id, route.info.vendor, route.info.version
        )
    });
    let warnings = plan
        .warnings
        .iter()
        .map(|warning| format!("warning: {warning}"));
    Ok(channels.chain(warnings).collect())
}
