//! What a tap opens, and the app's data that goes with it.

use nudged_plugin_api::Click;
use serde_json::{Value, json};

use crate::messages::{message, notification, refused, render, told};

/// `action_parameters`, parsed.
fn parameters(ext: &str) -> (Value, Vec<String>) {
    let message = message(|m| m.ext = Some(ext.to_owned()));
    let text = notification(&message)["action_parameters"].clone();
    let parsed = serde_json::from_str(text.as_str().unwrap()).unwrap();
    (parsed, told(&message))
}

#[test]
fn the_keys_of_ext_are_spread_byte_for_byte() {
    let (got, told) = parameters(r#"{"a": "x\n\"ü 🎉", "b": "", "c": "{\"d\": 1e2}"}"#);
    assert_eq!(got, json!({"a": "x\n\"ü 🎉", "b": "", "c": "{\"d\": 1e2}"}));
    assert_eq!(told, [""; 0]);
}

#[test]
fn values_that_are_no_texts_go_as_their_own_json_with_a_notice() {
    let (got, told) = parameters(
        r#"{"entity": {"n": 1e2,  "u": "\u00fc"}, "n": 12345678901234567890, "z": null, "t": "t"}"#,
    );
    assert_eq!(
        got,
        json!({
            "entity": r#"{"n": 1e2,  "u": "\u00fc"}"#,
            "n": "12345678901234567890",
            "z": "null",
            "t": "t",
        })
    );
    assert_eq!(told, ["ext"]);
}

#[test]
fn ext_that_is_no_object_goes_whole_under_its_name_with_a_notice() {
    for ext in ["plain", "[1]", "\"x\"", "{", "7", "{} {}", "\u{1}\n"] {
        let (got, told) = parameters(ext);
        assert_eq!(got, json!({ "ext": ext }));
        assert_eq!(told, ["ext"]);
    }
}

#[test]
fn ext_passes_up_to_four_thousand_characters() {
    let of = |length: usize| message(|m| m.ext = Some("é".repeat(length)));
    let around = r#"{"ext":""}"#.len();
    assert!(render(&of(4000 - around)).is_ok());
    let error = render(&of(4001 - around)).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.field.as_str()),
        ("PayloadTooLarge", "ext")
    );
    assert!(error.problem.contains("4001") && error.problem.contains("4000"));
}

#[test]
fn a_web_page_does_not_get_the_apps_data() {
    let message = message(|m| {
        m.click = Click::Url("https://example.com/".to_owned());
        m.ext = Some(r#"{"room":"1"}"#.to_owned());
    });
    assert_eq!(notification(&message).get("action_parameters"), None);
    assert_eq!(told(&message), ["ext"]);
}

#[test]
fn a_page_is_told_by_its_shape() {
    for (page, kind, field) in [
        ("com.example.chat.ChatActivity", 4, "click_action_activity"),
        (
            "com.example.Outer$InnerActivity",
            4,
            "click_action_activity",
        ),
        ("android.intent.action.VIEW", 1, "click_action_activity"),
        ("com.example.push.internal", 1, "click_action_activity"),
        ("com.example.OPEN_CHAT", 1, "click_action_activity"),
        ("chat://room/42?a=b", 5, "click_action_url"),
        (
            "intent://chat/42#Intent;scheme=push;component=a/b;end",
            5,
            "click_action_url",
        ),
        ("intent:#Intent;component=a/b;end", 5, "click_action_url"),
    ] {
        let got = notification(&message(|m| m.click = Click::Page(page.to_owned())));
        assert_eq!(got["click_action_type"], kind, "{page}");
        assert_eq!(got[field], page);
        let other = ["click_action_activity", "click_action_url"];
        let other = other.iter().filter(|name| **name != field);
        assert!(other.into_iter().all(|name| got.get(name).is_none()));
    }
}

#[test]
fn the_sender_may_say_what_a_page_is() {
    let of = |page: &str, kind: u8| {
        message(|m| {
            m.click = Click::Page(page.to_owned());
            m.options = Some(format!(r#"{{"click_action_type":{kind}}}"#));
        })
    };
    for (page, kind) in [
        ("com.example.OPEN", 4),
        ("com.example.Open", 1),
        ("OPEN", 1),
        ("a.b", 4),
    ] {
        assert_eq!(
            notification(&of(page, kind))["click_action_type"],
            kind,
            "{page}"
        );
    }
    for (page, kind) in [
        ("chat://x", 4),
        ("chat://x", 1),
        ("com.example.A", 5),
        ("OPEN", 4),
    ] {
        assert_eq!(refused(&of(page, kind)).1, "click", "{page}");
    }
    for kind in [0, 2, 3, 6] {
        let field = refused(&of("com.example.A", kind)).1;
        assert_eq!(field, "options.click_action_type");
    }
    let elsewhere = message(|m| m.options = Some(r#"{"click_action_type":4}"#.to_owned()));
    assert_eq!(refused(&elsewhere).1, "options.click_action_type");
}

#[test]
fn a_click_of_another_vendors_form_is_refused() {
    let long = format!("com.example.{}", "a".repeat(500));
    for page in [
        "",
        "chat/42",
        "ChatActivity",
        ".ChatActivity",
        "com.example/.Chat",
        "a..b",
        "https://example.com",
        "com.example.A b",
        "javascript:alert(1)",
        "chat://a b",
        &long,
    ] {
        let (code, field) = refused(&message(|m| m.click = Click::Page(page.to_owned())));
        assert_eq!(
            (code.as_str(), field.as_str()),
            ("BadClick", "click"),
            "{page}"
        );
    }
    let long = format!("https://example.com/{}", "a".repeat(2000));
    for url in [
        "",
        "https://",
        "example.com",
        "ftp://x",
        "javascript:alert(1)",
        "http:///x",
        &long,
    ] {
        let (_, field) = refused(&message(|m| m.click = Click::Url(url.to_owned())));
        assert_eq!(field, "click", "{url}");
    }
}
