//! 21 to 26, 31, 32, 34 and 35: which messages are pushed, with what words and what sound.

mod texts;

use nudged_rig::{APNS, FCM, VENDORS};
use serde_json::{Value, json};

use crate::world::bob::*;
use crate::world::{now_ms, only_taken, rig_of, taken_by, text, text_at, time_at};

#[tokio::test]
async fn req_21_nobody_is_pushed_an_own_message() {
    let rig = with_phone().await;
    login(&rig, "alice", "pixel", FCM, FCM.token).await;

    let told = tell(&rig, &to(&["alice", "bob"], "hello")).await;

    assert_eq!(told.on("alice/pixel"), "own_message");
    assert_eq!(told.on("bob/phone"), "accepted");
    assert_eq!(shown(&rig, APNS), ["hello"]);
    // Nor a user with two phones on the other one.
    login(&rig, "alice", "mini", APNS, APNS.token).await;
    let told = tell(&rig, &to(&["alice"], "to myself")).await;
    assert_eq!(told.on("alice/pixel"), "own_message");
    assert_eq!(told.on("alice/mini"), "own_message");
    // Another one's message arrives, so the silence was the rule's.
    let mut of_bob = to(&["alice"], "hi");
    of_bob["sender"]["user"] = json!("bob");
    tell(&rig, &of_bob).await;
    assert_eq!(shown(&rig, FCM), ["hi"]);
    assert_eq!(shown(&rig, APNS), ["hello", "hi"]);
}

#[tokio::test]
async fn req_21_a_group_message_of_a_member_is_pushed_to_the_others() {
    let rig = with_phone().await;
    login(&rig, "alice", "pixel", FCM, FCM.token).await;
    let body = json!({
        "From_Account": "alice", "GroupId": "g1",
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hello"}}],
        "nudged": {"members": ["alice", "bob"]},
    });

    let told = tell_im(&rig, "send_group_msg", &body).await;

    assert_eq!(told.on("alice/pixel"), "own_message");
    assert_eq!(told.on("bob/phone"), "accepted");
    assert_eq!(
        told.answer["ErrorList"],
        json!([]),
        "no failure of anybody's"
    );
    assert_eq!(shown(&rig, APNS), ["hello"]);
    assert_eq!(shown(&rig, FCM), [""; 0]);
}

#[tokio::test]
async fn req_22_system_messages_are_never_pushed() {
    let rig = with_phone().await;
    for conversation in [
        json!({"kind": "system"}),
        json!({"kind": "system", "id": "g1", "name": "Team"}),
    ] {
        let mut spec = to_bob("Bob joined the group");
        spec["conversation"] = conversation;
        // Not even one that mentions the user.
        spec["mentions"] = json!({"users": ["bob"]});
        assert_eq!(tell(&rig, &spec).await.only(), "system_message");
    }
    for kind in ["c2c", "group"] {
        let mut spec = to_bob(kind);
        spec["conversation"] = json!({"kind": kind, "id": "g1"});
        assert_eq!(tell(&rig, &spec).await.only(), "accepted");
    }
    assert_eq!(shown(&rig, APNS), ["c2c", "group"]);
}

#[tokio::test]
async fn req_23_a_custom_message_without_a_desc_is_not_pushed_and_the_sender_learns_why() {
    let rig = with_phone().await;
    let custom = |text: Value| {
        let mut spec = to_bob("");
        spec["message"] = json!({"elements": [{"kind": "custom", "text": text}]});
        spec
    };
    let mut titled = custom(json!(null));
    titled["message"]["title"] = json!("Alice");
    for spec in [custom(json!(null)), custom(json!("")), titled] {
        let told = tell(&rig, &spec).await;
        assert_eq!(told.only(), "no_text", "{spec}");
        assert_eq!(told.answer["explanation"], "no_text: bob/phone");
        let outcome = &told.trace["deliveries"][0]["outcome"];
        assert!(
            text(outcome, "text").contains("custom element"),
            "{outcome:#}"
        );
        assert!(text(outcome, "remedy").contains("desc"), "{outcome:#}");
    }
    // A text of its own, or of the message, or another element's is something to show.
    let mut with_body = custom(json!(null));
    with_body["message"]["body"] = json!("a rose");
    let mut beside = custom(json!(null));
    beside["message"]["elements"] = json!([{"kind": "custom"}, {"kind": "text", "text": "look"}]);
    for spec in [custom(json!("a gift")), with_body, beside] {
        assert_eq!(tell(&rig, &spec).await.only(), "accepted", "{spec}");
    }
    assert_eq!(shown(&rig, APNS), ["a gift", "a rose", "look"]);
}

#[tokio::test]
async fn req_23_the_desc_of_tencents_custom_element_or_of_its_push_is_shown() {
    let rig = with_phone().await;
    let body = |desc: &str, offline: Value| {
        let content = json!({"Data": "{\"gift\": 7}", "Desc": desc});
        json!({
            "From_Account": "alice", "To_Account": "bob", "OfflinePushInfo": offline,
            "MsgBody": [{"MsgType": "TIMCustomElem", "MsgContent": content}],
        })
    };
    for (desc, offline, came) in [
        ("", json!(null), "no_text"),
        ("a gift", json!(null), "accepted"),
        // Beside an OfflinePushInfo the element's own words are not heard.
        ("a gift", json!({"Ext": "{}"}), "no_text"),
        ("a gift", json!({"Title": "Alice"}), "no_text"),
        ("", json!({"Desc": "a rose"}), "accepted"),
    ] {
        let told = tell_im(&rig, "sendmsg", &body(desc, offline.clone())).await;
        assert_eq!(told.only(), came, "{desc:?} {offline}");
    }
    assert_eq!(shown(&rig, APNS), ["a gift", "a rose"]);
}

#[tokio::test]
async fn req_26_a_push_goes_out_well_within_a_minute_on_every_vendor() {
    const MAX_MS: u64 = 20_000;
    let rig = rig_of(&VENDORS).await;
    for vendor in VENDORS {
        login(&rig, "bob", vendor.device, vendor, vendor.token).await;
        state(&rig, vendor.device, json!({"state": "background"})).await;
    }
    // Several in a row, as whoever tries it by hand would send.
    for round in 0..3 {
        let began = now_ms();
        let told = tell(&rig, &to_bob(&format!("round {round}"))).await;
        assert!(now_ms() - began < MAX_MS, "{:#}", told.trace);
        let accepted_at = time_at(&told.trace, "/accepted_at");
        for delivery in told.trace["deliveries"].as_array().unwrap() {
            assert_eq!(
                text_at(delivery, "/outcome/kind"),
                "accepted",
                "{delivery:#}"
            );
            let took = time_at(delivery, "/outcome/at") - accepted_at;
            assert!(took < MAX_MS, "{took} ms: {delivery:#}");
        }
    }
    for vendor in VENDORS {
        let all = taken_by(&rig, vendor);
        let bodies: Vec<_> = all.iter().map(|it| vendor.shown(it).body).collect();
        assert_eq!(
            bodies,
            ["round 0", "round 1", "round 2"],
            "{}",
            vendor.title
        );
    }
}

#[tokio::test]
async fn req_31_a_message_whose_sender_wants_no_push_is_not_pushed() {
    let rig = with_phone_and_tablet().await;
    let mut spec = to_bob("in the chat only");
    spec["push"] = json!(false);

    let told = tell(&rig, &spec).await;

    assert_eq!(told.answer["deliveries"], 0);
    for device in ["bob/phone", "bob/tablet"] {
        assert_eq!(told.on(device), "push_disabled");
    }
    spec["push"] = json!(true);
    spec["message"]["body"] = json!("hello");
    let told = tell(&rig, &spec).await;
    for (device, vendor) in [("bob/phone", APNS), ("bob/tablet", FCM)] {
        assert_eq!(told.on(device), "accepted");
        assert_eq!(shown(&rig, vendor), ["hello"]);
    }
}

#[tokio::test]
async fn req_31_tencents_push_flag_says_whether_it_is_pushed() {
    let rig = with_phone().await;
    for call in ["sendmsg", "batchsendmsg", "send_group_msg", "timpush_batch"] {
        for (flag, came) in [(json!(1), "push_disabled"), (json!(0), "accepted")] {
            let desc = format!("{call} {flag}");
            let body = json!({
                "From_Account": "alice", "GroupId": "g1",
                "To_Account": match call { "sendmsg" => json!("bob"), _ => json!(["bob"]) },
                "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "x"}}],
                "OfflinePushInfo": {"PushFlag": flag, "Title": "Alice", "Desc": desc},
            });
            let told = tell_im(&rig, call, &body).await;
            assert_eq!(told.only(), came, "{desc}");
            // No push is no failure: the message itself is the chat server's to deliver.
            assert_eq!(told.answer["ErrorList"], json!([]), "{desc}");
        }
    }
    let expected = [
        "sendmsg 0",
        "batchsendmsg 0",
        "send_group_msg 0",
        "timpush_batch 0",
    ];
    assert_eq!(shown(&rig, APNS), expected);
}

#[tokio::test]
async fn req_32_words_for_a_platform_beat_the_common_ones() {
    let rig = with_phone_and_tablet().await;
    let words =
        |name: &str| json!({"title": format!("{name} title"), "body": format!("{name} body")});
    let [apns, fcm] = [APNS, FCM].map(|vendor| {
        let rig = &rig;
        move || latest(rig, vendor)
    });

    let ios = json!({"platforms": {"ios": words("ios")}});
    tell(&rig, &to_bob_with(ios)).await;
    assert_eq!(apns(), said("ios title", "ios body"));
    assert_eq!(fcm(), said("Alice", "hello"));

    let both =
        json!({"platforms": {"android": words("android"), "ios": {"title": "", "body": "only"}}});
    tell(&rig, &to_bob_with(both)).await;
    assert_eq!(apns(), said("Alice", "only"), "each field by itself");
    assert_eq!(fcm(), said("android title", "android body"));

    // One vendor's words are closer still.
    let vendor = json!({"platforms": {"android": words("android"), "fcm": {"title": "FCM"}}});
    tell(&rig, &to_bob_with(vendor)).await;
    assert_eq!(apns(), said("Alice", "hello"));
    assert_eq!(fcm(), said("FCM", "android body"));

    let body = json!({
        "From_Account": "alice", "To_Account": "bob",
        "OfflinePushInfo": {"Title": "common", "Desc": "text", "ApnsInfo": {"Title": "iTitle"}},
    });
    tell_im(&rig, "sendmsg", &body).await;
    assert_eq!(apns(), said("iTitle", "text"));
    assert_eq!(fcm(), said("common", "text"));

    // An app may say which release it runs on.
    let release = json!({"channel": "android", "token": FCM.token, "platform": "Android 16"});
    report(&rig, "bob", "tablet", release).await.expect(200);
    let android = json!({"platforms": {"android": words("android")}});
    tell(&rig, &to_bob_with(android)).await;
    assert_eq!(fcm(), said("android title", "android body"));
}

#[tokio::test]
async fn req_34_no_sound_sends_no_sound_key() {
    let rig = with_phone().await;
    let sound = |said: Value| to_bob_with(json!({"sound": said}));
    let mut of_ios = sound(json!("ding.caf"));
    of_ios["message"]["platforms"] = json!({"ios": {"sound": "none"}});
    // The user's own sound is no reason to make a noise.
    set(&rig, json!({"c2c_sound": "user.caf"})).await;
    for spec in [sound(json!("none")), of_ios, sound(json!("ding.caf"))] {
        assert_eq!(tell(&rig, &spec).await.only(), "accepted");
    }
    let body = json!({
        "From_Account": "alice", "To_Account": "bob",
        "OfflinePushInfo": {"Desc": "x", "ApnsInfo": {"Sound": "push.no_sound"}},
    });
    assert_eq!(tell_im(&rig, "sendmsg", &body).await.only(), "accepted");

    let aps: Vec<_> = taken_by(&rig, APNS)
        .into_iter()
        .map(|it| it.body["aps"].clone())
        .collect();
    for (aps, sound) in aps.iter().zip([None, None, Some("ding.caf"), None]) {
        assert_eq!(
            aps.get("sound").map(|it| it.as_str().unwrap()),
            sound,
            "{aps:#}"
        );
        assert!(
            aps["alert"].is_object(),
            "it is shown all the same: {aps:#}"
        );
    }
    assert_eq!(aps.len(), 4);
}

#[tokio::test]
async fn req_34_no_sound_is_heard_of_by_other_vendors_too() {
    let rig = with_phone_and_tablet().await;
    tell(&rig, &to_bob_with(json!({"sound": "none"}))).await;
    let body = only_taken(&rig, FCM).body;
    assert_eq!(
        body.pointer("/message/android/notification/sound"),
        None,
        "{body:#}"
    );
}

#[tokio::test]
async fn req_35_tencents_android_sound_is_heard_on_a_phone_that_reports_no_platform() {
    let rig = with_phone_and_tablet().await;
    let bare = json!({"certificate_id": FCM.certificate_id, "token": FCM.token});
    report(&rig, "bob", "tablet", bare).await.expect(200);
    let body = json!({
        "From_Account": "alice", "To_Account": "bob",
        "OfflinePushInfo": {"Desc": "x", "AndroidInfo": {"Sound": "ding"}},
    });

    tell_im(&rig, "sendmsg", &body).await;

    let fcm = only_taken(&rig, FCM).body;
    assert_eq!(
        fcm["message"]["android"]["notification"]["sound"], "ding",
        "{fcm:#}"
    );
    // It is no file of the iPhone's app.
    assert_eq!(only_taken(&rig, APNS).body["aps"]["sound"], "default");
}
