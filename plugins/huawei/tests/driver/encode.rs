//! What golden files cannot show: limits, refusals, and the bytes themselves.

use nudged_driver_kit::android;
use nudged_huawei::Huawei;
use nudged_plugin_api::{
    Batch, Click, Context, Driver, EncodeError, Kind, Message, Settings, Target,
};
use serde_json::{Value, json};

use crate::account::{NOW, TOKEN, channel, encode, settings, targets};

fn with_launcher() -> Settings {
    settings()
        .with("package", "com.example.chat")
        .with("launcher_activity", ".MainActivity")
}

fn notification(driver: &Huawei, message: &Message) -> Value {
    let rendered = encode(driver, message, &targets([TOKEN])).unwrap();
    let mut body: Value = serde_json::from_slice(&rendered.request.body).unwrap();
    body["message"]["android"]["notification"].take()
}

fn refusal(message: &Message) -> EncodeError {
    encode(&channel(), message, &targets([TOKEN])).unwrap_err()
}

/// What Android's `Uri.decode` makes of it.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = if *first == b'%' {
            let hex = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            &tail[2..]
        } else {
            bytes.push(*first);
            tail
        };
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn ext_arrives_byte_for_byte() {
    let driver = Huawei::open(&with_launcher(), NOW).unwrap();
    for ext in [
        "plain",
        r#"{"entity": {"sender": "a\u00e9", "n": 1e2}}"#,
        "\"'\\/\u{1}\n\t 中文 🎉",
        ";end;S.ext=%41+b&c#d",
    ] {
        let mut message = Message::new("t", "b");
        message.ext = Some(ext.to_owned());
        let notification = notification(&driver, &message);
        let intent = notification["click_action"]["intent"].as_str().unwrap();
        assert!(android::is_intent(intent), "{intent}");
        let extra = intent.split(";S.ext=").nth(1).unwrap();
        assert_eq!(percent_decoded(extra.strip_suffix(";end").unwrap()), ext);

        message.kind = Kind::Background;
        let rendered = encode(&driver, &message, &targets([TOKEN])).unwrap();
        let body: Value = serde_json::from_slice(&rendered.request.body).unwrap();
        assert_eq!(body["message"]["data"], ext);
    }
}

#[test]
fn four_thousand_and_ninety_six_bytes_pass_without_tokens_and_one_more_does_not() {
    let many: Vec<String> = (0..1000).map(|n| format!("IQAAAACy{n:04}")).collect();
    let all = targets(many.iter().map(String::as_str));
    let mut message = Message::default();
    message.kind = Kind::Background;
    message.ext = Some("x".to_owned());
    let size_of = |message: &Message, targets: &[Target]| {
        let request = encode(&channel(), message, targets).unwrap().request;
        let mut body: Value = serde_json::from_slice(&request.body).unwrap();
        body["message"]["token"] = json!([]);
        body.to_string().len()
    };
    for targets in [&all[..1], &all[..2], &all] {
        message.ext = Some("x".to_owned());
        let room = 4096 - size_of(&message, targets);
        message.ext = Some("x".repeat(1 + room));
        assert_eq!(size_of(&message, targets), 4096);
        message.ext = Some("x".repeat(2 + room));
        let error = encode(&channel(), &message, targets).unwrap_err();
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

#[test]
fn a_full_batch_of_the_longest_tokens_fits_the_declared_body() {
    let tokens: Vec<String> = (0..1000)
        .map(|n| format!("{n:04}{}", "t".repeat(1020)))
        .collect();
    let targets = targets(tokens.iter().map(String::as_str));
    let request = encode(&channel(), &Message::new("t", "b"), &targets)
        .unwrap()
        .request;
    assert!(request.body.len() > 1_000_000);
    assert!(request.body.len() <= Huawei::describe().max_body as usize);
}

#[test]
fn a_token_that_no_phone_could_have_is_refused_for_the_token() {
    let message = Message::new("t", "b");
    let long = "t".repeat(1025);
    for token in [
        "", "a b", "a\n", "a\u{0}", "a\"b", "a'b", "a\\b", "a\u{a0}b", "é", &long,
    ] {
        let error = encode(&channel(), &message, &targets([TOKEN, token])).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadToken", "token")
        );
        assert!(token.len() < 2 || !error.problem.contains(token), "{error}");
    }
}

#[test]
fn calls_and_live_activities_are_refused_as_a_kind() {
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
fn a_transparent_message_without_ext_is_refused() {
    let mut message = Message::new("t", "b");
    message.kind = Kind::Background;
    let error = refusal(&message);
    assert_eq!(
        (error.code.as_str(), error.field.as_str()),
        ("ExtRequired", "ext")
    );
}

#[test]
fn a_click_that_push_kit_cannot_do_opens_the_app_and_is_told() {
    for click in [
        Click::Url("https://".to_owned()),
        Click::Url("https://a b".to_owned()),
        Click::Url("javascript:alert(1)".to_owned()),
        Click::Page("chat/42".to_owned()),
        Click::Page("Chat".to_owned()),
        Click::Page("com.example.chat.ChatActivity".to_owned()),
        Click::Page("intent://a/b#Intent;component=a/b".to_owned()),
        Click::Page(String::new()),
    ] {
        let mut message = Message::new("t", "b");
        message.click = click.clone();
        let rendered = encode(&channel(), &message, &targets([TOKEN])).unwrap();
        let told = rendered.notices.iter().filter(|it| it.field == "click");
        assert_eq!(told.count(), 1, "{click:?}");
        let shown = notification(&channel(), &message);
        assert_eq!(shown["click_action"], json!({"type": 3}), "{click:?}");
    }
}

#[test]
fn a_click_that_push_kit_cannot_do_becomes_the_channels_own() {
    let url = |url: &str| Click::Url(url.to_owned());
    let page = |page: &str| Click::Page(page.to_owned());
    let intent = "intent:#Intent;component=a.b/.C;end";
    let opened = |ext: &str| json!({"type": 1, "intent": intent.replace(";end", ext)});
    let web = json!({"type": 2, "url": "https://a.example/"});
    let class = "com.example.chat.ChatActivity";
    for (click, other, ext, expected, told) in [
        (
            page(class),
            page(intent),
            None,
            opened(";end"),
            vec!["click"],
        ),
        // ext goes the way of what is opened.
        (
            page("chat/42"),
            page(intent),
            Some("1"),
            opened(";S.ext=1;end"),
            vec!["click"],
        ),
        (
            page(class),
            url("https://a.example/"),
            Some("1"),
            web.clone(),
            vec!["ext", "click"],
        ),
        (
            page(class),
            page(class),
            None,
            json!({"type": 3}),
            vec!["click"],
        ),
        (url("https://a.example/"), page(intent), None, web, vec![]),
        (
            Click::OpenApp,
            page(intent),
            None,
            json!({"type": 3}),
            vec![],
        ),
    ] {
        let place = format!("{click:?}, {other:?}");
        let mut message = Message::new("t", "b");
        message.click = click;
        message.click_else = Some(other);
        message.ext = ext.map(str::to_owned);
        let shown = notification(&channel(), &message);
        assert_eq!(shown["click_action"], expected, "{place}");
        let rendered = encode(&channel(), &message, &targets([TOKEN])).unwrap();
        let fields: Vec<_> = rendered.notices.iter().map(|it| &*it.field).collect();
        assert_eq!(fields, told, "{place}");
    }
}

#[test]
fn a_page_of_any_form_is_opened_by_what_push_kit_has_for_it() {
    let driver = Huawei::open(&with_launcher(), NOW).unwrap();
    let opened = |click: Click| {
        let mut message = Message::new("t", "b");
        message.click = click;
        message.ext = Some("1".to_owned());
        notification(&driver, &message)["click_action"].take()
    };
    let intent = |intent: &str| json!({"type": 1, "intent": intent});
    let page = |page: &str| Click::Page(page.to_owned());
    const FLAGS: &str = "launchFlags=0x14000000;";
    assert_eq!(
        opened(page("com.example.chat.ChatActivity")),
        intent(&format!(
            "intent:#Intent;{FLAGS}component=com.example.chat/com.example.chat.ChatActivity;\
             S.ext=1;end"
        ))
    );
    assert_eq!(
        opened(page("com.example.chat.OPEN")),
        intent(&format!(
            "intent:#Intent;action=com.example.chat.OPEN;{FLAGS}package=com.example.chat;\
             S.ext=1;end"
        ))
    );
    assert_eq!(
        opened(page("chat://room/42")),
        intent(&format!(
            "intent://room/42#Intent;scheme=chat;action=android.intent.action.VIEW;{FLAGS}package=com.example.chat;S.ext=1;end"
        ))
    );
    let web = json!({"type": 2, "url": "https://shop.example/"});
    assert_eq!(opened(page("https://shop.example/")), web);
    assert_eq!(opened(Click::Url("http://shop.example/".to_owned())), web);
}

#[test]
fn a_text_of_any_length_and_a_long_ext_go_out_as_far_as_they_fit() {
    let driver = Huawei::open(&with_launcher(), NOW).unwrap();
    let mut message = Message::new("Ann", "中".repeat(1400));
    message.ext = Some(json!({"entity": {"content": "中".repeat(600)}}).to_string());
    let rendered = encode(&driver, &message, &targets([TOKEN])).unwrap();
    let fields: Vec<_> = rendered.notices.iter().map(|it| &*it.field).collect();
    assert_eq!(fields, ["body"], "the ext of 600 characters stays");
    message.ext = Some("x".repeat(5000));
    let rendered = encode(&driver, &message, &targets([TOKEN])).unwrap();
    let fields: Vec<_> = rendered.notices.iter().map(|it| &*it.field).collect();
    assert_eq!(fields, ["ext", "body"]);
    let shown = notification(&driver, &message);
    assert_eq!(shown["body"].as_str().unwrap().chars().count(), 600);
    assert_eq!(shown["click_action"], json!({"type": 3}));
}

#[test]
fn a_message_without_any_text_shows_the_default_title() {
    let shown = notification(&channel(), &Message::default());
    assert_eq!(shown["title"], "a new message");
    assert_eq!(shown["body"], "a new message");
}

#[test]
fn the_number_that_replaces_follows_the_collapse_key_alone() {
    let number = |key: &str, title: &str| {
        let mut message = Message::new(title, "b");
        message.collapse_key = Some(key.to_owned());
        notification(&channel(), &message)["notify_id"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(number("c1", "Ann"), number("c1", "Ben"));
    assert_ne!(number("c1", "Ann"), number("c2", "Ann"));
    assert!((1..=2_147_483_647).contains(&number("c1", "Ann")));
}

#[test]
fn the_tag_of_a_batch_is_the_same_at_every_attempt_and_another_for_others() {
    let message = Message::new("t", "b");
    let tag = |targets: &[Target]| {
        let request = encode(&channel(), &message, targets).unwrap().request;
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        body["message"]["android"]["bi_tag"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let all = targets(["a", "b", "c"]);
    assert_eq!(tag(&all), tag(&all));
    assert_ne!(tag(&all), tag(&all[..2]));
    assert_eq!(tag(&all[..1]), all[0].id);
}

#[test]
fn bytes_are_the_same_every_time() {
    let mut message = Message::new("t", "b");
    message.options = Some(r##"{"color":"#00ff7f","style":1}"##.to_owned());
    let targets = targets(["a", "b", "c", "b"]);
    let first = encode(&channel(), &message, &targets).unwrap();
    assert_eq!(first, encode(&channel(), &message, &targets).unwrap());
}

#[test]
fn empty_texts_are_absent_ones() {
    let mut message = Message::default();
    let empty = Some(String::new());
    message.title.clone_from(&empty);
    message.ext.clone_from(&empty);
    message.image.clone_from(&empty);
    message.channel_id.clone_from(&empty);
    message.category.clone_from(&empty);
    message.thread.clone_from(&empty);
    message.collapse_key.clone_from(&empty);
    message.options.clone_from(&empty);
    let targets = targets([TOKEN]);
    assert_eq!(
        encode(&channel(), &message, &targets),
        encode(&channel(), &Message::default(), &targets)
    );
}

#[test]
fn without_a_grant_there_is_no_request() {
    let (message, targets) = (Message::new("t", "b"), targets([TOKEN]));
    let error = channel()
        .encode(Batch::new(&message, &targets), &Context::new(NOW, None))
        .unwrap_err();
    assert_eq!(error.code, "NoGrant");
}
