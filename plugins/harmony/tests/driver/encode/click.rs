//! What a tap opens.

use nudged_plugin_api::{Click, Message};
use serde_json::json;

use crate::account::{notification, refusal, rendered};

#[test]
fn a_click_that_push_kit_cannot_do_becomes_the_channels_own() {
    let url = |url: &str| Click::Url(url.to_owned());
    let page = |page: &str| Click::Page(page.to_owned());
    let link = || page("example://chat");
    let opened = json!({"actionType": 1, "uri": "example://chat"});
    let web = "https://example.com/";
    for (click, other, expected, told) in [
        (
            page("a b"),
            link(),
            opened.clone(),
            "opens example://chat instead",
        ),
        (
            page("com.example.app.ChatActivity"),
            page("com.example.CHAT"),
            json!({"actionType": 1, "action": "com.example.CHAT"}),
            "opens com.example.CHAT instead",
        ),
        // The page of the app finds the address that no notification can open.
        (
            url(web),
            link(),
            json!({"actionType": 1, "uri": "example://chat", "data": {"url": web}}),
            "opens example://chat instead",
        ),
        (
            page("a b"),
            page("c d"),
            json!({"actionType": 0}),
            "opens the app, as",
        ),
        (
            page("a b"),
            url(web),
            json!({"actionType": 0, "data": {"url": web}}),
            "opens the app, as",
        ),
        (link(), page("com.example.CHAT"), opened, ""),
    ] {
        let place = format!("{click:?}, {other:?}");
        let mut message = Message::new("t", "b");
        message.click = click;
        message.click_else = Some(other);
        assert_eq!(notification(&message)["clickAction"], expected, "{place}");
        let notices = rendered(&message).notices;
        assert_eq!(notices.len(), usize::from(!told.is_empty()), "{place}");
        assert!(
            notices.iter().all(|it| it.text.starts_with(told)),
            "{notices:?}"
        );
    }
}

#[test]
fn a_click_that_push_kit_cannot_do_opens_the_app_and_is_told() {
    for click in [
        Click::Url("javascript:alert(1)".to_owned()),
        Click::Url("https://".to_owned()),
        Click::Url("https://a b".to_owned()),
        Click::Page(String::new()),
        Click::Page("chat/42".to_owned()),
        Click::Page("a b".to_owned()),
        Click::Page("example:".to_owned()),
        Click::Page("com.example.app.ChatActivity".to_owned()),
        Click::Page("intent://x/y#Intent;component=a/.B;end".to_owned()),
    ] {
        let mut message = Message::new("t", "b");
        message.click = click.clone();
        let rendered = rendered(&message);
        let told = rendered.notices.iter().filter(|it| it.field == "click");
        assert_eq!(told.count(), 1, "{click:?}");
        let tap = notification(&message)["clickAction"].take();
        assert_eq!(tap, json!({"actionType": 0}), "{click:?}");
    }
}

#[test]
fn data_of_the_options_must_not_take_the_messages_own_keys() {
    let mut message = Message::new("t", "b");
    message.options = Some(r#"{"data": {"ext": 1, "url": 2}}"#.to_owned());
    let data = notification(&message)["clickAction"]["data"].take();
    assert_eq!(data, json!({"ext": 1, "url": 2}));
    message.click = Click::Url("https://example.com/".to_owned());
    assert_eq!(refusal(&message).field, "options.data.url");
    message.ext = Some("e".to_owned());
    assert_eq!(refusal(&message).field, "options.data.ext");
}
