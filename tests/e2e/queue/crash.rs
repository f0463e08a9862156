//! Kills and power cuts under load: what was accepted is not lost.

use nudged_rig::crash::{Plan, run};

use crate::world::artifacts;

#[tokio::test]
async fn twenty_kills_under_load_lose_nothing() {
    let plan = Plan {
        artifacts: Some(artifacts()),
        rounds: 20,
        seed: 20,
        power: false,
    };

    let report = run(plan, |_, _, _| {}).await.unwrap();

    assert!(report.accepted > 100, "{report:?}");
    assert_eq!((report.lost, report.unexplained), (0, 0), "{report:?}");
    assert!(report.duplicated <= report.in_flight_bound, "{report:?}");
}

#[tokio::test]
async fn power_cuts_under_load_lose_nothing_that_was_accepted() {
    let plan = Plan {
        artifacts: Some(artifacts()),
        rounds: 8,
        seed: 8,
        power: true,
    };

    let report = run(plan, |_, _, _| {}).await.unwrap();

    assert!(report.accepted > 40, "{report:?}");
    assert!(report.discarded_writes > 0, "{report:?}");
    assert!(report.is_good(), "{report:?}");
}
