//! 13 to 17 and 20: foreground and background, logout and silence.

use nudged_rig::{APNS, FCM};
use serde_json::json;

use crate::world::bob::*;
use crate::world::{now_ms, only_taken, time_at, token, until};

#[tokio::test]
async fn req_13_logged_out_device_is_not_pushed() {
    let rig = with_phone_and_tablet().await;
    state(&rig, "phone", json!({"state": "logged_out"})).await;

    let told = tell(&rig, &to_bob("while out")).await;

    assert_eq!(told.on("bob/phone"), "logged_out");
    assert_eq!(told.on("bob/tablet"), "accepted", "a login of its own");
    login(&rig, "bob", "phone", APNS, APNS.token).await;
    let told = tell(&rig, &to_bob("back")).await;
    assert_eq!(told.on("bob/phone"), "accepted");
    assert_eq!(shown(&rig, APNS), ["back"]);
    assert_eq!(shown(&rig, FCM), ["while out", "back"]);
}

#[tokio::test]
async fn req_13_logout_is_remembered_by_a_daemon_that_was_killed() {
    let mut rig = with_phone().await;
    state(&rig, "phone", json!({"state": "logged_out"})).await;

    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();

    assert_eq!(tell(&rig, &to_bob("out")).await.only(), "logged_out");
    login(&rig, "bob", "phone", APNS, APNS.token).await;
    assert_eq!(tell(&rig, &to_bob("back")).await.only(), "accepted");
    assert_eq!(shown(&rig, APNS), ["back"]);
}

#[tokio::test]
async fn req_14_login_elsewhere_moves_the_push_to_the_new_device() {
    let rig = with_phone().await;
    assert_eq!(tell(&rig, &to_bob("1")).await.only(), "accepted");

    state(&rig, "phone", json!({"state": "kicked"})).await;
    login(&rig, "bob", "new", APNS, &token(2)).await;

    let told = tell(&rig, &to_bob("2")).await;
    assert_eq!(
        (told.on("bob/phone"), told.on("bob/new")),
        ("kicked", "accepted")
    );
    let alone = json!([{"user": "bob", "device": "phone"}]);
    let mut to_old = to_bob("3");
    to_old["to"] = alone;
    assert_eq!(tell(&rig, &to_old).await.only(), "kicked");
    // Bob comes back to the old phone, which puts the other one out.
    state(&rig, "new", json!({"state": "kicked"})).await;
    login(&rig, "bob", "phone", APNS, APNS.token).await;
    let told = tell(&rig, &to_bob("4")).await;
    assert_eq!(
        (told.on("bob/phone"), told.on("bob/new")),
        ("accepted", "kicked")
    );
    let got = |token: &str| {
        rig.simulator
            .received()
            .iter()
            .filter(|it| it.token == token)
            .count()
    };
    assert_eq!((got(APNS.token), got(&token(2))), (2, 1));
    assert_eq!(shown(&rig, APNS), ["1", "2", "4"]);
}

#[tokio::test]
async fn req_15_an_app_that_was_killed_or_locked_without_a_logout_is_pushed() {
    let mut rig = with_phone().await;
    // Nothing but the token was ever reported.
    assert_eq!(tell(&rig, &to_bob("1")).await.only(), "accepted");
    // It left the screen before it was killed.
    state(&rig, "phone", json!({"state": "background"})).await;
    assert_eq!(tell(&rig, &to_bob("2")).await.only(), "accepted");
    // Nobody hears of it any more, and the daemon is another one.
    rig.restart().await.unwrap();
    assert_eq!(tell(&rig, &to_bob("3")).await.only(), "accepted");
    assert_eq!(shown(&rig, APNS), ["1", "2", "3"]);
}

#[tokio::test]
async fn req_16_background_starts_push_and_foreground_stops_it() {
    let rig = with_phone_and_tablet().await;
    for round in 0..2 {
        state(&rig, "phone", json!({"state": "background"})).await;
        let told = tell(&rig, &to_bob(&format!("background {round}"))).await;
        assert_eq!(told.on("bob/phone"), "accepted");

        state(&rig, "phone", json!({"state": "foreground"})).await;
        let told = tell(&rig, &to_bob(&format!("foreground {round}"))).await;
        assert_eq!(told.on("bob/phone"), "foreground");
        assert_eq!(told.on("bob/tablet"), "accepted", "it lies in a drawer");
    }
    assert_eq!(shown(&rig, APNS), ["background 0", "background 1"]);
    assert_eq!(shown(&rig, FCM).len(), 4);
}

#[tokio::test]
async fn req_16_what_waits_is_not_pushed_to_an_app_that_came_to_the_foreground() {
    for (now, rule) in [
        ("foreground", "foreground"),
        ("logged_out", "logged_out"),
        ("kicked", "kicked"),
    ] {
        let rig = with_phone().await;
        let waiting = waiting(&rig, &to_bob("seen already")).await;

        state(&rig, "phone", json!({"state": now})).await;

        let (came, trace) = waiting.let_go(&rig).await;
        assert_eq!(came, rule, "{trace:#}");
        state(&rig, "phone", json!({"state": "background"})).await;
        assert_eq!(tell(&rig, &to_bob("new")).await.only(), "accepted");
        assert_eq!(shown(&rig, APNS), ["new"]);
    }
}

#[tokio::test]
async fn req_17_an_app_that_is_killed_in_foreground_is_pushed_again() {
    let rig = with_phone().await;
    let device = state(&rig, "phone", json!({"state": "foreground", "lease": 1})).await;
    let end = time_at(&device, "/lease_until");
    assert_eq!(end - time_at(&device, "/state_at"), 1000, "{device:#}");

    // It was killed, so no report follows.
    let pushed_again = async || {
        let began = now_ms();
        match tell(&rig, &to_bob("hello")).await.only() {
            "foreground" => {
                assert!(began < end, "its lease has run out");
                false
            }
            "accepted" => {
                assert!(now_ms() >= end, "it is in foreground");
                true
            }
            other => panic!("{other}"),
        }
    };
    until("the push", pushed_again).await;

    assert_eq!(only_taken(&rig, APNS).token, APNS.token);
}

#[tokio::test]
async fn req_20_a_link_counts_as_lost_after_400_seconds_of_silence() {
    let rig = with_phone().await;

    let device = state(&rig, "phone", json!({"state": "foreground"})).await;

    let lease = time_at(&device, "/lease_until") - time_at(&device, "/state_at");
    assert_eq!(lease, 400_000, "{device:#}");
    assert_eq!(tell(&rig, &to_bob("not seen")).await.only(), "foreground");
    // A heartbeat renews it, and a short one shortens it.
    let beat = state(&rig, "phone", json!({"state": "foreground", "lease": 1})).await;
    let end = time_at(&beat, "/lease_until");
    assert!(end < time_at(&device, "/lease_until"), "{beat:#}");
    let lost = async || tell(&rig, &to_bob("hello")).await.only() == "accepted";
    until("the loss of the link", lost).await;
    assert!(now_ms() >= end);
    assert_eq!(shown(&rig, APNS), ["hello"]);
}

/// Seven days are not to be waited for; on a busy machine one second is soon over.
const DORMANT: &str = "[devices]\ndormant_after = \"3s\"\n";

#[tokio::test]
async fn req_20_a_device_that_was_silent_for_long_is_pushed_no_more() {
    let rig = with_config(DORMANT).await;
    login(&rig, "bob", "tablet", FCM, FCM.token).await;
    state(&rig, "phone", json!({"state": "background"})).await;
    let path = format!("{}/devices/phone", user("bob"));
    let is_silent = async || {
        let device = rig.client.get(&path).await.unwrap().expect(200);
        let heard = time_at(&device, "/state_at").max(time_at(&device, "/registered_at"));
        now_ms() >= heard + 3000
    };
    let is_dormant = async || {
        until("the silence", is_silent).await;
        let told = tell(&rig, &to_bob("hello")).await;
        // The tablet's app reports no states, so its silence means nothing.
        assert_eq!(told.on("bob/tablet"), "accepted");
        assert_eq!(told.on("bob/phone"), "dormant");
    };
    is_dormant().await;
    let before = shown(&rig, APNS).len();

    // Any sign of life ends it. A busy machine may take the seconds that one lasts.
    let of_state = async || {
        state(&rig, "phone", json!({"state": "background"})).await;
        tell(&rig, &to_bob("state")).await.on("bob/phone") == "accepted"
    };
    until("the push after a state", of_state).await;
    is_dormant().await;
    let of_token = async || {
        login(&rig, "bob", "phone", APNS, APNS.token).await;
        tell(&rig, &to_bob("token")).await.on("bob/phone") == "accepted"
    };
    until("the push after a token", of_token).await;

    let mut shown = shown(&rig, APNS).split_off(before);
    shown.retain(|it| it != "hello");
    assert_eq!(shown, ["state", "token"]);
}
