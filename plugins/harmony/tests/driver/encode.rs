//! Limits, refusals and what holds for every request.

mod click;

use nudged_driver_kit::android;
use nudged_harmony::Harmony;
use nudged_plugin_api::{Badge, Batch, Click, Context, Driver, Kind, Message, Sound, Target};
use serde_json::json;

use crate::account::{
    NOW, PHONES, body, channel, encode, notification, refusal, rendered, targets,
};

#[test]
fn ext_arrives_byte_for_byte_with_every_click_and_kind() {
    for ext in [
        "plain",
        r#"{"entity": {"sender": "a\u00e9", "n": 1e2}}"#,
        "\"'\\/\u{1}\n\t 中文 🎉",
    ] {
        let mut message = Message::new("t", "b");
        message.ext = Some(ext.to_owned());
        for click in [
            Click::OpenApp,
            Click::Url("https://example.com/".to_owned()),
            Click::Page("example://chat".to_owned()),
            Click::Page("com.example.CHAT".to_owned()),
        ] {
            message.click = click;
            assert_eq!(notification(&message)["clickAction"]["data"]["ext"], ext);
        }
        for kind in [Kind::Background, Kind::Voip] {
            message.kind = kind;
            assert_eq!(
                body(&rendered(&message))["payload"],
                json!({"extraData": ext})
            );
        }
    }
}

#[test]
fn a_sound_of_another_vendors_form_is_the_systems_and_is_told() {
    for (name, sent) in [
        ("ring.mp3", Some("ring.mp3")),
        ("ring.caf", Some("ring.caf")),
        ("android.resource://com.example.chat/raw/ring", None),
        ("/private/var/ring.caf", None),
        ("content://media/42", None),
        ("../ring", None),
        ("a b", None),
    ] {
        let mut message = Message::new("t", "b");
        message.sound = Sound::Named(name.to_owned());
        let rendered = rendered(&message);
        let told = rendered.notices.iter().any(|it| it.field == "sound");
        assert_eq!(told, sent.is_none(), "{name}");
        assert_eq!(notification(&message)["sound"].as_str(), sent, "{name}");
    }
}

#[test]
fn a_live_activity_is_refused_as_a_kind() {
    let mut message = Message::new("t", "b");
    message.kind = Kind::LiveActivity;
    let error = refusal(&message);
    assert_eq!(
        (error.code.as_str(), error.field.as_str()),
        ("KindUnsupported", "kind")
    );
}

#[test]
fn each_kind_has_its_push_type() {
    for (kind, expected) in [
        (Kind::Alert, "0"),
        (Kind::Background, "6"),
        (Kind::Voip, "10"),
    ] {
        let mut message = Message::new("t", "b");
        message.kind = kind;
        let headers = rendered(&message).request.headers;
        let push_type = headers.iter().find(|(name, _)| name == "push-type");
        assert_eq!(push_type.unwrap().1, expected, "{kind:?}");
    }
}

#[test]
fn a_call_whose_ext_is_too_long_is_refused_and_never_empty() {
    let mut message = Message::new("Bob", "calls");
    message.kind = Kind::Voip;
    message.ext = Some("x".repeat(6000));
    let error = refusal(&message);
    assert_eq!(
        (error.code.as_str(), error.field.as_str()),
        ("PayloadTooLarge", "ext")
    );
    assert!(error.problem.contains("shorten it"), "{}", error.problem);
}

#[test]
fn a_test_message_takes_ten_devices_and_more_are_refused_by_their_tokens() {
    let mut message = Message::new("t", "b");
    let many: Vec<Target> = (0..11)
        .map(|number| Target::new(number.to_string(), format!("token{number}")))
        .collect();
    assert!(encode(&channel(), &message, &many).is_ok());
    message.test = true;
    assert!(encode(&channel(), &message, &many[..10]).is_ok());
    let error = encode(&channel(), &message, &many).unwrap_err();
    assert_eq!(error.field, "token");
    // Ten phones, one of them twice.
    let mut twice = many[..10].to_vec();
    twice.push(Target::new("again", "token3"));
    assert!(encode(&channel(), &message, &twice).is_ok());
}

#[test]
fn a_token_goes_once_however_many_devices_have_it() {
    let mut twice = targets(2);
    twice.push(Target::new("again", PHONES[0].1));
    let rendered = encode(&channel(), &Message::new("t", "b"), &twice).unwrap();
    let token = body(&rendered)["target"]["token"].take();
    assert_eq!(token, json!([PHONES[0].1, PHONES[1].1]));
}

#[test]
fn a_token_that_no_phone_could_have_is_refused() {
    let long = "t".repeat(1025);
    for token in [
        "", "a b", "a\n", "a\u{0}", "a\"b", "a\\b", "a\u{a0}b", &long,
    ] {
        let mut batch = targets(2);
        batch[1].token = token.to_owned();
        let error = encode(&channel(), &Message::new("t", "b"), &batch).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadToken", "token")
        );
    }
}

#[test]
fn four_thousand_and_ninety_six_bytes_without_tokens_pass_and_one_more_does_not() {
    let encoded = |bytes: usize, phones: usize| {
        let mut message = Message::default();
        message.kind = Kind::Background;
        message.ext = Some("é".repeat(bytes / 2) + &"x".repeat(bytes % 2));
        encode(&channel(), &message, &targets(phones))
    };
    for phones in [1, 3] {
        let mut batch = body(&encoded(1, phones).unwrap());
        batch["target"]["token"] = json!([]);
        let room = 4096 - (batch.to_string().len() - 1);
        assert!(encoded(room, phones).is_ok());
        let error = encoded(room + 1, phones).unwrap_err();
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
fn the_fullest_batch_keeps_to_the_declared_body() {
    let mut message = Message::default();
    message.kind = Kind::Background;
    message.ext = Some("x".repeat(3900));
    let full: Vec<Target> = (0..1000)
        .map(|number| Target::new(number.to_string(), format!("{number:t>1024}")))
        .collect();
    let request = encode(&channel(), &message, &full).unwrap().request;
    assert!(request.body.len() > 1_000_000);
    assert!(request.body.len() <= Harmony::describe().max_body as usize);
}

#[test]
fn a_repeat_has_the_same_ids_and_another_batch_has_others() {
    let message = Message::new("t", "b");
    let ids = |count| {
        let body = body(&encode(&channel(), &message, &targets(count)).unwrap());
        let id = body["payload"]["notification"]["appMessageId"].clone();
        assert_eq!(id, body["pushOptions"]["biTag"]);
        id.as_str().unwrap().to_owned()
    };
    assert_eq!(ids(3), ids(3));
    assert_ne!(ids(3), ids(2));
    assert!(ids(3).len() <= 64);
}

#[test]
fn a_collapse_key_is_a_number_that_stays_and_without_one_each_request_has_its_own() {
    let mut message = Message::new("t", "b");
    let own = android::notify_id(&targets(1)[0].id);
    assert_eq!(notification(&message)["notifyId"], own);
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
    target[0].badge = Some(Badge::Add(5));
    let rendered = encode(&channel(), &message, &target).unwrap();
    let badge = body(&rendered)["payload"]["notification"]["badge"].take();
    assert_eq!(badge, json!({"addNum": 5}));
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
    let shown = notification(&message);
    assert_eq!(shown["title"], "a new message");
    assert_eq!(shown["body"], "a new message");
}

#[test]
fn without_a_grant_there_is_no_request() {
    let (message, targets) = (Message::new("t", "b"), targets(1));
    let error = channel()
        .encode(Batch::new(&message, &targets), &Context::new(NOW, None))
        .unwrap_err();
    assert_eq!(error.code, "NoGrant");
}
