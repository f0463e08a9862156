use std::time::SystemTime;

use super::channel;
use crate::error::CtlError;
use crate::print::{count, span, when};
use crate::session::Session;
use nudged_wire::{ReloadView, Status};

/// Shows the daemon at a glance.
pub async fn run(session: &mut Session<'_>) -> Result<(), CtlError> {
    let answer = session.client.get("/v1/status").await?;
    let Some(status) = session.read::<Status>(&answer)? else {
        return Ok(());
    };
    for line in lines(&status, SystemTime::now()) {
        session.out.line(line)?;
    }
    Ok(())
}

fn lines(status: &Status, now: SystemTime) -> Vec<String> {
    let Status { queue, totals, .. } = status;
    let outcomes = match totals
        .outcomes
        .iter()
        .filter(|(_, n)| **n > 0)
        .collect::<Vec<_>>()
    {
        none if none.is_empty() => "none yet".to_owned(),
        some => some
            .iter()
            .map(|(kind, n)| format!("{n} {kind}"))
            .collect::<Vec<_>>()
            .join(", "),
    };
    let mut lines = vec![
        format!(
            "nudged {} is {}, process {}",
            status.version, status.status, status.pid
        ),
        format!("started     {}", when(&status.started_at, now)),
        format!("up          {}", span(status.uptime_seconds)),
        format!(
            "serves      {} with {}",
            count(status.channels as u64, "channel", "channels"),
            count(status.drivers as u64, "driver", "drivers")
        ),
        format!(
            "queue       {}{} ready, {} waiting, {} in flight",
            if queue.counting { "at least " } else { "" },
            queue.ready,
            queue.waiting,
            queue.in_flight
        ),
        format!("held        {}", held(status)),
        format!(
            "accepted    {} for {}, {} to vendors",
            count(totals.notifications, "notification", "notifications"),
            count(totals.deliveries, "delivery", "deliveries"),
            count(totals.requests, "request", "requests")
        ),
        format!("outcomes    {outcomes}"),
    ];
    for (name, problems) in &status.broken {
        lines.push(format!(
            "BROKEN      {name}: what is for it waits, the others serve"
        ));
        lines.extend(problems.iter().map(|problem| format!("  {problem}")));
    }
    for (name, at) in &status.expiring {
        let word = match humantime::parse_rfc3339(at) {
            Ok(end) if end <= now => "EXPIRED",
            _ => "EXPIRES",
        };
        lines.push(format!(
            "{word}     certificate of {name}: {}",
            when(at, now)
        ));
    }
    for class in &status.classes {
        let of_class = channel::class_lines(&class.channel, &class.standing, now);
        let of_class = of_class.into_iter();
        lines.extend(of_class.map(|line| format!("QUOTA       {line}")));
    }
    if !status.braked.is_empty() {
        lines.push(format!(
            "KEEPS       devices of {}: the vendor calls too many tokens dead; see nudgectl \
             channel ls, then nudgectl channel release",
            status.braked.join(", ")
        ));
    }
    for (name, suspicions) in &status.suspected {
        let suspected = suspicions.iter();
        let suspected = suspected.map(|it| channel::suspected(name, it, now));
        lines.extend(suspected.map(|line| format!("SUSPECTED   {line}")));
    }
    lines.extend(reloaded(status.last_reload.as_ref(), now));
    lines
}

fn held(status: &Status) -> String {
    let held = status.held.iter();
    let held: Vec<String> = held
        .map(|(name, by)| format!("{name} by the {}", by.as_str()))
        .collect();
    if held.is_empty() {
        return "no channel".to_owned();
    }
    held.join(", ")
}

fn reloaded(last: Option<&ReloadView>, now: SystemTime) -> Vec<String> {
    let Some(last) = last else {
        return vec!["reload      none since the start".to_owned()];
    };
    let at = when(&last.at, now);
    if last.ok {
        return vec![format!("reload      taken {at}")];
    }
    let mut lines = vec![format!(
        "reload      REFUSED {at}; the configuration before it is in force:"
    )];
    lines.extend(last.problems.iter().map(|problem| format!("  {problem}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use nudged_wire::ConfigProblem;

    #[test]
    fn a_refused_reload_stays_in_sight() {
        let last = ReloadView {
            at: "1970-01-01T00:00:00.000Z".to_owned(),
            ok: false,
            problems: vec![
                ConfigProblem::new(std::path::Path::new("/etc/x.toml"), "is wrong").at(Some(2)),
            ],
        };
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(60);
        let lines = reloaded(Some(&last), now);
        assert!(
            lines[0].contains("REFUSED 1970-01-01 00:00:00Z (1m ago)"),
            "{lines:?}"
        );
        assert_eq!(lines[1], "  /etc/x.toml:2: is wrong");
        assert_eq!(reloaded(None, now), ["reload      none since the start"]);
    }
}
