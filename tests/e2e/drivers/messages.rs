//! What a message says reaches the phone: each field in the vendor's own form, the vendor's
//! own options, and all of it with a certificate instead of a key.

use nudged_rig::vendor::APNS_TOPIC;
use nudged_rig::{APNS, FCM, RigOptions};
use serde_json::json;

use crate::world::bob::two_devices;
use crate::world::{
    header, now_ms, only_taken, reload, rig, rig_with, text_at, to_user, to_vendor,
};

#[tokio::test]
async fn what_a_sender_asks_for_reaches_an_iphone() {
    let rig = rig().await;
    let mut notification = to_vendor(APNS, "");
    notification["message"] = json!({
        "title": "Füße 🦶", "subtitle": "sub", "body": "\"quoted\"\n", "ext": "{\"a\":[1,2]}",
        "sound": "ding.caf", "badge": {"set": 7}, "image": "https://example.com/cat.png",
        "thread": "t1", "category": "REPLY", "collapse_key": "c1", "priority": "normal",
    });
    notification["ttl"] = json!(600);
    let before = now_ms() / 1000;

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let message = only_taken(&rig, APNS);
    assert_eq!(message.path, format!("/3/device/{}", APNS.token));
    assert_eq!(header(&message, "apns-topic"), APNS_TOPIC);
    assert_eq!(header(&message, "apns-push-type"), "alert");
    assert_eq!(header(&message, "apns-priority"), "5");
    assert_eq!(header(&message, "apns-collapse-id"), "c1");
    let expiration: u64 = header(&message, "apns-expiration").parse().unwrap();
    let possible = before + 600..=now_ms() / 1000 + 600;
    assert!(possible.contains(&expiration), "{expiration} {possible:?}");
    let expected = json!({
        "aps": {
            "alert": {"title": "Füße 🦶", "subtitle": "sub", "body": "\"quoted\"\n"},
            "badge": 7, "sound": "ding.caf", "thread-id": "t1", "category": "REPLY",
            "mutable-content": 1,
        },
        "image": "https://example.com/cat.png",
        "ext": "{\"a\":[1,2]}",
    });
    assert_eq!(message.body, expected);
}

#[tokio::test]
async fn what_a_sender_asks_for_reaches_an_android_phone() {
    let rig = rig().await;
    let mut notification = to_vendor(FCM, "");
    notification["message"] = json!({
        "title": "Füße 🦶", "body": "\"quoted\"\n", "ext": "{\"a\":[1,2]}",
        "sound": "ding.ogg", "badge": {"set": 7}, "image": "https://example.com/cat.png",
        "channel_id": "messages", "collapse_key": "c1", "priority": "normal",
    });
    notification["ttl"] = json!(600);

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let message = &only_taken(&rig, FCM).body["message"];
    assert_eq!(
        message["notification"],
        json!({
            "title": "Füße 🦶", "body": "\"quoted\"\n", "image": "https://example.com/cat.png",
        })
    );
    assert_eq!(message["data"], json!({"ext": "{\"a\":[1,2]}"}));
    let android = &message["android"];
    assert_eq!(
        (&android["priority"], &android["collapse_key"]),
        (&json!("NORMAL"), &json!("c1"))
    );
    let shown = &android["notification"];
    assert_eq!(shown["channel_id"], "messages");
    // A raw resource has no suffix.
    assert_eq!(shown["sound"], "ding");
    assert_eq!(shown["notification_count"], 7);
    let ttl: f64 = text_at(android, "/ttl")
        .trim_end_matches('s')
        .parse()
        .unwrap();
    assert!((500.0..=600.0).contains(&ttl), "{ttl}");
}

#[tokio::test]
async fn a_vendors_own_options_reach_that_vendor() {
    let rig = rig().await;
    two_devices(&rig).await;
    let mut notification = to_user("bob", "hello");
    notification["options"] = json!({
        "apns": {
            "interruption_level": "time-sensitive", "relevance_score": 0.5,
            "custom": {"deep": {"er": [1, null]}},
        },
        "fcm": {
            "data": {"own": "key"},
            "android": {"direct_boot_ok": true, "notification": {"tag": "mine"}},
        },
    });

    let id = rig.accept(&notification).await.unwrap();

    rig.client.outcomes(&id, 2).await.unwrap();
    let apple = only_taken(&rig, APNS).body;
    assert_eq!(apple["aps"]["interruption-level"], "time-sensitive");
    assert_eq!(apple["aps"]["relevance-score"], 0.5);
    assert_eq!(apple["deep"], json!({"er": [1, null]}));
    let google = &only_taken(&rig, FCM).body["message"];
    assert_eq!(google["data"]["own"], "key");
    assert_eq!(google["android"]["direct_boot_ok"], true);
    assert_eq!(google["android"]["notification"]["tag"], "mine");
}

#[tokio::test]
async fn a_channel_with_a_client_certificate_delivers() {
    let mut options = RigOptions::default();
    options.vendors.clear();
    let rig = rig_with(options).await;
    let certificate = rig.simulator.apns().issue_certificate(APNS_TOPIC, &[], 365);
    let pem = certificate.certificate_pem + &certificate.key_pem;
    rig.home.write("push.pem", pem).unwrap();
    let endpoint = rig.simulator.apns().url();
    let settings = format!("certificate = \"../push.pem\"\nendpoint = \"{endpoint}\"\n");
    rig.home
        .write_channel("ios", &APNS.channel_file(&settings, ""))
        .unwrap();
    reload(&rig).await;

    let event = rig.deliver(&to_vendor(APNS, "hello")).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    let message = only_taken(&rig, APNS);
    assert_eq!(message.client_certificate, Some(certificate.serial));
    assert_eq!(message.provider_token_kid, None);
    // The topic is the certificate's, as the channel names none.
    assert_eq!(header(&message, "apns-topic"), APNS_TOPIC);
}
