//! What iPhones, and phones behind Google's and Tencent's services, get of messages of any shape:
//! 65 to 67, 70 and 73. No shape loses a message there.

use nudged_rig::vendor::TPNS;
use nudged_rig::{APNS, FCM, Rig, Vendor};
use nudged_simulator::{Fault, FaultKind, Received};
use serde_json::{Value, json};

use super::im::{call, text_to_bob};
use crate::world::bob::bob_on;
use crate::world::{rig_of, taken_by, trace_of};

const THREE: [Vendor; 3] = [APNS, FCM, TPNS];

/// What a vendor took, and the fields that the trace speaks of.
struct Sent {
    received: Received,
    told: Vec<String>,
}

impl Sent {
    fn at(&self, pointer: &str) -> &Value {
        self.received.body.pointer(pointer).unwrap_or(&Value::Null)
    }
}

/// Sends a message, with options by driver, to a device of the vendor, which takes it.
async fn send(rig: &Rig, vendor: Vendor, message: &Value, options: Value) -> Sent {
    let before = taken_by(rig, vendor).len();
    let delivery = delivered(rig, vendor, message, options).await;
    assert_eq!(
        delivery["outcome"]["kind"], "accepted",
        "{}: {delivery:#}",
        vendor.title
    );
    let mut received = taken_by(rig, vendor);
    assert_eq!(received.len(), before + 1, "{}", vendor.title);
    let notices = delivery["attempts"][0]["notices"].as_array();
    let told = notices.into_iter().flatten();
    let told = told.filter_map(|notice| notice["field"].as_str());
    Sent {
        received: received.pop().expect("counted"),
        told: told.map(str::to_owned).collect(),
    }
}

async fn delivered(rig: &Rig, vendor: Vendor, message: &Value, options: Value) -> Value {
    let to = json!([{"channel": vendor.channel, "token": vendor.numbered(1)}]);
    let spec = json!({"to": to, "message": message, "options": options, "ttl": 7200});
    let id = rig.accept(&spec).await.unwrap();
    rig.client.outcomes(&id, 1).await.unwrap();
    trace_of(rig, &id).await["deliveries"][0].clone()
}

#[tokio::test]
async fn req_66_a_chat_text_of_1400_chinese_characters_is_cut_and_arrives() {
    let rig = rig_of(&THREE).await;
    let text = "你好".repeat(700);
    // As Tencent's own chat kit builds it: with the text in it.
    let entity = json!({"entity": {"sender": "carol", "content": "你好".repeat(250)}});
    for ext in [Value::Null, entity.to_string().into()] {
        let message = json!({"title": "小明", "body": text, "ext": ext});
        for vendor in THREE {
            let sent = send(&rig, vendor, &message, json!({})).await;
            let shown = vendor.shown(&sent.received);
            assert_eq!(shown.title, "小明", "{}", vendor.title);
            assert!(shown.body.ends_with("..."), "{}", vendor.title);
            assert!(text.starts_with(shown.body.trim_end_matches('.')));
            assert!(sent.told.iter().any(|it| it == "message.body"));
            assert!(
                !sent.told.iter().any(|it| it == "message.title"),
                "{}: {:?}",
                vendor.title,
                sent.told
            );
            let whole = sent.received.body.to_string();
            let carried = whole.contains("entity");
            assert_eq!(carried, !ext.is_null(), "{}", vendor.title);
        }
    }
}

#[tokio::test]
async fn req_66_what_an_option_adds_goes_before_the_text_is_lost() {
    let rig = rig_of(&THREE).await;
    let message = json!({"title": "t", "body": "Lunch?", "ext": "e".repeat(1000)});
    for (vendor, name, options) in [
        (APNS, "custom", json!({"custom": {"k": "v".repeat(5000)}})),
        (FCM, "data", json!({"data": {"k": "v".repeat(5000)}})),
        (
            TPNS,
            "custom_content",
            json!({"custom_content": {"k": "v".repeat(5000)}}),
        ),
    ] {
        let sent = send(&rig, vendor, &message, json!({vendor.name: options})).await;
        let shown = vendor.shown(&sent.received);
        assert_eq!(shown.body, "Lunch?", "{}", vendor.title);
        let field = format!("options.{}.{name}", vendor.name);
        assert!(sent.told.contains(&field), "{:?}", sent.told);
        assert!(sent.received.body.to_string().contains(&"e".repeat(1000)));
    }
}

#[tokio::test]
async fn req_66_a_collapse_key_that_apple_would_refuse_stops_no_message() {
    let rig = rig_of(&[APNS, FCM]).await;
    for key in ["0123456789".repeat(7), "群组:午饭".to_owned()] {
        let message = json!({"title": "T", "body": "B", "collapse_key": key});
        for vendor in [APNS, FCM] {
            let mut ids = Vec::new();
            for _ in 0..2 {
                let sent = send(&rig, vendor, &message, json!({})).await;
                let id = match vendor.name {
                    "apns" => {
                        let mut headers = sent.received.headers.iter();
                        let id = headers.find(|(name, _)| name == "apns-collapse-id");
                        id.expect("an id").1.clone()
                    }
                    _ => sent
                        .at("/message/apns/headers/apns-collapse-id")
                        .as_str()
                        .expect("an id")
                        .to_owned(),
                };
                assert!(id.len() <= 64 && id.is_ascii(), "{}: {id}", vendor.title);
                ids.push(id);
            }
            assert_eq!(ids[0], ids[1], "the same key replaces");
        }
    }
}

#[tokio::test]
async fn req_65_a_file_for_iphones_is_a_resource_on_android() {
    let rig = rig_of(&THREE).await;
    let message = json!({"title": "T", "body": "B", "sound": "ding.caf", "channel_id": "chat"});
    for (vendor, place, name) in [
        (APNS, "/aps/sound", "ding.caf"),
        (FCM, "/message/android/notification/sound", "ding"),
        (FCM, "/message/apns/payload/aps/sound", "ding.caf"),
        (TPNS, "/message/android/ring_raw", "ding"),
    ] {
        let sent = send(&rig, vendor, &message, json!({})).await;
        assert_eq!(sent.at(place), name, "{} {place}", vendor.title);
    }
}

#[tokio::test]
async fn req_67_a_click_that_the_vendor_cannot_do_opens_the_app_and_is_told() {
    let rig = rig_of(&THREE).await;
    for page in ["com.example.OPEN_CHAT", "chat/42"] {
        let click = json!({"action": "open_page", "value": page});
        let message = json!({"title": "T", "body": "B", "click": click});
        for vendor in THREE {
            let sent = send(&rig, vendor, &message, json!({})).await;
            assert_eq!(sent.told, ["message.click"], "{}: {page}", vendor.title);
        }
    }
}

/// Where TPNS has the channels and categories of the vendors behind it.
const BEHIND: [(&str, &str); 5] = [
    ("hw_ch_id", "h1"),
    ("hw_category", "IM"),
    ("xm_ch_id", "x1"),
    ("oppo_ch_id", "o1"),
    ("fcm_ch_id", "f1"),
];

#[track_caller]
fn behind(received: &Received) {
    for (key, value) in BEHIND {
        let place = format!("/message/android/{key}");
        assert_eq!(received.body.pointer(&place), Some(&json!(value)), "{key}");
    }
}

#[tokio::test]
async fn req_70_channels_and_categories_reach_phones_behind_tpns() {
    let rig = bob_on(&[TPNS]).await;
    // The app has a channel of none of these vendors.
    let mut message = json!({"title": "T", "body": "B", "platforms": {
        "huawei": {"channel_id": "h1", "category": "IM"}, "xiaomi": {"channel_id": "x1"},
        "oppo": {"channel_id": "o1"}, "fcm": {"channel_id": "f1"}}});
    let sent = send(&rig, TPNS, &message, json!({})).await;
    behind(&sent.received);
    assert_eq!(sent.told, [""; 0]);

    message["platforms"] = json!({});
    let options = json!({
        "huawei": {"channel_id": "h1", "category": "IM", "urgency": "HIGH"},
        "xiaomi": {"channel_id": "x1"}, "oppo": {"channel_id": "o1"},
        "fcm": {"android": {"notification": {"channel_id": "f1"}}},
    });
    let sent = send(&rig, TPNS, &message, options).await;
    behind(&sent.received);
    // Huawei's urgency has no field at TPNS.
    assert_eq!(sent.told, ["options.huawei"]);

    // vivo's category is the class that it belongs to.
    for (category, class) in [("IM", "1"), ("MARKETING", "0")] {
        message["platforms"] = json!({"vivo": {"category": category}});
        let sent = send(&rig, TPNS, &message, json!({})).await;
        let found = sent.received.body.pointer("/message/android/vivo_ch_id");
        assert_eq!(found, Some(&json!(class)), "{category}");
        assert_eq!(sent.told, [""; 0]);
    }
    // No category of vivo's: it goes no further.
    message["platforms"] = json!({"vivo": {"category": "weird"}});
    let sent = send(&rig, TPNS, &message, json!({})).await;
    assert_eq!(sent.told, ["options.vivo"]);

    let before = taken_by(&rig, TPNS).len();
    let offline = json!({"AndroidInfo": {"HuaWeiChannelID": "h1", "HuaWeiCategory": "IM",
        "XiaoMiChannelID": "x1", "OPPOChannelID": "o1", "GoogleChannelID": "f1"}});
    let answer = call(&rig, "sendmsg", &text_to_bob(offline))
        .await
        .expect(202);
    let id = answer["id"].as_str().expect("an id").to_owned();
    rig.client.outcomes(&id, 1).await.unwrap();
    let received = taken_by(&rig, TPNS);
    assert_eq!(received.len(), before + 1);
    behind(&received[before]);
}

#[tokio::test]
async fn req_73_what_apns_said_to_fcm_is_told() {
    let rig = rig_of(&[FCM]).await;
    rig.simulator.fault(Fault::new(FaultKind::Status {
        status: 413,
        reason: Some("PayloadTooLarge".to_owned()),
        retry_after: None,
        timestamp_ms: None,
    }));
    let message = json!({"title": "T", "body": "B"});
    let delivery = delivered(&rig, FCM, &message, json!({})).await;
    assert_eq!(delivery["outcome"]["kind"], "rejected", "{delivery:#}");
    let words = delivery["outcome"]["text"].as_str().expect("words");
    assert!(words.contains("APNs 413: PayloadTooLarge"), "{words}");
}
