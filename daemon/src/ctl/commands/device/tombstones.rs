use std::time::SystemTime;

use http::Method;

use super::{body, encoded};
use crate::api::schema::{RestoreSpec, Restored, TombstoneView};
use crate::ctl::args::{RestoreArgs, TombstoneArgs};
use crate::ctl::commands::Session;
use crate::ctl::error::CtlError;
use crate::ctl::print::{count, or_dash, table, time};

/// Lists the devices that were removed because the vendor called their token dead.
pub async fn tombstones(session: &mut Session<'_>, args: &TombstoneArgs) -> Result<(), CtlError> {
    let since = args.since.map(moment);
    let asked = [
        ("app", &args.app),
        ("channel", &args.channel),
        ("since", &since),
    ];
    let query: Vec<String> = asked
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", encoded(value.as_ref()?))))
        .collect();
    let path = format!("/v1/devices/tombstones?{}", query.join("&"));
    let mut lines = session.client.lines(&path).await?;
    let mut rows: Vec<[String; 7]> = Vec::new();
    while let Some(line) = lines.next_or_ended().await? {
        if session.json {
            session.out.raw(&line)?;
            continue;
        }
        let it: TombstoneView =
            serde_json::from_slice(&line).map_err(|error| CtlError::Answer {
                request: format!("GET {path}"),
                answer: error.to_string(),
            })?;
        rows.push(row(&it));
    }
    if session.json {
        return Ok(());
    }
    if rows.is_empty() {
        return session
            .out
            .line("no tombstones: no vendor has called a token dead");
    }
    let header = [
        "REMOVED",
        "APP",
        "DEVICE",
        "CHANNEL",
        "TOKEN",
        "NOTIFICATION",
        "VENDOR SAID",
    ];
    session.out.lines(&table(header, &rows))
}

fn row(it: &TombstoneView) -> [String; 7] {
    let words = if it.text.is_empty() { "" } else { ": " };
    let since = match &it.dead_since {
        Some(since) => format!(" (since {})", time(since)),
        None => String::new(),
    };
    let channel = it.certificate_id.map(|id| format!("certificate id {id}"));
    [
        time(&it.at),
        it.app.clone(),
        format!("{}/{}", it.user, it.device),
        or_dash(it.channel.as_deref().or(channel.as_deref())),
        or_dash(it.token.as_deref()),
        it.id.clone(),
        format!("{}{words}{}{since}", it.code, it.text),
    ]
}

/// Puts devices back.
pub async fn restore(session: &mut Session<'_>, args: RestoreArgs) -> Result<(), CtlError> {
    let spec = RestoreSpec {
        app: Some(args.app.app),
        user: args.user,
        device: args.device,
        channel: args.channel,
        since: args.since.map(moment),
    };
    let answer = session
        .client
        .ask(Method::POST, "/v1/devices/restore", body(&spec)?)
        .await?;
    if session.passed_on(&answer)? {
        return Ok(());
    }
    let Restored { restored } = answer.parse()?;
    session.out.line(match restored {
        0 => "nothing to put back: nudgectl device tombstones lists what there is".to_owned(),
        _ => format!("put back {}", count(restored as u64, "device", "devices")),
    })
}

fn moment(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}
