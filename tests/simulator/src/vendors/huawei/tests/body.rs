//! The rules of the body, each kept and each broken once.

use serde_json::{Value, json};

use super::{OWN, huawei, message, push};
use crate::testing::with;

const ANDROID: &str = "/message/android";

#[test]
fn good_variants_are_accepted() {
    let huawei = huawei();
    let most = vec!["IQAA"; 1000];
    for (pointer, value) in [
        ("/message/token", json!(most)),
        ("/message/data", json!("{\"a\":1}")),
        ("/message/android/data", json!("{\"ext\":\"{}\"}")),
        (
            "/message/notification",
            json!({ "title": "t", "body": "b" }),
        ),
        ("/message/android/ttl", json!("1296000s")),
        ("/message/android/collapse_key", json!(100)),
        ("/message/android/urgency", json!("NORMAL")),
        ("/message/android/target_user_type", json!(1)),
        ("/message/android/category", Value::Null),
        (OWN, Value::Null),
        (
            "/message/android/notification/click_action",
            json!({ "type": 3 }),
        ),
        (
            "/message/android/notification/click_action",
            json!({ "type": 1, "action": "com.example.OPEN" }),
        ),
        (
            "/message/android/notification/click_action",
            json!({ "type": 2, "url": "https://example.com" }),
        ),
        ("/message/android/notification/badge/set_num", json!(0)),
        ("/message/android/notification/color", json!("#00FFaa")),
        (
            "/message/android/notification/vibrate_config",
            json!(["1", "3"]),
        ),
        (
            "/message/android/notification/profile_id",
            json!("x".repeat(64)),
        ),
    ] {
        let mut body = with(&message(), pointer, value.clone());
        if pointer == OWN {
            body = with(&body, "/message/data", json!("through"));
        }
        assert_eq!(push(&huawei, &body).code(), "80000000", "{pointer} {value}");
    }
    let mut body = with(&message(), OWN, Value::Null);
    body = with(&body, "/message/android/data", json!("through"));
    assert_eq!(push(&huawei, &body).code(), "80000000");
    let mut body = with(&message(), &format!("{OWN}/title"), Value::Null);
    body = with(&body, "/message/notification", json!({ "title": "t" }));
    assert_eq!(push(&huawei, &body).code(), "80000000");
    let mut body = with(&message(), &format!("{OWN}/sound"), json!("/raw/ding"));
    body = with(&body, &format!("{OWN}/default_sound"), json!(false));
    assert_eq!(push(&huawei, &body).code(), "80000000");
}

#[test]
fn whatever_breaks_a_rule_of_the_body_is_refused_by_its_code() {
    let huawei = huawei();
    for (parent, name, value, code) in [
        ("", "validate_only", json!("false"), "80100001"),
        ("", "message", Value::Null, "80100003"),
        ("", "msg", json!(1), "80100003"),
        ("/message", "token", json!([]), "80100001"),
        ("/message", "token", json!("IQAA"), "80100001"),
        ("/message", "token", json!([""]), "80100001"),
        ("/message", "token", json!([1]), "80100001"),
        ("/message", "token", json!(vec!["IQAA"; 1001]), "80300010"),
        ("/message", "topic", json!("news"), "80100001"),
        ("/message", "token", Value::Null, "80100001"),
        ("/message", "to", json!("IQAA"), "80100003"),
        ("/message", "data", json!({ "a": 1 }), "80100001"),
        // Beside a notification.
        ("/message", "data", json!("through"), "80100001"),
        ("/message", "data", json!("[1]"), "80100001"),
        (ANDROID, "data", json!("{\"ext\":"), "80100001"),
        (ANDROID, "data", json!({ "ext": "x" }), "80100001"),
        (
            "/message",
            "data",
            json!(json!({ "ext": "x".repeat(4096) }).to_string()),
            "80300008",
        ),
        (ANDROID, "ttl", json!(86400), "80100004"),
        (ANDROID, "ttl", json!("86400"), "80100004"),
        (ANDROID, "ttl", json!("0s"), "80100004"),
        (ANDROID, "ttl", json!("1296001s"), "80100004"),
        (ANDROID, "collapse_key", json!(101), "80100013"),
        (ANDROID, "collapse_key", json!(-2), "80100013"),
        (ANDROID, "collapse_key", json!("1"), "80100013"),
        (ANDROID, "urgency", json!("high"), "80100001"),
        (ANDROID, "urgency", json!("HIGH"), "80300011"),
        (ANDROID, "category", json!("CHAT"), "80100001"),
        (ANDROID, "biTag", json!("m-1"), "80100003"),
        (ANDROID, "bi_tag", json!(1), "80100001"),
        (ANDROID, "receipt_id", json!(""), "80100001"),
        (ANDROID, "target_user_type", json!(2), "80100001"),
        (ANDROID, "notification", Value::Null, "80100001"),
        (OWN, "title", Value::Null, "80100001"),
        (OWN, "title", json!(""), "80100001"),
        (OWN, "body", Value::Null, "80100001"),
        (OWN, "click_action", Value::Null, "80100001"),
        (OWN, "click_action", json!({}), "80100001"),
        (OWN, "click_action", json!({ "type": 1 }), "80100001"),
        (OWN, "click_action", json!({ "type": "3" }), "80100001"),
        (OWN, "click_action", json!({ "type": 4 }), "80100001"),
        (
            OWN,
            "click_action",
            json!({ "type": 1, "intent": "com.example/.Main" }),
            "80100001",
        ),
        (
            OWN,
            "click_action",
            json!({ "type": 1, "intent": "intent:#Intent;i.a=1;end", "action": "a" }),
            "80100001",
        ),
        (OWN, "click_action", json!({ "type": 2 }), "80100001"),
        (
            OWN,
            "click_action",
            json!({ "type": 2, "url": "http://e.com" }),
            "80100001",
        ),
        (
            OWN,
            "click_action",
            json!({ "type": 3, "url": "https://e.com" }),
            "80100001",
        ),
        (OWN, "importance", json!("MAX"), "80100001"),
        (OWN, "notify_id", json!("41207"), "80100001"),
        (OWN, "notify_id", json!(1_i64 << 31), "80100001"),
        (OWN, "foreground_show", json!("true"), "80100001"),
        (OWN, "badge", json!({ "add_num": 1 }), "80100001"),
        (
            OWN,
            "badge",
            json!({ "add_num": 0, "class": "a.B" }),
            "80100001",
        ),
        (
            OWN,
            "badge",
            json!({ "add_num": 100, "class": "a.B" }),
            "80100001",
        ),
        (
            OWN,
            "badge",
            json!({ "set_num": 100, "class": "a.B" }),
            "80100001",
        ),
        (
            OWN,
            "badge",
            json!({ "set_num": 1, "class": "Main" }),
            "80100001",
        ),
        (
            OWN,
            "badge",
            json!({ "set_num": 1, "badgeClass": "a.B" }),
            "80100001",
        ),
        (OWN, "sound", json!("/raw/ding"), "80100001"),
        (OWN, "default_sound", json!(false), "80100001"),
        (OWN, "image", json!("http://e.com/a.png"), "80100001"),
        (OWN, "color", json!("red"), "80100001"),
        (OWN, "style", json!(1), "80100001"),
        (OWN, "style", json!(2), "80100001"),
        (OWN, "style", json!(3), "80100001"),
        (OWN, "inbox_content", json!(vec!["a"; 6]), "80100001"),
        (OWN, "visibility", json!("HIDDEN"), "80100001"),
        (OWN, "vibrate_config", json!(vec!["1"; 11]), "80100001"),
        (
            OWN,
            "buttons",
            json!(vec![json!({ "name": "a", "action_type": 0 }); 4]),
            "80100001",
        ),
        (OWN, "buttons", json!([{ "action_type": 0 }]), "80100001"),
        (OWN, "profile_id", json!("x".repeat(65)), "80100001"),
        (OWN, "channelId", json!("chat"), "80100003"),
        (OWN, "ext", json!("{}"), "80100003"),
    ] {
        let body = with(&message(), &format!("{parent}/{name}"), value.clone());
        let answer = push(&huawei, &body);
        assert_eq!(answer.code(), code, "{parent}/{name} {value}");
        assert_eq!(answer.status, 400);
    }
    let both = with(&message(), "/message/notification", json!({ "title": "t" }));
    let neither = with(&both, OWN, Value::Null);
    assert_eq!(push(&huawei, &neither).code(), "80100001");
}

#[test]
fn the_body_without_its_tokens_may_have_4096_bytes() {
    let huawei = huawei();
    let bare = message().to_string().len() - r#""IQAAAACy0A""#.len();
    let room = 4096 - bare - r#","data":"{\"e\":\"\"}""#.len();
    let of = |length: usize| {
        let data = json!({ "e": "x".repeat(length) }).to_string();
        let body = with(&message(), "/message/data", json!(data));
        with(&body, "/message/token", json!(vec!["IQAAAACy0A"; 1000]))
    };

    assert_eq!(push(&huawei, &of(room)).code(), "80000000");
    assert_eq!(push(&huawei, &of(room + 1)).code(), "80300008");
}
