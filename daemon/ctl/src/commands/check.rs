use std::path::Path;

use http::Method;
use serde_json::json;

use super::reload;
use crate::error::CtlError;
use crate::program;
use crate::session::Session;
use nudged_wire::{ConfigProblems, ReloadReport, ReloadSpec, Status};

/// Checks a configuration as the daemon's start does, without the daemon. Where one runs with this
/// configuration, asks it too what a reload would do: it knows the devices.
pub async fn run(session: &mut Session<'_>, config: &Path) -> Result<(), CtlError> {
    let checked = program::check(config)?;
    if !checked.ok {
        if session.json {
            session.value(&checked)?;
        }
        return Err(CtlError::Config(ConfigProblems(checked.problems)));
    }
    let lines = checked.lines;
    let reload = match rehearsed(session, config).await {
        Ok(report) => report,
        Err(CtlError::Refused(problem)) if problem.code == REFUSED => {
            return Err(CtlError::Refused(problem));
        }
        // No daemon, or none that this caller may ask: the files are good all the same.
        Err(_) => None,
    };
    if session.json {
        return session.value(&json!({ "ok": true, "lines": lines, "reload": reload }));
    }
    for line in &lines {
        session.out.line(line)?;
    }
    session.out.line(format!("{}: good", config.display()))?;
    match reload {
        Some(mut report) => {
            let told = |warning: &String| lines.contains(&format!("warning: {warning}"));
            report.warnings.retain(|warning| !told(warning));
            reload::show(session, &report)
        }
        None => Ok(()),
    }
}

/// Code of the problem that a refused reload is.
const REFUSED: &str = "reload_refused";

/// What the running daemon says of its configuration; none when that is another file.
async fn rehearsed(
    session: &mut Session<'_>,
    config: &Path,
) -> Result<Option<ReloadReport>, CtlError> {
    let status: Status = session.client.get("/v1/status").await?.parse()?;
    let its = status.config.as_deref().map(Path::new);
    let is_its = its
        .and_then(|its| Some(its.canonicalize().ok()? == config.canonicalize().ok()?))
        .unwrap_or(false);
    if !is_its {
        return Ok(None);
    }
    let spec = ReloadSpec {
        dry_run: true,
        probe: Some(false),
        ..ReloadSpec::default()
    };
    let answer = session
        .client
        .request_with(Method::POST, "/v1/reload", &spec)
        .await?;
    answer.parse().map(Some)
}
