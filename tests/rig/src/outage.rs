//! The daemon's disk failing under load, in every way, again and again: is anything accepted
//! that is not there later, or refused and sent all the same? And how soon is it over?
//!
//! One daemon goes through all of it. Marks and counts are those of [`crash`](crate::crash),
//! and so is the runtime: a current-thread one.

use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use nudged_simulator::Options;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::artifacts::Artifacts;
use crate::client::Client;
use crate::crash::{Arrivals, Ledger, drain, outcomes};
use crate::daemon::DEADLINE;
use crate::rig::{Rig, RigError, RigOptions};
use crate::shim::DiskFault;
use crate::vendor::APNS;

/// Lines of the stream that are sent before their answers are read.
const CHUNK: usize = 20;
/// A caller that was refused waits so long.
const REFUSED: Duration = Duration::from_millis(10);
/// Longest time between two faults, and longest fault.
const MAX_INTERVAL: Duration = Duration::from_millis(1500);
/// The vendor answers so much later, or nothing would ever be in flight.
const VENDOR_MS: u64 = 3;
/// Within this time of its mending the disk must be used again.
const RECOVERY_TIMEOUT_MS: u64 = 5000;

/// What is to be done.
#[derive(Debug)]
pub struct Plan {
    /// Programs and drivers; built when absent.
    pub artifacts: Option<Artifacts>,
    /// The faults, one after the other.
    pub faults: Vec<DiskFault>,
    /// Decides the moments.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Faults.
    pub rounds: usize,
    /// Decided the moments.
    pub seed: u64,
    /// Notifications that were accepted.
    pub accepted: usize,
    /// Of these, how many the vendor never got.
    pub lost: usize,
    /// Of these, how many do not have exactly one outcome.
    pub unexplained: usize,
    /// Notifications that were refused, and how it should be.
    pub refused: usize,
    /// Of these, how many the vendor got all the same.
    pub revived: usize,
    /// Notifications that were answered in another way.
    pub untyped: usize,
    /// Arrivals beyond the first, over all notifications.
    pub duplicated: usize,
    /// Faults during which health did not say so.
    pub silent: usize,
    /// Whether it was one process all the time.
    pub same_process: bool,
    /// Milliseconds from the mending to the next acceptance: the longest.
    pub longest_resume_ms: u64,
    /// The same: the median.
    pub median_resume_ms: u64,
    /// How long it took.
    pub seconds: f64,
}

impl Report {
    /// Whether the promise was kept, but for its time.
    pub fn is_good(&self) -> bool {
        let wrong = self.lost + self.unexplained + self.revived + self.untyped;
        wrong + self.duplicated + self.silent == 0 && self.same_process
    }

    /// Whether it was kept in time as well.
    pub fn is_soon(&self) -> bool {
        self.is_good() && self.longest_resume_ms <= RECOVERY_TIMEOUT_MS
    }
}

/// Lets the disk fail and counts; `progress` is called after each fault with the
/// milliseconds that it took to be over.
pub async fn run(plan: Plan, mut progress: impl FnMut(DiskFault, u64)) -> Result<Report, RigError> {
    let mut random = fastrand::Rng::with_seed(plan.seed);
    let rig = Rig::start(RigOptions {
        artifacts: plan.artifacts,
        simulator: Options {
            delay_ms: VENDOR_MS,
            ..Options::default()
        },
        vendors: vec![APNS],
        bad_disk: true,
        ..RigOptions::default()
    })
    .await?;
    let began = Instant::now();
    let load = Load::default();
    let mut resumes = Vec::new();
    let mut silent = 0;
    let script = async {
        for fault in &plan.faults {
            tokio::time::sleep(MAX_INTERVAL.mul_f64(random.f64())).await;
            rig.disk()?.fail(*fault)?;
            load.grows(|load| load.refused.borrow().len()).await?;
            let health = rig.client.get("/v1/health").await?.expect(200);
            silent += usize::from(health["status"] != "failed");
            tokio::time::sleep(MAX_INTERVAL.mul_f64(random.f64())).await;
            rig.disk()?.mend()?;
            let mended = Instant::now();
            load.grows(|load| load.ledger.accepted.borrow().len())
                .await?;
            let resume = mended.elapsed().as_millis() as u64;
            resumes.push(resume);
            progress(*fault, resume);
        }
        Ok::<_, RigError>(())
    };
    let client = &rig.client;
    let callers = async {
        tokio::join!(
            load.single(client),
            load.single(client),
            load.single(client),
            load.stream(client),
        );
    };
    // Callers end after the script only; when it fails, they end too.
    let script = async {
        let result = script.await;
        load.over.set(true);
        result
    };
    let (result, ()) = tokio::join!(script, callers);
    result?;
    drain(&rig).await?;
    let same_process = {
        let status = rig.client.get("/v1/status").await?.expect(200);
        status["pid"].as_i64() == Some(rig.daemon()?.pid().into())
    };
    // What was refused must not come to life with a restart either.
    let mut rig = rig;
    rig.restart().await?;
    drain(&rig).await?;
    let outcomes = outcomes(&rig.client).await?;
    rig.terminate().await?;
    let mut arrivals = Arrivals::default();
    arrivals.take(&rig);

    let accepted = load.ledger.accepted.into_inner();
    let refused = load.refused.into_inner();
    resumes.sort_unstable();
    Ok(Report {
        rounds: plan.faults.len(),
        seed: plan.seed,
        accepted: accepted.len(),
        lost: accepted
            .iter()
            .filter(|it| !arrivals.by_mark.contains_key(&it.mark))
            .count(),
        unexplained: accepted
            .iter()
            .filter(|it| outcomes.get(&it.id) != Some(&1))
            .count(),
        refused: refused.len(),
        revived: refused
            .iter()
            .filter(|mark| arrivals.by_mark.contains_key(*mark))
            .count(),
        untyped: load.untyped.get(),
        duplicated: arrivals.by_mark.values().map(|times| times - 1).sum(),
        silent,
        same_process,
        longest_resume_ms: resumes.last().copied().unwrap_or_default(),
        median_resume_ms: resumes.get(resumes.len() / 2).copied().unwrap_or_default(),
        seconds: began.elapsed().as_secs_f64(),
    })
}

/// Callers, and what they were told.
#[derive(Debug, Default)]
struct Load {
    ledger: Ledger,
    refused: RefCell<HashSet<String>>,
    untyped: Cell<usize>,
    over: Cell<bool>,
}

impl Load {
    /// Waits until there is more of something.
    async fn grows(&self, count: impl Fn(&Self) -> usize) -> Result<(), RigError> {
        let (before, until) = (count(self), Instant::now() + DEADLINE);
        while count(self) == before {
            if Instant::now() >= until {
                let problem = format!("nothing changed within {DEADLINE:?}");
                return Err(RigError::Unexpected(problem));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    async fn single(&self, client: &Client) {
        while !self.over.get() {
            let (mark, notification) = self.ledger.next();
            match client.send(&notification).await {
                Ok(reply) if reply.status == 202 => self.ledger.accept(mark, &reply.body),
                Ok(reply) if reply.status == 503 && reply.headers.contains_key("retry-after") => {
                    self.refuse(mark, &reply.body);
                    tokio::time::sleep(REFUSED).await;
                }
                _ => self.untyped.set(self.untyped.get() + 1),
            }
        }
    }

    async fn stream(&self, client: &Client) {
        let Ok(mut stream) = client.open_stream().await else {
            self.untyped.set(self.untyped.get() + 1);
            return;
        };
        while !self.over.get() {
            let mut marks = VecDeque::with_capacity(CHUNK);
            let mut lines = String::new();
            for _ in 0..CHUNK {
                let (mark, notification) = self.ledger.next();
                marks.push_back(mark);
                lines.push_str(&notification.to_string());
                lines.push('\n');
            }
            if !stream.write(lines).await {
                self.untyped.set(self.untyped.get() + CHUNK);
                return;
            }
            let mut refused = false;
            while let Some(mark) = marks.pop_front() {
                match stream.answers.next().await {
                    Ok(Some(answer)) if answer["id"].is_string() => {
                        self.ledger.accept(mark, &answer);
                    }
                    Ok(Some(answer)) => {
                        self.refuse(mark, &answer["problem"]);
                        refused = true;
                    }
                    _ => {
                        self.untyped.set(self.untyped.get() + 1 + marks.len());
                        return;
                    }
                }
            }
            if refused {
                tokio::time::sleep(REFUSED).await;
            }
        }
    }

    fn refuse(&self, mark: String, problem: &Value) {
        if problem["code"] == "storage_failed" {
            self.refused.borrow_mut().insert(mark);
        } else {
            self.untyped.set(self.untyped.get() + 1);
        }
    }
}
