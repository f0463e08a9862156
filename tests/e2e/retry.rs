//! Retry: what goes wrong at a vendor, and what the daemon makes of it.

use futures_util::future::join_all;
use nudged_rig::vendor::{APNS_KEY, APNS_TEAM, APNS_TOPIC, FCM_PROJECT, apns_settings};
use nudged_rig::{APNS, BASICS, DEADLINE, FCM, Rig, RigOptions, Settings, Vendor};
use nudged_simulator::{Counts, Fault, FaultKind, Vendor as Service};
use serde_json::{Value, json};

use crate::support::{
    all_accepted, channel, held_channel, now_ms, only_taken, refusal, rig, rig_with, send_all,
    taken_by, text_at, time_at, to_token, trace_of,
};

const HOUR_MS: u64 = 3_600_000;
const MINUTE_MS: u64 = 60_000;

#[tokio::test]
async fn a_token_that_died_before_its_registration_stays() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.simulator
        .unregister_token(APNS.token, now_ms() - HOUR_MS);

    let event = rig.deliver(&to_user("bob")).await.unwrap();

    assert_eq!(event["outcome"], "invalid_token", "{event:#}");
    assert_eq!(event["code"], "Unregistered");
    assert_eq!(devices(&rig, "bob").await.len(), 1);
    // It is the app's new token that is the same as the old one, so it may live again.
    rig.simulator.register_token(APNS.token);
    let event = rig.deliver(&to_user("bob")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
}

#[tokio::test]
async fn a_token_that_died_after_its_registration_leaves_the_registry() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.register("bob", "tablet", "android", FCM.token)
        .await
        .unwrap();
    rig.simulator
        .unregister_token(APNS.token, now_ms() + HOUR_MS);

    let id = rig.accept(&to_user("bob")).await.unwrap();

    let events = rig.client.outcomes(&id, 2).await.unwrap();
    let phone = events.iter().find(|it| it["device"] == "phone").unwrap();
    assert_eq!(phone["outcome"], "invalid_token", "{phone:#}");
    let left = devices(&rig, "bob").await;
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(left[0]["device"], "tablet");
}

#[tokio::test]
async fn a_user_whose_last_token_died_has_no_device() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    rig.simulator
        .unregister_token(APNS.token, now_ms() + HOUR_MS);
    rig.deliver(&to_user("bob")).await.unwrap();

    let accepted = rig.client.send(&to_user("bob")).await.unwrap().expect(202);

    assert_eq!(accepted["deliveries"], 0);
    let explanation = text_at(&accepted, "/explanation");
    assert!(explanation.starts_with("no_device"), "{explanation}");
    assert_eq!(rig.simulator.counts().apns.requests, 1);
}

#[tokio::test]
async fn a_dead_token_without_a_date_leaves_the_registry() {
    let rig = rig().await;
    let bad = FaultKind::Status {
        status: 400,
        reason: Some("BadDeviceToken".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(bad).of(Service::Apns));
    rig.simulator.fcm_unregister_token(FCM.token);
    for (vendor, code) in [(APNS, "BadDeviceToken"), (FCM, "UNREGISTERED")] {
        rig.register("bob", "phone", vendor.channel, vendor.token)
            .await
            .unwrap();

        let event = rig.deliver(&to_user("bob")).await.unwrap();

        assert_eq!(event["outcome"], "invalid_token", "{event:#}");
        assert_eq!(event["code"], code);
        assert_eq!(devices(&rig, "bob").await, Vec::<Value>::new());
    }
}

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

    let event = rig.deliver(&to_vendor(vendor)).await.unwrap();

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

    let event = rig.deliver(&to_vendor(APNS)).await.unwrap();

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
async fn expired_grants_are_refreshed_once_for_all() {
    let rig = rig().await;
    let first = rig.deliver(&to_vendor(FCM)).await.unwrap();
    assert_eq!(first["outcome"], "accepted");
    assert_eq!(rig.simulator.grants_issued(), 1);
    rig.simulator.fcm_revoke_grants();

    let rig_ref = &rig;
    let sends = (0..30).map(|n| async move { rig_ref.accept(&to_android(n)).await.unwrap() });
    let ids = join_all(sends).await;

    all_accepted(&rig, &ids).await;
    assert_eq!(rig.simulator.grants_issued(), 2);
    assert_eq!(rig.simulator.counts().fcm.accepted, 31);
}

#[tokio::test]
async fn a_first_grant_is_fetched_once_however_many_wait_for_it() {
    let rig = rig().await;

    let ids = send_all(&rig, (0..50).map(to_android)).await;

    all_accepted(&rig, &ids).await;
    assert_eq!(rig.simulator.grants_issued(), 1);
}

#[tokio::test]
async fn a_token_endpoint_that_is_down_delays_and_loses_nothing() {
    let rig = rig().await;
    let down = FaultKind::OauthStatus {
        status: 500,
        error: "internal_failure".into(),
    };
    rig.simulator.fault(Fault::new(down).times(1));

    let id = rig.accept(&to_vendor(FCM)).await.unwrap();

    let row = held_channel(&rig, "android").await;
    let reason = text_at(&row, "/held_for");
    assert!(reason.contains("internal_failure"), "{row:#}");
    let event = rig.deliver(&to_vendor(APNS)).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "the other channel goes on");
    all_accepted(&rig, &[id]).await;
    assert_eq!(rig.simulator.grants_issued(), 1);
    let row = channel(&rig, "android").await;
    assert_eq!(
        (&row["state"], &row["held_for"]),
        (&json!("running"), &Value::Null)
    );
}

#[tokio::test]
async fn a_connection_that_ends_in_order_costs_nothing() {
    let rig = rig().await;
    rig.deliver(&to_vendor(APNS)).await.unwrap();
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
            first["elapsed_ms"].as_u64().unwrap() >= PATIENCE_MS,
            "{first:#}"
        );
    }
}

const PATIENCE_MS: u64 = 1500;

/// Lets a fault befall one request that must arrive all the same; its first attempt.
async fn first_attempt_that_fails_with(fault: FaultKind, vendor: Vendor) -> Value {
    let rig = impatient_rig().await;
    // On a connection that has served, as most are; of others no second is made at once.
    rig.deliver(&to_vendor(vendor)).await.unwrap();
    rig.simulator.reset();
    rig.simulator.fault(Fault::new(fault).times(1));

    let event = rig.deliver(&to_vendor(vendor)).await.unwrap();

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
    options.settings.request_timeout = format!("{PATIENCE_MS}ms");
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

    let event = rig.deliver(&to_vendor(APNS)).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let taken = taken_by(&rig, APNS);
    assert_eq!(taken.len(), 2, "{taken:#?}");
    // APNs, and the phone, can tell by it that they have the message already.
    assert_eq!(taken[0].vendor_id, taken[1].vendor_id);
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
    let event = rig.deliver(&to_vendor(FCM)).await.unwrap();
    assert_eq!(event["outcome"], "accepted");
    let row = channel(&rig, "ios").await;
    assert_eq!(
        (&row["in_flight"], &row["ready"]),
        (&json!(3), &json!(17)),
        "{row:#}"
    );
    assert_eq!(rig.simulator.counts().apns.requests, 3);
}

#[tokio::test]
async fn a_provider_token_that_is_too_young_to_renew_holds_the_channel() {
    let rig = rig().await;
    rig.deliver(&to_vendor(APNS)).await.unwrap();
    let expired = FaultKind::Status {
        status: 403,
        reason: Some("ExpiredProviderToken".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(expired).times(1));

    let ids = send_all(&rig, (0..5).map(|n| to_token(n, "x"))).await;

    let row = held_channel(&rig, "ios").await;
    let reason = text_at(&row, "/held_for");
    assert!(reason.contains("ExpiredProviderToken"), "{row:#}");
    let held_for = time_at(&row, "/held_until") - now_ms();
    assert!(
        (15 * MINUTE_MS..=20 * MINUTE_MS).contains(&held_for),
        "{row:#}"
    );
    // All that reached APNs came with the one token; the rest waits.
    let counts = rig.simulator.counts().apns;
    assert_eq!(counts.provider_tokens, 1, "{counts:?}");
    assert_eq!(counts.refused.len(), 1, "{counts:?}");
    let mut queued = 0;
    for id in &ids {
        let trace = trace_of(&rig, id).await;
        queued += usize::from(trace["deliveries"][0]["state"] == "queued");
    }
    assert!(queued >= 1);
}

#[tokio::test]
async fn a_revoked_key_holds_its_channel_until_a_reload_brings_another() {
    const NEXT: &str = "SIMKEY0002";
    let rig = rig().await;
    rig.simulator.apns_revoke_key(APNS_KEY);

    let ids = send_all(&rig, (0..10).map(|n| to_token(n, "x"))).await;

    let row = held_channel(&rig, "ios").await;
    let reason = text_at(&row, "/held_for");
    assert!(reason.contains("InvalidProviderToken"), "{row:#}");
    assert!(reason.contains("key_id"), "what to do is told: {row:#}");
    let event = rig.deliver(&to_vendor(FCM)).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "the other channel goes on");
    for id in &ids {
        let trace = trace_of(&rig, id).await;
        assert_eq!(trace["deliveries"][0]["state"], "queued", "{trace:#}");
        let waits_for = text_at(&trace, "/deliveries/0/waits_for");
        assert!(waits_for.contains(reason), "{trace:#}");
    }

    let key = rig.simulator.apns_key(APNS_TEAM, NEXT, &[APNS_TOPIC]);
    rig.home.write("next.p8", key).unwrap();
    let settings = apns_settings(&rig.simulator, "next.p8", NEXT);
    let file = APNS.channel_file(&settings, "");
    rig.home.write_channel("ios", &file).unwrap();
    let report = rig.client.post("/v1/reload", &Value::Null).await.unwrap();
    assert_eq!(report.expect(200)["replaced"], json!(["ios"]));

    all_accepted(&rig, &ids).await;
    assert_eq!(channel(&rig, "ios").await["state"], "running");
}

#[tokio::test]
async fn a_deleted_account_holds_its_channel_until_a_reload_brings_another() {
    let rig = rig().await;
    let file = std::fs::read(rig.home.path().join("service-account.json")).unwrap();
    let account: Value = serde_json::from_slice(&file).unwrap();
    let email = text_at(&account, "/client_email");
    rig.simulator.fcm_delete_service_account(email);

    let ids = send_all(&rig, (0..10).map(to_android)).await;

    let row = held_channel(&rig, "android").await;
    let reason = text_at(&row, "/held_for");
    assert!(reason.contains("invalid_grant"), "{row:#}");
    let event = rig.deliver(&to_vendor(APNS)).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "the other channel goes on");

    let fresh = rig.simulator.fcm_service_account(FCM_PROJECT);
    rig.home.write("service-account.json", fresh).unwrap();
    let report = rig.client.post("/v1/reload", &Value::Null).await.unwrap();
    assert_eq!(report.expect(200)["replaced"], json!(["android"]));

    all_accepted(&rig, &ids).await;
}

fn to_user(user: &str) -> Value {
    json!({"to": [{"user": user}], "message": {"title": "Carol", "body": "hello"}})
}

fn to_vendor(vendor: Vendor) -> Value {
    json!({
        "to": [{"channel": vendor.channel, "token": vendor.token}],
        "message": {"title": "Carol", "body": "hello"},
    })
}

fn to_android(n: u64) -> Value {
    let mut notification = to_vendor(FCM);
    notification["to"][0]["token"] = json!(format!("{}{n}", FCM.token));
    notification
}

async fn devices(rig: &Rig, user: &str) -> Vec<Value> {
    let path = format!("/v1/apps/default/users/{user}/devices");
    let list = rig.client.get(&path).await.unwrap().expect(200);
    list["devices"].as_array().unwrap().clone()
}
