use http::Method;

use crate::args::ReloadArgs;
use crate::error::CtlError;
use crate::print::count;
use crate::session::Session;
use nudged_wire::{ChannelDevices, ProbeResult, ProbeView, ReloadReport, ReloadSpec};

/// Makes the daemon read its configuration again.
pub async fn run(session: &mut Session<'_>, args: &ReloadArgs) -> Result<(), CtlError> {
    let spec = ReloadSpec {
        // Without the option the configuration decides.
        probe: args.probe.then_some(true),
        rebind: args.rebind.clone(),
        restore: args.restore,
        dry_run: args.dry_run,
    };
    let answer = session
        .client
        .request_with(Method::POST, "/v1/reload", &spec)
        .await?;
    let Some(report) = session.read::<ReloadReport>(&answer)? else {
        return Ok(());
    };
    show(session, &report)?;
    if args.restore && !args.dry_run && report.restored.is_empty() {
        session.out.line(NONE_RESTORED)?;
    }
    Ok(())
}

const NONE_RESTORED: &str = "nothing to put back: no device was removed after a vendor answer that \
                             former settings of its channel may have caused";

/// What a reload changed, or would.
pub fn show(session: &mut Session<'_>, report: &ReloadReport) -> Result<(), CtlError> {
    session.out.line(summary(report))?;
    for probe in &report.probes {
        session.out.line(probe_line(probe))?;
    }
    for restored in &report.restored {
        let devices = count(restored.devices, "device", "devices");
        session
            .out
            .line(format!("put back {devices} of {}", restored.channel))?;
    }
    for restorable in &report.restorable {
        session.out.line(offer_line(restorable))?;
    }
    for warning in &report.warnings {
        session.out.line(format!("warning: {warning}"))?;
    }
    Ok(())
}

fn probe_line(probe: &ProbeView) -> String {
    let ProbeView { channel, text, .. } = probe;
    match probe.result {
        ProbeResult::Good => format!("credential of {channel}: the vendor takes it"),
        ProbeResult::Unknown => format!("credential of {channel}: not known, {text}"),
        ProbeResult::NotPossible => {
            format!("credential of {channel}: cannot be probed, {text}")
        }
    }
}

fn offer_line(ChannelDevices { channel, devices }: &ChannelDevices) -> String {
    let were = count(*devices, "device was", "devices were");
    format!(
        "{channel}: {were} removed after vendor answers that its former settings may have caused; \
         nudgectl reload --restore puts them back"
    )
}

fn summary(report: &ReloadReport) -> String {
    let done = match report.dry_run {
        true => "a reload would do",
        false => "reloaded",
    };
    let parts: Vec<String> = [
        ("started", &report.started),
        ("replaced", &report.replaced),
        ("stopped", &report.stopped),
        ("kept", &report.kept),
        ("STILL BROKEN", &report.broken),
    ]
    .into_iter()
    .filter(|(_, channels)| !channels.is_empty())
    .map(|(what, channels)| format!("{what} {}", channels.join(", ")))
    .collect();
    let done = match parts.as_slice() {
        [] => format!("{done}: there are no channels"),
        parts => format!("{done}: {}", parts.join("; ")),
    };
    match report.restart.as_slice() {
        [] => done,
        sections => format!(
            "{done}; [{}] at the next restart only",
            sections.join("], [")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reload_reports_what_it_changed() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let report = ReloadReport {
            ok: true,
            started: names(&["a", "b"]),
            kept: names(&["c"]),
            ..ReloadReport::default()
        };
        assert_eq!(summary(&report), "reloaded: started a, b; kept c");
        let fixed = ReloadReport {
            restart: names(&["socket", "store"]),
            ..report.clone()
        };
        assert_eq!(
            summary(&fixed),
            "reloaded: started a, b; kept c; [socket], [store] at the next restart only"
        );
        let dry = ReloadReport {
            dry_run: true,
            broken: names(&["d"]),
            ..report
        };
        assert_eq!(
            summary(&dry),
            "a reload would do: started a, b; kept c; STILL BROKEN d"
        );
        assert_eq!(
            summary(&ReloadReport::default()),
            "reloaded: there are no channels"
        );
    }

    #[test]
    fn removed_devices_are_offered_with_their_number() {
        let offer_line = |devices| {
            let channel = "ios".to_owned();
            offer_line(&ChannelDevices { channel, devices })
        };
        assert!(offer_line(1).starts_with("ios: 1 device was removed after vendor answers"));
        assert!(offer_line(142).starts_with("ios: 142 devices were removed after vendor answers"));
    }
}
