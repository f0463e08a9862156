use nudged_rig::crash::{Plan, run};

use crate::support::artifacts;

#[tokio::test]
async fn twenty_kills_under_load_lose_nothing() {
    let plan = Plan {
        artifacts: Some(artifacts()),
        rounds: 20,
        seed: 20,
    };

    let report = run(plan, |_, _, _| {}).await.unwrap();

    assert!(report.accepted > 100, "{report:?}");
    assert_eq!((report.lost, report.unexplained), (0, 0), "{report:?}");
    assert!(report.duplicated <= report.in_flight_bound, "{report:?}");
}
