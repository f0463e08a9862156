use std::time::SystemTime;

use crate::client::encoded;
use crate::error::CtlError;
use crate::print::{Out, count, or_dash, plain, table, time, when};
use crate::session::Session;
use nudged_wire::{DeliveryView, NotificationView, RecallView};

/// Shows what became of a notification.
pub async fn run(session: &mut Session<'_>, id: &str) -> Result<(), CtlError> {
    let answer = session.client.get(&path(id)).await?;
    let Some(view) = session.read::<NotificationView>(&answer)? else {
        return Ok(());
    };
    show(session.out, &view, SystemTime::now())
}

/// Where a notification's trace is.
pub fn path(id: &str) -> String {
    format!("/v1/notifications/{}", encoded(id))
}

/// Shows a trace to people.
pub fn show(out: &mut Out, view: &NotificationView, now: SystemTime) -> Result<(), CtlError> {
    out.line(format!("notification {}, app {}", view.id, view.app))?;
    out.line(format!("accepted {}", when(&view.accepted_at, now)))?;
    out.line(format!("expires  {}", when(&view.expires_at, now)))?;
    if view.deliveries.is_empty() {
        out.line("no deliveries")?;
    }
    for delivery in &view.deliveries {
        out.line("")?;
        out.line(headline(delivery, now))?;
        out.lines(&attempts(delivery))?;
        for note in notes(delivery) {
            out.line(format!("    {note}"))?;
        }
    }
    if view.truncated {
        let shown = count(view.deliveries.len() as u64, "delivery", "deliveries");
        out.line("")?;
        out.line(format!("only the first {shown} are shown"))?;
    }
    Ok(())
}

fn headline(delivery: &DeliveryView, now: SystemTime) -> String {
    let recipient = recipient(delivery.user.as_deref(), delivery.device.as_deref());
    let via = via(delivery.channel.as_deref(), delivery.certificate_id);
    let driver = match &delivery.driver {
        Some(driver) => format!(" ({driver})"),
        None => String::new(),
    };
    let token = match delivery.token.as_str() {
        "" => String::new(),
        token => format!(", token {token}"),
    };
    let state = match &delivery.outcome {
        Some(outcome) => {
            let code = if outcome.code.is_empty() { "" } else { " " };
            format!(
                "{}{code}{} at {}",
                outcome.kind,
                outcome.code,
                time(&outcome.at)
            )
        }
        None => match delivery
            .attempts
            .last()
            .and_then(|last| last.retry_at.as_deref())
        {
            Some(at) => format!("queued, next try {}", when(at, now)),
            None => "queued".to_owned(),
        },
    };
    format!(
        "#{}  {recipient} via {via}{driver}{token}: {state}",
        delivery.n
    )
}

/// Who a delivery is for.
pub fn recipient(user: Option<&str>, device: Option<&str>) -> String {
    match (user, device) {
        (Some(user), Some(device)) => format!("{user}/{device}"),
        (Some(user), None) => user.to_owned(),
        _ => "a bare token".to_owned(),
    }
}

/// The channel of a delivery.
pub fn via(channel: Option<&str>, certificate_id: Option<u32>) -> String {
    match (channel, certificate_id) {
        (Some(channel), _) => channel.to_owned(),
        (None, Some(id)) => format!("certificate id {id}"),
        (None, None) => "no channel".to_owned(),
    }
}

fn attempts(delivery: &DeliveryView) -> String {
    if delivery.attempts.is_empty() {
        let yet = if delivery.outcome.is_none() {
            " yet"
        } else {
            ""
        };
        return format!("    not tried{yet}");
    }
    let rows: Vec<[String; 6]> = delivery
        .attempts
        .iter()
        .map(|it| {
            [
                format!("    {}", time(&it.at)),
                format!("{} ms", it.elapsed_ms),
                it.class.clone(),
                or_dash(
                    Some(&it.fault)
                        .filter(|fault| *fault != "none")
                        .map(String::as_str),
                ),
                or_dash(Some(&it.code)),
                plain(&it.text),
            ]
        })
        .collect();
    let header = ["    TRIED", "TOOK", "RESULT", "FAULT OF", "CODE", "TEXT"];
    table(header, &rows)
}

/// What else is known of the end, or of the last try: each thing once.
fn notes(delivery: &DeliveryView) -> Vec<String> {
    let last = delivery.attempts.last();
    let mut notes: Vec<String> = delivery.waits_for.iter().cloned().collect();
    let (text, remedy) = match &delivery.outcome {
        Some(outcome) => (outcome.text.as_str(), outcome.remedy.as_str()),
        None => ("", last.map_or("", |last| last.remedy.as_str())),
    };
    for notice in last.iter().flat_map(|last| &last.notices) {
        notes.push(format!("{}: {}", notice.field, plain(&notice.text)));
    }
    if !text.is_empty() && last.is_none_or(|last| last.text != text) {
        notes.push(text.to_owned());
    }
    if !remedy.is_empty() {
        notes.push(format!("what to do: {remedy}"));
    }
    if let Some(id) = delivery
        .outcome
        .as_ref()
        .and_then(|it| it.vendor_id.as_deref())
    {
        notes.push(format!("vendor's id: {id}"));
    }
    notes.extend(delivery.recall.as_ref().map(recall));
    notes
}

/// What came of taking it back, on one line.
fn recall(recall: &RecallView) -> String {
    let mut line = format!("{} at {}", recall.state.words(), time(&recall.at));
    let words = [recall.code.as_str(), &recall.text, &recall.remedy];
    let words: Vec<_> = words.into_iter().filter(|it| !it.is_empty()).collect();
    if !words.is_empty() {
        line.push_str(": ");
        line.push_str(&plain(&words.join("; ")));
    }
    line
}

#[cfg(test)]
mod tests;
