//! 52: `""` is absent wherever a text may be.

use nudged_rig::APNS;
use nudged_rig::vendor::VENDORS;
use nudged_simulator::Received;
use serde_json::{Value, json};

use super::im::{push, send, text_to_bob};
use crate::world::bob::bob_on;

/// Every field that there is.
const FULL: &str = include_str!("../../../daemon/src/api/im/tests/full.json");

/// That a vendor's request is like another one, but for what differs between two that say the
/// same, and for lifetimes, which are counted from now.
#[track_caller]
fn assert_like(got: &Received, wanted: [&Received; 2], whose: &str) {
    let [got, one, other] = [got, wanted[0], wanted[1]].map(|it| it.body.clone());
    let mut compared = 0;
    compare("", &got, [&one, &other], whose, &mut compared);
    assert!(compared > 1, "{whose}: {got:#}");
}

#[track_caller]
fn compare(path: &str, got: &Value, wanted: [&Value; 2], whose: &str, compared: &mut u32) {
    const LIFETIMES: [&str; 7] = [
        "ttl",
        "timeToLive",
        "time_to_live",
        "expire_time",
        "off_line_ttl",
        "apns-expiration",
        "validTime",
    ];
    let [one, other] = wanted;
    if let (Value::Object(got), Value::Object(one)) = (got, one) {
        let keys: Vec<_> = got.keys().collect();
        assert_eq!(keys, one.keys().collect::<Vec<_>>(), "{whose} {path}");
        for (key, got) in got {
            if !LIFETIMES.contains(&key.as_str()) {
                let path = format!("{path}/{key}");
                compare(&path, got, [&one[key], &other[key]], whose, compared);
            }
        }
    } else if one == other {
        assert_eq!(got, one, "{whose} {path}");
        *compared += 1;
    }
}

/// Every field is there and says nothing.
fn emptied(info: &mut Value) {
    for (field, value) in info.as_object_mut().expect("an object") {
        match value {
            Value::Object(_) if field.ends_with("Info") => emptied(value),
            Value::Array(list) if list.iter().all(Value::is_object) => {
                list.iter_mut().for_each(emptied);
            }
            value => *value = json!(""),
        }
    }
}

#[tokio::test]
async fn req_52_an_empty_text_is_absent_in_every_field_of_a_call() {
    let rig = bob_on(&VENDORS).await;
    let mut empty: Value = serde_json::from_str(FULL).unwrap();
    emptied(&mut empty["OfflinePushInfo"]);
    let mut plain = text_to_bob(Value::Null);
    plain.as_object_mut().unwrap().remove("MsgLifeTime");
    for field in ["To_Account", "From_Account", "MsgBody"] {
        empty[field] = plain[field].clone();
    }
    for field in [
        "MsgLifeTime",
        "MsgSeq",
        "MsgRandom",
        "MsgTimeStamp",
        "SyncOtherMachine",
        "GroupId",
        "TopicId",
        "GroupAtInfo",
        "OnlineOnlyFlag",
        "SendMsgControl",
        "Random",
        "CloudCustomData",
    ] {
        empty[field] = json!("");
    }

    let pushed = push(&rig, "sendmsg", &empty, &VENDORS).await;
    let expected = push(&rig, "sendmsg", &plain, &VENDORS).await;
    let twice = push(&rig, "sendmsg", &plain, &VENDORS).await;

    assert_eq!(pushed.answer["notices"], Value::Null, "{:#}", pushed.answer);
    for vendor in VENDORS {
        let wanted = [expected.got(vendor), twice.got(vendor)];
        assert_like(pushed.got(vendor), wanted, vendor.title);
        assert_eq!(pushed.told(vendor), expected.told(vendor));
    }
}

#[tokio::test]
async fn req_52_an_empty_text_is_absent_in_every_field_of_a_notification() {
    let rig = bob_on(&VENDORS).await;
    let words = [
        "title",
        "subtitle",
        "body",
        "ext",
        "sound",
        "image",
        "channel_id",
        "category",
        "thread",
        "collapse_key",
    ];
    let empty: serde_json::Map<_, _> = words
        .iter()
        .map(|word| ((*word).to_owned(), json!("")))
        .collect();
    let mut message = Value::Object(empty.clone());
    message["elements"] = json!([{"kind": "text", "text": "hi"}, {"kind": "custom", "text": ""}]);
    message["translations"] = json!({"en": {"title": "", "body": ""}});
    message["click"] = json!({"action": "open_app", "value": ""});
    for platform in ["ios", "android", "harmony", "apns", "fcm", "oppo"] {
        message["platforms"][platform] = Value::Object(empty.clone());
    }
    let empty = json!({
        "app": "",
        "to": [{"user": "bob", "device": "", "channel": "", "token": "", "language": ""}],
        "sender": {"user": "", "name": ""},
        "conversation": {"kind": "c2c", "id": "", "name": ""},
        "message": message,
        "idempotency_key": "",
    });
    let plain = json!({
        "to": [{"user": "bob"}],
        "message": {"elements": [{"kind": "text", "text": "hi"}]},
    });

    let pushed = send(&rig, &empty, &VENDORS).await;
    let again = send(&rig, &empty, &VENDORS).await;
    let expected = send(&rig, &plain, &VENDORS).await;
    let twice = send(&rig, &plain, &VENDORS).await;

    assert_ne!(
        pushed.answer["id"], again.answer["id"],
        "an empty key is none"
    );
    for vendor in VENDORS {
        let wanted = [expected.got(vendor), twice.got(vendor)];
        assert_like(pushed.got(vendor), wanted, vendor.title);
        assert_eq!(pushed.told(vendor), expected.told(vendor));
    }
    // The other form of a recipient.
    let token = json!({
        "to": [{"user": "", "device": "", "channel": "ios", "token": APNS.token}],
        "message": {"body": "hi"},
    });
    send(&rig, &token, &[APNS]).await;
}
