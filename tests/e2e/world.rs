//! The world of the tests: a rig whose programs cargo has built for this very run, notifications
//! to send, and what came of them.
//!
//! `bob` is the user whose phones most tests push to, `program` runs programs and nudgectl,
//! `stranger` is somebody else at the socket.

pub mod bob;
mod program;
pub mod stranger;

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nudged_rig::{Artifacts, DEADLINE, Reply, Rig, RigOptions, Vendor};
use nudged_simulator::{FaultKind, Received};
use serde_json::{Value, json};

pub use program::{Ran, nudgectl, nudgectl_reading, run};

/// The daemon and drivers of this run.
pub fn artifacts() -> Artifacts {
    Artifacts::with_daemon(env!("CARGO_BIN_EXE_nudged")).unwrap_or_else(|error| panic!("{error}"))
}

/// A rig as it is by default.
pub async fn rig() -> Rig {
    rig_with(RigOptions::default()).await
}

/// A rig with these options.
pub async fn rig_with(options: RigOptions) -> Rig {
    let mut rig = prepared(options).await;
    rig.launch()
        .await
        .unwrap_or_else(|error| panic!("{}", nudged_rig::causes(&error)));
    rig
}

/// A rig with channels of these vendors.
pub async fn rig_of(vendors: &[Vendor]) -> Rig {
    rig_with(RigOptions {
        vendors: vendors.to_vec(),
        ..RigOptions::default()
    })
    .await
}

/// A notification for one APNs token, whose last digits are `n`.
pub fn to_token(n: u64, body: &str) -> Value {
    json!({"to": [{"channel": "ios", "token": token(n)}], "message": {"title": "Carol", "body": body}})
}

/// A notification for the token that each vendor knows.
pub fn to_vendor(vendor: Vendor, body: &str) -> Value {
    json!({
        "to": [{"channel": vendor.channel, "token": vendor.token}],
        "message": {"title": "Carol", "body": body},
    })
}

/// A notification for all devices of a user.
pub fn to_user(user: &str, body: &str) -> Value {
    json!({
        "to": [{"user": user}],
        "message": {"title": "Carol", "body": body, "ext": "{\"chat\":7}"},
    })
}

/// An APNs token.
pub fn token(n: u64) -> String {
    format!("{n:064x}")
}

/// A rig whose daemon does not run yet.
pub async fn prepared(options: RigOptions) -> Rig {
    let artifacts = tokio::task::spawn_blocking(artifacts)
        .await
        .expect("they are there");
    let options = RigOptions {
        artifacts: Some(artifacts),
        ..options
    };
    Rig::prepare(options)
        .await
        .unwrap_or_else(|error| panic!("{}", nudged_rig::causes(&error)))
}

/// The problem that an answer must be, in the form that all problems have.
#[track_caller]
pub fn problem(reply: Reply, status: u16, code: &str) -> Value {
    let kind = reply.headers.get("content-type").cloned();
    let what = reply.what.clone();
    let problem = reply.expect(status);
    let kind = kind.as_ref().and_then(|it| it.to_str().ok());
    assert_eq!(kind, Some("application/problem+json"), "{what}");
    assert_eq!(problem["code"], code, "{what}: {problem:#}");
    assert_eq!(problem["status"], status, "{what}: {problem:#}");
    let kind = format!("urn:nudged:problem:{code}");
    assert_eq!(problem["type"], kind.as_str(), "{what}: {problem:#}");
    for text in ["title", "detail"] {
        let text = problem[text].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{what}: {problem:#}");
    }
    problem
}

/// The text of a member, empty when there is none.
pub fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

/// The text at a JSON pointer; a panic that shows the value where there is none.
#[track_caller]
pub fn text_at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} of {value:#}"))
}

/// UNIX milliseconds.
pub fn now_ms() -> u64 {
    ms(SystemTime::now())
}

/// UNIX milliseconds of a time in JSON.
#[track_caller]
pub fn time_at(value: &Value, pointer: &str) -> u64 {
    let text = text_at(value, pointer);
    ms(humantime::parse_rfc3339(text).unwrap_or_else(|_| panic!("{text} is no time")))
}

fn ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_millis()).expect("before the year 500 million")
}

/// Waits until a condition holds.
#[track_caller]
pub fn until<F: Future<Output = bool>>(
    what: &str,
    condition: impl Fn() -> F,
) -> impl Future<Output = ()> {
    let place = std::panic::Location::caller();
    async move {
        let end = tokio::time::Instant::now() + DEADLINE;
        while !condition().await {
            let in_time = tokio::time::Instant::now() < end;
            assert!(in_time, "{place}: {what} does not happen");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The trace of a notification.
pub async fn trace_of(rig: &Rig, id: &str) -> Value {
    rig.client.trace(id).await.unwrap().expect(200)
}

/// A channel's row in the list of channels.
pub async fn channel(rig: &Rig, name: &str) -> Value {
    let list = rig.client.get("/v1/channels").await.unwrap().expect(200);
    let rows = list["channels"].as_array().expect("a list");
    let found = rows.iter().find(|row| row["name"] == name);
    found.unwrap_or_else(|| panic!("{list:#}")).clone()
}

/// Waits until a channel is held, and returns its row.
pub async fn held_channel(rig: &Rig, name: &str) -> Value {
    let is_held = async || channel(rig, name).await["state"] == "held";
    until("the hold", is_held).await;
    channel(rig, name).await
}

/// What a vendor took, in order.
pub fn taken_by(rig: &Rig, vendor: Vendor) -> Vec<Received> {
    let all = rig.simulator.received().into_iter();
    all.filter(|it| it.vendor == vendor.name).collect()
}

/// The only message that a vendor took.
#[track_caller]
pub fn only_taken(rig: &Rig, vendor: Vendor) -> Received {
    let mut all = taken_by(rig, vendor);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// Sends notifications as one stream; their ids.
pub async fn send_all(rig: &Rig, notifications: impl IntoIterator<Item = Value>) -> Vec<String> {
    let lines: Vec<String> = notifications.into_iter().map(|it| it.to_string()).collect();
    let answers = rig.client.send_lines(&lines).await.unwrap();
    assert_eq!(answers.len(), lines.len());
    answers
        .iter()
        .map(|it| text_at(it, "/id").to_owned())
        .collect()
}

/// Waits until notifications of one recipient each have ended, all of them well.
pub async fn all_accepted(rig: &Rig, ids: &[String]) {
    let mut events = rig.client.events("since=0&follow=true").await.unwrap();
    let mut left: HashSet<&str> = ids.iter().map(String::as_str).collect();
    while !left.is_empty() {
        let next = events.next().await;
        let next = next.unwrap_or_else(|error| panic!("{error}, {} to go", left.len()));
        let event = next.expect("events go on");
        if left.remove(text_at(&event, "/id")) {
            assert_eq!(event["outcome"], "accepted", "{event:#}");
        }
    }
}

/// A refusal with this status.
pub fn refusal(status: u16) -> FaultKind {
    FaultKind::Status {
        status,
        reason: None,
        retry_after: None,
        timestamp_ms: None,
    }
}

/// A header of a request; empty when it is not there.
pub fn header<'a>(message: &'a Received, name: &str) -> &'a str {
    let found = message.headers.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value)
}

/// A user's devices in the default app.
pub async fn devices(rig: &Rig, user: &str) -> Vec<Value> {
    devices_of(rig, "default", user).await
}

/// A user's devices in an app.
pub async fn devices_of(rig: &Rig, app: &str, user: &str) -> Vec<Value> {
    let path = format!("/v1/apps/{app}/users/{}/devices", percent_encoded(user));
    let list = rig.client.get(&path).await.unwrap().expect(200);
    list["devices"].as_array().unwrap().clone()
}

/// How many devices there are, of all users.
pub async fn count_devices(rig: &Rig) -> usize {
    let all = rig.client.get_lines("/v1/devices/export").await.unwrap();
    all.len()
}

/// A name as a part of a path.
pub fn percent_encoded(name: &str) -> String {
    name.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Reloads, which must go well; the report.
pub async fn reload(rig: &Rig) -> Value {
    reload_with(rig, Value::Null).await.expect(200)
}

/// Reloads, with what the request asks for.
pub async fn reload_with(rig: &Rig, spec: Value) -> Reply {
    rig.client.post("/v1/reload", &spec).await.unwrap()
}

/// Changes a file of the configuration, all of it in one moment.
#[track_caller]
pub fn edit(rig: &Rig, name: &str, from: &str, to: &str) {
    let before = std::fs::read_to_string(rig.home.path().join(name)).unwrap();
    let after = before.replacen(from, to, 1);
    assert_ne!(before, after, "{from} is not in {name}");
    rig.home.write(name, after).unwrap();
}

/// Holds, releases or flushes a channel.
pub async fn order(rig: &Rig, what: &str, channel: &str) -> Value {
    let path = format!("/v1/queue/{what}");
    let reply = rig.client.post(&path, &json!({"channel": channel})).await;
    reply.unwrap().expect(200)
}
