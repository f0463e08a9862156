//! What a tap opens.

use nudged_plugin_api::{Click, Message};
use serde_json::json;

use super::{message_json, with_options};
use crate::account::{PUSH_ID, channel, encode, targets};

#[test]
fn a_click_that_meizu_cannot_do_opens_the_app_with_ext() {
    let long = format!("https://{}", "a".repeat(993));
    for click in [
        Click::Url("javascript:alert(1)".to_owned()),
        Click::Url("example://chat".to_owned()),
        Click::Url("https:///path".to_owned()),
        Click::Url("https://a b".to_owned()),
        Click::Url("https://".to_owned()),
        Click::Url(long.clone()),
        Click::Page(long),
        Click::Page(String::new()),
        Click::Page("ChatActivity".to_owned()),
        // No package is set.
        Click::Page(".ChatActivity".to_owned()),
        Click::Page("com.example.OPEN".to_owned()),
        Click::Page("intent://x#Intent;action=a.B;end".to_owned()),
        Click::Page("com.example.1Chat".to_owned()),
    ] {
        let mut message = Message::new("t", "b");
        message.click = click;
        message.ext = Some("e".to_owned());
        let info = message_json(&message)["clickTypeInfo"].clone();
        let expected = json!({"clickType": 0, "parameters": {"ext": "e", "sk": "e"}});
        assert_eq!(info, expected, "{:?}", message.click);
        let notices = encode(&channel(), &message, &targets(&[PUSH_ID]))
            .unwrap()
            .notices;
        assert_eq!((notices.len(), &*notices[0].field), (1, "click"));
    }
    let mut message = Message::new("t", "b");
    message.click = Click::Url(format!("https://a/{}", "a".repeat(990)));
    assert_eq!(message_json(&message)["clickTypeInfo"]["clickType"], 2);
}

#[test]
fn a_click_that_meizu_cannot_do_becomes_the_channels_own() {
    let page = |page: &str| Click::Page(page.to_owned());
    let class = "com.example.chat.ChatActivity";
    let intent = "intent://x#Intent;component=com.example.chat/.ChatActivity;end";
    let opened = json!({"clickType": 1, "activity": class});
    let web = json!({"clickType": 2, "url": "https://a.example/"});
    let url = || Click::Url("https://a.example/".to_owned());
    for (click, other, expected, told) in [
        (page("com.example.OPEN"), page(class), opened.clone(), 1),
        (page("ChatActivity"), url(), web.clone(), 1),
        // That only the class of the intent is opened is told beside it.
        (page("com.example.OPEN"), page(intent), opened, 2),
        (
            page("intent://x#Intent;action=a.B;end"),
            page("com.example.1Chat"),
            json!({"clickType": 0}),
            1,
        ),
        (url(), page(class), web, 0),
        (Click::OpenApp, page(class), json!({"clickType": 0}), 0),
    ] {
        let place = format!("{click:?}, {other:?}");
        let mut message = Message::new("t", "b");
        message.click = click;
        message.click_else = Some(other);
        let info = message_json(&message)["clickTypeInfo"].clone();
        assert_eq!(info, expected, "{place}");
        let notices = encode(&channel(), &message, &targets(&[PUSH_ID]))
            .unwrap()
            .notices;
        assert_eq!(notices.len(), told, "{place}: {notices:?}");
        assert!(notices.iter().all(|it| it.field == "click"));
    }
}

#[test]
fn a_page_of_another_vendors_form_opens_what_it_names() {
    for (page, expected) in [
        (
            "intent://x#Intent;scheme=y;component=com.example/.Chat;end",
            json!({"clickType": 1, "activity": "com.example.Chat"}),
        ),
        (
            "chat://room/42",
            json!({"clickType": 2, "url": "chat://room/42"}),
        ),
        (
            "https://a.example/",
            json!({"clickType": 2, "url": "https://a.example/"}),
        ),
    ] {
        let mut message = Message::new("t", "b");
        message.click = Click::Page(page.to_owned());
        assert_eq!(message_json(&message)["clickTypeInfo"], expected, "{page}");
    }
}

#[test]
fn a_link_leaves_all_data_behind_and_says_so() {
    let mut message = with_options(json!({"clickTypeInfo": {"parameters": {"room": "42"}}}));
    message.ext = Some("e".to_owned());
    message.click = Click::Url("https://app.example/".to_owned());
    let rendered = encode(&channel(), &message, &targets(&[PUSH_ID])).unwrap();
    let fields: Vec<_> = rendered
        .notices
        .iter()
        .map(|notice| &notice.field)
        .collect();
    assert_eq!(fields, ["ext", "options.clickTypeInfo.parameters"]);
    assert!(
        message_json(&message)["clickTypeInfo"]
            .get("parameters")
            .is_none()
    );
}
