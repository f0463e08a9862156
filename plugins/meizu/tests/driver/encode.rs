//! What is refused before it is sent, and where the limits are.

mod click;

use std::collections::BTreeMap;

use nudged_meizu::Meizu;
use nudged_plugin_api::{Driver, EncodeError, Kind, Lifetime, Message};
use serde_json::{Value, json};

use crate::account::{NOW, PUSH_ID, channel, encode, settings, targets};

fn form(message: &Message) -> BTreeMap<String, String> {
    let rendered = encode(&channel(), message, &targets(&[PUSH_ID])).unwrap();
    form_urlencoded::parse(&rendered.request.body)
        .into_owned()
        .collect()
}

pub fn message_json(message: &Message) -> Value {
    serde_json::from_str(&form(message)["messageJson"]).unwrap()
}

fn refusal(message: &Message) -> EncodeError {
    encode(&channel(), message, &targets(&[PUSH_ID])).unwrap_err()
}

pub fn with_options(options: Value) -> Message {
    let mut message = Message::new("t", "b");
    message.options = Some(options.to_string());
    message
}

#[test]
fn ext_arrives_byte_for_byte() {
    for ext in [
        "plain",
        r#"{"entity": {"sender": "a\u00e9", "n": 1e2}}"#,
        "\"'\\/\u{1}\n\t 中文 🎉 a+b&c=d%2c,",
    ] {
        let mut message = Message::new("t", "b");
        message.ext = Some(ext.to_owned());
        let json = message_json(&message);
        assert_eq!(json["clickTypeInfo"]["parameters"]["ext"], ext);
    }
}

#[test]
fn the_message_is_compact_json() {
    let message = form(&Message::new("a b", "c"));
    assert!(
        message["messageJson"].starts_with(r#"{"noticeBarInfo":{"noticeBarType":0,"#),
        "{message:?}"
    );
}

#[test]
fn bytes_are_the_same_every_time() {
    let (message, devices) = (Message::new("t", "b"), targets(&[PUSH_ID]));
    let first = encode(&channel(), &message, &devices).unwrap();
    assert_eq!(first, encode(&channel(), &message, &devices).unwrap());
}

#[test]
fn a_long_collapse_key_becomes_eight_characters_and_stays_the_same_for_ever() {
    let key = |key: &str| {
        let mut message = Message::new("t", "b");
        message.collapse_key = Some(key.to_owned());
        message_json(&message)["advanceInfo"]["notifyKey"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(key("room_-42"), "room_-42");
    // Written down: phones replace notifications of older versions by these.
    assert_eq!(key("conversation-42"), "1b8e0f26");
    for odd in ["room-1234", "raum ü", "房间", "a.b"] {
        let key = key(odd);
        assert_eq!(key.len(), 8, "{odd}: {key}");
        assert!(key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    }
    assert_ne!(key("conversation-42"), key("conversation-43"));
}

#[test]
fn now_or_never_is_for_phones_that_are_online() {
    let mut message = Message::new("t", "b");
    message.lifetime = Lifetime::NowOrNever;
    assert_eq!(
        message_json(&message)["pushTimeInfo"],
        json!({"offLine": 0})
    );
}

#[test]
fn only_alerts_are_taken() {
    for kind in [Kind::Background, Kind::Voip, Kind::LiveActivity] {
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
fn a_push_id_that_would_spoil_the_list_is_refused_by_itself() {
    let long = "a".repeat(257);
    for bad in ["", "a,b", "a b", "a\n", "ü", &long] {
        let error = encode(
            &channel(),
            &Message::new("t", "b"),
            &targets(&[PUSH_ID, bad]),
        );
        let error = error.unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadToken", "token"),
            "{bad}"
        );
    }
}

#[test]
fn of_more_than_sixteen_kibibytes_the_copy_of_ext_goes_and_then_ext() {
    let mut message = Message::new("t", "b");
    let mut parameters = |length: usize| {
        message.ext = Some("x".repeat(length));
        let json = message_json(&message);
        let notices = encode(&channel(), &message, &targets(&[PUSH_ID]))
            .unwrap()
            .notices;
        assert!(form(&message)["messageJson"].len() <= 16_384);
        let told: Vec<_> = notices.into_iter().map(|it| it.field).collect();
        (json["clickTypeInfo"]["parameters"].clone(), told)
    };
    let both = "x".repeat(8000);
    assert_eq!(parameters(8000), (json!({"ext": both, "sk": both}), vec![]));
    let told = vec!["ext".to_owned()];
    let one = "x".repeat(12_000);
    assert_eq!(parameters(12_000), (json!({ "ext": one }), told.clone()));
    assert_eq!(parameters(17_000), (json!(null), told));
}

#[test]
fn what_only_the_options_say_is_left_out_before_ext() {
    let expand = json!({"noticeExpandType": 1, "noticeExpandContent": "x".repeat(16_384)});
    let mut message = with_options(json!({"noticeExpandInfo": expand}));
    message.ext = Some("e".to_owned());
    let json = message_json(&message);
    assert_eq!(json.get("noticeExpandInfo"), None);
    assert_eq!(json["clickTypeInfo"]["parameters"]["ext"], "e");
    let notices = encode(&channel(), &message, &targets(&[PUSH_ID]))
        .unwrap()
        .notices;
    let told: Vec<_> = notices.iter().map(|it| &*it.field).collect();
    assert_eq!(told, ["options.noticeExpandInfo"]);
}

#[test]
fn the_largest_batch_of_the_largest_message_is_a_body_that_was_declared() {
    let mut message = Message::new("t", "b");
    message.ext = Some("\"".repeat(8050));
    // Every character of it takes three in a form.
    let push_ids: Vec<String> = (0..100)
        .map(|n| format!("{}{n:02}", "=".repeat(254)))
        .collect();
    let push_ids: Vec<&str> = push_ids.iter().map(String::as_str).collect();
    let rendered = encode(&channel(), &message, &targets(&push_ids)).unwrap();
    let (size, most) = (
        rendered.request.body.len(),
        Meizu::describe().max_body as usize,
    );
    assert!(size <= most && size > most * 9 / 10, "{size} of {most}");
}

#[test]
fn options_out_of_range_are_refused_with_their_path() {
    let long = "x".repeat(1001);
    for (options, field) in [
        (
            json!({"noticeBarInfo": {"noticeBarType": 1}}),
            "noticeBarInfo.noticeBarType",
        ),
        (
            json!({"noticeBarInfo": {"noticeMsgType": 2}}),
            "noticeBarInfo.noticeMsgType",
        ),
        (
            json!({"noticeBarInfo": {"title": "x"}}),
            "noticeBarInfo.title",
        ),
        (
            json!({"noticeExpandInfo": {"noticeExpandType": 3}}),
            "noticeExpandInfo.noticeExpandType",
        ),
        (
            json!({"noticeExpandInfo": {"noticeExpandType": 1}}),
            "noticeExpandInfo.noticeExpandContent",
        ),
        (
            json!({"noticeExpandInfo": {"noticeExpandType": 2}}),
            "noticeExpandInfo.noticeExpandImgUrl",
        ),
        (
            json!({"clickTypeInfo": {"url": "no uri"}}),
            "clickTypeInfo.url",
        ),
        (
            json!({"clickTypeInfo": {"url": "javascript:x"}}),
            "clickTypeInfo.url",
        ),
        (
            json!({"clickTypeInfo": {"url": format!("a:{long}")}}),
            "clickTypeInfo.url",
        ),
        (
            json!({"clickTypeInfo": {"customAttribute": long}}),
            "clickTypeInfo.customAttribute",
        ),
        (
            json!({"clickTypeInfo": {"url": "a:b", "customAttribute": "x"}}),
            "clickTypeInfo.customAttribute",
        ),
        (
            json!({"clickTypeInfo": {"parameters": {"n": 1}}}),
            "clickTypeInfo.parameters.n",
        ),
        (
            json!({"pushTimeInfo": {"validTime": 0}}),
            "pushTimeInfo.validTime",
        ),
        (
            json!({"pushTimeInfo": {"validTime": 73}}),
            "pushTimeInfo.validTime",
        ),
        (
            json!({"pushTimeInfo": {"offLine": 2}}),
            "pushTimeInfo.offLine",
        ),
        (
            json!({"advanceInfo": {"suspend": 2}}),
            "advanceInfo.suspend",
        ),
        (
            json!({"advanceInfo": {"clearNoticeBar": 2}}),
            "advanceInfo.clearNoticeBar",
        ),
        (
            json!({"advanceInfo": {"fixDisplay": 2}}),
            "advanceInfo.fixDisplay",
        ),
        (
            json!({"advanceInfo": {"notificationType": {"sound": 2}}}),
            "advanceInfo.notificationType.sound",
        ),
        (
            json!({"advanceInfo": {"notifyKey": "123456789"}}),
            "advanceInfo.notifyKey",
        ),
        (
            json!({"advanceInfo": {"notifyKey": "a b"}}),
            "advanceInfo.notifyKey",
        ),
        (json!({"vipInfo": {"timeTop": 1799}}), "vipInfo.timeTop"),
        (json!({"vipInfo": {"timeTop": 7201}}), "vipInfo.timeTop"),
        (json!({"vipInfo": {"notGroup": 2}}), "vipInfo.notGroup"),
        (json!({"extra": {"callback": "ftp://x"}}), "extra.callback"),
        (
            json!({"extra": {"callback": format!("http://{}", "x".repeat(122))}}),
            "extra.callback",
        ),
        (
            json!({"extra": {"callback.param": "x".repeat(65)}}),
            "extra.callback.param",
        ),
        (
            json!({"extra": {"callback.type": 4}}),
            "extra.callback.type",
        ),
        (json!({"other": 1}), "other"),
    ] {
        let error = refusal(&with_options(options.clone()));
        assert_eq!(error.code, "BadOption", "{options}");
        assert_eq!(error.field, format!("options.{field}"), "{options}");
    }
}

#[test]
fn ext_is_not_given_twice() {
    let mut message = with_options(json!({"clickTypeInfo": {"parameters": {"ext": "x"}}}));
    assert_eq!(
        message_json(&message)["clickTypeInfo"]["parameters"],
        json!({"ext": "x"})
    );
    message.ext = Some("y".to_owned());
    assert_eq!(
        message_json(&message)["clickTypeInfo"]["parameters"],
        json!({"ext": "x", "sk": "y"})
    );
    let notices = encode(&channel(), &message, &targets(&[PUSH_ID]))
        .unwrap()
        .notices;
    assert_eq!(notices[0].field, "ext");
}

#[test]
fn empty_texts_are_absent_ones() {
    let mut message = Message::new("t", "b");
    let empty = Some(String::new());
    message.ext.clone_from(&empty);
    message.subtitle.clone_from(&empty);
    message.collapse_key.clone_from(&empty);
    message.category.clone_from(&empty);
    message.options = Some(
        json!({"clickTypeInfo": {"url": "", "customAttribute": null}, "extra": {"callback": ""},
            "advanceInfo": {"notifyKey": ""}})
        .to_string(),
    );
    let plain = Message::new("t", "b");
    let devices = targets(&[PUSH_ID]);
    assert_eq!(
        encode(&channel(), &message, &devices),
        encode(&channel(), &plain, &devices)
    );
}

#[test]
fn the_secret_signs_and_is_not_sent() {
    let other = Meizu::open(&settings().with("app_secret", "another"), NOW).unwrap();
    let (message, devices) = (Message::new("t", "b"), targets(&[PUSH_ID]));
    let one = encode(&channel(), &message, &devices).unwrap().request.body;
    let two = encode(&other, &message, &devices).unwrap().request.body;
    assert_ne!(one, two);
    assert!(!String::from_utf8(two).unwrap().contains("another"));
}
