//! A few faults of `cargo faults`, over HTTP/2 and HTTP/1.1 and on the way to the vendor: what
//! is counted there must hold here, and times are for that to show.

use std::time::Duration;

use nudged_rig::faults::{Plan, Report, Scenario, run};
use nudged_rig::{APNS, FCM, Vendor, XIAOMI};

use crate::world::artifacts;

async fn through(scenario: Scenario, vendors: &[Vendor]) -> Report {
    let plan = Plan {
        artifacts: Some(artifacts()),
        scenarios: vec![scenario],
        vendors: vendors.to_vec(),
        before: 10,
        during: 40,
        a_second: 100,
        slow: Duration::from_secs(5),
    };

    let report = run(&plan, |_| {}).await;

    assert_eq!(report.rows.len(), vendors.len());
    assert!(report.is_good(), "{report:#?}");
    report
}

#[tokio::test]
async fn a_storm_of_refusals_is_waited_out_for_as_long_as_each_says() {
    let report = through(Scenario::StormRetryAfter, &[APNS, XIAOMI]).await;

    for row in report.rows {
        // Those with two seconds to live may not be tried again at all.
        assert_eq!((row.sent, row.undercut), (50, 0), "{row:#?}");
    }
}

#[tokio::test]
async fn a_vendor_that_refuses_all_connections_is_found_again() {
    let report = through(Scenario::TlsAlert, &[FCM, XIAOMI]).await;

    for row in report.rows {
        assert!(row.codes.contains_key("tls_failed"), "{row:#?}");
    }
}

#[tokio::test]
async fn a_vendor_whose_name_is_not_found_is_found_again() {
    let report = through(Scenario::Dns, &[APNS]).await;

    let codes = &report.rows[0].codes;
    assert!(codes.contains_key("resolve_failed"), "{codes:?}");
}

#[tokio::test]
async fn a_proxy_that_opens_no_tunnels_to_one_vendor_costs_only_time() {
    let report = through(Scenario::ProxyRefuses, &[XIAOMI]).await;

    let codes = &report.rows[0].codes;
    assert!(codes.contains_key("proxy_failed"), "{codes:?}");
}
