//! The fields of a message, to one and to many.

use super::*;

/// To one, and saved for many.
fn both(pointer: &str, value: &Value) -> [i64; 2] {
    let body = with(&message(), pointer, value.clone());
    let text = with(&body, "/regId", Value::Null);
    [
        result(&send(&vivo(), &body)),
        result(&post(&vivo(), SAVE, &text)),
    ]
}

#[test]
fn good_variants_are_accepted() {
    for (pointer, value) in [
        ("/notifyType", json!(1)),
        ("/title", json!("\u{4f60}".repeat(40))),
        ("/content", json!("\u{4f60}".repeat(100))),
        ("/timeToLive", json!(60)),
        ("/timeToLive", Value::Null),
        ("/skipType", json!(3)),
        ("/skipContent", Value::Null),
        ("/networkType", json!(1)),
        ("/networkType", Value::Null),
        ("/classification", Value::Null),
        ("/category", json!("TODO")),
        ("/category", Value::Null),
        ("/clientCustomMap", json!({ "ext": "x".repeat(1021) })),
        ("/clientCustomMap", Value::Null),
        ("/extra/callback.param", json!("x".repeat(192))),
        ("/extra/callback.id", json!("7")),
        ("/extra", Value::Null),
        ("/requestId", json!("x".repeat(64))),
        ("/pushMode", Value::Null),
        ("/notifyId", json!(2_147_483_647)),
        ("/profileId", json!("p")),
        ("/sendOnline", json!(true)),
        ("/foregroundShow", json!(false)),
        ("/addBadge", json!(true)),
    ] {
        assert_eq!(both(pointer, &value), [0, 0], "{pointer} {value}");
    }
}

#[test]
fn a_field_out_of_bounds_has_its_code() {
    for (pointer, value, code) in [
        ("/appId", Value::Null, 10200),
        ("/appId", json!("105000001"), 10200),
        ("/appId", json!(105_000_002), 10094),
        ("/notifyType", Value::Null, 10054),
        ("/notifyType", json!(0), 10054),
        ("/notifyType", json!("4"), 10054),
        ("/title", Value::Null, 10055),
        ("/title", json!(""), 10055),
        ("/title", json!("\u{4f60}".repeat(41)), 10056),
        ("/content", Value::Null, 10057),
        ("/content", json!(""), 10057),
        ("/content", json!("x".repeat(101)), 10058),
        ("/timeToLive", json!(59), 10059),
        ("/timeToLive", json!(86_401), 10059),
        ("/timeToLive", json!("86400"), 10059),
        ("/skipType", Value::Null, 10060),
        ("/skipType", json!(5), 10060),
        ("/skipType", json!(2), 10060),
        ("/skipType", json!(4), 10060),
        ("/skipContent", json!("x".repeat(2049)), 10060),
        ("/networkType", json!(0), 10065),
        ("/classification", json!(2), 10051),
        ("/classification", json!(0), 10097),
        ("/category", json!("im"), 10096),
        ("/category", json!("NEWS"), 10097),
        ("/clientCustomMap", json!("{}"), 10067),
        (
            "/clientCustomMap",
            json!({ "ext": { "conv": "c1" } }),
            10067,
        ),
        (
            "/clientCustomMap",
            json!({ "ext": "x".repeat(1022) }),
            10067,
        ),
        ("/extra", json!("{}"), 10089),
        ("/extra/callback", json!("p.example.com"), 10089),
        (
            "/extra/callback",
            json!(format!("https://e.com/{}", "x".repeat(115))),
            10305,
        ),
        ("/extra/callback.param", json!("x".repeat(193)), 10306),
        ("/extra/callback.id", json!(true), 10089),
        ("/extra/callback.type", json!("1"), 10304),
        ("/requestId", Value::Null, 10352),
        ("/requestId", json!(""), 10352),
        ("/requestId", json!("x".repeat(65)), 10353),
        ("/pushMode", json!("0"), 400),
        ("/notifyId", json!(0), 10095),
        ("/notifyId", json!(2_147_483_648_i64), 10095),
        ("/profileId", json!("x".repeat(65)), 400),
        ("/addBadge", json!(1), 400),
        ("/sound", json!("a.wav"), 400),
    ] {
        assert_eq!(both(pointer, &value), [code, code], "{pointer} {value}");
    }
}

#[test]
fn the_click_has_what_its_kind_needs() {
    for (kind, content, code) in [
        (2, "https://example.com/a?b=c", 0),
        (2, "example.com", 10060),
        (2, "https://example.com/a b", 10060),
        (
            4,
            "intent:#Intent;component=com.example.app/.Act;S.ext=%7B%7D;end",
            0,
        ),
        (4, "intent:#Intent;component=com.example.app/.Act", 10060),
        (4, "com.example.app.Act", 10060),
        (4, "https://example.com", 10060),
    ] {
        let body = with(&message(), "/skipType", json!(kind));
        let body = with(&body, "/skipContent", json!(content));
        assert_eq!(result(&send(&vivo(), &body)), code, "{kind} {content}");
    }
}

#[test]
fn a_message_has_one_target() {
    let vivo = vivo();
    let bare = with(&message(), "/regId", Value::Null);
    for (body, code) in [
        (bare.clone(), 10050),
        (with(&message(), "/regId", json!("")), 10050),
        (with(&message(), "/regId", json!(123)), 10050),
        (with(&message(), "/regId", json!("a b")), 10302),
        (with(&message(), "/alias", json!("a")), 10050),
        (with(&bare, "/alias", json!("a")), 10303),
        (with(&bare, "/alias", json!("x".repeat(71))), 10050),
        (with(&message(), "/regId", json!("v2-abc")), 0),
    ] {
        assert_eq!(result(&send(&vivo, &body)), code, "{body}");
    }
    // A text that is saved has none.
    assert_eq!(result(&post(&vivo, SAVE, &message())), 400);
}

#[test]
fn a_formal_text_must_not_look_like_a_test() {
    for (pointer, text, code) in [
        ("/title", "12345", 10085),
        ("/content", "!!! (1)", 10085),
        ("/content", "Test 1", 10104),
        ("/content", "\u{4f60}\u{6d4b}\u{8bd5}", 10104),
        ("/title", "\u{4f60}\u{597d}", 0),
        ("/content", "a", 0),
    ] {
        let body = with(&message(), pointer, json!(text));
        assert_eq!(result(&send(&vivo(), &body)), code, "{text}");
        let vivo = vivo();
        vivo.add_test_device(APP, REG_ID);
        let test = with(&body, "/pushMode", json!(1));
        assert_eq!(result(&send(&vivo, &test)), 0, "{text}");
    }
}
