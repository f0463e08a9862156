//! Mixed load for minutes or hours while vendors fail at random: does every notification end
//! exactly once, and do memory, open files and disk stay as they are?
//!
//! - `load` is the callers: single requests, a stream, messages to groups, reports of tokens,
//!   reloads;
//! - `chaos` switches faults on and off at four vendors;
//! - `ledger` is what was accepted and what arrived;
//! - `samples` is what the daemon holds, second by second;
//! - `report` is what came of it.
//!
//! What is counted is held against the promises; memory, files and disk are shown only.

mod chaos;
mod ledger;
mod load;
mod report;
mod samples;

use std::sync::Arc;
use std::time::Duration;

use nudged_simulator::Counts;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::artifacts::Artifacts;
use crate::client::Client;
use crate::home::Settings;
use crate::rig::{Rig, RigError, RigOptions};
use crate::vendor::{APNS, FCM, HUAWEI, Vendor, XIAOMI};

pub use ledger::Account;
pub use report::{Report, Third};

use ledger::Ledger;
use samples::Samples;

/// The channels: two over HTTP/2, two over HTTP/1.1, two with grants.
const CHANNELS: [Vendor; 4] = [APNS, FCM, XIAOMI, HUAWEI];
/// How long it is waited, after the last fault, until everything has ended.
const MAX_DRAIN: Duration = Duration::from_secs(180);
/// How often the end is looked for, and messages are taken out of the stand-ins.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How long it goes on.
#[derive(Debug, Clone, Copy)]
pub enum Length {
    /// So long.
    Time(Duration),
    /// Until so many notifications are accepted.
    Notifications(usize),
}

/// What is to be done.
#[derive(Debug)]
pub struct Plan {
    /// Programs and drivers; built when absent.
    pub artifacts: Option<Artifacts>,
    /// How long.
    pub length: Length,
    /// Decides what is sent, and what fails when.
    pub seed: u64,
}

/// Runs; `progress` hears of it each second.
pub async fn run(plan: Plan, mut progress: impl FnMut(String)) -> Result<Report, RigError> {
    let mut random = fastrand::Rng::with_seed(plan.seed);
    let mut rig = Rig::start(options(plan.artifacts)).await?;
    let pid = rig.daemon()?.pid();
    load::register(&rig.client).await?;
    let ledger = Arc::new(Ledger::default());
    let client = Arc::new(Client::new(&rig.home.socket()));
    let began = Instant::now();
    let mut callers = load::callers(&client, &ledger, &mut random);
    let mut samples = Samples::of(pid, rig.home.path().join("data"));
    let mut chaos = chaos::Chaos::new(random.fork());
    let mut reloads = load::Reloads::new(random.fork());

    while !is_over(plan.length, began, &ledger) {
        if let Some(ended) = callers.try_join_next() {
            // Callers go on until they are stopped: one that ended has failed.
            return Err(failure(ended));
        }
        chaos.go_on(&rig.simulator);
        reloads.go_on(&rig, &client).await?;
        ledger.arrived(rig.simulator.take_received());
        if let Some(sample) = samples.take_when_due()? {
            let (seconds, accepted) = (began.elapsed().as_secs(), ledger.accepted());
            progress(format!(
                "{seconds:>5} s  {accepted:>7} accepted, {sample}; {chaos}"
            ));
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    stop(&ledger, &mut callers).await?;
    let faults = faults(&rig.simulator.counts());
    rig.simulator.clear_faults();
    let is_drained = rig.drained(MAX_DRAIN).await?;
    ledger.arrived(rig.simulator.take_received());
    let is_same_process = {
        let status = rig.client.get("/v1/status").await?.expect(200);
        status["pid"].as_i64() == Some(pid.into())
    };
    let account = ledger.settle(&rig.client).await?;
    let end = rig.terminate().await?;
    Ok(Report {
        seed: plan.seed,
        seconds: began.elapsed().as_secs_f64(),
        notifications: ledger.accepted(),
        account,
        token_reports: ledger.reports(),
        reloads: reloads.count(),
        faults,
        is_drained,
        is_same_process: is_same_process && end.success(),
        thirds: samples.thirds(),
    })
}

fn options(artifacts: Option<Artifacts>) -> RigOptions {
    RigOptions {
        artifacts,
        vendors: CHANNELS.to_vec(),
        settings: Settings {
            // What hangs must come to an end, and often.
            request_timeout: "2s".into(),
            transport: "connect_timeout = \"2s\"\n".into(),
            ..Settings::default()
        },
        logged: "error".into(),
        ..RigOptions::default()
    }
}

fn is_over(length: Length, began: Instant, ledger: &Ledger) -> bool {
    match length {
        Length::Time(length) => began.elapsed() >= length,
        Length::Notifications(count) => ledger.accepted() >= count,
    }
}

/// Lets each caller finish what it has begun.
async fn stop(
    ledger: &Ledger,
    callers: &mut JoinSet<Result<(), RigError>>,
) -> Result<(), RigError> {
    ledger.stop();
    while let Some(ended) = callers.join_next().await {
        ended.map_err(std::io::Error::other)??;
    }
    Ok(())
}

fn failure(ended: Result<Result<(), RigError>, tokio::task::JoinError>) -> RigError {
    match ended {
        Ok(Err(error)) => error,
        Ok(Ok(())) => RigError::Unexpected("a caller stopped by itself".to_owned()),
        Err(panicked) => std::io::Error::other(panicked).into(),
    }
}

/// Requests and connections that met a fault.
fn faults(counts: &Counts) -> u64 {
    let of = |vendor| counts.of(vendor).faults.values().sum::<u64>();
    CHANNELS.iter().filter_map(chaos::service).map(of).sum()
}
