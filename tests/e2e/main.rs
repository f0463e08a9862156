//! The daemon from outside: its socket, files and signals, with real drivers and simulated
//! vendors. Each test has a daemon, a directory and vendors of its own.

#![allow(missing_docs, reason = "tests are sentences already")]

mod admission;
mod crash;
mod ctl;
mod delivery;
mod devices;
mod events;
mod plugins;
mod process;
mod reload;
mod retry;
mod support;

use std::time::{SystemTime, UNIX_EPOCH};

use nudged_rig::{APNS, Artifacts, Rig, RigOptions, Settings, Vendor};
use nudged_simulator::Received;
use serde_json::{Value, json};

/// A rig with a channel for each vendor.
async fn rig() -> Rig {
    rig_with(|_| {}).await
}

/// A rig that is special in something.
async fn rig_with(change: impl FnOnce(&mut RigOptions)) -> Rig {
    let mut options = options();
    change(&mut options);
    Rig::start(options).await.unwrap()
}

/// A rig whose daemon waits no longer than this for an answer.
async fn impatient_rig(request_timeout: &str) -> Rig {
    let settings = Settings {
        request_timeout: request_timeout.into(),
        ..Settings::default()
    };
    rig_with(|options| options.settings = settings).await
}

fn options() -> RigOptions {
    RigOptions {
        artifacts: Some(artifacts()),
        ..RigOptions::default()
    }
}

/// Cargo has built the programs for this test; the drivers are built when first needed.
fn artifacts() -> Artifacts {
    Artifacts::with_programs(env!("CARGO_BIN_EXE_nudged"), env!("CARGO_BIN_EXE_nudgectl")).unwrap()
}

/// A notification to a token.
fn to_token(vendor: Vendor, token: &str, body: &str) -> Value {
    json!({
        "to": [{"channel": vendor.channel, "token": token}],
        "message": {"title": "Carol", "body": body, "ext": body},
    })
}

/// A notification to a user.
fn to_user(user: &str, body: &str) -> Value {
    json!({"to": [{"user": user}], "message": {"title": "Carol", "body": body, "ext": body}})
}

/// The good APNs token with this number.
fn apns_token(number: usize) -> String {
    format!("{number:064x}")
}

/// Sends so many notifications to different APNs tokens at once; their ids.
async fn send_many(rig: &Rig, count: usize) -> Vec<String> {
    let lines: Vec<String> = (0..count)
        .map(|number| to_token(APNS, &apns_token(number), &format!("n{number}")).to_string())
        .collect();
    let answers = rig.client.send_lines(&lines).await.unwrap();
    let id = |answer: Value| {
        answer["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    };
    answers.into_iter().map(id).collect()
}

/// How the deliveries of these notifications ended, each with one recipient.
async fn outcomes_of(rig: &Rig, ids: &[String]) -> Vec<String> {
    let mut events = rig.client.events("since=0&follow=true").await.unwrap();
    let mut left: std::collections::HashSet<&str> = ids.iter().map(String::as_str).collect();
    let mut outcomes = Vec::new();
    while !left.is_empty() {
        let event = events.next().await.unwrap().expect("events go on");
        if left.remove(event["id"].as_str().unwrap()) {
            outcomes.push(event["outcome"].as_str().unwrap().to_owned());
        }
    }
    outcomes
}

/// What a vendor got, in order.
fn received_by(rig: &Rig, vendor: Vendor) -> Vec<Received> {
    rig.simulator
        .received()
        .into_iter()
        .filter(|it| it.vendor == vendor.name)
        .collect()
}

/// The only message that a vendor got.
fn only_message(rig: &Rig, vendor: Vendor) -> Received {
    let mut all = received_by(rig, vendor);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// The trace of a notification.
async fn trace(rig: &Rig, id: &str) -> Value {
    rig.client.trace(id).await.unwrap().expect(200)
}

/// UNIX milliseconds.
fn now_ms() -> u64 {
    u64::try_from(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_millis(),
    )
    .unwrap()
}

/// The text at a JSON pointer; a panic that shows the value if there is none.
#[track_caller]
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} of {value:#}"))
}
