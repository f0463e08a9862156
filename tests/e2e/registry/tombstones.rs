//! Devices whose token a vendor called dead: remembered with what it said, and put back.

use nudged_rig::{APNS, FCM, Rig};
use nudged_simulator::{Fault, FaultKind, Vendor as Service};
use serde_json::{Value, json};

use crate::world::{nudgectl, problem, rig, text, text_at, to_user};

const TOMBSTONES: &str = "/v1/devices/tombstones";

/// Bob's phone, gone because APNs called its token dead once.
async fn buried() -> (Rig, Value) {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", APNS.token)
        .await
        .unwrap();
    // Before a success with its settings no device is removed for what may be their fault.
    let event = rig.deliver(&to_user("bob", "hello")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let bad = FaultKind::Status {
        status: 400,
        reason: Some("BadDeviceToken".into()),
        retry_after: None,
        timestamp_ms: None,
    };
    let bad = Fault::new(bad).of(Service::Apns);
    rig.simulator.fault(bad.times(1));
    let event = rig.deliver(&to_user("bob", "hello")).await.unwrap();
    assert_eq!(event["outcome"], "invalid_token", "{event:#}");
    (rig, event)
}

async fn tombstones(rig: &Rig, query: &str) -> Vec<Value> {
    let path = format!("{TOMBSTONES}?{query}");
    rig.client.get_lines(&path).await.unwrap()
}

async fn restore(rig: &Rig, what: Value) -> Value {
    let answer = rig.client.post("/v1/devices/restore", &what).await.unwrap();
    answer.expect(200)["restored"].clone()
}

#[tokio::test]
async fn a_dead_token_leaves_a_tombstone_with_the_evidence() {
    let (mut rig, event) = buried().await;
    // Like all that was told, it is there after a restart.
    rig.restart().await.unwrap();

    let found = tombstones(&rig, "").await;

    assert_eq!(found.len(), 1, "{found:#?}");
    let found = &found[0];
    let named = ["app", "user", "device", "channel", "code"].map(|name| text(found, name));
    assert_eq!(named, ["default", "bob", "phone", "ios", "BadDeviceToken"]);
    assert_eq!((&found["id"], &found["n"]), (&event["id"], &json!(0)));
    let (head, tail) = (&APNS.token[..4], &APNS.token[APNS.token.len() - 4..]);
    assert_eq!(text(found, "token"), format!("{head}…{tail}"));
    let devices = "/v1/apps/default/users/bob/devices";
    let listed = rig.client.get(devices).await.unwrap().expect(200);
    assert_eq!(listed["devices"], json!([]));
}

#[tokio::test]
async fn tombstones_are_found_by_app_channel_and_time() {
    let (rig, event) = buried().await;
    let at = text(&tombstones(&rig, "").await[0], "at").to_owned();
    assert!(at.as_str() <= text(&event, "at"), "{at}");
    for (query, count) in [
        ("app=default", 1),
        ("app=other", 0),
        ("channel=ios", 1),
        ("channel=android", 0),
        (&format!("app=default&channel=ios&since={at}"), 1),
        ("since=2999-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(tombstones(&rig, query).await.len(), count, "{query}");
    }
    for (query, field) in [("channel=x", "channel"), ("since=noon", "since")] {
        let path = format!("{TOMBSTONES}?{query}");
        let problem = problem(rig.client.get(&path).await.unwrap(), 422, "invalid");
        assert_eq!(problem["field"], field);
    }
}

#[tokio::test]
async fn a_user_whose_only_token_died_is_told_so_and_a_restored_one_is_pushed() {
    let (rig, _) = buried().await;

    let accepted = rig
        .client
        .send(&to_user("bob", "hello"))
        .await
        .unwrap()
        .expect(202);

    assert_eq!(accepted["deliveries"], 0);
    assert_eq!(text(&accepted, "explanation"), "token_dead: bob/phone");
    let trace = rig.client.trace(text(&accepted, "id")).await.unwrap();
    let trace = trace.expect(200);
    let remedy = text_at(&trace, "/deliveries/0/outcome/remedy");
    assert!(remedy.contains("device tombstones"), "{remedy}");

    assert_eq!(restore(&rig, json!({"user": "bob"})).await, 1);
    let event = rig.deliver(&to_user("bob", "hello")).await.unwrap();
    assert_eq!(event["outcome"], "accepted", "{event:#}");
    assert_eq!(tombstones(&rig, "").await, [Value::Null; 0]);
    assert_eq!(restore(&rig, json!({"user": "bob"})).await, 0);
}

#[tokio::test]
async fn what_is_not_right_any_more_is_not_restored() {
    let (rig, _) = buried().await;
    rig.register("bob", "phone", "android", FCM.token)
        .await
        .unwrap();
    assert_eq!(restore(&rig, json!({"channel": "ios"})).await, 0);

    let (rig, _) = buried().await;
    rig.register("eve", "mini", "ios", APNS.token)
        .await
        .unwrap();
    assert_eq!(restore(&rig, json!({"channel": "ios"})).await, 0);
    let event = rig.deliver(&to_user("bob", "hello")).await;
    assert!(event.is_err() || event.unwrap()["outcome"] == "suppressed");
}

#[tokio::test]
async fn a_restore_says_which_devices_it_means() {
    let (rig, _) = buried().await;
    for (what, field) in [
        (json!({}), ""),
        (json!({"app": "default", "user": ""}), ""),
        (json!({"device": "phone"}), "user"),
        (json!({"channel": "x"}), "channel"),
        (json!({"since": "noon"}), "since"),
    ] {
        let answer = rig.client.post("/v1/devices/restore", &what).await.unwrap();
        let problem = problem(answer, 422, "invalid");
        assert_eq!(text(&problem, "field"), field, "{what}");
    }
    for what in [
        json!({"user": "bo"}),
        json!({"user": "bob", "device": "tablet"}),
        json!({"app": "other", "user": "bob"}),
        json!({"user": "bob", "channel": "android"}),
        json!({"since": "2999-01-01T00:00:00Z"}),
    ] {
        let answer = restore(&rig, what.clone()).await;
        assert_eq!(answer, 0, "{what}");
    }
    assert_eq!(
        restore(&rig, json!({"since": "2000-01-01T00:00:00+08:00"})).await,
        1
    );
}

#[tokio::test]
async fn the_operator_lists_and_restores_them() {
    let (rig, event) = buried().await;

    let listed = nudgectl(&rig, &["device", "tombstones", "--since", "1h"]).await;
    for word in ["bob/phone", "ios", "BadDeviceToken", text(&event, "id")] {
        assert!(listed.out.contains(word), "{listed:?}");
    }
    assert!(!listed.out.contains(APNS.token), "{listed:?}");
    let refused = nudgectl(&rig, &["device", "restore"]).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let restored = nudgectl(&rig, &["device", "restore", "bob", "phone"]).await;
    assert_eq!(restored.out, "put back 1 device\n", "{restored:?}");
    let again = nudgectl(&rig, &["device", "restore", "--channel", "ios"]).await;
    assert!(again.out.starts_with("nothing to put back"), "{again:?}");
    let listed = nudgectl(&rig, &["device", "tombstones"]).await;
    assert!(listed.out.starts_with("no tombstones"), "{listed:?}");
}

#[tokio::test]
async fn who_names_no_devices_to_restore_hears_how_to() {
    let rig = rig().await;
    let said = nudgectl(&rig, &["device", "restore"]).await;
    assert_eq!(said.code, Some(2), "{said:?}");
    for way in ["USER [DEVICE]", "--channel CHANNEL", "--since TIME"] {
        assert!(said.err.contains(way), "{said:?}");
    }
}
