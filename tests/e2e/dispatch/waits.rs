//! What a vendor is spared: the daemon waits as long as it asks, else longer each time, and
//! keeps to the limit of requests in flight. One vendor's trouble holds up no other.

use nudged_rig::{APNS, DEADLINE, FCM, RigOptions, Settings, Vendor};
use nudged_simulator::{Counts, Fault, FaultKind, Vendor as Service};
use serde_json::json;

use super::to_android;
use crate::world::{
    all_accepted, channel, only_taken, refusal, rig, rig_with, send_all, text_at, time_at,
    to_token, to_vendor, trace_of,
};

#[tokio::test]
async fn too_many_requests_waits_as_long_as_apns_asks() {
    the_vendors_wait_is_kept(APNS, 429, "throttled_device").await;
}

#[tokio::test]
async fn too_many_requests_waits_as_long_as_fcm_asks() {
    the_vendors_wait_is_kept(FCM, 429, "throttled").await;
}

#[tokio::test]
async fn unavailable_waits_as_long_as_apns_asks() {
    the_vendors_wait_is_kept(APNS, 503, "unavailable").await;
}

#[tokio::test]
async fn unavailable_waits_as_long_as_fcm_asks() {
    the_vendors_wait_is_kept(FCM, 503, "unavailable").await;
}

async fn the_vendors_wait_is_kept(vendor: Vendor, status: u16, class: &str) {
    let rig = rig().await;
    let fault = FaultKind::Status {
        status,
        reason: None,
        retry_after: Some("2".into()),
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(fault).times(1));

    let event = rig.deliver(&to_vendor(vendor, "hello")).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let trace = trace_of(&rig, text_at(&event, "/id")).await;
    let attempts = &trace["deliveries"][0]["attempts"];
    assert_eq!(attempts.as_array().unwrap().len(), 2, "{trace:#}");
    assert_eq!(attempts[0]["class"], class, "{trace:#}");
    // The vendor asked after the attempt began, so two seconds from then is the least.
    let asked = time_at(attempts, "/0/at");
    let came = only_taken(&rig, vendor).at_ms;
    assert!(came >= asked + 2000, "after {} ms", came - asked);
    assert!(
        time_at(attempts, "/0/retry_at") >= asked + 2000,
        "{trace:#}"
    );
}

#[tokio::test]
async fn server_errors_are_retried_until_they_end() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(refusal(500)).times(1));
    rig.simulator.fault(Fault::new(refusal(503)).times(3));

    let event = rig.deliver(&to_vendor(APNS, "hello")).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let trace = trace_of(&rig, text_at(&event, "/id")).await;
    let attempts = trace["deliveries"][0]["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 5, "{trace:#}");
    for (at, least) in [25, 50, 100, 200].into_iter().enumerate() {
        assert_eq!(attempts[at]["class"], "unavailable", "{trace:#}");
        // Half of each wait is left to chance; the other half doubles each time.
        let wait = time_at(&attempts[at + 1], "/at") - time_at(&attempts[at], "/at");
        assert!(wait >= least, "{wait} {trace:#}");
    }
    assert_eq!(rig.simulator.counts().apns.requests, 5);
}

#[tokio::test]
async fn a_vendor_that_hangs_does_not_hold_up_the_other() {
    let rig = rig().await;
    let hang = Fault::new(FaultKind::Hang { ms: None });
    rig.simulator.fault(hang.of(Service::Fcm));
    send_all(&rig, (0..100).map(to_android)).await;
    let hangs = |counts: &Counts| counts.fcm.faults.contains_key("hang");
    assert!(rig.simulator.wait_for(DEADLINE, hangs).await);

    let ids = send_all(&rig, (0..50).map(|n| to_token(n, "x"))).await;

    all_accepted(&rig, &ids).await;
    let counts = rig.simulator.counts();
    assert_eq!((counts.apns.accepted, counts.fcm.accepted), (50, 0));
}

#[tokio::test]
async fn a_channel_has_no_more_requests_under_way_than_its_limit() {
    let options = RigOptions {
        channel_end: "[limits]\nconcurrency = 3\n".into(),
        settings: Settings {
            request_timeout: "60s".into(),
            ..Settings::default()
        },
        ..RigOptions::default()
    };
    let rig = rig_with(options).await;
    let hang = Fault::new(FaultKind::Hang { ms: None });
    rig.simulator.fault(hang.of(Service::Apns));

    send_all(&rig, (0..20).map(|n| to_token(n, "x"))).await;

    let three = |counts: &Counts| counts.apns.faults.get("hang") == Some(&3);
    assert!(rig.simulator.wait_for(DEADLINE, three).await);
    // Enough for a fourth request to be made, were there one.
    let event = rig.deliver(&to_vendor(FCM, "hello")).await.unwrap();
    assert_eq!(event["outcome"], "accepted");
    let row = channel(&rig, "ios").await;
    assert_eq!(
        (&row["in_flight"], &row["ready"]),
        (&json!(3), &json!(17)),
        "{row:#}"
    );
    assert_eq!(rig.simulator.counts().apns.requests, 3);
}
