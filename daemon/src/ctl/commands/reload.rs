use http::Method;

use super::Session;
use crate::api::schema::ReloadReport;
use crate::ctl::error::CtlError;

/// Makes the daemon read its configuration again.
pub async fn run(session: &mut Session<'_>) -> Result<(), CtlError> {
    let answer = session
        .client
        .ask(Method::POST, "/v1/reload", Vec::new())
        .await?;
    if session.passed_on(&answer)? {
        return Ok(());
    }
    let report: ReloadReport = answer.parse()?;
    session.out.line(told(&report))?;
    for warning in &report.warnings {
        session.out.line(format!("warning: {warning}"))?;
    }
    Ok(())
}

fn told(report: &ReloadReport) -> String {
    let parts: Vec<String> = [
        ("started", &report.started),
        ("replaced", &report.replaced),
        ("stopped", &report.stopped),
        ("kept", &report.kept),
    ]
    .into_iter()
    .filter(|(_, channels)| !channels.is_empty())
    .map(|(what, channels)| format!("{what} {}", channels.join(", ")))
    .collect();
    let told = match parts.as_slice() {
        [] => "reloaded: there are no channels".to_owned(),
        parts => format!("reloaded: {}", parts.join("; ")),
    };
    match report.restart.as_slice() {
        [] => told,
        sections => format!(
            "{told}; [{}] at the next restart only",
            sections.join("], [")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reload_tells_what_it_changed() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let report = ReloadReport {
            ok: true,
            started: names(&["a", "b"]),
            kept: names(&["c"]),
            ..ReloadReport::default()
        };
        assert_eq!(told(&report), "reloaded: started a, b; kept c");
        let report = ReloadReport {
            restart: names(&["socket", "store"]),
            ..report
        };
        assert_eq!(
            told(&report),
            "reloaded: started a, b; kept c; [socket], [store] at the next restart only"
        );
        assert_eq!(
            told(&ReloadReport::default()),
            "reloaded: there are no channels"
        );
    }
}
