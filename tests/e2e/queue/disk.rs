//! A disk that is full, fails or is slow: nothing that was accepted is lost, and the daemon says what
//! it cannot do until it can again.

use nudged_rig::outage::{Plan, run};
use nudged_rig::{DEADLINE, DiskFault, Rig, RigOptions};
use nudged_simulator::{Fault, FaultKind, Options};
use serde_json::json;
use tokio::time::Instant;

use crate::world::{artifacts, problem, rig_with, to_token};

/// Two faults under load; how soon each is over is for `cargo crash --disk` to measure.
async fn twice_under_load(fault: DiskFault) {
    let plan = Plan {
        artifacts: Some(artifacts()),
        faults: vec![fault; 2],
        seed: 5,
    };

    let report = run(plan, |_, _| {}).await.unwrap();

    assert!(report.is_good(), "{report:?}");
    assert!(report.accepted > 10 && report.refused > 1, "{report:?}");
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_accepts_nothing_falsely() {
    twice_under_load(DiskFault::Full).await;
}

#[tokio::test]
async fn a_disk_that_is_full_halfway_through_a_write_leaves_nothing_torn() {
    twice_under_load(DiskFault::FullHalfway).await;
}

#[tokio::test]
async fn a_disk_that_fails_loses_nothing_and_accepts_nothing_falsely() {
    twice_under_load(DiskFault::Error).await;
}

#[tokio::test]
async fn what_was_refused_for_its_fsync_is_not_sent_though_it_was_written() {
    twice_under_load(DiskFault::SyncError).await;
}

#[tokio::test]
async fn a_disk_that_becomes_read_only_loses_nothing_and_accepts_nothing_falsely() {
    twice_under_load(DiskFault::ReadOnly).await;
}

async fn with_a_bad_disk() -> Rig {
    rig_with(RigOptions {
        bad_disk: true,
        ..RigOptions::default()
    })
    .await
}

/// Waits until the daemon says so of itself.
async fn until_health_is(rig: &Rig, wanted: &str) {
    let until = Instant::now() + DEADLINE;
    loop {
        let health = rig.client.get("/v1/health").await.unwrap().expect(200);
        if health["status"] == wanted {
            return;
        }
        assert!(Instant::now() < until, "{health}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn without_a_disk_writes_are_refused_in_words_and_reads_answered() {
    let rig = with_a_bad_disk().await;
    rig.register("alice", "phone", "ios", &"a".repeat(64))
        .await
        .unwrap();
    let event = rig.deliver(&to_token(1, "before")).await.unwrap();
    let id = event["id"].as_str().unwrap();
    rig.disk().unwrap().fail(DiskFault::ReadOnly).unwrap();

    let device = "/v1/apps/default/users/alice/devices/phone";
    let report = json!({"channel": "ios", "token": "b".repeat(64)});
    let refusals = [
        rig.client.send(&to_token(2, "refused")).await.unwrap(),
        rig.client.put(device, &report).await.unwrap(),
        rig.client.delete(device).await.unwrap(),
    ];
    for refusal in refusals {
        assert_eq!(refusal.headers["retry-after"], "5", "{}", refusal.what);
        let problem = problem(refusal, 503, "storage_failed");
        let hint = problem["hint"].as_str().unwrap();
        assert!(hint.contains("send again later"), "{hint}");
    }
    until_health_is(&rig, "failed").await;
    let trace = format!("/v1/notifications/{id}");
    rig.client.get(&trace).await.unwrap().expect(200);
    let found = rig.client.get(device).await.unwrap().expect(200);
    assert_ne!(found["token"], "b".repeat(64), "{found}");

    rig.disk().unwrap().mend().unwrap();
    until_health_is(&rig, "ready").await;
    rig.client.get(&trace).await.unwrap().expect(200);
    rig.client.get(device).await.unwrap().expect(200);
    rig.deliver(&to_token(3, "after")).await.unwrap();
    let failures = rig.log().matches("the database cannot be written;").count();
    assert_eq!(failures, 1, "{}", rig.log());
}

#[tokio::test]
async fn an_outcome_that_cannot_be_written_waits_for_the_disk_and_nothing_is_sent_again() {
    let rig = rig_with(RigOptions {
        bad_disk: true,
        simulator: Options {
            delay_ms: 300,
            ..Options::default()
        },
        ..RigOptions::default()
    })
    .await;
    // So that a retry is to be written as well.
    let unavailable = FaultKind::Status {
        status: 503,
        reason: None,
        retry_after: None,
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(unavailable).times(1));
    let id = rig.accept(&to_token(1, "hello")).await.unwrap();
    rig.disk().unwrap().fail(DiskFault::Error).unwrap();
    until_health_is(&rig, "failed").await;
    rig.disk().unwrap().mend().unwrap();

    let outcomes = rig.client.outcomes(&id, 1).await.unwrap();

    assert_eq!(outcomes[0]["outcome"], "accepted", "{outcomes:?}");
    assert_eq!(rig.simulator.received().len(), 1);
}
