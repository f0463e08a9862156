//! Limits, refusals and what holds for every request.

use nudged_driver_kit::android;
use nudged_honor::Honor;
use nudged_plugin_api::{Badge, Batch, Click, Context, Driver, Kind, Message, Target};
use serde_json::json;

use crate::account::{
    NOW, PHONES, body, encode, full_settings, notices, notification, open, refusal, rendered,
    settings, targets,
};

/// As `Uri.decode`, which Android reads an intent's extra with.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            let hex = std::str::from_utf8(&hex).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn ext_arrives_byte_for_byte_in_a_tap_and_in_a_transparent_message() {
    for ext in [
        "plain",
        r#"{"entity": {"sender": "a\u00e9", "n": 1e2}}"#,
        "\"'\\/;end;S.ext=x#%+\u{1}\n\t 中文 🎉",
    ] {
        let mut message = Message::new("t", "b");
        message.ext = Some(ext.to_owned());
        let click = notification(&message)["clickAction"].take();
        let intent = click["intent"].as_str().unwrap();
        let (_, extra) = intent.split_once(";S.ext=").unwrap();
        assert_eq!(decoded(extra.strip_suffix(";end").unwrap()), ext);
        message.kind = Kind::Background;
        assert_eq!(body(&rendered(&message))["data"], ext);
    }
}

#[test]
fn a_click_that_honor_cannot_do_opens_the_app_and_is_told() {
    for click in [
        Click::Url("javascript:alert(1)".to_owned()),
        Click::Url("https://".to_owned()),
        Click::Url("https://a b".to_owned()),
        Click::Page("chat/42".to_owned()),
        Click::Page("intent://x#Intent;component=a/b".to_owned()),
        Click::Page(String::new()),
    ] {
        for ext in [None, Some("e".to_owned())] {
            let mut message = Message::new("t", "b");
            message.click = click.clone();
            message.ext = ext;
            let with_ext = message.ext.is_some();
            assert_eq!(notices(&rendered(&message)), ["click"], "{click:?}");
            let tap = notification(&message)["clickAction"].take();
            let launches = tap["intent"]
                .as_str()
                .is_some_and(|it| it.contains("S.ext=e;"));
            assert_eq!(launches, with_ext, "{tap}");
            assert_eq!(tap["type"], if with_ext { 1 } else { 3 }, "{tap}");
        }
    }
}

#[test]
fn a_click_that_honor_cannot_do_becomes_the_channels_own() {
    let url = |url: &str| Click::Url(url.to_owned());
    let page = |page: &str| Click::Page(page.to_owned());
    let intent = "intent:#Intent;component=a.b/.C;end";
    let opened = json!({"type": 1, "intent": intent});
    for (click, other, expected, told) in [
        (page("chat/42"), page(intent), opened.clone(), 1),
        (
            url("ftp://x"),
            url("https://a.example/"),
            json!({"type": 2, "url": "https://a.example/"}),
            1,
        ),
        // That the address is opened by https is told beside it.
        (
            page("chat/42"),
            url("http://a.example/"),
            json!({"type": 2, "url": "https://a.example/"}),
            2,
        ),
        (page("chat/42"), page("chat/43"), json!({"type": 3}), 1),
        (page(intent), url("https://a.example/"), opened, 0),
        (Click::OpenApp, page(intent), json!({"type": 3}), 0),
    ] {
        let place = format!("{click:?}, {other:?}");
        let mut message = Message::new("t", "b");
        message.click = click;
        message.click_else = Some(other);
        assert_eq!(notification(&message)["clickAction"], expected, "{place}");
        assert_eq!(notices(&rendered(&message)), vec!["click"; told], "{place}");
    }
}

#[test]
fn a_page_of_any_form_is_opened_by_what_honor_has_for_it() {
    let opened = |click: Click| {
        let mut message = Message::new("t", "b");
        message.click = click;
        notification(&message)["clickAction"].take()
    };
    let page = |page: &str| opened(Click::Page(page.to_owned()));
    const FLAGS: &str = "launchFlags=0x14000000;";
    let intent = |intent: String| json!({"type": 1, "intent": intent});
    assert_eq!(
        page("com.example.app.ChatActivity"),
        intent(format!(
            "intent:#Intent;{FLAGS}component=com.example.app/com.example.app.ChatActivity;end"
        ))
    );
    assert_eq!(
        page("com.example.app.OPEN"),
        intent(format!(
            "intent:#Intent;action=com.example.app.OPEN;{FLAGS}package=com.example.app;end"
        ))
    );
    assert_eq!(
        page("chat://room/42"),
        intent(format!(
            "intent://room/42#Intent;scheme=chat;action=android.intent.action.VIEW;{FLAGS}package=com.example.app;end"
        ))
    );
    let web = json!({"type": 2, "url": "https://shop.example/"});
    assert_eq!(page("https://shop.example/"), web);
    assert_eq!(opened(Click::Url("http://shop.example/".to_owned())), web);
}

#[test]
fn calls_and_live_activities_are_refused_as_kinds() {
    for kind in [Kind::Voip, Kind::LiveActivity] {
        let mut message = Message::new("t", "b");
        message.kind = kind;
        let error = refusal(&message);
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("KindUnsupported", "kind")
        );
    }
}

#[test]
fn a_token_goes_once_however_many_devices_have_it() {
    let mut twice = targets(2);
    twice.push(Target::new("again", PHONES[0].1));
    let rendered = encode(&open(&settings()), &Message::new("t", "b"), &twice).unwrap();
    assert_eq!(body(&rendered)["token"], json!([PHONES[0].1, PHONES[1].1]));
}

#[test]
fn a_token_that_no_phone_could_have_is_refused() {
    let long = "t".repeat(1025);
    for token in [
        "", "a b", "a\n", "a\u{0}", "a\"b", "a\\b", "a\u{a0}b", &long,
    ] {
        let mut batch = targets(2);
        batch[1].token = token.to_owned();
        let error = encode(&open(&settings()), &Message::new("t", "b"), &batch).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadToken", "token")
        );
    }
}

#[test]
fn four_thousand_and_ninety_six_bytes_without_tokens_pass_and_one_more_does_not() {
    let size = |bytes: usize, phones: usize| {
        let mut message = Message::default();
        message.kind = Kind::Background;
        message.ext = Some("é".repeat(bytes / 2) + &"x".repeat(bytes % 2));
        encode(&open(&settings()), &message, &targets(phones)).map(|rendered| rendered.request)
    };
    let fixed = |phones| {
        let mut batch = body(&rendered_for(phones));
        batch["token"] = json!([]);
        batch.to_string().len() - 1
    };
    for phones in [1, 3] {
        let room = 4096 - fixed(phones);
        assert!(size(room, phones).is_ok());
        let error = size(room + 1, phones).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("PayloadTooLarge", "ext")
        );
        assert!(
            error.problem.contains("4097") && error.problem.contains("4096"),
            "{error}"
        );
    }
}

/// A transparent message with one byte of data.
fn rendered_for(phones: usize) -> nudged_plugin_api::Rendered {
    let mut message = Message::default();
    message.kind = Kind::Background;
    message.ext = Some("x".to_owned());
    encode(&open(&settings()), &message, &targets(phones)).unwrap()
}

#[test]
fn the_fullest_batch_keeps_to_the_declared_body() {
    let mut message = Message::default();
    message.kind = Kind::Background;
    message.ext = Some("x".repeat(3900));
    let full: Vec<Target> = (0..1000)
        .map(|number| Target::new(number.to_string(), format!("{number:t>1024}")))
        .collect();
    let request = encode(&open(&settings()), &message, &full).unwrap().request;
    assert!(request.body.len() > 1_000_000);
    assert!(request.body.len() <= Honor::describe().max_body as usize);
}

#[test]
fn a_collapse_key_is_a_number_that_stays_and_without_one_honor_numbers() {
    let mut message = Message::new("t", "b");
    assert!(notification(&message).get("notifyId").is_none());
    message.collapse_key = Some("room-1".to_owned());
    assert_eq!(
        notification(&message)["notifyId"],
        android::notify_id("room-1")
    );
}

#[test]
fn a_devices_own_badge_beats_the_messages() {
    let mut message = Message::new("t", "b");
    message.badge = Badge::Set(1);
    let mut target = targets(1);
    target[0].badge = Some(Badge::Set(5));
    let rendered = encode(&open(&full_settings()), &message, &target).unwrap();
    let badge = body(&rendered)["android"]["notification"]["badge"].take();
    assert_eq!(badge["setNum"], 5);
}

#[test]
fn a_picture_needs_https_and_a_class_that_honor_shows_it_in() {
    let mut message = Message::new("t", "b");
    message.image = Some("http://img.example/1.png".to_owned());
    assert_eq!(notices(&rendered(&message)), ["image"]);
    message.image = Some("https://img.example/1.png".to_owned());
    assert!(notices(&rendered(&message)).is_empty());
    // No class at all may turn out to be marketing.
    let unclassed = encode(&open(&settings()), &message, &targets(1)).unwrap();
    assert_eq!(notices(&unclassed), ["image"]);
}

#[test]
fn empty_texts_are_absent_ones() {
    let mut message = Message::default();
    for field in [
        &mut message.title,
        &mut message.subtitle,
        &mut message.ext,
        &mut message.image,
        &mut message.channel_id,
        &mut message.category,
        &mut message.thread,
        &mut message.collapse_key,
        &mut message.options,
    ] {
        *field = Some(String::new());
    }
    assert_eq!(rendered(&message), rendered(&Message::default()));
}

#[test]
fn without_a_grant_there_is_no_request() {
    let (message, targets) = (Message::new("t", "b"), targets(1));
    let error = open(&settings())
        .encode(Batch::new(&message, &targets), &Context::new(NOW, None))
        .unwrap_err();
    assert_eq!(error.code, "NoGrant");
}
