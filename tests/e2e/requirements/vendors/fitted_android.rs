//! 66, 67 and 69 for OPPO, Xiaomi, vivo and Meizu: whatever a message looks like, it is shown, and
//! what was lost of it is told. And texts that these vendors take for a developer's test.

use nudged_rig::vendor::{MEIZU, OPPO, VIVO, XIAOMI};
use serde_json::{Value, json};

use super::*;
use crate::world::{taken_by, trace_of};

const ALL: [Vendor; 4] = [XIAOMI, OPPO, VIVO, MEIZU];

/// What Tencent's chat kit puts into ext: the text is in it, too.
fn entity(text: &str) -> String {
    json!({"entity": {
        "version": 1, "chatType": 1, "action": 1, "sender": "carol", "nickname": "Carol",
        "faceUrl": "https://img.example.com/carol.png", "content": text, "sendTime": 1_767_000_000,
    }})
    .to_string()
}

#[tokio::test]
async fn req_66_a_long_text_with_its_ext_is_fitted_and_each_loss_is_told() {
    let rig = rig_edited(&ALL, |_, file| file).await;
    for characters in [30, 300, 700, 1400] {
        let text = "长".repeat(characters);
        let ext = entity(&text);
        for vendor in &ALL {
            let sent = send(
                &rig,
                vendor,
                hello_with(json!({"body": text, "ext": ext, "collapse_key": "会话 42".repeat(30)})),
            )
            .await;
            let shown = vendor.shown(&sent.received);
            assert!(shown.body.starts_with("长长长"), "{}", vendor.title);
            let is_told = |field: &str| sent.told.iter().any(|told| told == field);
            assert_eq!(
                is_told("message.body"),
                shown.body != text,
                "{} {characters}",
                vendor.title
            );
            // Either ext is whole where the app looks for it, or the sender knows.
            let ext_at = match vendor.name {
                "oppo" => oppo_parameters(&sent)["ext"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                _ => shown.ext,
            };
            assert!(
                ext_at == ext || is_told("message.ext"),
                "{} {characters}: {:?}",
                vendor.title,
                sent.told
            );
        }
    }
    // An ordinary text keeps its ext everywhere.
    for vendor in &ALL {
        let ext = entity("Lunch?");
        let sent = send(&rig, vendor, hello_with(json!({"ext": ext}))).await;
        assert!(vendor.shown(&sent.received).ext.contains("Lunch?"));
    }
}

#[tokio::test]
async fn req_66_oppo_gets_ext_beside_its_keys_while_there_is_room() {
    let rig = rig_edited(&[OPPO], |_, file| file).await;
    let parameters = oppo_parameters;
    let short = entity("Lunch?");
    let sent = send(&rig, &OPPO, hello_with(json!({"ext": short}))).await;
    let got = parameters(&sent);
    assert_eq!(got["ext"], short);
    assert!(got["entity"].as_str().unwrap().contains("Lunch?"));
    let sent = send(
        &rig,
        &OPPO,
        hello_with(json!({"ext": entity(&"长".repeat(2500))})),
    )
    .await;
    let got = parameters(&sent);
    assert_eq!(got["ext"], Value::Null);
    assert!(got["entity"].as_str().unwrap().contains("长长长"));
    assert!(sent.told.contains(&"message.ext".to_owned()));
}

#[tokio::test]
async fn req_67_a_click_of_any_form_opens_what_it_can_and_else_the_app() {
    let package = "package = \"com.example.chat\"";
    let rig = rig_edited(&ALL, |vendor, file| match vendor.name {
        "vivo" | "meizu" => with_setting(&file, package),
        _ => file,
    })
    .await;
    let activity = "intent:#Intent;launchFlags=0x14000000;\
        component=com.example.chat/com.example.chat.ChatActivity;end";
    let action = "intent:#Intent;action=com.example.chat.OPEN;launchFlags=0x14000000;\
        package=com.example.chat;end";
    let view = "intent://room/42#Intent;scheme=chat;action=android.intent.action.VIEW;\
        launchFlags=0x14000000;package=com.example.chat;end";
    for (page, xiaomi, oppo, vivo, meizu) in [
        (INTENT, INTENT, INTENT, INTENT, ACTIVITY),
        (ACTIVITY, ACTIVITY, ACTIVITY, activity, ACTIVITY),
        (
            "com.example.chat.OPEN",
            action,
            "com.example.chat.OPEN",
            action,
            "app",
        ),
        (
            "chat://room/42",
            view,
            "chat://room/42",
            view,
            "chat://room/42",
        ),
        (URL, URL, URL, URL, URL),
        ("room 42", "app", "app", "app", "app"),
    ] {
        for (vendor, opens) in [(XIAOMI, xiaomi), (OPPO, oppo), (VIVO, vivo), (MEIZU, meizu)] {
            let click = json!({"action": "open_page", "value": page});
            let sent = send(&rig, &vendor, hello_with(json!({"click": click}))).await;
            let shown = vendor.shown(&sent.received);
            assert_eq!(shown.click, opens, "{} {page}", vendor.title);
            // Of an intent Meizu opens the class, and nothing else that it says.
            let told = opens == "app" || (vendor.name == "meizu" && page == INTENT);
            let expected: &[&str] = if told { &["message.click"] } else { &[] };
            assert_eq!(sent.told, expected, "{} {page}", vendor.title);
        }
    }
    // Longer than any vendor takes, and ext still has a reader.
    let long = format!("https://example.com/{}", "x".repeat(3000));
    for vendor in [OPPO, VIVO, MEIZU] {
        let click = json!({"action": "open_url", "value": long});
        let message = hello_with(json!({"click": click, "ext": "{\"a\":\"b\"}"}));
        let sent = send(&rig, &vendor, message).await;
        let shown = vendor.shown(&sent.received);
        assert_eq!(shown.click, "app", "{}", vendor.title);
        assert!(shown.ext.contains("\"a\""), "{}", vendor.title);
        assert_eq!(sent.told, ["message.click"], "{}", vendor.title);
    }
}

#[tokio::test]
async fn req_67_vivo_without_a_package_opens_the_app_for_a_class() {
    let rig = rig_edited(&[VIVO], |_, file| file).await;
    let click = json!({"action": "open_page", "value": ACTIVITY});
    let sent = send(&rig, &VIVO, hello_with(json!({"click": click}))).await;
    assert_eq!(VIVO.shown(&sent.received).click, "app");
    assert_eq!(sent.told, ["message.click"]);
}

#[tokio::test]
async fn req_69_meizus_apps_find_ext_as_ext_and_as_self_defined_content() {
    let rig = rig_edited(&[MEIZU], |_, file| file).await;
    let ext = entity("Lunch?");
    let sent = send(&rig, &MEIZU, hello_with(json!({"ext": ext}))).await;
    let parameters = "/messageJson/clickTypeInfo/parameters";
    assert_eq!(*sent.at(parameters), json!({"ext": ext, "sk": ext}));
    assert_eq!(sent.told, [""; 0]);
}

#[tokio::test]
async fn req_66_a_text_that_looks_like_a_test_goes_out_with_the_senders_name() {
    let rig = rig_edited(&[VIVO, XIAOMI], |_, file| file).await;
    for (vendor, text) in [
        (VIVO, "1"),
        (VIVO, "test"),
        (XIAOMI, "test"),
        (XIAOMI, "测试"),
    ] {
        let sent = send(&rig, &vendor, hello_with(json!({"body": text}))).await;
        let shown = vendor.shown(&sent.received);
        assert_eq!(
            (&*shown.title, &*shown.body),
            ("Carol", &*format!("Carol: {text}"))
        );
        assert_eq!(sent.told, ["message.body"], "{}", vendor.title);

        // Devices that share a request as well.
        let to: Vec<_> = (1..=3)
            .map(|n| json!({"channel": vendor.channel, "token": vendor.numbered(n)}))
            .collect();
        let spec = json!({"to": to, "message": hello_with(json!({"body": text}))});
        let id = rig.accept(&spec).await.unwrap();
        for event in rig.client.outcomes(&id, 3).await.unwrap() {
            assert_eq!(event["outcome"], "accepted", "{}: {event}", vendor.title);
        }
        let last = taken_by(&rig, vendor).pop().expect("taken");
        assert_eq!(last.tokens.len(), 3, "{}", vendor.title);
        assert_eq!(vendor.shown(&last).body, format!("Carol: {text}"));
    }
    // No name helps a text that has the word in it: it is refused for good, and only it.
    let to = json!([{"channel": VIVO.channel, "token": VIVO.numbered(1)}]);
    let spec = json!({"to": to, "message": hello_with(json!({"body": "我在测试"}))});
    let event = rig.deliver(&spec).await.unwrap();
    assert_eq!(event["outcome"], "rejected", "{event}");
    let sent = send(&rig, &VIVO, hello()).await;
    assert_eq!(VIVO.shown(&sent.received).body, "Lunch?");
}

#[tokio::test]
async fn req_66_a_channel_id_that_the_certificate_does_not_know_is_told() {
    let pointers = [
        (OPPO, "/message/notification/channel_id"),
        (XIAOMI, "/extra.channel_id"),
    ];
    for (vendor, pointer) in pointers {
        let own = "channel_id = \"chat\"";
        for (listed, told) in [(false, &["message.channel_id"][..]), (true, &[])] {
            let rig = rig_edited(&[vendor], |_, file| {
                let file = with_setting(&file, own);
                match listed {
                    true => with_setting(&file, "channel_ids = \"calls, news\""),
                    false => file,
                }
            })
            .await;
            let sent = send(&rig, &vendor, hello_with(json!({"channel_id": "news"}))).await;
            assert_eq!(*sent.at(pointer), "news", "{}", vendor.title);
            assert_eq!(sent.told, told, "{}", vendor.title);
        }
    }
}

#[tokio::test]
async fn req_66_a_channel_that_xiaomi_does_not_know_gives_way_to_the_certificates() {
    let rig = rig_edited(&[XIAOMI], |_, file| {
        with_setting(&file, "channel_id = \"chat\"")
    })
    .await;
    let message = hello_with(json!({"channel_id": "of another vendor"}));
    let sent = send(&rig, &XIAOMI, message).await;
    assert_eq!(*sent.at("/extra.channel_id"), "chat");
    assert_eq!(sent.told, ["message.channel_id"]);
}

#[tokio::test]
async fn req_67_a_level_that_oppo_has_not_granted_costs_the_level_and_not_the_message() {
    let rig = rig_edited(&[OPPO], |_, file| file).await;
    let options = json!({"oppo": {"notify_level": 16}});
    for phones in [1, 3] {
        let to: Vec<Value> = (1..=phones)
            .map(|n| json!({"channel": OPPO.channel, "token": OPPO.numbered(n)}))
            .collect();
        let message = hello_with(json!({"body": format!("to {phones}")}));
        let spec = json!({"to": to, "message": message, "options": options, "ttl": 7200});
        let id = rig.accept(&spec).await.unwrap();
        rig.client.outcomes(&id, phones).await.unwrap();
        let trace = trace_of(&rig, &id).await;
        for delivery in trace["deliveries"].as_array().expect("a list") {
            let outcome = &delivery["outcome"];
            assert_eq!(outcome["kind"], "accepted", "{delivery:#}");
            let text = outcome["text"].as_str().unwrap_or_default();
            assert!(text.starts_with("notify_level was left out"), "{text}");
            let notices = &delivery["attempts"][0]["notices"];
            assert_eq!(notices[0]["field"], "options.oppo.notify_level");
        }
        let taken = taken_by(&rig, OPPO).pop().expect("taken");
        assert_eq!(taken.tokens.len(), phones);
        assert!(
            !taken.body.to_string().contains("notify_level"),
            "{}",
            taken.body
        );
    }
    rig.simulator.oppo().allow_strong_reminders("oppo-app-key");
    let sent = send_with(&rig, &OPPO, hello(), options["oppo"].clone()).await;
    assert_eq!(*sent.at("/message/notification/notify_level"), 16);
}
