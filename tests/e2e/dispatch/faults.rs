//! Faults of connections and answers: a request that was cut, reset, refused or left hanging
//! is sent again, and an answer without sense is not taken for success.

use crate::world::{
    all_accepted, only_taken, refusal, rig, rig_with, send_all, taken_by, text_at, to_token,
    to_vendor, trace_of,
};
use nudged_rig::{APNS, BASICS, FCM, Rig, RigOptions, Vendor};
use nudged_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

#[tokio::test]
async fn a_connection_that_ends_in_order_costs_nothing() {
    let rig = rig().await;
    rig.deliver(&to_vendor(APNS, "hello")).await.unwrap();
    rig.simulator.fault(Fault::new(FaultKind::GoAway).times(3));

    let ids = send_all(&rig, (0..60).map(|n| to_token(n, "x"))).await;

    all_accepted(&rig, &ids).await;
    let counts = rig.simulator.counts().apns;
    assert_eq!(counts.faults.get("go_away"), Some(&3), "{counts:?}");
    assert_eq!((counts.accepted, counts.distinct_tokens), (61, 61));
    assert!(counts.connections > 1, "{counts:?}");
}

#[tokio::test]
async fn a_request_that_was_refused_unprocessed_is_sent_again_at_once() {
    let first = first_attempt_that_fails_with(FaultKind::GoAway, APNS).await;

    assert_eq!(
        (&first["class"], &first["code"]),
        (&json!("transport"), &json!("refused"))
    );
}

#[tokio::test]
async fn a_request_that_was_reset_is_sent_again() {
    let first = first_attempt_that_fails_with(FaultKind::Reset, APNS).await;

    assert_eq!(
        (&first["class"], &first["code"]),
        (&json!("transport"), &json!("reset"))
    );
}

#[tokio::test]
async fn a_request_on_a_connection_that_was_cut_is_sent_again() {
    let first = first_attempt_that_fails_with(FaultKind::Drop, APNS).await;

    assert_eq!(first["class"], "transport", "{first:#}");
    assert_eq!(first["code"], "connection_lost", "{first:#}");
}

#[tokio::test]
async fn a_server_error_of_apns_is_tried_again() {
    let first = first_attempt_that_fails_with(refusal(500), APNS).await;

    assert_eq!(first["class"], "unavailable", "{first:#}");
    assert_eq!(first["code"], "InternalServerError", "{first:#}");
}

#[tokio::test]
async fn a_server_error_of_fcm_is_tried_again() {
    let first = first_attempt_that_fails_with(refusal(500), FCM).await;

    assert_eq!(
        (&first["class"], &first["code"]),
        (&json!("unavailable"), &json!("INTERNAL"))
    );
}

#[tokio::test]
async fn an_answer_of_apns_that_makes_no_sense_is_not_taken_for_success() {
    let first = first_attempt_that_fails_with(FaultKind::Garbage, APNS).await;

    assert_eq!(
        (&first["class"], &first["code"]),
        (&json!("unavailable"), &json!("HTTP 500"))
    );
    assert!(text_at(&first, "/text").contains("error"), "{first:#}");
}

#[tokio::test]
async fn an_answer_of_fcm_that_makes_no_sense_is_not_taken_for_success() {
    let first = first_attempt_that_fails_with(FaultKind::Garbage, FCM).await;

    assert_eq!(
        (&first["class"], &first["code"]),
        (&json!("unavailable"), &json!("HTTP 200"))
    );
}

#[tokio::test]
async fn a_vendor_that_hangs_is_given_up_and_asked_again() {
    for vendor in BASICS {
        let first = first_attempt_that_fails_with(FaultKind::Hang { ms: None }, vendor).await;

        assert_eq!(
            (&first["class"], &first["code"]),
            (&json!("transport"), &json!("timed_out"))
        );
        assert!(
            first["elapsed_ms"].as_u64().unwrap() >= REQUEST_TIMEOUT_MS,
            "{first:#}"
        );
    }
}

const REQUEST_TIMEOUT_MS: u64 = 1500;

/// Lets a fault happen to one request that must arrive all the same; its first attempt.
async fn first_attempt_that_fails_with(fault: FaultKind, vendor: Vendor) -> Value {
    let rig = impatient_rig().await;
    // On a connection that has served, as most are; of others no second is made at once.
    rig.deliver(&to_vendor(vendor, "hello")).await.unwrap();
    rig.simulator.reset();
    rig.simulator.fault(Fault::new(fault).times(1));

    let event = rig.deliver(&to_vendor(vendor, "hello")).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    only_taken(&rig, vendor);
    let trace = trace_of(&rig, text_at(&event, "/id")).await;
    let attempts = trace["deliveries"][0]["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2, "{trace:#}");
    assert!(!text_at(&attempts[0], "/remedy").is_empty(), "{trace:#}");
    assert!(attempts[0]["retry_at"].is_string(), "{trace:#}");
    assert_eq!(attempts[1]["class"], "accepted", "{trace:#}");
    attempts[0].clone()
}

async fn impatient_rig() -> Rig {
    let mut options = RigOptions::default();
    options.settings.request_timeout = format!("{REQUEST_TIMEOUT_MS}ms");
    rig_with(options).await
}

#[tokio::test]
async fn many_requests_survive_resets_and_cuts() {
    let rig = rig().await;
    rig.simulator.fault(Fault::new(FaultKind::Reset).times(4));
    rig.simulator.fault(Fault::new(FaultKind::Drop).times(2));

    let ids = send_all(&rig, (0..60).map(|n| to_token(n, "x"))).await;

    all_accepted(&rig, &ids).await;
    assert_eq!(rig.simulator.counts().apns.distinct_tokens, 60);
}

#[tokio::test]
async fn a_lost_answer_leads_to_a_second_message_with_the_same_id() {
    let rig = rig().await;
    rig.simulator
        .fault(Fault::new(FaultKind::LoseReply).times(1));

    let event = rig.deliver(&to_vendor(APNS, "hello")).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let taken = taken_by(&rig, APNS);
    assert_eq!(taken.len(), 2, "{taken:#?}");
    // APNs, and the phone, can tell by it that they have the message already.
    assert_eq!(taken[0].vendor_id, taken[1].vendor_id);
}
