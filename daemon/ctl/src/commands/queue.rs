use std::time::SystemTime;

use http::Method;

use crate::args::RmArgs;
use crate::client::{ApiResponse, encoded};
use crate::error::CtlError;
use crate::print::{count, or_dash, table, time, when};
use crate::session::Session;
use nudged_wire::{
    ChannelChoiceSpec, CheckSpec, CheckView, DamageView, FlushedView, HeldView, HoldView,
    QueueChannelView, QueueView, QueuedView, ReleaseChoiceSpec, RemovedView,
};

/// Shows what stands in the queue, by channel.
pub async fn ls(session: &mut Session<'_>) -> Result<(), CtlError> {
    let answer = session.client.get("/v1/queue").await?;
    let Some(view) = session.read::<QueueView>(&answer)? else {
        return Ok(());
    };
    let now = SystemTime::now();
    let header = [
        "CHANNEL",
        "ID",
        "READY",
        "WAITING",
        "IN FLIGHT",
        "OLDEST",
        "NEXT TRY",
        "HELD BY",
    ];
    let rows: Vec<[String; 8]> = view.channels.iter().map(row).collect();
    session.out.lines(&table(header, &rows))?;
    for channel in &view.channels {
        let name = name(channel.channel.as_deref(), channel.certificate_id);
        show_holds(session, &name, &channel.holds, now)?;
        if channel.channel.is_none() {
            session.out.line(format!(
                "{name} is not configured: what it has waits for that, until its time is over"
            ))?;
        }
    }
    let kib = view.disk_bytes.div_ceil(1024);
    session
        .out
        .line(format!("{kib} KiB on disk, with devices and traces"))
}

fn row(channel: &QueueChannelView) -> [String; 8] {
    let held_by = channel.holds.iter().map(|hold| hold.by.as_str());
    let at = |at: &Option<String>| or_dash(at.as_deref().map(time).as_deref());
    [
        channel.channel.clone().unwrap_or_else(|| "-".to_owned()),
        channel.certificate_id.to_string(),
        format!(
            "{}{}",
            channel.queue.ready,
            if channel.queue.counting { "+" } else { "" }
        ),
        channel.queue.waiting.to_string(),
        channel.queue.in_flight.to_string(),
        at(&channel.oldest_accepted_at),
        at(&channel.next_due),
        or_dash(Some(&held_by.collect::<Vec<_>>().join(", "))),
    ]
}

fn name(channel: Option<&str>, id: u32) -> String {
    channel.map_or_else(|| format!("certificate id {id}"), str::to_owned)
}

fn show_holds(
    session: &mut Session<'_>,
    name: &str,
    holds: &[HoldView],
    now: SystemTime,
) -> Result<(), CtlError> {
    holds
        .iter()
        .try_for_each(|hold| session.out.line(hold_line(name, hold, now)))
}

fn hold_line(name: &str, hold: &HoldView, now: SystemTime) -> String {
    let at = |word, at: &Option<String>| match at {
        Some(at) => format!(", {word} {}", when(at, now)),
        None => String::new(),
    };
    format!(
        "{name} is held by the {}: {}{}{}",
        hold.by.as_str(),
        hold.reason,
        at("since", &hold.since),
        at("until", &hold.until)
    )
}

/// Lists the queued deliveries of a channel.
pub async fn show(session: &mut Session<'_>, channel: &str, limit: usize) -> Result<(), CtlError> {
    let path = format!("/v1/queue?channel={}&limit={limit}", encoded(channel));
    let answer = session.client.get(&path).await?;
    let Some(view) = session.read::<QueueView>(&answer)? else {
        return Ok(());
    };
    let deliveries = view.deliveries.unwrap_or_default();
    let header = [
        "NOTIFICATION",
        "N",
        "STATE",
        "USER",
        "DEVICE",
        "TOKEN",
        "ACCEPTED",
        "EXPIRES",
        "TRIES",
        "NEXT TRY",
        "LAST CODE",
    ];
    if deliveries.is_empty() {
        return session.out.line(format!("nothing is queued for {channel}"));
    }
    let rows: Vec<[String; 11]> = deliveries.iter().map(delivery).collect();
    session.out.lines(&table(header, &rows))?;
    if view.truncated {
        let shown = count(rows.len() as u64, "delivery is", "deliveries are");
        session.out.line(format!("only {shown} shown"))?;
    }
    Ok(())
}

fn delivery(one: &QueuedView) -> [String; 11] {
    [
        one.id.clone(),
        one.n.to_string(),
        one.state.words().to_owned(),
        or_dash(one.user.as_deref()),
        or_dash(one.device.as_deref()),
        one.token.clone(),
        time(&one.accepted_at),
        time(&one.expires_at),
        one.attempts.to_string(),
        or_dash(one.next_due.as_deref().map(time).as_deref()),
        or_dash(one.last_code.as_deref()),
    ]
}

/// Has what waits for its next try tried now.
pub async fn flush(session: &mut Session<'_>, channel: Option<String>) -> Result<(), CtlError> {
    let answer = post(session, "flush", channel).await?;
    let Some(view) = session.read::<FlushedView>(&answer)? else {
        return Ok(());
    };
    let now = SystemTime::now();
    for flushed in &view.channels {
        let name = name(flushed.channel.as_deref(), flushed.certificate_id);
        let due = count(flushed.due as u64, "delivery is", "deliveries are");
        let kept = match flushed.kept {
            0 => String::new(),
            kept => format!(", {kept} must wait for the time that the vendor named"),
        };
        session.out.line(format!("{name}: {due} due now{kept}"))?;
        show_holds(session, &name, &flushed.holds, now)?;
    }
    Ok(())
}

/// Stops the sending of a channel.
pub async fn hold(session: &mut Session<'_>, channel: String) -> Result<(), CtlError> {
    let answer = post(session, "hold", Some(channel)).await?;
    held(session, &answer)
}

/// Lets a channel go on.
pub async fn release(
    session: &mut Session<'_>,
    channel: String,
    class: Option<String>,
) -> Result<(), CtlError> {
    let choice = ReleaseChoiceSpec {
        channel: Some(channel),
        class,
    };
    let path = "/v1/queue/release";
    let answer = session
        .client
        .request_with(Method::POST, path, &choice)
        .await?;
    held(session, &answer)
}

async fn post(
    session: &mut Session<'_>,
    what: &str,
    channel: Option<String>,
) -> Result<ApiResponse, CtlError> {
    let path = format!("/v1/queue/{what}");
    let choice = ChannelChoiceSpec { channel };
    session
        .client
        .request_with(Method::POST, &path, &choice)
        .await
}

fn held(session: &mut Session<'_>, answer: &ApiResponse) -> Result<(), CtlError> {
    let Some(view) = session.read::<HeldView>(answer)? else {
        return Ok(());
    };
    let name = name(view.channel.as_deref(), view.certificate_id);
    for warning in &view.warnings {
        session.out.line(format!("warning: {warning}"))?;
    }
    if view.holds.is_empty() {
        return session.out.line(format!("{name} sends"));
    }
    show_holds(session, &name, &view.holds, SystemTime::now())
}

/// Shows what is damaged or missing; fails when something is, and is not repaired.
pub async fn check(session: &mut Session<'_>, repair: bool) -> Result<(), CtlError> {
    let spec = CheckSpec { repair };
    let answer = session
        .client
        .request_with(Method::POST, "/v1/queue/check", &spec)
        .await?;
    let view: CheckView = answer.parse()?;
    if !session.passed_on(&answer)? {
        let queued = count(view.queued as u64, "delivery", "deliveries");
        let traces = count(view.traces as u64, "trace", "traces");
        session.out.line(format!("{queued} queued, {traces}"))?;
        for one in &view.damage {
            let DamageView {
                records,
                key,
                problem,
            } = one;
            session
                .out
                .line(format!("damaged: {records} {key}: {problem}"))?;
        }
        for one in &view.lost_deliveries {
            session.out.line(format!("lost: {}#{}", one.id, one.n))?;
        }
        if view.repaired {
            session.out.line("repaired")?;
        }
    }
    if view.damaged + view.lost > 0 && !view.repaired {
        return Err(CtlError::Damaged {
            damaged: view.damaged,
            lost: view.lost,
        });
    }
    Ok(())
}

/// Ends queued deliveries unsent.
pub async fn rm(session: &mut Session<'_>, args: &RmArgs) -> Result<(), CtlError> {
    let path = format!("/v1/queue?{}", query(args));
    let answer = session
        .client
        .request(Method::DELETE, &path, Vec::new())
        .await?;
    let Some(view) = session.read::<RemovedView>(&answer)? else {
        return Ok(());
    };
    let removed = count(view.removed as u64, "delivery", "deliveries");
    session.out.line(format!("{removed} removed"))?;
    if view.in_flight > 0 {
        let left = count(view.in_flight as u64, "delivery was", "deliveries were");
        session.out.line(format!(
            "{left} in flight: the vendor's answer ends them, or they are queued again"
        ))?;
    }
    Ok(())
}

fn query(args: &RmArgs) -> String {
    let texts = [
        ("notification", &args.id),
        ("channel", &args.channel),
        ("user", &args.user),
        ("app", &args.app),
    ];
    let mut parts: Vec<String> = texts
        .into_iter()
        .filter_map(|(key, text)| Some(format!("{key}={}", encoded(text.as_deref()?))))
        .collect();
    if let Some(span) = args.older_than {
        parts.push(format!("older_than={}", span.as_secs()));
    }
    if args.all {
        parts.push("all=true".to_owned());
    }
    parts.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use nudged_wire::Holder;

    #[test]
    fn a_hold_is_told_with_whoever_holds_and_how_long() {
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(60);
        let hold = HoldView {
            by: Holder::Vendor,
            reason: "429".to_owned(),
            since: None,
            until: Some("1970-01-01T00:02:00.000Z".to_owned()),
        };
        assert_eq!(
            hold_line("ios", &hold, now),
            "ios is held by the vendor: 429, until 1970-01-01 00:02:00Z (in 1m)"
        );
    }

    #[test]
    fn all_that_is_given_goes_into_the_query() {
        let args = RmArgs {
            id: None,
            channel: Some("ios".to_owned()),
            user: Some("a b".to_owned()),
            app: None,
            older_than: Some(std::time::Duration::from_secs(3600)),
            all: true,
        };
        assert_eq!(
            query(&args),
            "channel=ios&user=a%20b&older_than=3600&all=true"
        );
    }
}
