//! 24 and 25: the title of what has none, and the text of what has only elements.

use nudged_rig::{APNS, FCM, Rig};
use serde_json::{Value, json};

use crate::world::bob::*;
use crate::world::{only_taken, token};

#[tokio::test]
async fn req_24_a_message_without_a_title_has_the_default_one() {
    let rig = with_phone_and_tablet().await;
    for title in [json!(null), json!("")] {
        tell(&rig, &to_bob_with(json!({"title": title}))).await;
        for vendor in [APNS, FCM] {
            assert_eq!(latest(&rig, vendor), said("a new message", "hello"));
        }
    }
    let body = json!({
        "From_Account": "alice", "To_Account": "bob",
        "OfflinePushInfo": {"Desc": "hi"},
    });
    tell_im(&rig, "sendmsg", &body).await;
    assert_eq!(latest(&rig, APNS), said("a new message", "hi"));
    // One that has a title keeps it, and one for a platform is a title.
    tell(&rig, &to_bob("hello")).await;
    assert_eq!(latest(&rig, APNS), said("Alice", "hello"));
    let ios = json!({"title": null, "platforms": {"ios": {"title": "iTitle"}}});
    tell(&rig, &to_bob_with(ios)).await;
    assert_eq!(latest(&rig, APNS), said("iTitle", "hello"));
    assert_eq!(latest(&rig, FCM), said("a new message", "hello"));
}

#[tokio::test]
async fn req_24_the_default_title_is_the_operators_to_choose() {
    let rig = with_config("[text]\ndefault_title = \"新消息\"\n").await;
    tell(&rig, &to_bob_with(json!({"title": null}))).await;
    assert_eq!(latest(&rig, APNS), said("新消息", "hello"));
}

#[tokio::test]
async fn req_24_without_a_default_title_there_is_none() {
    let rig = with_config("[text]\ndefault_title = \"\"\n").await;
    login(&rig, "bob", "tablet", FCM, FCM.token).await;

    let told = tell(&rig, &to_bob_with(json!({"title": null}))).await;

    assert_eq!(
        (told.on("bob/phone"), told.on("bob/tablet")),
        ("accepted", "accepted")
    );
    let apns = only_taken(&rig, APNS).body;
    assert_eq!(apns.pointer("/aps/alert/title"), None, "{apns:#}");
    assert_eq!(
        apns.pointer("/aps/alert/body"),
        Some(&json!("hello")),
        "{apns:#}"
    );
    let fcm = only_taken(&rig, FCM).body;
    assert_eq!(fcm.pointer("/message/notification/title"), None, "{fcm:#}");
}

/// A rig where Bob reads English on his phone and Chinese on his tablet.
async fn with_readers() -> Rig {
    let rig = with_phone().await;
    for (device, vendor, language) in [("phone", APNS, "en-GB"), ("tablet", FCM, "zh-Hans-CN")] {
        let told = json!({"channel": vendor.channel, "token": vendor.token, "language": language});
        report(&rig, "bob", device, told).await.expect(200);
    }
    rig
}

fn of_elements(elements: &Value) -> Value {
    let mut spec = to_bob("");
    spec["message"] = json!({"elements": elements});
    spec
}

#[tokio::test]
async fn req_25_the_text_is_made_of_the_elements_in_the_readers_language() {
    let rig = with_readers().await;
    for (elements, english, chinese) in [
        (json!([{"kind": "text", "text": "hello"}]), "hello", "hello"),
        (json!([{"kind": "location"}]), "[Location]", "[位置]"),
        (json!([{"kind": "face"}]), "[Face]", "[表情]"),
        (
            json!([{"kind": "custom", "text": "a gift"}]),
            "a gift",
            "a gift",
        ),
        (
            json!([
                {"kind": "text", "text": "look"}, {"kind": "face"},
                {"kind": "text", "text": "here: "}, {"kind": "location"},
            ]),
            "look[Face]here: [Location]",
            "look[表情]here: [位置]",
        ),
    ] {
        let told = tell(&rig, &of_elements(&elements)).await;
        assert_eq!(told.on("bob/phone"), "accepted", "{elements}");
        assert_eq!(latest(&rig, APNS).1, english);
        assert_eq!(latest(&rig, FCM).1, chinese);
    }
    // What else a chat message may be: never a push without words.
    for kind in ["image", "sound", "file", "video"] {
        tell(&rig, &of_elements(&json!([{"kind": kind}]))).await;
        for vendor in [APNS, FCM] {
            let text = latest(&rig, vendor).1;
            assert!(
                text.starts_with('[') && text.ends_with(']'),
                "{kind}: {text}"
            );
        }
    }
    // A text of its own comes first.
    let mut spec = of_elements(&json!([{"kind": "face"}]));
    spec["message"]["body"] = json!("smiles");
    tell(&rig, &spec).await;
    assert_eq!(latest(&rig, APNS).1, "smiles");
}

#[tokio::test]
async fn req_25_nickname_and_group_stand_before_the_text() {
    let rig = with_readers().await;
    for (name, group, english, chinese) in [
        (None, None, "hi", "hi"),
        (None, Some("Team"), "(Team):hi", "(Team):hi"),
        (Some("Ann"), None, "Ann:hi", "Ann：hi"),
        (Some("Ann"), Some("Team"), "Ann(Team):hi", "Ann(Team)：hi"),
    ] {
        let mut spec = of_elements(&json!([{"kind": "text", "text": "hi"}]));
        spec["sender"]["name"] = json!(name);
        if let Some(group) = group {
            spec["conversation"] = json!({"kind": "group", "id": "g1", "name": group});
        }
        tell(&rig, &spec).await;
        assert_eq!(latest(&rig, APNS), said("a new message", english));
        assert_eq!(latest(&rig, FCM), said("a new message", chinese));

        // The same in Tencent's words, where a group message may name both.
        let mut body = json!({
            "From_Account": "alice", "To_Account": "bob",
            "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hi"}}],
            "nudged": {"sender_name": name},
        });
        let mut call = "sendmsg";
        if let Some(group) = group {
            call = "send_group_msg";
            body["GroupId"] = json!("g1");
            body["To_Account"] = json!(["bob"]);
            body["nudged"]["group_name"] = json!(group);
        }
        tell_im(&rig, call, &body).await;
        assert_eq!(latest(&rig, APNS).1, english);
        assert_eq!(latest(&rig, FCM).1, chinese);
    }
    // Words that the sender chose are shown as they are.
    let mut spec = to_bob("hello");
    spec["sender"]["name"] = json!("Ann");
    tell(&rig, &spec).await;
    assert_eq!(latest(&rig, APNS), said("Alice", "hello"));
}

#[tokio::test]
async fn req_25_who_reports_no_language_reads_the_operators() {
    let rig = with_config("[text]\nlanguage = \"zh\"\n").await;
    let face = of_elements(&json!([{"kind": "face"}]));
    tell(&rig, &face).await;
    assert_eq!(latest(&rig, APNS).1, "[表情]");

    let english = json!({"channel": "ios", "token": token(2), "language": "en"});
    report(&rig, "bob", "phone", english).await.expect(200);
    tell(&rig, &face).await;
    assert_eq!(latest(&rig, APNS).1, "[Face]");
    // The chat server may know better than the app.
    let mut named = face.clone();
    named["to"][0]["language"] = json!("zh-Hant");
    tell(&rig, &named).await;
    assert_eq!(latest(&rig, APNS).1, "[表情]");
}
