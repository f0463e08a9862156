use std::path::Path;

use serde_json::json;

use super::Session;
use crate::ctl::error::CtlError;

/// Checks a configuration as the daemon's start does, without the daemon.
pub fn run(session: &mut Session<'_>, config: &Path) -> Result<(), CtlError> {
    match crate::process::check::run(config) {
        Ok(lines) if session.json => session.value(&json!({ "ok": true, "lines": lines })),
        Ok(lines) => {
            for line in lines {
                session.out.line(line)?;
            }
            session.out.line(format!("{}: good", config.display()))
        }
        Err(problems) => {
            if session.json {
                session.value(&json!({ "ok": false, "problems": problems.0 }))?;
            }
            Err(CtlError::Config(problems))
        }
    }
}
