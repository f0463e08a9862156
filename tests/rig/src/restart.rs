//! Stopping and starting the daemon under load, again and again, as an upgrade does: is
//! anybody refused, anything lost or sent twice? And how long does a caller wait?
//!
//! What a caller does is what the manual asks of it: a request whose connection ends before
//! the first byte of an answer is sent again on a new one; a line of a stream that was
//! answered with `stopping`, and those after it, too. Nobody uses idempotency keys, so that
//! nothing but the daemon itself keeps a notification from being sent twice. Marks and counts
//! are those of [`crash`](crate::crash), and so is the runtime: a current-thread one.

use std::cell::Cell;
use std::collections::VecDeque;
use std::time::Duration;

use nudged_simulator::Options;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::artifacts::Artifacts;
use crate::client::{Client, ClientError};
use crate::crash::{Arrivals, Ledger, drain, outcomes};
use crate::rig::{Rig, RigError, RigOptions};
use crate::supervisor::{Keeping, Supervisor};
use crate::vendor::APNS;

/// Lines of the stream that are sent before their answers are read.
const CHUNK: usize = 20;
/// Longest time from readiness to the stop.
const MAX_UPTIME: Duration = Duration::from_millis(200);
/// The vendor answers so much later, or nothing would ever be in flight.
const VENDOR_MS: u64 = 3;
/// A caller that was refused tries again then.
const AGAIN: Duration = Duration::from_millis(5);

/// What is to be done.
#[derive(Debug)]
pub struct Plan {
    /// Programs and drivers; built when absent.
    pub artifacts: Option<Artifacts>,
    /// Restarts.
    pub rounds: usize,
    /// Decides the moments.
    pub seed: u64,
    /// Who makes the socket.
    pub keeping: Keeping,
}

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Restarts.
    pub rounds: usize,
    /// Decided the moments.
    pub seed: u64,
    /// Notifications whose acceptance a caller has read.
    pub accepted: usize,
    /// Connections that were refused.
    pub refused: usize,
    /// Requests that were sent again, as their connection had ended without an answer.
    pub resent: usize,
    /// Streams that the daemon ended, saying which line was the first that it did not take.
    pub streams_ended: usize,
    /// Streams and requests that ended in any other way.
    pub broken: usize,
    /// Accepted ones that the vendor never got.
    pub lost: usize,
    /// Arrivals beyond the first, over all notifications.
    pub duplicated: usize,
    /// Accepted ones that do not have exactly one outcome.
    pub unexplained: usize,
    /// The longest that a single request took, from its first try to its answer.
    pub longest_wait_ms: u64,
    /// The longest time from the word to stop to the word that the next one is ready.
    pub longest_restart_ms: u64,
    /// How long it took.
    pub seconds: f64,
}

impl Report {
    /// Whether the promise was kept.
    pub fn is_good(&self) -> bool {
        let Report {
            refused,
            broken,
            lost,
            duplicated,
            unexplained,
            ..
        } = self;
        [refused, broken, lost, duplicated, unexplained] == [&0; 5]
    }
}

/// Restarts and counts; `progress` is called after each restart with the milliseconds that
/// it took.
pub async fn run(plan: Plan, mut progress: impl FnMut(usize, u64)) -> Result<Report, RigError> {
    let mut random = fastrand::Rng::with_seed(plan.seed);
    let mut rig = Rig::prepare(RigOptions {
        artifacts: plan.artifacts,
        simulator: Options {
            delay_ms: VENDOR_MS,
            ..Options::default()
        },
        vendors: vec![APNS],
        ..RigOptions::default()
    })
    .await?;
    let began = Instant::now();
    let mut systemd = Supervisor::new(&rig.home, plan.keeping)?;
    let mut daemon = systemd.start(&rig.artifacts, &rig.home, "info")?;
    systemd.told("READY=1").await?;
    rig.client = Client::new(&rig.home.socket());
    let load = Load::default();
    let mut longest_restart_ms = 0;
    let mut script = async || {
        for round in 1..=plan.rounds {
            tokio::time::sleep(MAX_UPTIME.mul_f64(random.f64())).await;
            let stopped = Instant::now();
            daemon.signal(nix::sys::signal::Signal::SIGTERM)?;
            daemon.exited().await?;
            daemon = systemd.start(&rig.artifacts, &rig.home, "info")?;
            systemd.told("READY=1").await?;
            let took = stopped.elapsed().as_millis() as u64;
            longest_restart_ms = longest_restart_ms.max(took);
            progress(round, took);
        }
        tokio::time::sleep(MAX_UPTIME).await;
        Ok::<_, RigError>(())
    };
    // Callers end after the script only; when it fails, they end too.
    let scripted = async {
        let result = script().await;
        load.over.set(true);
        result
    };
    let client = &rig.client;
    let callers = async {
        tokio::join!(
            load.single(client),
            load.single(client),
            load.single(client),
            load.newcomer(client),
            load.stream(client),
        );
    };
    let (result, ()) = tokio::join!(scripted, callers);
    result?;
    drain(&rig).await?;
    let outcomes = outcomes(&rig.client).await?;
    daemon.terminate().await?;
    let mut arrivals = Arrivals::default();
    arrivals.take(&rig);

    let accepted = load.ledger.accepted.into_inner();
    Ok(Report {
        rounds: plan.rounds,
        seed: plan.seed,
        accepted: accepted.len(),
        refused: load.refused.get(),
        resent: load.resent.get(),
        streams_ended: load.streams_ended.get(),
        broken: load.broken.get(),
        lost: accepted
            .iter()
            .filter(|it| !arrivals.by_mark.contains_key(&it.mark))
            .count(),
        duplicated: arrivals.by_mark.values().map(|times| times - 1).sum(),
        unexplained: accepted
            .iter()
            .filter(|it| outcomes.get(&it.id) != Some(&1))
            .count(),
        longest_wait_ms: load.longest_wait.get().as_millis() as u64,
        longest_restart_ms,
        seconds: began.elapsed().as_secs_f64(),
    })
}

fn add(to: &Cell<usize>, count: usize) {
    to.set(to.get() + count);
}

/// Callers, and what they were told.
#[derive(Debug, Default)]
struct Load {
    ledger: Ledger,
    refused: Cell<usize>,
    resent: Cell<usize>,
    streams_ended: Cell<usize>,
    broken: Cell<usize>,
    longest_wait: Cell<Duration>,
    over: Cell<bool>,
}

impl Load {
    /// One request after the other, on connections that are kept.
    async fn single(&self, client: &Client) {
        while !self.over.get() {
            self.one(client).await;
        }
    }

    /// A connection for each request.
    async fn newcomer(&self, client: &Client) {
        while !self.over.get() {
            self.one(&client.another()).await;
        }
    }

    async fn one(&self, client: &Client) {
        let (mark, notification) = self.ledger.next();
        let began = Instant::now();
        loop {
            match client.send(&notification).await {
                Ok(reply) if reply.status == 202 => {
                    self.ledger.accept(mark, &reply.body);
                    break;
                }
                Err(ClientError::Unanswered { .. }) => add(&self.resent, 1),
                Err(ClientError::Connect { .. }) => {
                    add(&self.refused, 1);
                    tokio::time::sleep(AGAIN).await;
                }
                _ => {
                    add(&self.broken, 1);
                    break;
                }
            }
        }
        let waited = began.elapsed().max(self.longest_wait.get());
        self.longest_wait.set(waited);
    }

    /// Streams, a new one whenever the daemon ends one.
    async fn stream(&self, client: &Client) {
        let mut left = VecDeque::new();
        while !self.over.get() || !left.is_empty() {
            match client.open_stream().await {
                Ok(stream) => self.one_stream(stream, &mut left).await,
                Err(ClientError::Unanswered { .. }) => add(&self.resent, 1),
                Err(ClientError::Connect { .. }) => {
                    add(&self.refused, 1);
                    tokio::time::sleep(AGAIN).await;
                }
                Err(_) => add(&self.broken, 1),
            }
        }
    }

    /// Sends what is left of an earlier stream and then more; what is not answered is left.
    async fn one_stream(
        &self,
        mut stream: crate::client::Stream,
        left: &mut VecDeque<(String, Value)>,
    ) {
        while !self.over.get() || !left.is_empty() {
            while left.len() < CHUNK {
                left.push_back(self.ledger.next());
            }
            let lines = left
                .iter()
                .map(|(_, notification)| format!("{notification}\n"));
            // What cannot be written any more is not answered either.
            let _ended = stream.write(lines.collect::<String>()).await;
            while let Some((mark, _)) = left.front() {
                match stream.answers.next().await {
                    Ok(Some(answer)) if answer["id"].is_string() => {
                        self.ledger.accept(mark.clone(), &answer);
                        left.pop_front();
                    }
                    Ok(Some(answer)) if answer["problem"]["code"] == "stopping" => {
                        add(&self.streams_ended, 1);
                        stream.finish();
                        if !matches!(stream.answers.next().await, Ok(None)) {
                            add(&self.broken, 1);
                        }
                        return;
                    }
                    _ => {
                        add(&self.broken, 1);
                        left.clear();
                        return;
                    }
                }
            }
        }
    }
}
