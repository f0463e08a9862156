//! Bodies as real chat servers write them, oddities and all, and what the vendors got of them;
//! among them those of 64.

use nudged_rig::vendor::{HARMONY, HONOR, HUAWEI, MEIZU, OPPO, TPNS, VENDORS, VIVO, XIAOMI};
use nudged_rig::{APNS, FCM, Vendor};
use serde_json::{Value, json};

use super::im::{call, push, text_to_bob};
use crate::world::bob::{bob_on, speaks, state_of};
use crate::world::{taken_by, text, trace_of};

#[tokio::test]
async fn android_info_may_stand_alone() {
    let rig = bob_on(&VENDORS).await;
    let android = json!({
        "Sound": "android.mp3", "OPPOChannelID": "calls", "HuaWeiChannelID": "calls",
        "XiaoMiChannelID": "news", "GoogleChannelID": "calls", "VIVOCategory": "IM",
    });

    let body = text_to_bob(json!({"AndroidInfo": android}));
    let pushed = push(&rig, "sendmsg", &body, &VENDORS).await;

    for vendor in VENDORS {
        // Text and title are as without it.
        let shown = pushed.shown(vendor);
        let shown = (&*shown.title, &*shown.body);
        assert_eq!(shown, ("a new message", "Lunch?"), "{}", vendor.title);
    }
    for (vendor, place, word) in [
        (OPPO, "/message/notification/channel_id", "calls"),
        (HUAWEI, "/message/android/notification/channel_id", "calls"),
        (XIAOMI, "/extra.channel_id", "news"),
        (FCM, "/message/android/notification/channel_id", "calls"),
        (VIVO, "/category", "IM"),
        // No word of it is for iPhones and HarmonyOS.
        (APNS, "/aps/sound", "default"),
    ] {
        assert_eq!(*pushed.at(vendor, place), word, "{}", vendor.title);
    }
    let harmony = pushed.got(HARMONY).body.to_string();
    assert!(!harmony.contains("android.mp3"), "{harmony}");
}

#[tokio::test]
async fn empty_objects_and_an_empty_image_that_are_always_sent_say_nothing() {
    let rig = bob_on(&VENDORS).await;
    state_of(
        &rig,
        "bob",
        APNS,
        json!({"state": "background", "unread": 4}),
    )
    .await;
    let always = json!({
        "PushFlag": 0, "Title": "Alice", "Desc": "Lunch?",
        "AndroidInfo": {}, "ApnsInfo": {"Image": ""},
    });

    let pushed = push(&rig, "sendmsg", &text_to_bob(always), &VENDORS).await;

    for vendor in VENDORS {
        let shown = pushed.shown(vendor);
        let shown = (&*shown.title, &*shown.body);
        assert_eq!(shown, ("Alice", "Lunch?"), "{}", vendor.title);
    }
    // A BadgeMode that is not there, as 0 never is, counts.
    let expected = json!({
        "alert": {"title": "Alice", "body": "Lunch?"}, "badge": 5, "sound": "default",
    });
    assert_eq!(*pushed.at(APNS, "/aps"), expected);
    assert_eq!(*pushed.at(APNS, "/image"), Value::Null);
}

#[tokio::test]
async fn a_badge_mode_of_one_does_not_count_and_none_does() {
    let rig = bob_on(&[APNS]).await;
    state_of(
        &rig,
        "bob",
        APNS,
        json!({"state": "background", "unread": 4}),
    )
    .await;
    for (apns, badge) in [
        (json!({"BadgeMode": 1}), Value::Null),
        (json!({}), json!(5)),
        (json!({"BadgeMode": 0}), json!(6)),
        (json!({"BadgeMode": "1"}), Value::Null),
        (json!({"BadgeMode": ""}), json!(7)),
    ] {
        let body = text_to_bob(json!({"Desc": "x", "ApnsInfo": apns}));
        let pushed = push(&rig, "sendmsg", &body, &[APNS]).await;
        assert_eq!(*pushed.at(APNS, "/aps/badge"), badge, "{apns}");
    }
    // A push without a message counts only when it says so.
    for (apns, badge) in [
        (json!({}), Value::Null),
        (json!({"BadgeMode": 0}), json!(8)),
    ] {
        let body = json!({
            "To_Account": ["bob"], "OfflinePushInfo": {"Desc": "x", "ApnsInfo": apns},
        });
        let pushed = push(&rig, "timpush_batch", &body, &[APNS]).await;
        assert_eq!(*pushed.at(APNS, "/aps/badge"), badge, "{apns}");
    }
}

#[tokio::test]
async fn vivos_notify_type_is_a_number_or_a_text() {
    let rig = bob_on(&[VIVO]).await;
    for (kind, expected) in [
        (json!(2), 2),
        (json!("2"), 2),
        (json!("4"), 4),
        (json!(1.0), 1),
        // What clients write that cannot leave a number out; vivo's default.
        (json!(0), 4),
        (json!(""), 4),
    ] {
        let body = text_to_bob(json!({"Desc": "x", "AndroidInfo": {"VIVONotifyType": kind}}));
        let pushed = push(&rig, "sendmsg", &body, &[VIVO]).await;
        assert_eq!(*pushed.at(VIVO, "/notifyType"), expected, "{kind}");
    }
}

#[tokio::test]
async fn ext_is_any_json_and_arrives_byte_for_byte() {
    let rig = bob_on(&VENDORS).await;
    for (written, arrives, oppo) in [
        // The text of an object, as the documents want it.
        (
            r#""{\"room\" : 7, \"a\":\"b\"}""#,
            r#"{"room" : 7, "a":"b"}"#,
            r#"{"a":"b","ext":"{\"room\" : 7, \"a\":\"b\"}","room":"7"}"#,
        ),
        // The object itself.
        (
            r#"{"room" : 7, "a":"b"}"#,
            r#"{"room" : 7, "a":"b"}"#,
            r#"{"a":"b","ext":"{\"room\" : 7, \"a\":\"b\"}","room":"7"}"#,
        ),
        // Text that is no JSON, as in the documents' own samples; lists; numbers.
        (
            r#""This is the extension: 你好""#,
            "This is the extension: 你好",
            r#"{"ext":"This is the extension: 你好"}"#,
        ),
        ("[1, 2]", "[1, 2]", r#"{"ext":"[1, 2]"}"#),
        (
            "12345678901234567890",
            "12345678901234567890",
            r#"{"ext":"12345678901234567890"}"#,
        ),
        ("true", "true", r#"{"ext":"true"}"#),
    ] {
        let ext: Box<serde_json::value::RawValue> = serde_json::from_str(written).unwrap();
        let body =
            serde_json::to_string(&text_to_bob(json!({"Desc": "x", "Ext": "HERE"}))).unwrap();
        let body = body.replace("\"HERE\"", ext.get());
        let path = "/v1/im/messages?call=sendmsg";
        let before = taken_by(&rig, OPPO).len();
        let reply = rig
            .client
            .raw(http::Method::POST, path, "application/json", body);
        let answer = reply.await.unwrap().expect(202);
        let id = text(&answer, "id");
        let events = rig.client.outcomes(id, VENDORS.len()).await.unwrap();
        for event in events {
            assert_eq!(event["outcome"], "accepted", "{written}: {event:#}");
        }
        assert_eq!(taken_by(&rig, OPPO).len(), before + 1);
        for vendor in VENDORS {
            let last = taken_by(&rig, vendor).pop().expect("accepted");
            assert_eq!(vendor.shown(&last).ext, arrives, "{}", vendor.title);
            if vendor.name == "oppo" {
                // OPPO hands each key to the app by itself, and the whole beside them.
                let parameters = &last.body["message"]["notification"]["action_parameters"];
                let written = parameters
                    .as_str()
                    .map_or(parameters.to_string(), str::to_owned);
                assert_eq!(written, oppo);
            }
        }
        // And of that the caller is told.
        let trace = trace_of(&rig, id).await;
        let deliveries = trace["deliveries"].as_array().unwrap().iter();
        let mut oppos = deliveries.filter(|it| it["driver"] == "oppo");
        let notices = oppos.next().expect("OPPO's")["attempts"][0]["notices"].to_string();
        let is_object = arrives.starts_with('{');
        assert_eq!(notices.contains("no JSON object"), !is_object, "{notices}");
    }
}

#[tokio::test]
async fn a_call_that_is_no_message_is_pushed_by_its_info_alone() {
    let rig = bob_on(&VENDORS).await;
    // Such as an invitation to a video call.
    let body = json!({
        "From_Account": "alice",
        "To_Account": ["bob"],
        "CallId": "c-1", "RoomId": 1234, "MediaType": "Video", "Timeout": 30,
        "OfflinePushInfo": {
            "Title": "Alice", "Desc": "invites you to a call", "Ext": "{\"call\":\"c-1\"}",
            "AndroidInfo": {"OPPOChannelID": "calls", "VIVONotifyType": 4},
            "ApnsInfo": {"Sound": "ring.caf", "InterruptionLevel": "time-sensitive"},
        },
    });
    for name in ["timpush_batch", "batchsendmsg", "sendmsg"] {
        let mut body = body.clone();
        if name == "sendmsg" {
            body["To_Account"] = json!("bob");
        }
        let pushed = push(&rig, name, &body, &VENDORS).await;
        for vendor in VENDORS {
            let shown = pushed.shown(vendor);
            let shown = (&*shown.title, &*shown.body);
            let expected = ("Alice", "invites you to a call");
            assert_eq!(shown, expected, "{name} {}", vendor.title);
        }
        assert_eq!(*pushed.at(APNS, "/aps/sound"), "ring.caf");
        assert_eq!(
            *pushed.at(APNS, "/aps/interruption-level"),
            "time-sensitive"
        );
        assert_eq!(
            *pushed.at(OPPO, "/message/notification/channel_id"),
            "calls"
        );
    }
}

/// Where vendors read the name of a sound file, and what they make of `shake`.
const SOUNDS: [(Vendor, &str, &str); 3] = [
    (
        XIAOMI,
        "/extra.sound_uri",
        "android.resource://com.example.chat/raw/shake",
    ),
    (HUAWEI, "/message/android/notification/sound", "/raw/shake"),
    (TPNS, "/message/android/ring_raw", "shake"),
];

#[tokio::test]
async fn a_sound_has_a_suffix_or_none() {
    let rig = bob_on(&VENDORS).await;
    for sound in ["shake.mp3", "shake"] {
        let body = text_to_bob(json!({
            "Desc": "x",
            "AndroidInfo": {"Sound": sound},
            "ApnsInfo": {"Sound": "ding.caf"},
        }));
        let pushed = push(&rig, "sendmsg", &body, &VENDORS).await;
        for (vendor, place, expected) in SOUNDS {
            let got = pushed.at(vendor, place);
            assert_eq!(*got, expected, "{} {sound}", vendor.title);
        }
        // Files of an iPhone's app have one.
        assert_eq!(*pushed.at(APNS, "/aps/sound"), "ding.caf");
        for vendor in [OPPO, VIVO, MEIZU, HONOR] {
            assert_eq!(pushed.told(vendor), ["message.sound"], "{}", vendor.title);
        }
    }
    let silent = json!({"Desc": "x", "ApnsInfo": {"Sound": "push.no_sound"}});
    let pushed = push(&rig, "sendmsg", &text_to_bob(silent), &VENDORS).await;
    assert_eq!(*pushed.at(APNS, "/aps/sound"), Value::Null);
}

#[tokio::test]
async fn names_and_colons_stand_before_a_text_in_the_readers_own_width() {
    let rig = bob_on(&[APNS, FCM]).await;
    speaks(&rig, "bob", APNS, "zh-Hans").await;
    speaks(&rig, "bob", FCM, "en").await;
    let element = |kind: &str| json!({"MsgType": kind, "MsgContent": {"Data": "d"}});
    let mut body = text_to_bob(json!({"AndroidInfo": {}, "ApnsInfo": {"Image": ""}}));
    body["MsgBody"] = json!([
        {"MsgType": "TIMTextElem", "MsgContent": {"Text": "看：１２３"}},
        element("TIMLocationElem"),
        element("TIMFaceElem"),
    ]);
    let group = |named: Value| {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove("To_Account");
        body["GroupId"] = json!("g1");
        body["nudged"] = json!({"members": ["bob"]});
        for (key, value) in named.as_object().unwrap() {
            body["nudged"][key] = value.clone();
        }
        body
    };
    let mut named = body.clone();
    named["nudged"] = json!({"sender_name": "爱丽丝"});
    for (name, body, chinese, english) in [
        ("sendmsg", body.clone(), "", ""),
        ("sendmsg", named, "爱丽丝：", "爱丽丝:"),
        (
            "send_group_msg",
            group(json!({"group_name": "午餐（周五）"})),
            "(午餐（周五）):",
            "(午餐（周五）):",
        ),
        (
            "send_group_msg",
            group(json!({"sender_name": "爱丽丝", "group_name": "午餐（周五）"})),
            "爱丽丝(午餐（周五）)：",
            "爱丽丝(午餐（周五）):",
        ),
    ] {
        let pushed = push(&rig, name, &body, &[APNS, FCM]).await;
        let text = format!("{chinese}看：１２３[位置][表情]");
        assert_eq!(pushed.shown(APNS).body, text);
        let text = format!("{english}看：１２３[Location][Face]");
        assert_eq!(pushed.shown(FCM).body, text);
    }
}

#[tokio::test]
async fn a_whole_body_of_a_client_that_leaves_nothing_out_goes_through() {
    let rig = bob_on(&VENDORS).await;
    // Zeros, empty texts and lists for all that its author did not set.
    let body = json!({
        "SyncOtherMachine": 0, "From_Account": "alice", "To_Account": ["bob"],
        "MsgSeq": 0, "MsgRandom": 0, "MsgTimeStamp": 0,
        "ForbidCallbackControl": null, "SendMsgControl": [], "CloudCustomData": "",
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "Lunch?"}}],
        "OfflinePushInfo": {
            "PushFlag": 0, "Title": "", "Desc": "", "Ext": "", "MultiLanguageContent": null,
            "BadgeAddNum": 0, "PushTemplateId": "", "PushTemplateParam": null,
            "AndroidInfo": {
                "Sound": "", "PushStyle": 0, "HuaWeiChannelID": "", "HuaWeiImportance": "",
                "ExtAsHuaweiIntentParam": 0, "VIVOClassification": 1, "VIVONotifyType": 0,
                "OPPONotifyLevel": 0, "OPPOPrivateTitleParameters": {}, "GooglePriority": "",
            },
            "ApnsInfo": {
                "Sound": "", "BadgeMode": 0, "Title": "", "SubTitle": "", "Image": "",
                "MutableContent": 0, "ContentAvailable": 0, "IsVoipPush": 0,
                "LiveActivity": {},
            },
            "HarmonyInfo": {"Title": "", "SoundDuration": 0},
        },
    });

    let pushed = push(&rig, "batchsendmsg", &body, &VENDORS).await;

    assert_eq!(pushed.answer["notices"], Value::Null, "{:#}", pushed.answer);
    for vendor in VENDORS {
        assert_eq!(pushed.shown(vendor).body, "Lunch?", "{}", vendor.title);
        assert_eq!(pushed.told(vendor), [""; 0], "{}", vendor.title);
    }
    let refused = call(&rig, "sendmsg", &body).await;
    assert_eq!(refused.status, 422, "sendmsg names one: {}", refused.body);
}

#[tokio::test]
async fn req_64_unknown_fields_are_no_error() {
    let rig = bob_on(&VENDORS).await;
    let mut body = text_to_bob(json!({
        "Desc": "Lunch?",
        "SomethingNew": {"a": [1, null, {"b": ""}]},
        "AndroidInfo": {"SonyChannelID": 7, "NothingPhone": {"Glyph": true}},
        "ApnsInfo": {"VisionOS": [], "Sound2": "x"},
        "HarmonyInfo": {"Watch": "y"},
    }));
    body["CloudCustomData"] = json!("mine");
    body["ForbidCallbackControl"] = json!(["ForbidBeforeSendMsgCallback"]);
    body["Brand-New"] = json!({"deep": {"deeper": [[[]]]}});
    body["MsgBody"][0]["MsgContent"]["Lang"] = json!("en");

    let pushed = push(&rig, "sendmsg", &body, &VENDORS).await;

    for vendor in VENDORS {
        assert_eq!(pushed.shown(vendor).body, "Lunch?", "{}", vendor.title);
        assert_eq!(pushed.told(vendor), [""; 0], "{}", vendor.title);
    }
    // Nor are they passed over in silence, where they could be meant for the push.
    let notices = pushed.answer["notices"].as_array().expect("notices");
    let mut fields: Vec<_> = notices.iter().map(|it| text(it, "field")).collect();
    fields.sort_unstable();
    let told = [
        "OfflinePushInfo.AndroidInfo.NothingPhone",
        "OfflinePushInfo.AndroidInfo.SonyChannelID",
        "OfflinePushInfo.ApnsInfo.Sound2",
        "OfflinePushInfo.HarmonyInfo.Watch",
        "OfflinePushInfo.SomethingNew",
    ];
    assert_eq!(fields, told);
}

#[tokio::test]
async fn req_64_a_missing_offline_push_info_is_no_error() {
    let rig = bob_on(&VENDORS).await;
    let mut body = text_to_bob(Value::Null);
    for nothing in [None, Some(Value::Null), Some(json!("")), Some(json!({}))] {
        match nothing {
            None => body.as_object_mut().unwrap().remove("OfflinePushInfo"),
            Some(nothing) => body
                .as_object_mut()
                .unwrap()
                .insert("OfflinePushInfo".to_owned(), nothing),
        };

        let pushed = push(&rig, "sendmsg", &body, &VENDORS).await;

        for vendor in VENDORS {
            let shown = pushed.shown(vendor);
            assert_eq!(shown.title, "a new message", "{}", vendor.title);
            assert_eq!(shown.body, "Lunch?", "{}", vendor.title);
        }
    }
}
