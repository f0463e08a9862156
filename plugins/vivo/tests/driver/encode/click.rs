//! What a tap opens, and where ext is then.

use nudged_plugin_api::Driver;
use nudged_vivo::Vivo;
use serde_json::json;

use super::sent;
use crate::account::{NOW, TOKENS, body, encode, message, noticed, plain, rendered, settings};

#[test]
fn a_click_that_vivo_cannot_do_becomes_the_channels_own() {
    let intent = "intent:#Intent;component=a/.B;end";
    let long = format!("https://example.com/{}", "x".repeat(2029));
    for (click, kind, content, told) in [
        (
            json!({"page": "com.example.OPEN", "page_else": intent}),
            4,
            Some(intent),
            1,
        ),
        (
            json!({"url": long, "url_else": "https://a.example/"}),
            2,
            Some("https://a.example/"),
            1,
        ),
        (json!({"page": "chat/42", "url_else": long}), 1, None, 1),
        (
            json!({"page": intent, "url_else": "https://a.example/"}),
            4,
            Some(intent),
            0,
        ),
        (json!({"page_else": intent}), 1, None, 0),
    ] {
        let rendered = encode(plain(click.clone())).unwrap();
        let got = body(&rendered);
        assert_eq!(got["skipType"], kind, "{click}");
        assert_eq!(got["skipContent"].as_str(), content, "{click}");
        assert_eq!(noticed(&rendered), vec!["click"; told], "{click}");
    }
}

#[test]
fn a_click_that_vivo_cannot_do_opens_the_app_with_ext() {
    let address = format!("https://example.com/{}", "x".repeat(2029));
    let intent = format!("intent:#Intent;component=a/.{};end", "B".repeat(2048));
    for (field, click) in [
        ("url", "javascript:alert(1)"),
        ("url", "www.example.com"),
        ("url", "https://"),
        ("url", "http://a b"),
        ("url", &address),
        // Without a package nobody knows whose they are.
        ("page", "com.example.ChatActivity"),
        ("page", "com.example.OPEN"),
        ("page", "chat://room/42"),
        ("page", ".ChatActivity"),
        ("page", "chat/42"),
        ("page", "intent:#Intent;component=a/.B"),
        ("page", &intent),
    ] {
        let rendered = encode(plain(json!({field: click, "ext": "e"}))).unwrap();
        let got = body(&rendered);
        assert_eq!(
            (&got["skipType"], got.get("skipContent")),
            (&json!(1), None)
        );
        assert_eq!(got["clientCustomMap"]["ext"], "e");
        assert_eq!(noticed(&rendered), ["click"], "{click}");
    }
    let address = format!("https://example.com/{}", "x".repeat(2028));
    assert_eq!(sent(json!({"url": address}))["skipContent"], address);
    assert_eq!(sent(json!({"page": address}))["skipType"], 2);
}

#[test]
fn with_the_package_a_page_of_another_form_becomes_an_intent() {
    let driver = Vivo::open(&settings().with("package", "com.example"), NOW).unwrap();
    for (page, intent) in [
        (
            "com.example.ChatActivity",
            "intent:#Intent;launchFlags=0x14000000;\
             component=com.example/com.example.ChatActivity;end",
        ),
        (
            ".ChatActivity",
            "intent:#Intent;launchFlags=0x14000000;component=com.example/.ChatActivity;end",
        ),
        (
            "com.example.OPEN",
            "intent:#Intent;action=com.example.OPEN;launchFlags=0x14000000;\
             package=com.example;end",
        ),
        (
            "chat://room/42",
            "intent://room/42#Intent;scheme=chat;action=android.intent.action.VIEW;\
             launchFlags=0x14000000;package=com.example;end",
        ),
    ] {
        let message = message(plain(json!({"page": page})));
        let rendered = rendered(&driver, &message, &TOKENS[..1]).unwrap();
        assert_eq!(body(&rendered)["skipType"], 4, "{page}");
        assert_eq!(body(&rendered)["skipContent"], intent, "{page}");
        assert_eq!(noticed(&rendered), [""; 0], "{page}");
    }
    let nothing = message(plain(json!({"page": "chat"})));
    let rendered = rendered(&driver, &nothing, &TOKENS[..1]).unwrap();
    assert_eq!(noticed(&rendered), ["click"]);
}

#[test]
fn ext_is_in_the_intent_and_in_the_map_or_where_it_has_room() {
    let page = "intent:#Intent;component=com.example/.Chat;end";
    let case = |ext: &str| encode(plain(json!({"page": page, "ext": ext}))).unwrap();
    let short = case("{\"a\":1}");
    assert_eq!(noticed(&short), [""; 0]);
    assert_eq!(
        body(&short)["skipContent"],
        "intent:#Intent;component=com.example/.Chat;S.ext={\"a\":1};end"
    );
    // Escaped it is three times as long.
    let escaped = case(&";".repeat(800));
    assert_eq!(noticed(&escaped), ["ext"]);
    assert_eq!(body(&escaped)["skipContent"], page);
    assert_eq!(body(&escaped)["clientCustomMap"]["ext"], ";".repeat(800));
    let long = case(&"e".repeat(1500));
    assert_eq!(noticed(&long), ["ext"]);
    let content = body(&long)["skipContent"].as_str().unwrap().to_owned();
    assert!(content.contains(&"e".repeat(1500)), "{content}");
    assert_eq!(body(&long).get("clientCustomMap"), None);
    // Neither has: the page is opened without it.
    let longer = case(&"e".repeat(3000));
    assert_eq!(noticed(&longer), ["ext"]);
    assert_eq!(body(&longer)["skipContent"], page);
}
