//! 18 and 33: the number on the app's icon.

use nudged_rig::vendor::{HONOR, HUAWEI};
use nudged_rig::{APNS, FCM, Rig, Vendor};
use serde_json::{Value, json};

use crate::world::bob::*;
use crate::world::{rig_of, taken_by, token};

/// What a vendor was told of the number, message by message.
fn badges(rig: &Rig, vendor: Vendor) -> Vec<Value> {
    let place = match vendor.name {
        "apns" => "/aps/badge",
        "fcm" => "/message/android/notification/notification_count",
        "huawei" => "/message/android/notification/badge",
        "honor" => "/android/notification/badge",
        other => panic!("{other} counts otherwise"),
    };
    let all = taken_by(rig, vendor);
    let badge = |body: &Value| body.pointer(place).cloned().unwrap_or_default();
    all.iter().map(|it| badge(&it.body)).collect()
}

async fn unread(rig: &Rig) -> Value {
    let path = format!("{}/devices/phone", user("bob"));
    rig.client.get(&path).await.unwrap().expect(200)["unread"].clone()
}

/// Sends Bob messages, all of which are pushed.
async fn push(rig: &Rig, specs: &[Value]) {
    for spec in specs {
        assert_eq!(tell(rig, spec).await.only(), "accepted", "{spec}");
    }
}

#[tokio::test]
async fn req_18_the_count_of_background_is_where_pushes_count_on_from() {
    let rig = with_phone().await;
    // Who reports no count has none.
    push(&rig, &[to_bob("1")]).await;
    state(&rig, "phone", json!({"state": "background", "unread": 5})).await;
    push(&rig, &[to_bob("2"), to_bob("3")]).await;
    // Neither another token nor another report without a number is a new start.
    login(&rig, "bob", "phone", APNS, &token(2)).await;
    state(&rig, "phone", json!({"state": "background"})).await;
    push(&rig, &[to_bob("4")]).await;
    assert_eq!(unread(&rig).await, 8);
    state(&rig, "phone", json!({"state": "background", "unread": 0})).await;
    push(&rig, &[to_bob("5")]).await;

    assert_eq!(
        badges(&rig, APNS),
        [json!(null), json!(6), json!(7), json!(8), json!(1)]
    );
}

#[tokio::test]
async fn req_18_a_look_at_the_app_starts_from_nothing() {
    let rig = with_phone().await;
    state(&rig, "phone", json!({"state": "background", "unread": 5})).await;
    push(&rig, &[to_bob("1")]).await;

    state(&rig, "phone", json!({"state": "foreground"})).await;
    assert_eq!(unread(&rig).await, 0);
    // What is not pushed is not counted.
    assert_eq!(tell(&rig, &to_bob("read")).await.only(), "foreground");
    state(&rig, "phone", json!({"state": "background"})).await;
    push(&rig, &[to_bob("2"), to_bob("3")]).await;

    assert_eq!(badges(&rig, APNS), [6, 1, 2]);
}

#[tokio::test]
async fn req_18_what_is_not_pushed_or_not_shown_is_not_counted() {
    let rig = with_phone().await;
    state(&rig, "phone", json!({"state": "background", "unread": 5})).await;
    set(&rig, json!({"enabled": false})).await;
    assert_eq!(tell(&rig, &to_bob("muted")).await.only(), "user_disabled");
    set(&rig, json!({})).await;
    let mut silent = to_bob("unseen");
    silent["message"] = json!({"kind": "background", "ext": "{}"});
    push(&rig, &[silent, to_bob("hello")]).await;

    assert_eq!(badges(&rig, APNS), [json!(null), json!(6)]);
}

#[tokio::test]
async fn req_18_a_sender_may_set_the_count_and_add_more_than_one() {
    let rig = with_phone().await;
    state(&rig, "phone", json!({"state": "background", "unread": 5})).await;

    let badge = |badge: Value| to_bob_with(json!({"badge": badge}));
    let set = badge(json!({"set": 20}));
    push(
        &rig,
        &[set, to_bob("1"), badge(json!({"add": 3})), to_bob("2")],
    )
    .await;

    assert_eq!(badges(&rig, APNS), [20, 21, 24, 25]);
}

#[tokio::test]
async fn req_18_a_count_survives_a_kill() {
    let mut rig = with_phone().await;
    state(&rig, "phone", json!({"state": "background", "unread": 5})).await;
    push(&rig, &[to_bob("1")]).await;

    rig.kill9().await.unwrap();
    rig.launch().await.unwrap();

    push(&rig, &[to_bob("2")]).await;
    assert_eq!(badges(&rig, APNS), [6, 7]);
}

#[tokio::test]
async fn req_18_vendors_that_count_on_the_phone_are_told_to_add() {
    let rig = rig_of(&[HUAWEI, HONOR, FCM]).await;
    for (vendor, class, add) in [
        (HUAWEI, "class", "add_num"),
        (HONOR, "badgeClass", "addNum"),
    ] {
        login(&rig, "bob", "phone", vendor, vendor.token).await;
        state(&rig, "phone", json!({"state": "background", "unread": 5})).await;
        let keep = to_bob_with(json!({"badge": "keep"}));
        push(&rig, &[to_bob("1"), keep, to_bob("2")]).await;

        // The phone has the number, so the vendor is told what to do with it.
        let badges = badges(&rig, vendor);
        let added = |badge: &Value| (badge[add].clone(), badge[class].is_string());
        assert_eq!(added(&badges[0]), (json!(1), true), "{badges:?}");
        assert_eq!(badges[1], Value::Null, "{badges:?}");
        assert_eq!(added(&badges[2]), (json!(1), true), "{badges:?}");
        assert_eq!(unread(&rig).await, 7, "{}", vendor.title);
    }
    // One that cannot add is told the number that is counted for it.
    login(&rig, "bob", "phone", FCM, FCM.token).await;
    push(&rig, &[to_bob("3"), to_bob("4")]).await;
    assert_eq!(badges(&rig, FCM), [8, 9]);
}

#[tokio::test]
async fn req_33_a_push_with_its_badge_off_does_not_count() {
    let rig = with_phone().await;
    state(&rig, "phone", json!({"state": "background", "unread": 5})).await;

    let keep = to_bob_with(json!({"badge": "keep"}));
    let of_ios = to_bob_with(json!({"platforms": {"ios": {"badge": "keep"}}}));
    let of_others = to_bob_with(json!({"platforms": {"android": {"badge": "keep"}}}));
    push(&rig, &[to_bob("1"), keep, of_ios, of_others, to_bob("2")]).await;

    let [kept, counted] = [json!(null), json!(7)];
    assert_eq!(
        badges(&rig, APNS),
        [json!(6), kept.clone(), kept, counted, json!(8)]
    );
    assert_eq!(unread(&rig).await, 8);
}

#[tokio::test]
async fn req_33_tencents_badge_mode_turns_the_count_off_on_iphones_alone() {
    let rig = with_phone_and_tablet().await;
    for device in ["phone", "tablet"] {
        state(&rig, device, json!({"state": "background", "unread": 5})).await;
    }
    let offline = |mode: Value| {
        json!({
            "From_Account": "alice", "To_Account": "bob", "MsgBody": [],
            "OfflinePushInfo": {"Title": "Alice", "Desc": "hello", "ApnsInfo": {"BadgeMode": mode}},
        })
    };
    for mode in [json!(0), json!(1), json!(null)] {
        let told = tell_im(&rig, "sendmsg", &offline(mode)).await;
        assert_eq!(
            (told.on("bob/phone"), told.on("bob/tablet")),
            ("accepted", "accepted")
        );
    }
    assert_eq!(badges(&rig, APNS), [json!(6), json!(null), json!(7)]);
    assert_eq!(badges(&rig, FCM), [6, 7, 8]);
}
