//! Kinds of push: alerts, background, calls and live activities, as APNs and FCM know them.

use crate::world::{header, only_taken, rig, to_vendor};
use nudged_rig::vendor::APNS_TOPIC;
use nudged_rig::{APNS, FCM};
use serde_json::json;

#[tokio::test]
async fn every_kind_of_push_is_taken() {
    let rig = rig().await;
    let state = json!({"score": "1:0"});
    let kinds = [
        (
            "alert",
            json!({"kind": "alert", "title": "Carol"}),
            APNS_TOPIC.to_owned(),
        ),
        (
            "background",
            json!({"kind": "background", "ext": "sync"}),
            APNS_TOPIC.to_owned(),
        ),
        (
            "voip",
            json!({"kind": "voip", "title": "Carol calls", "ext": "room 7"}),
            format!("{APNS_TOPIC}.voip"),
        ),
        (
            "liveactivity",
            json!({"kind": "live_activity", "title": "Kick-off", "body": "Here we go",
                "sound": "none", "live_activity": {"event": "start", "content_state": state,
                    "attributes_type": "MatchAttributes", "attributes": {"match": 5}}}),
            format!("{APNS_TOPIC}.push-type.liveactivity"),
        ),
        (
            "liveactivity",
            json!({"kind": "live_activity",
                "live_activity": {"event": "update", "content_state": state}}),
            format!("{APNS_TOPIC}.push-type.liveactivity"),
        ),
        (
            "liveactivity",
            json!({"kind": "live_activity", "live_activity": {"event": "end"}}),
            format!("{APNS_TOPIC}.push-type.liveactivity"),
        ),
    ];
    for (push_type, message, topic) in kinds {
        rig.simulator.reset();
        rig.simulator.apns().bind_token(APNS.token, &topic);
        let mut notification = to_vendor(APNS, "");
        notification["message"] = message;

        let event = rig.deliver(&notification).await.unwrap();

        assert_eq!(event["outcome"], "accepted", "{push_type}: {event:#}");
        let message = only_taken(&rig, APNS);
        assert_eq!(header(&message, "apns-push-type"), push_type);
        assert_eq!(header(&message, "apns-topic"), topic, "{push_type}");
        if push_type == "background" {
            assert_eq!(message.body["aps"], json!({"content-available": 1}));
            assert_eq!(header(&message, "apns-priority"), "5");
        }
    }
}

#[tokio::test]
async fn a_live_activity_may_start_with_a_sound() {
    let rig = rig().await;
    let topic = format!("{APNS_TOPIC}.push-type.liveactivity");
    rig.simulator.apns().bind_token(APNS.token, &topic);
    let mut notification = to_vendor(APNS, "");
    notification["message"] = json!({
        "kind": "live_activity", "title": "Kick-off", "body": "Here we go", "sound": "whistle.caf",
        "live_activity": {"event": "start", "content_state": {"score": "0:0"},
            "attributes_type": "MatchAttributes", "attributes": {"match": 5}},
    });

    let event = rig.deliver(&notification).await.unwrap();

    assert_eq!(event["outcome"], "accepted", "{event:#}");
    // ActivityKit wants the sound inside the alert, unlike any other push.
    let alert = json!({"title": "Kick-off", "body": "Here we go", "sound": "whistle.caf"});
    assert_eq!(only_taken(&rig, APNS).body["aps"]["alert"], alert);
}

#[tokio::test]
async fn fcm_takes_what_an_android_phone_knows_and_an_alert_for_a_call() {
    let rig = rig().await;
    for kind in ["alert", "background", "voip"] {
        rig.simulator.reset();
        let mut notification = to_vendor(FCM, "hello");
        notification["message"]["kind"] = json!(kind);

        let event = rig.deliver(&notification).await.unwrap();

        assert_eq!(event["outcome"], "accepted", "{kind}: {event:#}");
        let message = &only_taken(&rig, FCM).body["message"];
        let is_drawn_by_the_phone = message["notification"].is_object();
        assert_eq!(is_drawn_by_the_phone, kind != "background", "{message:#}");
        assert_eq!(message["android"]["priority"], "HIGH");
    }
}
