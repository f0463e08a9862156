//! The brake on mass invalidation: a vendor that calls many tokens dead at once does not cost
//! a channel its devices.

use std::collections::HashSet;

use nudged_rig::{Rig, RigOptions, Settings};
use nudged_simulator::{Fault, FaultKind, Vendor as Service};
use serde_json::{Value, json};

use crate::world::{
    channel, count_devices, nudgectl, problem, rig_with, send_all, text, to_token, token, until,
};

const MIN_DEVICES: u64 = 10;

/// A daemon whose brake needs ten dead tokens, with so many users of one iPhone each.
async fn users(count: u64) -> Rig {
    let settings = Settings {
        more: format!("[devices]\nbrake_least = {MIN_DEVICES}\n"),
        ..Settings::default()
    };
    let rig = rig_with(RigOptions {
        settings,
        ..RigOptions::default()
    })
    .await;
    // What comes while the daemon counts what was there may be counted twice.
    let counted = async || channel(&rig, "ios").await["devices"] == 0;
    until("the count of none", counted).await;
    // Before a success with its settings no device is removed for what may be their fault.
    let event = rig.deliver(&to_token(1_000_000, "x")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let lines: Vec<String> = (0..count)
        .map(|n| json!({"user": user(n), "device": "phone", "channel": "ios", "token": token(n)}))
        .map(|line| line.to_string())
        .collect();
    let body = lines.join("\n") + "\n";
    rig.client
        .post_lines("/v1/devices/import", body)
        .await
        .unwrap();
    rig
}

fn user(n: u64) -> String {
    format!("u{n:04}")
}

fn all_dead(rig: &Rig) {
    let bad = FaultKind::Status {
        status: 400,
        reason: Some("BadDeviceToken".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    rig.simulator.fault(Fault::new(bad).of(Service::Apns));
}

/// Sends to each of these, and waits until all have ended as invalid.
async fn send(rig: &Rig, users: std::ops::Range<u64>) {
    let to = |n| json!({"to": [{"user": user(n)}], "message": {"title": "Carol", "body": "x"}});
    let ids = send_all(rig, users.map(to)).await;
    let mut left: HashSet<String> = ids.into_iter().collect();
    let mut events = rig.client.events("since=0&follow=true").await.unwrap();
    while !left.is_empty() {
        let event = events.next().await.unwrap().expect("events go on");
        if left.remove(text(&event, "id")) {
            assert_eq!(event["outcome"], "invalid_token", "{event:#}");
        }
    }
}

async fn brake(rig: &Rig) -> Value {
    channel(rig, "ios").await["brake"].clone()
}

async fn release(rig: &Rig, spec: Value) -> Value {
    let path = "/v1/channels/ios/brake/release";
    rig.client.post(path, &spec).await.unwrap().expect(200)
}

#[tokio::test]
async fn removal_stops_and_the_operator_sees_it() {
    let rig = users(40).await;
    all_dead(&rig);

    send(&rig, 0..30).await;

    // The tenth within a minute is one too many, and more than five percent of forty.
    assert_eq!(count_devices(&rig).await, 31);
    let brake = brake(&rig).await;
    assert_eq!(brake["tokens"], 30, "{brake:#}");
    assert!(
        text(&brake, "reason").contains("BadDeviceToken"),
        "{brake:#}"
    );
    assert_eq!(channel(&rig, "android").await["brake"], Value::Null);
    let status = rig.client.get("/v1/status").await.unwrap().expect(200);
    assert_eq!(status["braked"], json!(["ios"]));
    let health = rig.client.get("/v1/health").await.unwrap().expect(200);
    assert_eq!(health["braked"], 1);
    for command in [&["status"][..], &["channel", "ls"]] {
        let told = nudgectl(&rig, command).await.out;
        assert!(told.contains("channel release"), "{command:?}: {told}");
    }
    let complaints = rig.log().matches("too many tokens dead").count();
    assert_eq!(complaints, 1);
}

#[tokio::test]
async fn a_few_dead_tokens_of_many_are_removed() {
    let rig = users(400).await;
    let counted = async || channel(&rig, "ios").await["devices"] == 400;
    until("the count", counted).await;
    all_dead(&rig);

    send(&rig, 0..20).await;
    assert_eq!(count_devices(&rig).await, 380);
    assert_eq!(brake(&rig).await, Value::Null);

    send(&rig, 20..30).await;
    assert_eq!(count_devices(&rig).await, 380);
}

#[tokio::test]
async fn devices_are_counted_over_a_restart() {
    let mut rig = users(400).await;
    rig.restart().await.unwrap();
    let event = rig.deliver(&to_token(1_000_000, "x")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let counted = async || channel(&rig, "ios").await["devices"] == 400;
    until("the count", counted).await;
    all_dead(&rig);

    send(&rig, 0..30).await;

    assert_eq!(count_devices(&rig).await, 380);
    assert_eq!(channel(&rig, "ios").await["devices"], 380);
}

#[tokio::test]
async fn a_release_restores_what_was_removed_and_counts_anew() {
    let rig = users(40).await;
    all_dead(&rig);
    send(&rig, 0..20).await;
    assert_eq!(count_devices(&rig).await, 31);

    let released = release(&rig, json!({"restore": true})).await;

    assert_eq!(released, json!({"released": true, "restored": 9}));
    assert_eq!(count_devices(&rig).await, 40);
    assert_eq!(brake(&rig).await, Value::Null);
    let again = release(&rig, json!({})).await;
    assert_eq!(again, json!({"released": false, "restored": 0}));
    send(&rig, 0..5).await;
    assert_eq!(count_devices(&rig).await, 35);
    send(&rig, 5..20).await;
    let told = nudgectl(&rig, &["channel", "release", "ios"]).await;
    assert!(told.out.contains("removed again"), "{told:?}");
    assert_eq!(count_devices(&rig).await, 31);
}

#[tokio::test]
async fn only_a_channel_that_exists_is_released() {
    let rig = users(1).await;
    let path = "/v1/channels/x/brake/release";
    let answer = rig.client.post(path, &json!({})).await.unwrap();
    problem(answer, 404, "not_found");
    let told = nudgectl(&rig, &["channel", "release", "ios", "--restore"]).await;
    assert_eq!(
        told.out, "the removal brake of ios was not engaged\n",
        "{told:?}"
    );
}
