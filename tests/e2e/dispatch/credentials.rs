//! Grants and keys: one that expired is renewed once for all, and one that the vendor takes
//! no more holds its channel, and no other, until there is a better.

use futures_util::future::join_all;
use nudged_rig::vendor::{APNS_KEY, APNS_TEAM, APNS_TOPIC, FCM_PROJECT, apns_settings};
use nudged_rig::{APNS, Clock, FCM, Rig, RigOptions, Settings};
use nudged_simulator::{Fault, FaultKind, Vendor as Service};
use serde_json::{Value, json};

use super::to_android;
use crate::world::{
    all_accepted, channel, held_channel, now_ms, reload_with, rig, rig_with, send_all, text_at,
    time_at, to_token, to_vendor, trace_of, until,
};

const MINUTE_MS: u64 = 60_000;

#[tokio::test]
async fn expired_grants_are_refreshed_once_for_all() {
    let rig = rig().await;
    let first = rig.deliver(&to_vendor(FCM, "hello")).await.unwrap();
    assert_eq!(first["outcome"], "accepted");
    assert_eq!(rig.simulator.fcm().grants_issued(), 1);
    rig.simulator.fcm().revoke_grants();

    let rig_ref = &rig;
    let sends = (0..30).map(|n| async move { rig_ref.accept(&to_android(n)).await.unwrap() });
    let ids = join_all(sends).await;

    all_accepted(&rig, &ids).await;
    assert_eq!(rig.simulator.fcm().grants_issued(), 2);
    assert_eq!(rig.simulator.counts().fcm.accepted, 31);
}

#[tokio::test]
async fn a_first_grant_is_fetched_once_however_many_wait_for_it() {
    let rig = rig().await;

    let ids = send_all(&rig, (0..50).map(to_android)).await;

    all_accepted(&rig, &ids).await;
    assert_eq!(rig.simulator.fcm().grants_issued(), 1);
}

#[tokio::test]
async fn a_token_endpoint_that_is_down_delays_and_loses_nothing() {
    let rig = rig().await;
    let down = FaultKind::OauthStatus {
        status: 500,
        error: "internal_failure".into(),
    };
    rig.simulator.fault(Fault::new(down).times(1));

    let id = rig.accept(&to_vendor(FCM, "hello")).await.unwrap();

    let row = held_channel(&rig, "android").await;
    let reason = text_at(&row, "/held_for");
    assert!(reason.contains("internal_failure"), "{row:#}");
    let event = rig.deliver(&to_vendor(APNS, "hello")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "the other channel goes on");
    all_accepted(&rig, &[id]).await;
    assert_eq!(rig.simulator.fcm().grants_issued(), 1);
    let row = channel(&rig, "android").await;
    assert_eq!(
        (&row["state"], &row["held_for"]),
        (&json!("running"), &Value::Null)
    );
}

#[tokio::test]
async fn a_provider_token_that_is_too_young_to_renew_is_tried_every_minute_and_on_a_flush() {
    let rig = rig().await;
    rig.deliver(&to_vendor(APNS, "hello")).await.unwrap();
    let expired = FaultKind::Status {
        status: 403,
        reason: Some("ExpiredProviderToken".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(expired).of(Service::Apns));

    let ids = send_all(&rig, (0..5).map(|n| to_token(n, "x"))).await;

    let row = held_channel(&rig, "ios").await;
    let reason = text_at(&row, "/held_for");
    assert!(reason.contains("ExpiredProviderToken"), "{row:#}");
    let held_for = time_at(&row, "/held_until") - now_ms();
    assert!(held_for <= MINUTE_MS, "{row:#}");
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

    // The operator set the clock right, and does not wait.
    rig.simulator.clear_faults();
    let flushed = rig.client.post("/v1/queue/flush", &json!({})).await;
    flushed.unwrap().expect(200);
    all_accepted(&rig, &ids).await;
}

/// A daemon that goes by this clock.
async fn by(clock: &Clock) -> Rig {
    rig_with(RigOptions {
        environment: clock.environment().into(),
        vendors: vec![APNS],
        ..RigOptions::default()
    })
    .await
}

/// Sends one more, which wakes the channel.
async fn one_more(rig: &Rig, ids: &mut Vec<String>) {
    let n = ids.len() as u64;
    ids.push(rig.accept(&to_token(n, &format!("{n}"))).await.unwrap());
}

async fn refusals(rig: &Rig, count: u64) {
    let seen = async || rig.simulator.counts().apns.requests >= count;
    until("the refusal", seen).await;
    held_channel(rig, "ios").await;
    assert_eq!(rig.simulator.counts().apns.requests, count);
}

#[tokio::test]
async fn a_clock_that_was_behind_has_apns_tried_every_minute_and_at_once_when_it_is_set_right() {
    const BEHIND: i64 = -2 * 3_600_000;
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::build(directory.path()).unwrap();
    clock.set(BEHIND).unwrap();
    let rig = by(&clock).await;
    let mut ids = Vec::new();

    one_more(&rig, &mut ids).await;

    refusals(&rig, 1).await;
    let row = channel(&rig, "ios").await;
    let reason = text_at(&row, "/held_for");
    assert!(reason.contains("ExpiredProviderToken"), "{row:#}");
    let since = now_ms().checked_add_signed(BEHIND).unwrap();
    assert!(time_at(&row, "/held_until") <= since + MINUTE_MS, "{row:#}");
    for minute in 1..=2 {
        // One that comes within the minute is not tried.
        one_more(&rig, &mut ids).await;
        clock.set(BEHIND + minute as i64 * 61_000).unwrap();
        one_more(&rig, &mut ids).await;
        refusals(&rig, minute + 1).await;
    }
    clock.set(0).unwrap();
    one_more(&rig, &mut ids).await;
    all_accepted(&rig, &ids).await;
    assert_eq!(channel(&rig, "ios").await["state"], "running");
}

#[tokio::test]
async fn a_clock_that_was_ahead_has_apns_tried_at_once_when_it_is_set_right() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::build(directory.path()).unwrap();
    clock.set(2 * 3_600_000).unwrap();
    let rig = by(&clock).await;
    let mut ids = Vec::new();
    one_more(&rig, &mut ids).await;
    one_more(&rig, &mut ids).await;
    let row = held_channel(&rig, "ios").await;
    let reason = text_at(&row, "/held_for");
    assert!(reason.contains("ProviderToken"), "{row:#}");

    // The operator sets it, as the remedy says, and does not wait.
    clock.set(0).unwrap();
    let flushed = rig.client.post("/v1/queue/flush", &json!({})).await;
    flushed.unwrap().expect(200);

    all_accepted(&rig, &ids).await;
    assert_eq!(channel(&rig, "ios").await["state"], "running");
}

#[tokio::test]
async fn a_revoked_key_holds_its_channel_until_a_reload_brings_another() {
    const NEXT: &str = "SIMKEY0002";
    // Long enough to be seen where it is open whose fault it is.
    let settings = Settings {
        first_retry: "60s".into(),
        longest_retry: "120s".into(),
        ..Settings::default()
    };
    let rig = rig_with(RigOptions {
        settings,
        ..RigOptions::default()
    })
    .await;
    rig.simulator.apns().revoke_key(APNS_KEY);

    let ids = send_all(&rig, (0..10).map(|n| to_token(n, "x"))).await;

    let row = held_channel(&rig, "ios").await;
    let reason = text_at(&row, "/held_for");
    assert!(reason.contains("InvalidProviderToken"), "{row:#}");
    assert!(reason.contains("key_id"), "what to do is told: {row:#}");
    let event = rig.deliver(&to_vendor(FCM, "hello")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "the other channel goes on");
    for id in &ids {
        let trace = trace_of(&rig, id).await;
        assert_eq!(trace["deliveries"][0]["state"], "queued", "{trace:#}");
        let waits_for = text_at(&trace, "/deliveries/0/waits_for");
        assert!(waits_for.contains(reason), "{trace:#}");
    }

    let key = rig.simulator.apns().add_key(APNS_TEAM, NEXT, &[APNS_TOPIC]);
    rig.home.write("next.p8", key).unwrap();
    let settings = apns_settings(&rig.simulator, "next.p8", NEXT);
    let file = APNS.channel_file(&settings, "");
    rig.home.write_channel("ios", &file).unwrap();
    let report = reload_with(&rig, Value::Null).await;
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
    rig.simulator.fcm().remove_service_account(email);

    let ids = send_all(&rig, (0..10).map(to_android)).await;

    let row = held_channel(&rig, "android").await;
    let reason = text_at(&row, "/held_for");
    assert!(reason.contains("invalid_grant"), "{row:#}");
    let event = rig.deliver(&to_vendor(APNS, "hello")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "the other channel goes on");

    let fresh = rig.simulator.fcm().add_service_account(FCM_PROJECT);
    rig.home.write("service-account.json", fresh).unwrap();
    let report = reload_with(&rig, Value::Null).await;
    assert_eq!(report.expect(200)["replaced"], json!(["android"]));

    all_accepted(&rig, &ids).await;
}
