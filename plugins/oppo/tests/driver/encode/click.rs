//! What a tap opens, and the app's data that goes with it.

use nudged_plugin_api::Click;
use serde_json::{Value, json};

use crate::encode::{message, notices, notification, refused, told};

/// `action_parameters`, parsed.
fn parameters(ext: &str) -> (Value, Vec<String>) {
    let message = message(|m| m.ext = Some(ext.to_owned()));
    let text = notification(&message)["action_parameters"].clone();
    let parsed = serde_json::from_str(text.as_str().unwrap()).unwrap();
    (parsed, told(&message))
}

#[test]
fn the_keys_of_ext_are_spread_byte_for_byte() {
    let ext = r#"{"a": "x\n\"ü 🎉", "b": "", "c": "{\"d\": 1e2}"}"#;
    let (got, told) = parameters(ext);
    // And `ext` stands beside them, for apps that read that.
    assert_eq!(
        got,
        json!({"a": "x\n\"ü 🎉", "b": "", "c": "{\"d\": 1e2}", "ext": ext})
    );
    assert_eq!(told, [""; 0]);
}

#[test]
fn values_that_are_no_texts_go_as_their_own_json_with_a_notice() {
    let ext =
        r#"{"entity": {"n": 1e2,  "u": "\u00fc"}, "n": 12345678901234567890, "z": null, "t": "t"}"#;
    let (got, told) = parameters(ext);
    assert_eq!(
        got,
        json!({
            "entity": r#"{"n": 1e2,  "u": "\u00fc"}"#,
            "n": "12345678901234567890",
            "z": "null",
            "t": "t",
            "ext": ext,
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
fn ext_passes_up_to_four_thousand_characters_and_is_left_out_beyond() {
    let of = |length: usize| message(|m| m.ext = Some("é".repeat(length)));
    let around = r#"{"ext":""}"#.len();
    assert_eq!(told(&of(4000 - around)), ["ext"]);
    let long = of(4001 - around);
    assert_eq!(notification(&long).get("action_parameters"), None);
    let notices = notices(&long);
    assert_eq!(notices[0].field, "ext");
    let text = &notices[0].text;
    assert!(text.contains("4001") && text.contains("4000"), "{text}");
}

#[test]
fn the_keys_of_a_long_ext_go_without_ext_itself() {
    let ext = json!({"entity": "é".repeat(3000)}).to_string();
    let (got, told) = parameters(&ext);
    assert_eq!(got, json!({"entity": "é".repeat(3000)}));
    assert_eq!(told, ["ext"]);
}

#[test]
fn the_senders_own_parameters_go_before_ext_when_both_do_not_fit() {
    let long = message(|m| {
        m.ext = Some("e".repeat(3000));
        m.options = Some(json!({"action_parameters": {"utm": "x".repeat(2000)}}).to_string());
    });
    let got = notification(&long)["action_parameters"].clone();
    let got: Value = serde_json::from_str(got.as_str().unwrap()).unwrap();
    assert_eq!(got, json!({"ext": "e".repeat(3000)}));
    assert!(told(&long).contains(&"options.action_parameters".to_owned()));
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
    // What does not fit is told by its shape.
    for (page, asked, kind) in [
        ("chat://x", 4, 5),
        ("chat://x", 1, 5),
        ("com.example.App", 5, 4),
    ] {
        let message = of(page, asked);
        assert_eq!(notification(&message)["click_action_type"], kind, "{page}");
        assert_eq!(told(&message), ["options.click_action_type"], "{page}");
    }
    for kind in [0, 2, 3, 6] {
        let field = refused(&of("com.example.A", kind)).1;
        assert_eq!(field, "options.click_action_type");
    }
    let elsewhere = message(|m| m.options = Some(r#"{"click_action_type":4}"#.to_owned()));
    assert_eq!(told(&elsewhere), ["options.click_action_type"]);
}

#[test]
fn a_click_that_oppo_cannot_do_opens_the_app_with_ext() {
    let class = format!("com.example.A{}", "a".repeat(500));
    let link = format!("chat://{}", "a".repeat(2000));
    let address = format!("https://example.com/{}", "a".repeat(2000));
    let pages = [
        "",
        "chat/42",
        "ChatActivity",
        ".ChatActivity",
        "com.example/.Chat",
        "a..b",
        "com.example.A b",
        "javascript:alert(1)",
        "chat://a b",
        &class,
        &link,
    ];
    let pages = pages.map(|page| Click::Page(page.to_owned()));
    let urls = [
        "",
        "https://",
        "example.com",
        "ftp://x",
        "javascript:alert(1)",
        "http:///x",
        &address,
    ];
    let urls = urls.map(|url| Click::Url(url.to_owned()));
    for click in pages.into_iter().chain(urls) {
        let message = message(|m| {
            m.click = click.clone();
            m.ext = Some(r#"{"room":"42"}"#.to_owned());
        });
        let got = notification(&message);
        assert_eq!(got["click_action_type"], 0, "{click:?}");
        assert!(got["action_parameters"].is_string(), "{click:?}");
        assert_eq!(told(&message), ["click"], "{click:?}");
    }
}

#[test]
fn a_web_page_as_a_page_is_opened_and_every_address_is_ascii() {
    let got = |click| notification(&message(|m| m.click = click));
    let web = got(Click::Page("https://example.com/菜?a=%20".to_owned()));
    assert_eq!(web["click_action_type"], 2);
    assert_eq!(
        web["click_action_url"],
        "https://example.com/%E8%8F%9C?a=%20"
    );
    let own = got(Click::Page("chat://房".to_owned()));
    assert_eq!(own["click_action_url"], "chat://%E6%88%BF");
}

#[test]
fn a_click_that_oppo_cannot_do_becomes_the_channels_own() {
    let page = |page: &str| Click::Page(page.to_owned());
    let url = |url: &str| Click::Url(url.to_owned());
    let class = "com.example.chat.ChatActivity";
    let long = format!("https://example.com/{}", "a".repeat(2000));
    for (click, other, kind, opens, fields) in [
        (page("chat/42"), page(class), 4, class, vec!["click"]),
        (
            page("a..b"),
            page("chat://room"),
            5,
            "chat://room",
            vec!["click"],
        ),
        (
            url(&long),
            url("https://a.example/"),
            2,
            "https://a.example/",
            vec!["click"],
        ),
        (page("chat/42"), url(&long), 0, "", vec!["click"]),
        (page(class), url("https://a.example/"), 4, class, vec![]),
        (Click::OpenApp, page(class), 0, "", vec![]),
    ] {
        let place = format!("{click:?}, {other:?}");
        let message = message(|m| {
            m.click = click;
            m.click_else = Some(other);
        });
        let got = notification(&message);
        assert_eq!(got["click_action_type"], kind, "{place}");
        let named = ["click_action_activity", "click_action_url"];
        let named = named.iter().find_map(|name| got.get(name)?.as_str());
        assert_eq!(named.unwrap_or_default(), opens, "{place}");
        assert_eq!(told(&message), fields, "{place}");
    }
    // What the sender says of its own page is not said of the channel's.
    let message = message(|m| {
        m.click = page("chat/42");
        m.click_else = Some(page("com.example.OPEN"));
        m.options = Some(r#"{"click_action_type":4}"#.to_owned());
    });
    assert_eq!(notification(&message)["click_action_type"], 1);
    assert_eq!(told(&message), ["options.click_action_type", "click"]);
}
