//! A token belongs to one device: it goes to whoever reported it last, and stays there through
//! restarts.

use nudged_rig::FCM;
use serde_json::{Value, json};

use super::{BOB, names, to};
use crate::world::{devices, rig, text, token};

#[tokio::test]
async fn a_token_that_another_user_reports_leaves_the_first() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();
    rig.register("bob", "tablet", "ios", &token(2))
        .await
        .unwrap();

    let put = rig
        .register("alice", "mini", "ios", &token(1))
        .await
        .unwrap();

    assert_eq!(
        put["taken_from"],
        json!({"user": "bob", "device": "phone"}),
        "{put:#}"
    );
    assert_eq!(names(&devices(&rig, "bob").await), ["tablet"]);
    assert_eq!(names(&devices(&rig, "alice").await), ["mini"]);
    let event = rig.deliver(&to("alice")).await.unwrap();
    assert_eq!(
        (text(&event, "user"), text(&event, "device")),
        ("alice", "mini")
    );
}

#[tokio::test]
async fn a_token_moves_between_the_devices_of_one_user() {
    let rig = rig().await;
    rig.register("bob", "old", "ios", &token(1)).await.unwrap();

    let put = rig.register("bob", "new", "ios", &token(1)).await.unwrap();

    assert_eq!(put["taken_from"], json!({"user": "bob", "device": "old"}));
    assert_eq!(names(&devices(&rig, "bob").await), ["new"]);
}

#[tokio::test]
async fn a_device_that_reports_again_takes_nothing_from_itself() {
    let rig = rig().await;
    for _ in 0..2 {
        let put = rig
            .register("bob", "phone", "ios", &token(1))
            .await
            .unwrap();
        assert_eq!(put["taken_from"], Value::Null);
    }
    assert_eq!(devices(&rig, "bob").await.len(), 1);
}

#[tokio::test]
async fn a_replaced_token_is_used_and_the_old_one_free() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();

    rig.register("bob", "phone", "ios", &token(2))
        .await
        .unwrap();

    assert_eq!(devices(&rig, "bob").await.len(), 1);
    rig.deliver(&to("bob")).await.unwrap();
    assert_eq!(rig.simulator.received()[0].token, token(2));
    let put = rig
        .register("alice", "phone", "ios", &token(1))
        .await
        .unwrap();
    assert_eq!(put["taken_from"], Value::Null, "bob has it no more");
    assert_eq!(devices(&rig, "bob").await.len(), 1);
}

#[tokio::test]
async fn a_device_that_changes_its_vendor_is_reached_by_the_new_one() {
    let rig = rig().await;
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();

    rig.register("bob", "phone", "android", FCM.token)
        .await
        .unwrap();

    let event = rig.deliver(&to("bob")).await.unwrap();
    assert_eq!(
        (text(&event, "channel"), text(&event, "outcome")),
        ("android", "accepted")
    );
    assert_eq!(rig.simulator.counts().apns.requests, 0);
}

#[tokio::test]
async fn devices_survive_a_restart_and_a_kill() {
    let mut rig = rig().await;
    rig.register("bob", "phone", "ios", &token(1))
        .await
        .unwrap();
    rig.register("bob", "pixel", "android", FCM.token)
        .await
        .unwrap();
    rig.client
        .delete(&format!("{BOB}/pixel"))
        .await
        .unwrap()
        .expect(204);
    let before = devices(&rig, "bob").await;

    rig.restart().await.unwrap();
    assert_eq!(devices(&rig, "bob").await, before);
    rig.register("alice", "phone", "ios", &token(2))
        .await
        .unwrap();
    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();

    assert_eq!(devices(&rig, "bob").await, before);
    assert_eq!(names(&devices(&rig, "alice").await), ["phone"]);
    let put = rig
        .register("carol", "phone", "ios", &token(1))
        .await
        .unwrap();
    assert_eq!(put["taken_from"]["user"], "bob", "owners survive too");
}
