//! 51, as far as it is there: translations, badges, images, silent pushes. Of the rest, which
//! Tencent's format can name, the caller is told that it goes no further.

use nudged_rig::vendor::{HARMONY, HONOR, HUAWEI, OPPO, TPNS, VENDORS, VIVO, XIAOMI};
use nudged_rig::{APNS, FCM, Vendor};
use serde_json::{Value, json};

use super::im::{push, send, text_to_bob};
use crate::world::bob::{bob_on, speaks, state_of};
use crate::world::{taken_by, text};

#[tokio::test]
async fn req_51_a_phone_shows_the_translation_into_its_language() {
    let rig = bob_on(&VENDORS).await;
    for vendor in VENDORS {
        let language = match vendor.name {
            "apns" | "xiaomi" => "zh-Hans",
            "fcm" => "de-AT",
            "huawei" => "fr",
            _ => continue,
        };
        speaks(&rig, "bob", vendor, language).await;
    }
    let body = text_to_bob(json!({
        "Title": "Alice", "Desc": "Lunch?",
        "MultiLanguageContent": [
            {"Language": "zh_Hans", "Title": "爱丽丝", "Desc": "吃饭？"},
            {"Language": "de", "Title": "", "Desc": "Mittag?"},
        ],
    }));

    let pushed = push(&rig, "sendmsg", &body, &VENDORS).await;

    for vendor in VENDORS {
        let shown = pushed.shown(vendor);
        let expected = match vendor.name {
            "apns" | "xiaomi" => ("爱丽丝", "吃饭？"),
            // What a translation leaves out is the message's.
            "fcm" => ("Alice", "Mittag?"),
            _ => ("Alice", "Lunch?"),
        };
        let shown = (&*shown.title, &*shown.body);
        assert_eq!(shown, expected, "{}", vendor.title);
    }
}

/// Where vendors read a number that is set, and one that is added.
const BADGES: [(Vendor, &str, &str); 6] = [
    (APNS, "/aps/badge", ""),
    (FCM, "/message/android/notification/notification_count", ""),
    (
        HUAWEI,
        "/message/android/notification/badge/set_num",
        "/message/android/notification/badge/add_num",
    ),
    (
        OPPO,
        "/message/notification/badge_message_count",
        "/message/notification/badge_message_count",
    ),
    (
        HONOR,
        "/android/notification/badge/setNum",
        "/android/notification/badge/addNum",
    ),
    (
        HARMONY,
        "/payload/notification/badge/setNum",
        "/payload/notification/badge/addNum",
    ),
];

#[tokio::test]
async fn req_51_badges_are_set_and_added_to() {
    let vendors = BADGES.map(|(vendor, ..)| vendor);
    let rig = bob_on(&vendors).await;
    for vendor in vendors {
        let background = json!({"state": "background", "unread": 4});
        state_of(&rig, "bob", vendor, background).await;
    }

    let added = text_to_bob(json!({"Desc": "x", "BadgeAddNum": 3}));
    let added = push(&rig, "sendmsg", &added, &vendors).await;
    let set = text_to_bob(json!({"Desc": "y", "BadgeSetNum": 9, "BadgeAddNum": 3}));
    let set = push(&rig, "sendmsg", &set, &vendors).await;

    for (vendor, sets, adds) in BADGES {
        let (place, number) = match adds {
            // Such a phone is told the sum, which nudged keeps.
            "" => (sets, 7),
            adds => (adds, 3),
        };
        assert_eq!(*added.at(vendor, place), number, "{}", vendor.title);
        assert_eq!(*set.at(vendor, sets), 9, "{}", vendor.title);
    }
    for vendor in vendors {
        let path = format!("/v1/apps/default/users/bob/devices/{}", vendor.name);
        let device = rig.client.get(&path).await.unwrap().expect(200);
        assert_eq!(device["unread"], 9, "{device:#}");
    }
}

#[tokio::test]
async fn req_51_an_image_goes_to_the_vendor_that_it_is_for() {
    let rig = bob_on(&VENDORS).await;
    let url = |whose: &str| format!("https://img.example.com/{whose}.png");
    let body = text_to_bob(json!({
        "Desc": "x",
        "AndroidInfo": {
            "HuaWeiImage": url("huawei"), "HonorImage": url("honor"), "GoogleImage": url("fcm"),
        },
        "ApnsInfo": {"Image": url("apns")},
        "HarmonyInfo": {"Image": url("harmony")},
    }));

    let pushed = push(&rig, "sendmsg", &body, &VENDORS).await;

    for (vendor, place) in [
        (APNS, "/image"),
        (FCM, "/message/notification/image"),
        (HUAWEI, "/message/android/notification/image"),
        (HONOR, "/android/notification/image"),
        (HARMONY, "/payload/notification/image"),
    ] {
        let image = pushed.at(vendor, place);
        assert_eq!(*image, url(vendor.name).as_str(), "{}", vendor.title);
    }
    // Without this the app's extension, which fetches the picture, does not run.
    assert_eq!(*pushed.at(APNS, "/aps/mutable-content"), 1);
    for vendor in [XIAOMI, OPPO, VIVO, TPNS] {
        let body = pushed.got(vendor).body.to_string();
        assert!(!body.contains("img.example.com"), "{body}");
    }
}

#[tokio::test]
async fn req_51_a_silent_push_wakes_the_app_and_shows_nothing() {
    let vendors = [APNS, FCM, XIAOMI, HUAWEI, TPNS, HONOR, HARMONY];
    let rig = bob_on(&vendors).await;
    state_of(
        &rig,
        "bob",
        APNS,
        json!({"state": "background", "unread": 4}),
    )
    .await;
    let silent = json!({
        "to": [{"user": "bob"}],
        "message": {"kind": "background", "ext": "{\"sync\":1}"},
    });

    let pushed = send(&rig, &silent, &vendors).await;

    for vendor in vendors {
        let shown = pushed.shown(vendor);
        if vendor.name == "tpns" {
            // Wants a text even of what is for the app alone.
            assert_eq!(pushed.got(vendor).body["message_type"], "message");
            continue;
        }
        let shown = (&*shown.title, &*shown.body);
        assert_eq!(shown, ("", ""), "{}", vendor.title);
        let body = pushed.got(vendor).body.to_string();
        assert!(body.contains("sync"), "{}: {body}", vendor.title);
        assert!(!body.contains("a new message"), "{}: {body}", vendor.title);
    }
    assert_eq!(*pushed.at(APNS, "/aps"), json!({"content-available": 1}));
    // Nothing is shown, so nothing is counted.
    let alert = json!({"to": [{"user": "bob", "device": "apns"}], "message": {"body": "x"}});
    let alert = send(&rig, &alert, &[APNS]).await;
    assert_eq!(*alert.at(APNS, "/aps/badge"), 5);
}

#[tokio::test]
async fn req_51_an_alert_may_wake_the_iphones_app_as_well() {
    let rig = bob_on(&[APNS]).await;
    let body = text_to_bob(json!({"Desc": "x", "ApnsInfo": {"ContentAvailable": 1}}));
    let pushed = push(&rig, "sendmsg", &body, &[APNS]).await;
    assert_eq!(*pushed.at(APNS, "/aps/content-available"), 1);
    assert_eq!(pushed.shown(APNS).body, "x");
}

#[tokio::test]
async fn req_51_what_is_not_there_goes_out_as_an_alert_and_is_told() {
    let rig = bob_on(&[APNS, FCM]).await;
    let of_kind = ["message.kind", "message.kind"];
    for (offline, expected) in [
        (
            json!({"PushTemplateId": "t1"}),
            &["OfflinePushInfo.PushTemplateId"][..],
        ),
        (json!({"ApnsInfo": {"IsVoipPush": 1}}), &of_kind),
        (
            json!({"ApnsInfo": {"LiveActivity": {"LaId": "a", "Event": "update"}}}),
            &of_kind,
        ),
    ] {
        let body = text_to_bob(offline);
        let pushed = push(&rig, "sendmsg", &body, &[APNS, FCM]).await;
        let notices = pushed.answer["notices"].as_array().expect("notices");
        let fields: Vec<_> = notices.iter().map(|it| text(it, "field")).collect();
        assert_eq!(fields, expected);
        assert_eq!(pushed.shown(APNS).body, "Lunch?", "{expected:?}");
        assert_eq!(pushed.shown(FCM).body, "Lunch?", "{expected:?}");
    }
    for received in taken_by(&rig, APNS) {
        let kind = received
            .headers
            .iter()
            .find(|(name, _)| name == "apns-push-type");
        assert_eq!(kind.map(|(_, kind)| kind.as_str()), Some("alert"));
        assert_eq!(received.body["aps"]["event"], Value::Null);
    }
}
