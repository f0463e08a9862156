use std::time::SystemTime;

use http::Method;

use super::encoded;
use crate::args::{RestoreArgs, TombstoneArgs};
use crate::error::CtlError;
use crate::print::{count, or_dash, table, time};
use crate::session::Session;
use nudged_wire::{RestoreSpec, Restored, TombstoneView};

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
            serde_json::from_slice(&line).map_err(|error| CtlError::BadResponse {
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
        format!("{}/{}{}", it.user, it.device, kind(it)),
        or_dash(it.channel.as_deref().or(channel.as_deref())),
        or_dash(it.token.as_deref()),
        it.id.clone(),
        format!("{}{words}{}{since}", it.code, it.text),
    ]
}

/// Which of the device's tokens it is, where it is not its own.
fn kind(it: &TombstoneView) -> String {
    let kind = it.kind.as_ref().map(|kind| kind.replace('_', " "));
    let activity = it.activity.as_ref().map(|id| format!(" {id}"));
    match kind {
        Some(kind) => format!(" ({kind}{})", activity.unwrap_or_default()),
        None => String::new(),
    }
}

/// Puts devices back.
pub async fn restore(session: &mut Session<'_>, args: RestoreArgs) -> Result<(), CtlError> {
    if args.user.is_none() && args.channel.is_none() && args.since.is_none() {
        return Err(CtlError::Usage(
            "say which devices: USER [DEVICE], --channel CHANNEL or --since TIME".to_owned(),
        ));
    }
    let spec = RestoreSpec {
        app: Some(args.app.app),
        user: args.user,
        device: args.device,
        channel: args.channel,
        since: args.since.map(moment),
    };
    let answer = session
        .client
        .request_with(Method::POST, "/v1/devices/restore", &spec)
        .await?;
    let Some(Restored { restored, tokens }) = session.read(&answer)? else {
        return Ok(());
    };
    session.out.line(match put_back(restored, tokens) {
        None => "nothing to put back: nudgectl device tombstones lists what there is".to_owned(),
        Some(what) => format!("put back {what}"),
    })
}

/// In words; none of nothing.
pub fn put_back(devices: usize, tokens: usize) -> Option<String> {
    let devices = (devices > 0).then(|| count(devices as u64, "device", "devices"));
    let tokens = (tokens > 0).then(|| count(tokens as u64, "token", "tokens"));
    let both: Vec<String> = devices.into_iter().chain(tokens).collect();
    (!both.is_empty()).then(|| both.join(" and "))
}

fn moment(at: SystemTime) -> String {
    humantime::format_rfc3339_millis(at).to_string()
}
