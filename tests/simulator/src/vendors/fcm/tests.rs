use serde_json::{Value, json};

use super::error::Refusal;
use super::message::check;

const DEVICE: &str = "dKl0vH3kQ6:APA91bExample-Token_0001";

fn refused(message: Value) -> Value {
    let refusal: Refusal = check(&json!({ "message": message })).unwrap_err();
    serde_json::from_slice(&refusal.reply().body).unwrap()
}

fn first_violation(error: &Value) -> (&str, &str) {
    let violation = &error["error"]["details"][0]["fieldViolations"][0];
    (
        violation["field"].as_str().unwrap_or(""),
        violation["description"].as_str().unwrap_or(""),
    )
}

#[test]
fn the_documented_messages_are_accepted() {
    for message in [
        json!({ "token": DEVICE, "notification": { "title": "x", "body": "y" } }),
        json!({ "fid": "cP4Ex0mpleF1dW1th22Ch", "data": { "score": "850" } }),
        json!({ "topic": "weather", "android": { "ttl": "3.5s", "priority": "NORMAL" } }),
        json!({ "condition": "'dogs' in topics || 'cats' in topics", "data": { "a": "b" } }),
        json!({ "token": DEVICE, "android": {
            "collapseKey": "c", "restrictedPackageName": "p", "directBootOk": true,
            "notification": {
                "icon": "stock_ticker_update", "color": "#7e55c3", "channel_id": "im",
                "titleLocKey": "k", "titleLocArgs": ["a"], "visibility": "PRIVATE",
                "notificationPriority": "PRIORITY_HIGH", "notification_count": 3,
                "vibrate_timings": ["0s", "0.5s"], "event_time": "2026-11-21T04:13:00.5Z",
                "light_settings": {
                    "color": { "red": 0.5, "alpha": 1 },
                    "light_on_duration": "1s", "light_off_duration": "1s",
                },
            },
        }}),
        json!({ "token": DEVICE, "android_v2": {
            "remote_notification": { "notification": { "id": 7, "tag": "t" } },
        }}),
        json!({ "token": DEVICE, "apns": {
            "headers": { "apns-priority": "5" },
            "payload": { "aps": { "badge": 42 } },
        }}),
        json!({ "token": DEVICE, "webpush": {
            "headers": { "TTL": "60" }, "notification": { "requireInteraction": true },
            "fcm_options": { "link": "https://example.com" },
        }}),
        json!({ "token": DEVICE, "fcmOptions": { "analyticsLabel": "label-1" }, "data": null }),
    ] {
        let checked = check(&json!({ "message": message }));
        assert!(checked.is_ok(), "{message}: {checked:?}");
    }
}

#[test]
fn a_misfit_is_named_with_its_path_and_type() {
    for (part, field, description) in [
        (
            json!({ "android": { "prioritty": "HIGH" } }),
            "message.android",
            "Invalid JSON payload received. Unknown name \"prioritty\" at 'message.android': Cannot find field.",
        ),
        (
            json!({ "data": { "n": 12 } }),
            "message.data[0].value",
            "Invalid value at 'message.data[0].value' (TYPE_STRING), 12",
        ),
        (
            json!({ "notification": { "title": 5 } }),
            "message.notification.title",
            "Invalid value at 'message.notification.title' (TYPE_STRING), 5",
        ),
        (
            json!({ "android": { "priority": "URGENT" } }),
            "message.android.priority",
            "Invalid value at 'message.android.priority' (type.googleapis.com/google.firebase.fcm.v1.AndroidMessagePriority), \"URGENT\"",
        ),
        (
            json!({ "android": { "ttl": "60" } }),
            "message.android.ttl",
            "Invalid value at 'message.android.ttl' (type.googleapis.com/google.protobuf.Duration), Field 'ttl', Illegal duration format; duration must end with 's'",
        ),
        (
            json!({ "topic": "news" }),
            "message",
            "Invalid value at 'message' (oneof), oneof field 'target' is already set. Cannot set 'topic'",
        ),
        (
            json!({ "android": { "notification": { "sticky": "yes" } } }),
            "message.android.notification.sticky",
            "Invalid value at 'message.android.notification.sticky' (TYPE_BOOL), \"yes\"",
        ),
        (
            json!({ "android_v2": { "priority": "HIGH" } }),
            "message.android_v2",
            "Invalid JSON payload received. Unknown name \"priority\" at 'message.android_v2': Cannot find field.",
        ),
    ] {
        let mut message = json!({ "token": DEVICE });
        for (key, value) in part.as_object().unwrap() {
            message[key] = value.clone();
        }
        let error = refused(message);
        assert_eq!(first_violation(&error), (field, description), "{part}");
        assert_eq!(error["error"]["status"], "INVALID_ARGUMENT");
    }
}

#[test]
fn values_out_of_range_are_refused_at_their_field() {
    let v2 = json!({ "android": {}, "android_v2": {} });
    for (part, field) in [
        (
            json!({ "android": { "ttl": "2419201s" } }),
            "message.android.ttl",
        ),
        (
            json!({ "android": { "ttl": "-1s" } }),
            "message.android.ttl",
        ),
        (json!({ "data": { "from": "x" } }), "message.data"),
        (json!({ "data": { "message_type": "x" } }), "message.data"),
        (json!({ "data": { "google.x": "x" } }), "message.data"),
        (
            json!({ "android": { "data": { "gcm.notification.x": "x" } } }),
            "message.android.data",
        ),
        (
            json!({ "android": { "notification": { "color": "red" } } }),
            "message.android.notification.color",
        ),
        (
            json!({ "android": { "notification": { "body_loc_args": ["x"] } } }),
            "message.android.notification.body_loc_key",
        ),
        (
            json!({ "android": { "notification": { "sound": "ding.caf" } } }),
            "message.android.notification.sound",
        ),
        (v2, "message.android_v2"),
        (
            json!({ "apns": { "headers": { "apns-priority": "7" } } }),
            "message.apns.headers[apns-priority]",
        ),
        (
            json!({ "apns": { "payload": { "aps": "x" } } }),
            "message.apns.payload.aps",
        ),
        (
            json!({ "webpush": { "fcm_options": { "link": "http://x" } } }),
            "message.webpush.fcm_options.link",
        ),
        (
            json!({ "fcm_options": { "analytics_label": "a b" } }),
            "message.fcm_options.analytics_label",
        ),
        (json!({ "data": { "ext": "x".repeat(4094) } }), "message"),
    ] {
        let mut message = json!({ "token": DEVICE });
        for (key, value) in part.as_object().unwrap() {
            message[key] = value.clone();
        }
        let error = refused(message);
        assert_eq!(first_violation(&error).0, field, "{part}");
    }
}

#[test]
fn what_apns_would_refuse_of_fcm_is_refused_with_its_word() {
    let id = |text: &str| json!({ "apns": { "headers": { "apns-collapse-id": text } } });
    for (part, reason) in [
        (id(&"k".repeat(65)), "BadCollapseId"),
        (id("群组"), "BadCollapseId"),
        (
            json!({ "data": { "ext": "\"".repeat(2500) } }),
            "PayloadTooLarge",
        ),
        (
            json!({ "notification": { "body": "x".repeat(4000) }, "apns":
                { "payload": { "aps": { "sound": "x".repeat(90) } } } }),
            "PayloadTooLarge",
        ),
    ] {
        let mut message = part;
        message["token"] = DEVICE.into();
        let error = refused(message);
        let [code, apns] = [0, 1].map(|at| error["error"]["details"][at].clone());
        assert_eq!(code["errorCode"], "INVALID_ARGUMENT");
        assert_eq!(apns["reason"], reason);
    }
    let reply = Refusal::injected(400, Some("BadDeviceToken")).reply();
    let error: Value = serde_json::from_slice(&reply.body).unwrap();
    let [code, apns] = [0, 1].map(|at| error["error"]["details"][at].clone());
    assert_eq!(code["errorCode"], "INVALID_ARGUMENT");
    assert_eq!(
        (&apns["reason"], &apns["statusCode"]),
        (&json!("BadDeviceToken"), &json!(400))
    );
}

#[test]
fn a_message_needs_one_recipient() {
    for message in [
        json!({ "data": { "a": "b" } }),
        json!({ "token": "", "data": { "a": "b" } }),
        json!({ "topic": "/topics/x" }),
        json!({ "condition": "dogs" }),
    ] {
        let error = refused(message.clone());
        let code = &error["error"]["details"][0]["errorCode"];
        assert_eq!(code, "INVALID_ARGUMENT", "{message}");
    }
    assert!(check(&json!({})).is_err());
    assert!(check(&json!({ "message": {} })).is_err());
}

#[test]
fn injected_statuses_carry_googles_codes() {
    for (status, reason, name, code) in [
        (429, None, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
        (503, None, "UNAVAILABLE", "UNAVAILABLE"),
        (500, None, "INTERNAL", "INTERNAL"),
        (404, None, "NOT_FOUND", "UNREGISTERED"),
        (403, None, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
        (
            401,
            Some("THIRD_PARTY_AUTH_ERROR"),
            "UNAUTHENTICATED",
            "THIRD_PARTY_AUTH_ERROR",
        ),
    ] {
        let reply = Refusal::injected(status, reason).reply();
        let error: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(reply.status.as_u16(), status);
        assert_eq!(error["error"]["status"], name);
        assert_eq!(error["error"]["details"][0]["errorCode"], code);
    }
}
