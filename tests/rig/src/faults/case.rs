//! One scenario with one vendor, from the start of a daemon to its end.

use std::time::Duration;

use nudged_simulator::Counts;
use tokio::time::Instant;

use super::account::Account;
use super::report::{Healthy, Row};
use super::traffic::Traffic;
use super::trouble::Trouble;
use super::{Plan, Scenario};
use crate::client::Client;
use crate::cost::peak_rss_mib;
use crate::daemon::DEADLINE;
use crate::rig::{Rig, RigError};
use crate::vendor::{APNS, FCM, Vendor};

/// How long it is waited, after the fault, until everything has ended.
const MAX_DRAIN: Duration = Duration::from_secs(180);
/// How often it is looked whether the fault has happened.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Runs it; whatever keeps it from its end is in the row.
pub(super) async fn run(plan: &Plan, scenario: Scenario, vendor: Vendor) -> Row {
    let beside = match vendor.name == APNS.name {
        true => FCM,
        false => APNS,
    };
    let mut row = Row::new(scenario, vendor, beside);
    if let Err(error) = fill(plan, scenario, [vendor, beside], &mut row).await {
        row.problem = Some(crate::causes(&error));
    }
    row
}

async fn fill(
    plan: &Plan,
    scenario: Scenario,
    vendors: [Vendor; 2],
    row: &mut Row,
) -> Result<(), RigError> {
    let trouble = Trouble::prepare(scenario, vendors[0]).await?;
    let mut rig = trouble.rig(plan, vendors).await?;
    let pid = rig.daemon()?.pid();
    let [failing, healthy] = vendors;
    for vendor in vendors {
        warm_up(&rig, vendor).await?;
    }
    let mut traffic = Traffic::new(Client::new(&rig.home.socket()), failing, healthy);

    let before = traffic.send(plan.before, plan.a_second, false).await?;
    trouble.begin(&rig, plan)?;
    let during = traffic.send(plan.during, plan.a_second, true).await?;
    // It must have happened, however slow this machine is.
    let is_seen = |counts: &Counts| trouble.is_seen(counts, plan);
    let until = Instant::now() + DEADLINE;
    while !is_seen(&rig.simulator.counts()) && Instant::now() < until {
        tokio::time::sleep(POLL_INTERVAL).await;
    }
    let met = match is_seen(&rig.simulator.counts()) {
        true => trouble.met(&rig.simulator.counts()),
        false => 0,
    };
    trouble.end(&rig)?;

    let ended = Instant::now();
    let is_over = rig.drained(MAX_DRAIN).await?;
    row.over_after_ms = is_over.then(|| ended.elapsed().as_millis() as u64);
    let account = Account::take(&rig, vendors).await?;
    let of_failing = [before.failing, during.failing].concat();
    let tally = account.tally(&rig.client, &of_failing).await?;
    let beside = [&before.healthy[..], &during.healthy[..]].concat();
    let beside = account.tally(&rig.client, &beside).await?;
    row.sent = of_failing.len();
    row.met = met;
    row.undercut = trouble.undercut(&rig.simulator.counts());
    row.lost = tally.lost + beside.lost;
    row.misjudged = tally.misjudged + beside.misjudged;
    row.unexplained = tally.unexplained + beside.unexplained;
    row.duplicated = tally.duplicated;
    row.late = tally.late;
    row.outcomes = tally.outcomes;
    row.codes = tally.codes;
    row.healthy = Healthy::of(
        &account.latencies_ms(&before.healthy),
        &account.latencies_ms(&during.healthy),
    );
    row.peak_rss_mib = Some(peak_rss_mib(pid)?);
    row.is_same_process = {
        let status = rig.client.get("/v1/status").await?.expect(200);
        status["pid"].as_i64() == Some(pid.into())
    };
    let end = rig.terminate().await?;
    if !end.success() {
        let problem = format!("nudged ended with {end}");
        return Err(RigError::Unexpected(problem));
    }
    Ok(())
}

/// So that connections and grants are there.
async fn warm_up(rig: &Rig, vendor: Vendor) -> Result<(), RigError> {
    let event = rig
        .deliver(&serde_json::json!({
            "to": [{"channel": vendor.channel, "token": vendor.token}],
            "message": {"title": "faults", "body": "before all"},
        }))
        .await?;
    match event["outcome"] == "accepted" {
        true => Ok(()),
        false => Err(RigError::Unexpected(format!("before the fault: {event}"))),
    }
}
