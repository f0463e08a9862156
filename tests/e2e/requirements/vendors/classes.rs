//! 44 to 49: channels, categories, badges and kinds of message, as vendors sort them.

use nudged_rig::vendor::{FCM, HARMONY, HONOR, HUAWEI, MEIZU, OPPO, TPNS, VENDORS, VIVO, XIAOMI};
use serde_json::{Value, json};

use super::*;
use crate::world::taken_by;

#[tokio::test]
async fn req_44_oppos_channel_is_the_messages_else_the_certificates_and_none_is_told() {
    let pointer = "/message/notification/channel_id";
    let rig = rig_edited(&[OPPO], |_, file| {
        with_setting(&file, "channel_id = \"chat\"")
    })
    .await;
    let own = send(&rig, &OPPO, hello_with(json!({"channel_id": "news"}))).await;
    assert_eq!(*own.at(pointer), "news");
    // The console may not know it.
    assert_eq!(own.told, ["message.channel_id"]);
    let certificates = send(&rig, &OPPO, hello()).await;
    assert_eq!(*certificates.at(pointer), "chat");
    assert_eq!(certificates.told, [""; 0]);

    let rig = rig_edited(&[OPPO], |_, file| without_setting(&file, "channel_id")).await;
    let none = send(&rig, &OPPO, hello()).await;
    assert_eq!(*none.at(pointer), Value::Null);
    assert_eq!(none.told, ["message.channel_id"]);
}

/// Where a certificate has a word that a message may replace: the vendor, the setting with its
/// word, the message's field with its word, and where the vendor reads it.
const REPLACED: [(Vendor, &str, &str, &str, &str, &str); 10] = [
    (
        XIAOMI,
        "channel_id",
        "chat",
        "channel_id",
        "news",
        "/extra.channel_id",
    ),
    (
        HUAWEI,
        "channel_id",
        "chat",
        "channel_id",
        "news",
        "/message/android/notification/channel_id",
    ),
    (
        HUAWEI,
        "category",
        "IM",
        "category",
        "WORK",
        "/message/android/category",
    ),
    (
        OPPO,
        "channel_id",
        "chat",
        "channel_id",
        "news",
        "/message/notification/channel_id",
    ),
    (
        OPPO,
        "category",
        "IM",
        "category",
        "ACCOUNT",
        "/message/notification/category",
    ),
    (VIVO, "category", "IM", "category", "ACCOUNT", "/category"),
    (
        FCM,
        "channel_id",
        "chat",
        "channel_id",
        "news",
        "/message/android/notification/channel_id",
    ),
    (
        TPNS,
        "channel_id",
        "chat",
        "channel_id",
        "news",
        "/message/android/n_ch_id",
    ),
    (
        HONOR,
        "importance",
        "NORMAL",
        "category",
        "LOW",
        "/android/notification/importance",
    ),
    (
        HARMONY,
        "category",
        "IM",
        "category",
        "WORK",
        "/payload/notification/category",
    ),
];

#[tokio::test]
async fn req_45_a_messages_word_beats_the_certificates_and_an_empty_one_does_not() {
    for (vendor, setting, theirs, field, own, pointer) in REPLACED {
        let line = format!("{setting} = \"{theirs}\"");
        let rig = rig_edited(&[vendor], |_, file| with_setting(&file, &line)).await;
        for (said, want) in [(own, own), ("", theirs)] {
            let sent = send(&rig, &vendor, hello_with(json!({field: said}))).await;
            let found = sent.at(pointer);
            assert_eq!(found, want, "{} {setting} {said:?}", vendor.title);
        }
        let sent = send(&rig, &vendor, hello()).await;
        assert_eq!(sent.at(pointer), theirs, "{} {setting}", vendor.title);
    }
}

#[tokio::test]
async fn req_46_the_channel_of_xiaomis_and_huaweis_certificate_is_in_each_request() {
    for (vendor, pointer) in [
        (XIAOMI, "/extra.channel_id"),
        (HUAWEI, "/message/android/notification/channel_id"),
    ] {
        let rig = rig_edited(&[vendor], |_, file| {
            with_setting(&file, "channel_id = \"chat\"")
        })
        .await;
        for message in [
            hello(),
            json!({"body": "no title"}),
            hello_with(json!({"ext": "{}", "sound": "none", "collapse_key": "c42"})),
            hello_with(json!({"click": {"action": "open_url", "value": URL}})),
        ] {
            let sent = send(&rig, &vendor, message).await;
            assert_eq!(sent.at(pointer), "chat", "{}", vendor.title);
        }
        // Devices that share a request have it too.
        let to: Vec<_> = (1..=3)
            .map(|n| json!({"channel": vendor.channel, "token": vendor.numbered(n)}))
            .collect();
        let id = rig
            .accept(&json!({"to": to, "message": hello()}))
            .await
            .unwrap();
        rig.client.outcomes(&id, 3).await.unwrap();
        let last = taken_by(&rig, vendor).pop().expect("taken");
        assert_eq!(last.tokens.len(), 3);
        assert_eq!(last.body.pointer(pointer), Some(&json!("chat")));
    }
}

#[tokio::test]
async fn req_47_huaweis_badge_is_counted_for_the_launcher_class_of_the_certificate() {
    let pointer = format!("{HUAWEI_SHOWN}/badge");
    let badge = || hello_with(json!({"badge": {"set": 5}}));
    let class = "com.example.chat.SplashActivity";
    let line = format!("launcher_activity = \"{class}\"");
    let rig = rig_edited(&[HUAWEI], |_, file| with_setting(&file, &line)).await;
    let sent = send(&rig, &HUAWEI, badge()).await;
    assert_eq!(*sent.at(&pointer), json!({"class": class, "set_num": 5}));
    let sent = send(&rig, &HUAWEI, hello_with(json!({"badge": {"add": 2}}))).await;
    assert_eq!(*sent.at(&pointer), json!({"class": class, "add_num": 2}));

    let rig = rig_edited(&[HUAWEI], |_, file| {
        without_setting(&file, "launcher_activity")
    })
    .await;
    let sent = send(&rig, &HUAWEI, badge()).await;
    assert_eq!(*sent.at(&pointer), Value::Null);
    assert_eq!(sent.told, ["message.badge"]);
}

/// The vendors' own words for classes, as options: they go out as they are.
#[tokio::test]
async fn req_48_a_class_is_passed_through() {
    let rig = rig_edited(&VENDORS, |_, file| file).await;
    for (vendor, options, fields) in [
        (
            HUAWEI,
            json!({"category": "WORK", "importance": "LOW"}),
            vec![
                ("/message/android/category", json!("WORK")),
                ("/message/android/notification/importance", json!("LOW")),
            ],
        ),
        (
            OPPO,
            json!({"category": "TODO", "notify_level": 1}),
            vec![
                ("/message/notification/category", json!("TODO")),
                ("/message/notification/notify_level", json!(1)),
            ],
        ),
        (
            VIVO,
            json!({"classification": 0, "category": "NEWS"}),
            vec![("/classification", json!(0)), ("/category", json!("NEWS"))],
        ),
        (
            MEIZU,
            json!({"noticeBarInfo": {"noticeMsgType": 0}}),
            vec![("/messageJson/noticeBarInfo/noticeMsgType", json!(0))],
        ),
        (
            HONOR,
            json!({"importance": "LOW"}),
            vec![("/android/notification/importance", json!("LOW"))],
        ),
        (
            HARMONY,
            json!({"category": "TRAVEL"}),
            vec![("/payload/notification/category", json!("TRAVEL"))],
        ),
        (
            TPNS,
            json!({"android": {"hw_category": "WORK", "vivo_ch_id": "0"}}),
            vec![
                ("/message/android/hw_category", json!("WORK")),
                ("/message/android/vivo_ch_id", json!("0")),
            ],
        ),
    ] {
        let sent = send_with(&rig, &vendor, hello(), options).await;
        for (pointer, want) in fields {
            assert_eq!(*sent.at(pointer), want, "{} {pointer}", vendor.title);
        }
    }
}

#[tokio::test]
async fn req_48_a_class_that_nobody_named_is_not_guessed() {
    let settings = ["category", "importance", "classification", "message_type"];
    let vendors = [HUAWEI, OPPO, VIVO, MEIZU, HONOR, TPNS];
    let rig = rig_edited(&vendors, |_, file| {
        let files = settings.iter();
        files.fold(file, |file, key| without_setting(&file, key))
    })
    .await;
    for (vendor, absent) in [
        (
            HUAWEI,
            &[
                "/message/android/category",
                "/message/android/notification/importance",
            ][..],
        ),
        (OPPO, &["/message/notification/category"]),
        (VIVO, &["/category"]),
        (MEIZU, &[]),
        (HONOR, &["/android/notification/importance"]),
        (TPNS, &["/message/android/hw_category"]),
    ] {
        // Whatever it reads like.
        let chat = send(&rig, &vendor, hello()).await;
        let offer = json!({"title": "SALE", "body": "-50 %, today only: buy now!"});
        let offer = send(&rig, &vendor, offer).await;
        for pointer in absent {
            assert_eq!(*chat.at(pointer), Value::Null, "{} {pointer}", vendor.title);
            assert_eq!(
                *offer.at(pointer),
                Value::Null,
                "{} {pointer}",
                vendor.title
            );
        }
        for pointer in [
            "/classification",
            "/messageJson/noticeBarInfo/noticeMsgType",
        ] {
            assert_eq!(chat.at(pointer), offer.at(pointer), "{}", vendor.title);
        }
    }
}

#[tokio::test]
async fn req_49_meizu_and_vivo_get_messages_of_the_notification_bar_and_no_others() {
    let rig = rig_edited(&[MEIZU, VIVO], |_, file| file).await;
    let meizu = send(&rig, &MEIZU, hello()).await;
    assert_eq!(
        meizu.received.path,
        "/garcia/api/server/push/varnished/pushByPushId"
    );
    assert_eq!(*meizu.at("/messageJson/noticeBarInfo/title"), "Carol");
    let vivo = send(&rig, &VIVO, hello()).await;
    assert_eq!(vivo.received.path, "/message/send");
    assert_eq!(
        (vivo.at("/title"), vivo.at("/content")),
        (&json!("Carol"), &json!("Lunch?"))
    );

    for vendor in [MEIZU, VIVO] {
        let to = json!([{"channel": vendor.channel, "token": vendor.numbered(1)}]);
        let spec = json!({"to": to, "message": {"kind": "background", "ext": "{}"}});
        let event = rig.deliver(&spec).await.unwrap();
        assert_eq!(event["outcome"], "suppressed", "{event}");
        assert_eq!(event["code"], "no_background", "{event}");
        assert_eq!(taken_by(&rig, vendor).len(), 1, "{}", vendor.title);
    }
}
