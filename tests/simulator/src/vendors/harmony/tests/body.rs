//! The rules of the body, each kept and each broken once.

use super::*;

const OWN: &str = "/payload/notification";
const OPTIONS: &str = "/pushOptions";

#[test]
fn good_variants_are_accepted() {
    let customer = Customer::new();
    for (pointer, value) in [
        ("/target/token", json!(vec!["MAMz"; 1000])),
        ("/pushOptions", Value::Null),
        ("/pushOptions/ttl", json!(1)),
        ("/pushOptions/ttl", json!(1_296_000)),
        ("/pushOptions/biTag", json!("x".repeat(64))),
        ("/pushOptions/collapseKey", json!(-1)),
        ("/pushOptions/collapseKey", json!(100)),
        ("/payload/notification/badge", json!({ "setNum": 0 })),
        (
            "/payload/notification/badge",
            json!({ "addNum": 99, "setNum": 99 }),
        ),
        ("/payload/notification/notifyId", json!(-1)),
        ("/payload/notification/notifyId", json!(i32::MAX)),
        ("/payload/notification/appMessageId", json!("x".repeat(64))),
        ("/payload/notification/sound", json!("alert.mp3")),
        ("/payload/notification/soundDuration", json!(60)),
        (
            "/payload/notification/image",
            json!("https://example.com/a.png"),
        ),
        (
            "/payload/notification/clickAction",
            json!({ "actionType": 1, "uri": "https://example.com/c/1", "data": {} }),
        ),
        (
            "/payload/notification/clickAction",
            json!({ "actionType": 1, "action": "com.example.OPEN" }),
        ),
        (
            "/payload/notification/clickAction",
            json!({ "actionType": 3 }),
        ),
        ("/payload/notification", json!({ "badge": { "setNum": 3 } })),
        ("/payload", json!({ "badge": { "setNum": 3 } })),
    ] {
        let body = with(&message(), pointer, value.clone());
        assert_eq!(customer.push(&body).code(), "80000000", "{pointer} {value}");
    }
    let lines = with(&message(), &format!("{OWN}/style"), json!(3));
    let lines = with(
        &lines,
        &format!("{OWN}/inboxContent"),
        json!(["a", "b", "c"]),
    );
    assert_eq!(customer.push(&lines).code(), "80000000");
    let big = with(&message(), &format!("{OWN}/style"), json!(1));
    let big = with(&big, &format!("{OWN}/bigTitle"), json!("t"));
    let big = with(&big, &format!("{OWN}/bigBody"), json!("b"));
    assert_eq!(customer.push(&big).code(), "80000000");
}

#[test]
fn whatever_breaks_a_rule_of_the_body_is_refused_by_its_code() {
    let customer = Customer::new();
    for (parent, name, value, code) in [
        ("", "payload", Value::Null, "80100003"),
        ("", "payload", json!("{}"), "80100003"),
        ("", "target", Value::Null, "80100003"),
        ("", "message", json!({}), "80100003"),
        ("", "pushOptions", json!([]), "80100001"),
        ("/payload", "notification", Value::Null, "80100001"),
        ("/payload", "extraData", json!("a"), "80100003"),
        ("/target", "token", Value::Null, "80100001"),
        ("/target", "token", json!("MAMz"), "80100001"),
        ("/target", "token", json!([""]), "80100004"),
        ("/target", "token", json!([]), "80300010"),
        ("/target", "token", json!(vec!["MAMz"; 1001]), "80300010"),
        ("/target", "topic", json!("news"), "80100003"),
        (OPTIONS, "ttl", json!("86400"), "80100001"),
        (OPTIONS, "ttl", json!("86400s"), "80100001"),
        (OPTIONS, "ttl", json!(0), "80100004"),
        (OPTIONS, "ttl", json!(1_296_001), "80100004"),
        (OPTIONS, "ttl", json!(86_400_000), "80100004"),
        (OPTIONS, "biTag", json!("\u{4f60}".repeat(22)), "80100004"),
        (OPTIONS, "bi_tag", json!("m-1"), "80100003"),
        (OPTIONS, "collapseKey", json!(101), "80100004"),
        (OPTIONS, "collapseKey", json!("1"), "80100001"),
        (OPTIONS, "backgroundMode", json!(1), "80100004"),
        (OPTIONS, "receiptId", json!(1), "80100001"),
        (OPTIONS, "testMessage", json!("false"), "80100001"),
        (OWN, "category", Value::Null, "80100001"),
        (OWN, "category", json!("CHAT"), "80100004"),
        (OWN, "category", json!("PLAY_VOICE"), "80100004"),
        (OWN, "title", Value::Null, "80100001"),
        (OWN, "title", json!(""), "80100004"),
        (OWN, "body", Value::Null, "80100001"),
        (OWN, "body", json!(1), "80100001"),
        (OWN, "clickAction", Value::Null, "80100001"),
        (OWN, "clickAction", json!({}), "80100001"),
        (OWN, "clickAction", json!({ "type": 0 }), "80100001"),
        (OWN, "clickAction", json!({ "actionType": "0" }), "80100001"),
        (OWN, "clickAction", json!({ "actionType": 1 }), "80100001"),
        (OWN, "clickAction", json!({ "actionType": 2 }), "80100004"),
        (OWN, "clickAction", json!({ "actionType": 5 }), "80100004"),
        (
            OWN,
            "clickAction",
            json!({ "actionType": 0, "uri": "a://b" }),
            "80100004",
        ),
        (
            OWN,
            "clickAction",
            json!({ "actionType": 0, "data": "{\"ext\":\"c1\"}" }),
            "80100001",
        ),
        (
            OWN,
            "clickAction",
            json!({ "actionType": 0, "intent": "a" }),
            "80100003",
        ),
        (OWN, "image", json!("http://e.com/a.png"), "80100004"),
        (OWN, "style", json!(1), "80100001"),
        (OWN, "style", json!(2), "80100004"),
        (OWN, "style", json!(3), "80100001"),
        (OWN, "inboxContent", json!(vec!["a"; 4]), "80100004"),
        (OWN, "inboxContent", json!(["a".repeat(1025)]), "80100004"),
        (OWN, "notifyId", json!("41207"), "80100001"),
        (OWN, "notifyId", json!(1_i64 << 31), "80100004"),
        (OWN, "notifyId", json!(-2), "80100004"),
        (OWN, "appMessageId", json!("x".repeat(65)), "80100004"),
        (OWN, "appMessageId", json!(""), "80100004"),
        (OWN, "profileId", json!("x".repeat(65)), "80100004"),
        (OWN, "badge", json!(1), "80100001"),
        (OWN, "badge", json!({}), "80100001"),
        (OWN, "badge", json!({ "addNum": 0 }), "80100004"),
        (OWN, "badge", json!({ "addNum": 100 }), "80100004"),
        (OWN, "badge", json!({ "setNum": -1 }), "80100004"),
        (OWN, "badge", json!({ "setNum": 100 }), "80100004"),
        (OWN, "badge", json!({ "add_num": 1 }), "80100001"),
        (OWN, "sound", json!("/raw/alert"), "80100004"),
        (OWN, "soundDuration", json!(61), "80100004"),
        (OWN, "foregroundShow", json!("true"), "80100001"),
        (OWN, "channelId", json!("chat"), "80100003"),
        (OWN, "importance", json!("NORMAL"), "80100003"),
    ] {
        let body = with(&message(), &format!("{parent}/{name}"), value.clone());
        let answer = customer.push(&body);
        assert_eq!(answer.code(), code, "{parent}/{name} {value}");
        assert_eq!(answer.status, 400);
    }
}

#[test]
fn every_push_type_has_its_own_payload() {
    let customer = Customer::new();
    let notification = message()["payload"].clone();
    let spoken = with(&notification, "/notification/category", json!("PLAY_VOICE"));
    let data = json!({ "extraData": "{\"a\":1}" });
    let proxied = json!({ "extraData": "a", "proxyData": "ENABLE" });
    let live = json!({ "activityId": 1 });
    for (push_type, payload, code) in [
        ("2", with(&spoken, "/extraData", json!("a")), "80000000"),
        ("2", notification.clone(), "80100004"),
        ("2", json!({ "badge": { "setNum": 1 } }), "80100001"),
        ("6", data.clone(), "80000000"),
        ("6", proxied.clone(), "80000000"),
        ("6", json!({ "extraData": { "a": 1 } }), "80100001"),
        ("6", json!({}), "80100001"),
        ("6", notification.clone(), "80100001"),
        ("10", data.clone(), "80000000"),
        ("10", proxied, "80100003"),
        ("10", json!({ "data": "a" }), "80100001"),
        ("0", data, "80100001"),
        ("1", live.clone(), "80000000"),
        ("7", live, "80000000"),
        ("7", json!({}), "80100004"),
    ] {
        let body = with(&message(), "/payload", payload.clone());
        let answer = customer.push_typed(push_type, &body);
        assert_eq!(answer.code(), code, "{push_type} {payload}");
    }
    let body = with(&to(&["a", "b"]), "/payload", json!({ "formId": 1 }));
    assert_eq!(customer.push_typed("1", &body).code(), "80300010");
    let background = with(&message(), "/payload", json!({ "extraData": "a" }));
    let mode = with(&background, "/pushOptions/backgroundMode", json!(1));
    assert_eq!(customer.push_typed("6", &mode).code(), "80000000");
    let key = with(&background, "/pushOptions/collapseKey", json!(1));
    assert_eq!(customer.push_typed("6", &key).code(), "80100004");
}

#[test]
fn a_test_message_has_ten_tokens_at_most() {
    let customer = Customer::new();
    let of = |count| with(&test_message(), "/target/token", json!(vec!["MAMz"; count]));

    assert_eq!(customer.push(&of(10)).code(), "80000000");
    assert_eq!(customer.push(&of(11)).code(), "80300030");
}

#[test]
fn the_body_without_its_tokens_may_have_4096_bytes() {
    let customer = Customer::new();
    let bare = message().to_string().len() - r#""MAMzLga""#.len();
    let room = 4096 - bare;
    let of = |length: usize| {
        let text = "New message".to_owned() + &"x".repeat(length);
        let body = with(&message(), &format!("{OWN}/body"), json!(text));
        with(&body, "/target/token", json!(vec!["MAMzLga"; 1000]))
    };

    assert_eq!(customer.push(&of(room)).code(), "80000000");
    assert_eq!(customer.push(&of(room + 1)).code(), "80300008");
}
