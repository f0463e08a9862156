//! The rules of the body, each kept and each broken once.

use serde_json::{Value, json};

use super::{honor, message, numbered, push};
use crate::testing::with;

const ANDROID: &str = "/android";
const OWN: &str = "/android/notification";

#[test]
fn good_variants_are_accepted() {
    let honor = honor();
    for (parent, name, value) in [
        ("", "token", numbered(1000)),
        ("", "data", json!("{\"ext\":\"{}\"}")),
        (ANDROID, "data", json!("{}")),
        ("", "notification", json!({ "title": "t" })),
        (ANDROID, "ttl", json!("1296000s")),
        (ANDROID, "targetUserType", json!(1)),
        (OWN, "clickAction", json!({ "type": 3 })),
        (OWN, "clickAction", json!({ "type": 1, "action": "a.OPEN" })),
        (
            OWN,
            "clickAction",
            json!({ "type": 2, "url": "https://e.com" }),
        ),
        (OWN, "importance", json!("LOW")),
        (OWN, "image", json!("https://e.com/a.png")),
        (OWN, "when", json!("2026-01-02T15:04:05.000000000Z")),
        (OWN, "channelId", json!("chat")),
        (OWN, "foregroundShow", json!(false)),
    ] {
        let body = with(&message(), &format!("{parent}/{name}"), value.clone());
        assert_eq!(push(&honor, &body).code(), "200", "{parent}/{name} {value}");
    }
    let bare = with(&message(), OWN, Value::Null);
    let transparent = with(&bare, "/data", json!("through"));
    assert_eq!(push(&honor, &transparent).code(), "200");
    let untitled = with(&message(), &format!("{OWN}/title"), Value::Null);
    let inherited = with(&untitled, "/notification", json!({ "title": "t" }));
    assert_eq!(push(&honor, &inherited).code(), "200");
}

#[test]
fn whatever_breaks_a_rule_of_the_body_is_refused_by_its_code() {
    let honor = honor();
    for (parent, name, value, code) in [
        ("", "token", Value::Null, "10300"),
        ("", "token", json!([]), "10300"),
        ("", "token", json!("BEhon1"), "400"),
        ("", "token", json!([""]), "400"),
        ("", "token", json!(["a", "b", "a"]), "80300006"),
        ("", "token", numbered(1001), "80300010"),
        ("", "data", json!({}), "400"),
        // Beside a notification.
        ("", "data", json!("through"), "400"),
        ("", "data", json!("[1]"), "400"),
        (ANDROID, "data", json!("{\"ext\":"), "400"),
        (
            "",
            "data",
            json!(json!({ "ext": "x".repeat(4096) }).to_string()),
            "80300008",
        ),
        ("", "message", json!({}), "80100003"),
        ("", "validate_only", json!(false), "80100003"),
        ("", "android", Value::Null, "400"),
        (ANDROID, "ttl", json!(86400), "400"),
        (ANDROID, "ttl", json!("1296001s"), "400"),
        (ANDROID, "bi_tag", json!("m-1"), "80100003"),
        (ANDROID, "biTag", json!(1), "400"),
        (ANDROID, "targetUserType", json!(2), "400"),
        (ANDROID, "category", json!("IM"), "80100003"),
        (ANDROID, "receiptId", json!("RCP1"), "80100003"),
        (ANDROID, "collapseKey", json!(-1), "80100003"),
        (ANDROID, "notification", Value::Null, "400"),
        (OWN, "title", Value::Null, "400"),
        (OWN, "body", json!(""), "400"),
        (OWN, "clickAction", Value::Null, "400"),
        (OWN, "click_action", json!({ "type": 3 }), "80100003"),
        (OWN, "clickAction", json!({ "type": 1 }), "400"),
        (
            OWN,
            "clickAction",
            json!({ "type": 1, "intent": "a/.B" }),
            "400",
        ),
        (
            OWN,
            "clickAction",
            json!({ "type": 1, "intent": "intent:#Intent;i.a=1;end", "action": "a" }),
            "400",
        ),
        (OWN, "clickAction", json!({ "type": 2 }), "400"),
        (
            OWN,
            "clickAction",
            json!({ "type": 3, "intent": "a" }),
            "400",
        ),
        (OWN, "clickAction", json!({ "type": 4 }), "400"),
        (OWN, "importance", json!("HIGH"), "400"),
        (OWN, "notifyId", json!("41207"), "400"),
        (OWN, "style", json!(1), "400"),
        (OWN, "style", json!(3), "400"),
        (OWN, "image", json!("e.com/a.png"), "400"),
        (OWN, "when", json!("tomorrow"), "400"),
        (OWN, "buttons", json!([{}, {}, {}, {}]), "400"),
        (OWN, "badge", json!({ "addNum": 1 }), "400"),
        (
            OWN,
            "badge",
            json!({ "addNum": 100, "badgeClass": "a.B" }),
            "400",
        ),
        (
            OWN,
            "badge",
            json!({ "add_num": 1, "badgeClass": "a.B" }),
            "400",
        ),
        (OWN, "sound", json!("/raw/ding"), "80100003"),
    ] {
        let body = with(&message(), &format!("{parent}/{name}"), value.clone());
        let answer = push(&honor, &body);
        assert_eq!(answer.code(), code, "{parent}/{name} {value}");
        assert!(answer.body["code"].is_number());
        assert_eq!(answer.body["data"]["sendResult"], false);
    }
}

#[test]
fn marketing_has_no_picture() {
    let low = with(&message(), &format!("{OWN}/importance"), json!("LOW"));
    let picture = json!("https://e.com/a.png");
    let own = with(&low, &format!("{OWN}/image"), picture.clone());
    let common = with(&low, "/notification", json!({ "image": picture }));

    assert_eq!(push(&honor(), &own).code(), "80200050");
    assert_eq!(push(&honor(), &common).code(), "80200050");
}

#[test]
fn the_body_without_its_tokens_may_have_4096_bytes() {
    let honor = honor();
    let bare = message().to_string().len() - r#""BEhon1""#.len();
    let room = 4096 - bare - r#","data":"{\"e\":\"\"}""#.len();
    let of = |length: usize| {
        let data = json!({ "e": "x".repeat(length) }).to_string();
        let body = with(&message(), "/data", json!(data));
        with(&body, "/token", numbered(1000))
    };

    assert_eq!(push(&honor, &of(room)).code(), "200");
    assert_eq!(push(&honor, &of(room + 1)).code(), "80300008");
}
