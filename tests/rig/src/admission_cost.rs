//! What it costs to tell senders, at the door, what devices will not show: the same notifications
//! are accepted for a channel whose driver is asked, and for one that has no driver to ask.
//!
//! In: how many, how often. Out: processor time of the daemon for each notification, from the
//! socket to the answer. Nothing is sent meanwhile: the operator holds the one channel, and the
//! other is broken. A held channel also lines up what it gets, which a broken one does not: the
//! first line shows that price, and what the second is above it is that of asking.

use std::fmt;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::cost::Cpu;
use crate::rig::{Rig, RigError, RigOptions};
use crate::vendor::Vendor;

/// The channel without a driver to ask.
const BROKEN: &str = "broken";
const BROKEN_ID: u64 = 999_999;
/// What a user is called whose messages are measured one by one.
const BOB: &str = "bob";

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Notifications to one user, in one stream.
    pub notifications: usize,
    /// Recipients of one notification, each with a sound of his own.
    pub recipients: usize,
    /// How often each is measured.
    pub rounds: usize,
}

/// What one kind of notification takes.
#[derive(Debug)]
pub struct Figures {
    /// What is accepted.
    pub what: &'static str,
    /// CPU-microseconds of one where no driver is asked.
    pub alone: f64,
    /// And where it is.
    pub asked: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figures { what, alone, asked } = self;
        let more = (asked / alone - 1.0) * 100.0;
        write!(f, "{what:<48} {alone:>9.1} {asked:>9.1} µs  {more:>+6.1} %")
    }
}

/// What is sent to one user, by its number.
type Line = fn(usize) -> Value;

/// Chat messages; the category of the second makes each another one to the daemon, which asks the
/// driver of each then.
const LINES: [(&str, Line); 3] = [
    (
        "a chat text like others before",
        |n| json!({"title": "Ann", "body": format!("Lunch at one? {n:08}"), "category": "c00000000"}),
    ),
    ("a chat text, the driver asked of each", |n| {
        let category = format!("c{n:08}");
        json!({"title": "Ann", "body": format!("Lunch at one? {n:08}"), "category": category})
    }),
    (
        "a text of 2,000 Chinese characters, cut",
        |n| json!({"title": "Ann", "body": format!("{}{n:08}", "午".repeat(2000))}),
    ),
];

/// What is sent to many: with these options of APNs's.
const TO_MANY: [(&str, &str); 2] = [
    ("one to many, each another content", "{}"),
    ("the same with options", r#"{"apns": {"thread_id": "t"}}"#),
];

/// Measures.
pub async fn run(vendor: Vendor, size: Size) -> Result<Vec<Figures>, RigError> {
    let mut rig = Rig::prepare(RigOptions {
        vendors: vec![vendor],
        logged: "warn".into(),
        ..RigOptions::default()
    })
    .await?;
    furnish(&mut rig, vendor).await?;
    let mut figures = Vec::new();
    let mut sent = 0;
    for (what, line) in LINES {
        let mut took = [Vec::new(), Vec::new()];
        for _ in 0..size.rounds {
            for (at, channel) in [BROKEN, vendor.channel].into_iter().enumerate() {
                register(&rig, channel, vendor, BOB, 0).await?;
                let numbers = sent..sent + size.notifications;
                sent = numbers.end;
                let to = json!([{"user": BOB}]);
                let lines = numbers.map(|n| json!({"to": to, "message": line(n)}));
                let cpu = accepted(&rig, lines.collect()).await?;
                took[at].push(cpu / size.notifications as f64);
            }
        }
        let [alone, asked] = took.map(median);
        figures.push(Figures { what, alone, asked });
    }
    figures.extend(to_many(&rig, vendor, size).await?);
    Ok(figures)
}

/// One notification to users who have a sound of their own each, so that each is told another
/// content.
async fn to_many(rig: &Rig, vendor: Vendor, size: Size) -> Result<Vec<Figures>, RigError> {
    let users: Vec<String> = (0..size.recipients).map(|n| format!("u{n}")).collect();
    for (n, user) in users.iter().enumerate() {
        register(rig, BROKEN, vendor, user, n).await?;
        let sound = json!({"c2c_sound": format!("sound{n}.caf")});
        let path = format!("/v1/apps/default/users/{user}/settings");
        rig.client.put(&path, &sound).await?.expect(200);
    }
    let to: Vec<Value> = users.iter().map(|user| json!({"user": user})).collect();
    let mut took = TO_MANY.map(|_| [0.0, 0.0]);
    for (at, channel) in [BROKEN, vendor.channel].into_iter().enumerate() {
        for (n, user) in users.iter().enumerate() {
            register(rig, channel, vendor, user, n).await?;
        }
        for (which, (_, options)) in TO_MANY.iter().enumerate() {
            let message = json!({"title": "Ann", "body": "Lunch at one?"});
            let options: Value = serde_json::from_str(options).expect("they are JSON");
            let line = json!({"to": to, "message": message, "options": options});
            let mut rounds = Vec::new();
            for _ in 0..size.rounds {
                rounds.push(accepted(rig, vec![line.clone()]).await?);
            }
            took[which][at] = median(rounds);
        }
    }
    let figures = TO_MANY.iter().zip(took);
    let figures = figures.map(|((what, _), [alone, asked])| Figures { what, alone, asked });
    Ok(figures.collect())
}

/// A channel that is held, and a broken one.
async fn furnish(rig: &mut Rig, vendor: Vendor) -> Result<(), RigError> {
    let good = std::fs::read_to_string(rig.home.channel_file(vendor.channel))?;
    let id = format!("certificate_id = {}", vendor.certificate_id);
    let broken = good
        .replace(&id, &format!("certificate_id = {BROKEN_ID}"))
        .replace("[settings]", "[settings]\nunknown = 1");
    rig.home.write_channel(BROKEN, &broken)?;
    rig.launch().await?;
    let held = json!({"channel": vendor.channel});
    rig.client.post("/v1/queue/hold", &held).await?.expect(200);
    Ok(())
}

async fn register(
    rig: &Rig,
    channel: &str,
    vendor: Vendor,
    user: &str,
    n: usize,
) -> Result<(), RigError> {
    let path = format!("/v1/apps/default/users/{user}/devices/phone");
    let report = json!({"channel": channel, "token": vendor.numbered(n)});
    rig.client.put(&path, &report).await?.expect(200);
    Ok(())
}

/// Sends these in one stream, and returns the microseconds that the daemon was busy with them.
async fn accepted(rig: &Rig, lines: Vec<Value>) -> Result<f64, RigError> {
    let wanted = lines.len();
    let lines: Vec<Bytes> = lines
        .into_iter()
        .map(|line| Bytes::from(format!("{line}\n")))
        .collect();
    let cpu = Cpu::of(rig.daemon()?.pid())?;
    let before = cpu.seconds()?;
    let (mut writer, mut answers) = rig.client.open_stream().await?.split();
    let write = async move {
        for line in lines {
            if !writer.write(line).await {
                break;
            }
        }
    };
    let read = async {
        let mut count = 0;
        while let Some(answer) = answers.next().await? {
            if answer["id"].is_null() {
                return Err(RigError::Unexpected(answer.to_string()));
            }
            count += 1;
        }
        Ok(count)
    };
    let ((), count) = tokio::join!(write, read);
    let took = cpu.seconds()? - before;
    match count? {
        count if count == wanted => Ok(took * 1e6),
        count => Err(RigError::Unexpected(format!(
            "{wanted} were sent, and {count} answered"
        ))),
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
