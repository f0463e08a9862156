//! Killing the daemon without warning, again and again, under load: what is lost, what
//! comes twice?
//!
//! With `power`, what was not brought to the disk is lost too (see [`power`](crate::power)).
//!
//! Each notification carries a mark of its own in `ext`. Accepted is what a caller has read
//! the answer of; arrived is what the vendor took. One data directory goes through all
//! rounds, so each start also recovers what the kills before it left behind.
//!
//! Runs on a current-thread runtime only: messages are taken out of the simulator in two
//! steps, between which none may arrive.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use nudged_simulator::Options;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::artifacts::Artifacts;
use crate::client::{Client, Lines};
use crate::daemon::DEADLINE;
use crate::power::Discarded;
use crate::rig::{Rig, RigError, RigOptions};
use crate::vendor::APNS;

/// Callers that send one notification a request.
const CALLERS: usize = 4;
/// Most notifications that such a caller sends in a round.
const MAX_SINGLE: usize = 60;
/// Lines of the stream that are sent before their answers are read.
const CHUNK: usize = 20;
/// Most chunks of a round.
const MAX_CHUNKS: usize = 8;
/// Longest time from readiness to the kill.
const MAX_ROUND: Duration = Duration::from_millis(120);
/// Longest time from the start to a kill that does not wait for readiness.
const MAX_START: Duration = Duration::from_millis(60);
/// One in so many rounds is killed while it starts.
const STARTS: u32 = 8;
/// Device tokens that are sent to.
const TOKENS: usize = 500;
/// The vendor answers so much later, or nothing would ever be in flight.
const VENDOR_MS: u64 = 3;

/// What is to be done.
#[derive(Debug)]
pub struct Plan {
    /// Programs and drivers; built when absent.
    pub artifacts: Option<Artifacts>,
    /// Kills.
    pub rounds: usize,
    /// Decides the moments.
    pub seed: u64,
    /// Whether what was not brought to the disk is lost with each kill.
    pub power: bool,
}

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Kills.
    pub rounds: usize,
    /// Decided the moments.
    pub seed: u64,
    /// Notifications whose acceptance a caller has read.
    pub accepted: usize,
    /// Of these, how many the vendor got.
    pub delivered: usize,
    /// Of these, how many the vendor never got.
    pub lost: usize,
    /// Arrivals beyond the first, over all notifications.
    pub duplicated: usize,
    /// Deliveries that the vendor had, but whose outcome was not yet seen, at the kills; with a
    /// power cut all that it got since the start, as outcomes are brought to the disk late.
    pub in_flight_bound: usize,
    /// Lives in which an outcome was told with a cursor that was not above all told before.
    pub cursors_reused: usize,
    /// Writes that the power cuts have taken back.
    pub discarded_writes: usize,
    /// Files that they have removed.
    pub discarded_files: usize,
    /// Accepted ones that do not have exactly one outcome.
    pub unexplained: usize,
    /// How long it took.
    pub seconds: f64,
}

impl Report {
    /// Whether the promise was kept.
    pub fn is_good(&self) -> bool {
        let never = [self.lost, self.unexplained, self.cursors_reused];
        never == [0; 3] && self.duplicated <= self.in_flight_bound
    }
}

/// Kills and counts; `progress` is called after each round with what has been accepted and
/// has arrived so far.
pub async fn run(
    plan: Plan,
    mut progress: impl FnMut(usize, usize, usize),
) -> Result<Report, RigError> {
    let mut random = fastrand::Rng::with_seed(plan.seed);
    let mut rig = Rig::prepare(RigOptions {
        artifacts: plan.artifacts,
        simulator: Options {
            delay_ms: VENDOR_MS,
            ..Options::default()
        },
        vendors: vec![APNS],
        power_cuts: plan.power,
        ..RigOptions::default()
    })
    .await?;
    // Building is not what is measured.
    let began = Instant::now();
    let mut arrivals = Arrivals::default();
    let ledger = Ledger::default();
    let mut in_flight_bound = 0;
    let mut discarded = Discarded::default();
    let mut seen = SeenEvents::default();
    for round in 1..=plan.rounds {
        if random.u32(..STARTS) == 0 {
            let daemon = rig.spawn()?;
            tokio::time::sleep(part_of(MAX_START, &mut random)).await;
            daemon.kill9().await?;
            // Nobody listened to its outcomes: all that it may have sent counts.
            in_flight_bound += arrivals.take(&rig).len();
        } else {
            rig.launch().await?;
            let length = part_of(MAX_ROUND, &mut random);
            let now = one_life(&mut rig, &ledger, length).await?;
            let new = arrivals.take(&rig);
            in_flight_bound += match plan.power {
                true => new.len(),
                false => new.difference(&now.ids).count(),
            };
            seen.go_on(now);
        }
        if let Some(power) = rig.power() {
            // Nothing of it, or some of it: each is what a disk may do.
            let kept = *random.choice([0.0, 0.0, 0.5, 0.9].iter()).unwrap_or(&0.0);
            let lost = power.cut(&mut random, kept)?;
            discarded.writes += lost.writes;
            discarded.files += lost.files;
        }
        progress(
            round,
            ledger.accepted.borrow().len(),
            arrivals.by_mark.len(),
        );
    }
    rig.launch().await?;
    drain(&rig).await?;
    let outcomes = outcomes(&rig.client).await?;
    rig.terminate().await?;
    arrivals.take(&rig);

    let accepted = ledger.accepted.into_inner();
    let delivered = accepted
        .iter()
        .filter(|it| arrivals.by_mark.contains_key(&it.mark))
        .count();
    Ok(Report {
        rounds: plan.rounds,
        seed: plan.seed,
        accepted: accepted.len(),
        delivered,
        lost: accepted.len() - delivered,
        duplicated: arrivals.by_mark.values().map(|times| times - 1).sum(),
        in_flight_bound,
        cursors_reused: seen.reused,
        discarded_writes: discarded.writes,
        discarded_files: discarded.files,
        unexplained: accepted
            .iter()
            .filter(|it| outcomes.get(&it.id) != Some(&1))
            .count(),
        seconds: began.elapsed().as_secs_f64(),
    })
}

fn part_of(longest: Duration, random: &mut fastrand::Rng) -> Duration {
    longest.mul_f64(random.f64())
}

/// What callers know.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) accepted: RefCell<Vec<Accepted>>,
    sent: Cell<usize>,
}

#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) mark: String,
    pub(crate) id: String,
}

impl Ledger {
    /// The next notification: its mark and its text.
    pub(crate) fn next(&self) -> (String, Value) {
        let number = self.sent.get();
        self.sent.set(number + 1);
        let mark = format!("m{number}");
        let notification = json!({
            "to": [{"channel": APNS.channel, "token": format!("{:064x}", number % TOKENS)}],
            "message": {"title": "crash", "body": "are you there?", "ext": mark},
        });
        (mark, notification)
    }

    pub(crate) fn accept(&self, mark: String, answer: &Value) {
        if let Some(id) = answer["id"].as_str() {
            self.accepted.borrow_mut().push(Accepted {
                mark,
                id: id.to_owned(),
            });
        }
    }
}

/// What the vendor got.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// How often, by mark.
    pub(crate) by_mark: HashMap<String, usize>,
}

impl Arrivals {
    /// Takes what has arrived since the last time; returns the vendor's ids of it.
    pub(crate) fn take(&mut self, rig: &Rig) -> HashSet<String> {
        let received = rig.simulator.received();
        rig.simulator.reset();
        let mut ids = HashSet::with_capacity(received.len());
        for message in received {
            let mark = message.body["ext"].as_str().unwrap_or_default().to_owned();
            *self.by_mark.entry(mark).or_default() += 1;
            ids.insert(message.vendor_id);
        }
        ids
    }
}

/// What followers of the outcomes have seen.
#[derive(Debug, Default)]
struct SeenEvents {
    /// The vendor's ids.
    ids: HashSet<String>,
    /// The least and the greatest cursor.
    cursors: Option<(u64, u64)>,
    /// Lives whose cursors were not above all of those before.
    reused: usize,
}

impl SeenEvents {
    fn add(&mut self, event: &Value) {
        if let Some(id) = event["vendor_id"].as_str() {
            self.ids.insert(id.to_owned());
        }
        if let Some(cursor) = event["cursor"].as_u64() {
            let (least, greatest) = self.cursors.unwrap_or((cursor, cursor));
            self.cursors = Some((least.min(cursor), greatest.max(cursor)));
        }
    }

    /// What was told in the next life.
    fn go_on(&mut self, next: SeenEvents) {
        let Some((least, greatest)) = next.cursors else {
            return;
        };
        if let Some((_, before)) = self.cursors {
            self.reused += usize::from(least <= before);
        }
        self.cursors = Some((least, greatest));
    }
}

/// Load on a daemon that is ready, and its end. Returns what it told of outcomes: what is told
/// is written, so only the other deliveries may come again.
async fn one_life(
    rig: &mut Rig,
    ledger: &Ledger,
    length: Duration,
) -> Result<SeenEvents, RigError> {
    let mut events = rig.client.events("follow=true").await?;
    let kill_at = Instant::now() + length;
    let seen = RefCell::new(SeenEvents::default());
    {
        let client = &rig.client;
        let callers = async {
            tokio::join!(
                single(client, ledger),
                single(client, ledger),
                single(client, ledger),
                single(client, ledger),
                stream(client, ledger),
                listen(&mut events, &seen),
            )
        };
        const { assert!(CALLERS == 4) };
        // The callers' requests are cut off wherever they are.
        let _killed = tokio::time::timeout_at(kill_at, callers).await;
    }
    rig.kill9().await?;
    // What it had told before it died is still in the socket.
    listen(&mut events, &seen).await;
    Ok(seen.into_inner())
}

async fn single(client: &Client, ledger: &Ledger) {
    for _ in 0..MAX_SINGLE {
        let (mark, notification) = ledger.next();
        match client.send(&notification).await {
            Ok(reply) => ledger.accept(mark, &reply.expect(202)),
            Err(_) => return,
        }
    }
}

async fn stream(client: &Client, ledger: &Ledger) {
    let Ok(mut stream) = client.open_stream().await else {
        return;
    };
    for _ in 0..MAX_CHUNKS {
        let mut marks = VecDeque::with_capacity(CHUNK);
        let mut lines = String::new();
        for _ in 0..CHUNK {
            let (mark, notification) = ledger.next();
            marks.push_back(mark);
            lines.push_str(&notification.to_string());
            lines.push('\n');
        }
        if !stream.write(lines).await {
            return;
        }
        while let Some(mark) = marks.pop_front() {
            let Ok(Some(answer)) = stream.answers.next().await else {
                return;
            };
            ledger.accept(mark, &answer);
        }
    }
}

async fn listen(events: &mut Lines, seen: &RefCell<SeenEvents>) {
    while let Ok(Some(event)) = events.next().await {
        seen.borrow_mut().add(&event);
    }
}

/// Waits until nothing is queued any more.
pub(crate) async fn drain(rig: &Rig) -> Result<(), RigError> {
    match rig.drained(DEADLINE).await? {
        true => Ok(()),
        false => Err(RigError::Unexpected("the queue does not drain".to_owned())),
    }
}

/// How many outcomes each notification has.
pub(crate) async fn outcomes(client: &Client) -> Result<HashMap<String, usize>, RigError> {
    let mut events = client.events("since=0").await?;
    let mut outcomes = HashMap::new();
    while let Some(event) = events.next().await? {
        let id = event["id"].as_str().unwrap_or_default().to_owned();
        *outcomes.entry(id).or_default() += 1;
    }
    Ok(outcomes)
}
