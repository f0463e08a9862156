//! A short soak: mixed load while vendors fail and the configuration is reloaded.

use nudged_rig::soak::{Length, Plan, run};

use crate::world::artifacts;

#[tokio::test]
async fn mixed_load_through_faults_and_reloads_ends_each_delivery_once() {
    let plan = Plan {
        artifacts: Some(artifacts()),
        length: Length::Notifications(1000),
        seed: 4,
    };

    let report = run(plan, |_| {}).await.unwrap();

    assert!(report.is_good(), "{report:#?}");
    let is_mixed = report.faults > 0 && report.reloads > 0 && report.token_reports > 0;
    assert!(is_mixed, "{report:#?}");
    assert!(report.account.deliveries > 1000, "{report:#?}");
}
