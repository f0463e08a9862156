//! The callers: each does one kind of thing over and over, with pauses, so that the machine
//! is busy and never full.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::CHANNELS;
use super::ledger::Ledger;
use crate::client::Client;
use crate::rig::{Rig, RigError};
use crate::vendor::Vendor;

/// Callers that send one notification a request, on connections that are kept.
const SINGLES: usize = 4;
const BETWEEN_SINGLES: Duration = Duration::from_millis(25);
/// Lines of the stream that are sent together.
const CHUNK: usize = 20;
const BETWEEN_CHUNKS: Duration = Duration::from_millis(200);
/// Registered users, and how many of them a group has.
const USERS: usize = 200;
const MEMBERS: usize = 40;
const BETWEEN_GROUPS: Duration = Duration::from_millis(500);
const BETWEEN_REPORTS: Duration = Duration::from_millis(30);
const BETWEEN_RELOADS: Duration = Duration::from_secs(3);
/// Device tokens that single notifications go to, of each vendor.
const TOKENS: usize = 1000;

type Calls = JoinSet<Result<(), RigError>>;

/// Gives each user a phone.
pub(super) async fn register(client: &Client) -> Result<(), RigError> {
    for user in 0..USERS {
        report(client, user, CHANNELS[user % CHANNELS.len()], user).await?;
    }
    Ok(())
}

/// Starts all callers; they go on until the ledger says stop.
pub(super) fn callers(
    client: &Arc<Client>,
    ledger: &Arc<Ledger>,
    random: &mut fastrand::Rng,
) -> Calls {
    let mut calls = JoinSet::new();
    for _ in 0..SINGLES {
        calls.spawn(singles(client.clone(), ledger.clone(), random.fork()));
    }
    calls.spawn(stream(client.clone(), ledger.clone(), random.fork()));
    calls.spawn(groups(client.clone(), ledger.clone(), random.fork()));
    calls.spawn(reports(client.clone(), ledger.clone(), random.fork()));
    calls
}

async fn singles(
    client: Arc<Client>,
    ledger: Arc<Ledger>,
    mut random: fastrand::Rng,
) -> Result<(), RigError> {
    while ledger.goes_on() {
        let mark = ledger.mark();
        let reply = client.send(&to_token(&mark, &mut random)).await?;
        ledger.accept(Some(mark), &reply.body)?;
        tokio::time::sleep(BETWEEN_SINGLES).await;
    }
    Ok(())
}

async fn stream(
    client: Arc<Client>,
    ledger: Arc<Ledger>,
    mut random: fastrand::Rng,
) -> Result<(), RigError> {
    let broken = || RigError::Unexpected("the stream of notifications broke off".to_owned());
    let mut stream = client.open_stream().await?;
    while ledger.goes_on() {
        let marks: Vec<_> = (0..CHUNK).map(|_| ledger.mark()).collect();
        let lines = marks
            .iter()
            .map(|mark| format!("{}\n", to_token(mark, &mut random)));
        if !stream.write(lines.collect::<String>()).await {
            return Err(broken());
        }
        for mark in marks {
            let answer = stream.answers.next().await?.ok_or_else(broken)?;
            ledger.accept(Some(mark), &answer)?;
        }
        tokio::time::sleep(BETWEEN_CHUNKS).await;
    }
    Ok(())
}

async fn groups(
    client: Arc<Client>,
    ledger: Arc<Ledger>,
    mut random: fastrand::Rng,
) -> Result<(), RigError> {
    while ledger.goes_on() {
        let first = random.usize(..USERS);
        let members = (first..first + MEMBERS).map(|user| user % USERS);
        let to: Vec<_> = members.map(|user| json!({"user": name(user)})).collect();
        let mark = ledger.mark();
        let notification = json!({
            "to": to,
            "conversation": {"kind": "group", "id": "g1", "name": "Everybody"},
            "message": {"title": "soak", "body": "to a group", "ext": mark},
        });
        let reply = client.send(&notification).await?;
        ledger.accept(None, &reply.body)?;
        tokio::time::sleep(BETWEEN_GROUPS).await;
    }
    Ok(())
}

async fn reports(
    client: Arc<Client>,
    ledger: Arc<Ledger>,
    mut random: fastrand::Rng,
) -> Result<(), RigError> {
    while ledger.goes_on() {
        let user = random.usize(..USERS);
        let vendor = CHANNELS[random.usize(..CHANNELS.len())];
        // Each token is one user's only, or reports would take it from another.
        let token = user + USERS * random.usize(..10);
        report(&client, user, vendor, token).await?;
        ledger.reported();
        tokio::time::sleep(BETWEEN_REPORTS).await;
    }
    Ok(())
}

async fn report(
    client: &Client,
    user: usize,
    vendor: Vendor,
    token: usize,
) -> Result<(), RigError> {
    let path = format!("/v1/apps/default/users/{}/devices/phone", name(user));
    let token = vendor.numbered(TOKENS + token);
    let report = json!({"channel": vendor.channel, "token": token});
    let reply = client.put(&path, &report).await?;
    match reply.status {
        200 => Ok(()),
        _ => Err(RigError::Unexpected(format!(
            "a token's report was answered with {}",
            reply.body
        ))),
    }
}

fn name(user: usize) -> String {
    format!("user-{user}")
}

fn to_token(mark: &str, random: &mut fastrand::Rng) -> Value {
    let vendor = CHANNELS[random.usize(..CHANNELS.len())];
    let token = vendor.numbered(random.usize(..TOKENS));
    json!({
        "to": [{"channel": vendor.channel, "token": token}],
        "message": {"title": "soak", "body": mark, "ext": mark},
    })
}

/// Reloads, each with one channel changed, by request and by signal in turn.
pub(super) struct Reloads {
    random: fastrand::Rng,
    next: Instant,
    count: usize,
}

impl Reloads {
    pub(super) fn new(random: fastrand::Rng) -> Reloads {
        Reloads {
            random,
            next: Instant::now() + BETWEEN_RELOADS,
            count: 0,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Reloads, if it is time.
    pub(super) async fn go_on(&mut self, rig: &Rig, client: &Client) -> Result<(), RigError> {
        if Instant::now() < self.next {
            return Ok(());
        }
        self.next = Instant::now() + BETWEEN_RELOADS;
        self.count += 1;
        let vendor = CHANNELS[self.random.usize(..CHANNELS.len())];
        let file = std::fs::read_to_string(rig.home.channel_file(vendor.channel))?;
        let settings = file.split("\n[limits]").next().unwrap_or_default();
        let concurrency = self.random.u32(50..150);
        let file = format!("{settings}\n[limits]\nconcurrency = {concurrency}\n");
        rig.home.write_channel(vendor.channel, &file)?;
        if self.count.is_multiple_of(2) {
            rig.hup()?;
            return Ok(());
        }
        let reply = client.post("/v1/reload", &json!({})).await?;
        match reply.status {
            200 => Ok(()),
            _ => Err(RigError::Unexpected(format!(
                "a reload was answered with {}",
                reply.body
            ))),
        }
    }
}
