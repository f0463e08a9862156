//! What a tap opens.

use serde_json::json;

use crate::account::{field, noticed, rendered};

#[test]
fn a_tap_that_xiaomi_cannot_do_opens_the_app_with_ext() {
    for case in [
        json!({"url": "javascript:alert(1)"}),
        json!({"url": "https://"}),
        json!({"url": "https://a b"}),
        json!({"page": "chat/42"}),
        json!({"page": "ChatActivity"}),
        json!({"page": "intent:#Intent;component=a/b"}),
    ] {
        let mut whole = json!({"title": "t", "ext": "e"});
        whole
            .as_object_mut()
            .unwrap()
            .extend(case.as_object().unwrap().clone());
        let rendered = rendered(whole);
        assert_eq!(noticed(&rendered), ["click"], "{case}");
        assert_eq!(field(&rendered, "extra.notify_effect"), None, "{case}");
        assert_eq!(field(&rendered, "extra.ext").as_deref(), Some("e"));
    }
    let flag = rendered(json!({"title": "t", "options": {"intent_flag": 1}}));
    assert_eq!(noticed(&flag), ["options.intent_flag"]);
}

#[test]
fn a_tap_that_xiaomi_cannot_do_becomes_the_channels_own() {
    let (class, web) = ("com.example.ChatActivity", "https://a.example/");
    for (case, effect, name, value, told) in [
        (
            json!({"page": "chat/42", "page_else": class}),
            Some("2"),
            "extra.class_name",
            Some(class),
            1,
        ),
        (
            json!({"url": "ftp://x", "url_else": web}),
            Some("3"),
            "extra.web_uri",
            Some(web),
            1,
        ),
        (
            json!({"page": "chat/42", "page_else": "chat/43"}),
            None,
            "extra.class_name",
            None,
            1,
        ),
        (
            json!({"url": web, "page_else": class}),
            Some("3"),
            "extra.class_name",
            None,
            0,
        ),
        (
            json!({"page_else": class}),
            None,
            "extra.class_name",
            None,
            0,
        ),
    ] {
        let mut whole = case.clone();
        whole["title"] = json!("t");
        let rendered = rendered(whole);
        let of = |name: &str| field(&rendered, name);
        assert_eq!(of("extra.notify_effect").as_deref(), effect, "{case}");
        assert_eq!(of(name).as_deref(), value, "{case}");
        assert_eq!(noticed(&rendered), vec!["click"; told], "{case}");
    }
}

#[test]
fn a_page_of_another_vendors_form_becomes_an_intent_of_the_package() {
    for (page, name, value) in [
        (
            "com.example.OPEN",
            "extra.intent_uri",
            "intent:#Intent;action=com.example.OPEN;launchFlags=0x14000000;package=PACKAGE;end",
        ),
        (
            "chat://room/42",
            "extra.intent_uri",
            "intent://room/42#Intent;scheme=chat;action=android.intent.action.VIEW;\
             launchFlags=0x14000000;package=PACKAGE;end",
        ),
        (".ChatActivity", "extra.class_name", "PACKAGE.ChatActivity"),
        (
            "https://chat.example/",
            "extra.web_uri",
            "https://chat.example/",
        ),
    ] {
        let rendered = rendered(json!({"title": "t", "page": page}));
        let package = field(&rendered, "restricted_package_name").unwrap();
        let value = value.replace("PACKAGE", &package);
        assert_eq!(field(&rendered, name), Some(value), "{page}");
        assert_eq!(noticed(&rendered), [""; 0], "{page}");
    }
}
