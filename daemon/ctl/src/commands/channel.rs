use std::time::SystemTime;

use crate::client::encoded;
use crate::error::CtlError;
use crate::print::{count, or_dash, table, time, when};
use crate::session::Session;
use nudged_wire::ConfigProblems;
use nudged_wire::{AdviceView, BrakeView, ChannelList, ChannelState, ChannelView, SuspicionView};

mod add;
mod classes;
mod number;
mod options;
mod release;

pub use add::add;
pub use classes::class_lines;
use classes::is_notable;
pub use release::release;

/// Lists the channels and how they fare.
pub async fn ls(session: &mut Session<'_>) -> Result<(), CtlError> {
    let answer = session.client.get("/v1/channels").await?;
    let Some(list) = session.read::<ChannelList>(&answer)? else {
        return Ok(());
    };
    if list.channels.is_empty() {
        return session.out.line(
            "no channels: nudgectl channel add NAME --driver DRIVER --help tells how to write \
             one; then run nudgectl reload",
        );
    }
    let rows: Vec<[String; 10]> = list.channels.iter().map(row).collect();
    session.out.lines(&table(HEADER, &rows))?;
    let now = SystemTime::now();
    let mut notes = list.channels.iter().flat_map(|it| notes(it, now));
    notes.try_for_each(|line| session.out.line(line))
}

/// Shows a channel, and what is used of its quotas.
pub async fn show(session: &mut Session<'_>, name: &str) -> Result<(), CtlError> {
    let path = format!("/v1/channels/{}", encoded(name));
    let answer = session.client.get(&path).await?;
    let Some(channel) = session.read::<ChannelView>(&answer)? else {
        return Ok(());
    };
    session.out.lines(&table(HEADER, &[row(&channel)]))?;
    if channel.classes.iter().any(is_notable) {
        session.out.line("")?;
        session.out.lines(&classes::class_table(&channel.classes))?;
    }
    let notes = notes(&channel, SystemTime::now());
    notes
        .into_iter()
        .try_for_each(|line| session.out.line(line))
}

/// Why it does not send, or keeps its devices, and which of its classes run short.
fn notes(channel: &ChannelView, now: SystemTime) -> Vec<String> {
    let held = match channel.state {
        ChannelState::Running => None,
        ChannelState::Held => Some(held_line(channel, now)),
        ChannelState::Broken => Some(format!(
            "{} is broken, and what is for it waits: {}",
            channel.name,
            ConfigProblems(channel.problems.clone())
                .to_string()
                .replace('\n', "; ")
        )),
    };
    let brake = channel.brake.as_ref();
    let brake = brake.map(|brake| brake_line(&channel.name, brake, now));
    let classes = channel.classes.iter();
    let classes = classes.flat_map(|class| class_lines(&channel.name, class, now));
    let suspicions = channel.suspicions.iter();
    let suspicions = suspicions.map(|it| suspected(&channel.name, it, now));
    let advice = channel.advice.iter();
    let advice = advice.map(|it| advised(&channel.name, it));
    let notes = held.into_iter().chain(brake).chain(suspicions);
    notes.chain(classes).chain(advice).collect()
}

/// What a setting costs every message, in words.
fn advised(name: &str, AdviceView { key, text }: &AdviceView) -> String {
    format!("{name}: {key} {text}")
}

/// What stands against a channel, in words.
pub fn suspected(name: &str, it: &SuspicionView, now: SystemTime) -> String {
    let words = if it.text.is_empty() { "" } else { ": " };
    let (what, rule) = match it.about.as_str() {
        "tokens" => (
            count(it.count, "token was", "tokens were") + " called dead",
            "it may be the settings' fault, so no device is removed for it",
        ),
        _ => (
            count(it.count, "delivery was", "deliveries were") + " refused",
            match it.confirmed {
                true => "different messages were refused alike, so the channel is held and probed",
                false => "it may be that message's own fault, so the others continue",
            },
        ),
    };
    format!(
        "{name} is suspected since {}: {what} and none accepted, {}{words}{}; {rule}. {}",
        when(&it.since, now),
        it.code,
        it.text,
        it.remedy
    )
}

const HEADER: [&str; 10] = [
    "CHANNEL",
    "APP",
    "ID",
    "DRIVER",
    "STATE",
    "READY",
    "WAITING",
    "IN FLIGHT",
    "CONNECTIONS",
    "CERTIFICATE UNTIL",
];

fn brake_line(name: &str, brake: &BrakeView, now: SystemTime) -> String {
    format!(
        "{name} keeps its devices since {}: the vendor called {} dead {}, last {}; \
         nudgectl channel release {name} if that is right, with --restore if it was not",
        when(&brake.since, now),
        count(brake.tokens, "token", "tokens"),
        if brake.slow {
            "within a day"
        } else {
            "at once"
        },
        brake.reason,
    )
}

fn row(channel: &ChannelView) -> [String; 10] {
    [
        channel.name.clone(),
        or_dash(channel.app.as_deref()),
        or_dash(channel.certificate_id.map(|id| id.to_string()).as_deref()),
        or_dash(Some(channel.driver.as_str()).filter(|name| !name.is_empty())),
        match channel.state {
            ChannelState::Running => "running".to_owned(),
            ChannelState::Held => "held".to_owned(),
            ChannelState::Broken => "BROKEN".to_owned(),
        },
        channel.queue.ready.to_string(),
        channel.queue.waiting.to_string(),
        channel.queue.in_flight.to_string(),
        channel.connections.to_string(),
        or_dash(
            channel
                .credential_expires_at
                .as_deref()
                .map(time)
                .as_deref(),
        ),
    ]
}

fn held_line(channel: &ChannelView, now: SystemTime) -> String {
    let why = channel
        .held_for
        .as_deref()
        .unwrap_or("the vendor asked for it");
    let until = match &channel.held_until {
        Some(at) => format!(", until {}", when(at, now)),
        None => String::new(),
    };
    let by = match channel.held_by {
        Some(by) => format!(" by the {}", by.as_str()),
        None => String::new(),
    };
    format!("{} is held{by}: {why}{until}", channel.name)
}
