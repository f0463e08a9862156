//! What a reload did, for the log and for `systemctl status`.

use crate::config::ConfigProblems;
use crate::process::notify;
use crate::reloading::Reloaded;

/// Logs how it ended, and notifies systemd of its end.
pub fn report(result: &Result<Reloaded, ConfigProblems>) {
    match result {
        Ok(reloaded) => succeeded(reloaded),
        Err(problems) => refused(problems),
    }
}

fn succeeded(reloaded: &Reloaded) {
    for warning in &reloaded.warnings {
        tracing::warn!("{warning}");
    }
    let changes = &reloaded.changes;
    tracing::info!(started = ?changes.started, replaced = ?changes.replaced,
        kept = ?changes.kept, stopped = ?changes.stopped,
        next_restart = ?reloaded.restart, "configuration reloaded");
    notify::ready(&match reloaded.restart.is_empty() {
        true => "configuration reloaded".to_owned(),
        false => format!(
            "configuration reloaded, but [{}] at the next restart only",
            reloaded.restart.join("], [")
        ),
    });
}

fn refused(ConfigProblems(problems): &ConfigProblems) {
    for problem in problems {
        tracing::error!(%problem, "reload refused, everything stays as it was");
    }
    let first = problems.first();
    let first = first.map(ToString::to_string).unwrap_or_default();
    notify::ready(&format!(
        "reload refused, the old configuration stays: {first}"
    ));
}
