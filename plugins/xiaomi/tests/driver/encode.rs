//! Rules that a request keeps to, at their edges.

mod click;

use nudged_driver_kit::android;
use nudged_driver_kit::text::Unit;
use nudged_plugin_api::{Driver, Kind, Message};
use nudged_xiaomi::Xiaomi;
use serde_json::json;

use crate::account::{
    REGID, channel, encode, field, message_of, noticed, open, refusal, rendered, settings,
    targets_of,
};

#[test]
fn bytes_are_the_same_every_time() {
    let case = json!({"title": "t", "body": "b", "options": {"extra": {"b": "1", "a": "2"}}});
    assert_eq!(rendered(case.clone()), rendered(case));
}

#[test]
fn title_and_text_are_shorter_than_50_and_128() {
    let fits = rendered(json!({"title": "名".repeat(49), "body": "b".repeat(127)}));
    assert_eq!(noticed(&fits), [""; 0]);
    let cut = rendered(json!({"title": "名".repeat(50), "body": "b".repeat(128)}));
    assert_eq!(noticed(&cut), ["title", "body"]);
    assert_eq!(field(&cut, "title").unwrap(), "名".repeat(46) + "...");
    assert_eq!(field(&cut, "description").unwrap(), "b".repeat(124) + "...");
    // An emoji is two units; both ways of counting must hold.
    let emoji = rendered(json!({"title": "😀".repeat(49), "body": "b"}));
    let title = field(&emoji, "title").unwrap();
    assert_eq!(title, "😀".repeat(23) + "...");
    assert!(Unit::Utf16.length(&title) <= 49 && Unit::Characters.length(&title) <= 49);
}

#[test]
fn xiaomi_always_gets_a_title_and_a_text() {
    let texts = |case| {
        let rendered = rendered(case);
        assert_eq!(noticed(&rendered), [""; 0]);
        let text = |name| field(&rendered, name).unwrap();
        (text("title"), text("description"))
    };
    let new = "a new message".to_owned();
    assert_eq!(texts(json!({"body": "b"})), (new.clone(), "b".to_owned()));
    assert_eq!(
        texts(json!({"title": " ", "body": "b"})),
        (new.clone(), "b".to_owned())
    );
    assert_eq!(texts(json!({"title": "t"})), (new.clone(), "t".to_owned()));
    assert_eq!(
        texts(json!({"title": "t", "body": "\n"})),
        (new.clone(), "t".to_owned())
    );
    assert_eq!(texts(json!({})), (new.clone(), new));
    let driver = open(settings().with("default_title", "新消息"));
    let message = message_of(json!({"body": "b"}));
    let rendered = encode(&driver, &message, &targets_of(&[REGID])).unwrap();
    assert_eq!(field(&rendered, "title").unwrap(), "新消息");
}

#[test]
fn every_notification_has_a_number_of_its_own_and_a_collapse_key_shares_one() {
    let message = message_of(json!({"title": "t", "body": "b"}));
    let devices = targets_of(&["a", "b"]);
    let id = |targets| field(&encode(&channel(), &message, targets).unwrap(), "notify_id");
    assert_ne!(id(&devices[..1]), id(&devices[1..]));
    assert_eq!(id(&devices[..1]), id(&devices[..1]));
    let keyed = message_of(json!({"title": "t", "body": "b", "collapse_key": "room-1"}));
    for device in &devices {
        let rendered = encode(&channel(), &keyed, std::slice::from_ref(device)).unwrap();
        let number = android::notify_id("room-1").to_string();
        assert_eq!(field(&rendered, "notify_id"), Some(number));
    }
}

#[test]
fn a_repeated_attempt_has_the_same_jobkey_and_another_message_another() {
    let message = message_of(json!({"title": "t", "body": "b"}));
    let devices = targets_of(&["a", "b", "c"]);
    let jobkey = |targets| {
        field(
            &encode(&channel(), &message, targets).unwrap(),
            "extra.jobkey",
        )
    };
    assert_eq!(jobkey(&devices), jobkey(&devices));
    assert_ne!(jobkey(&devices), jobkey(&devices[..2]));
    assert_ne!(jobkey(&devices[..1]), jobkey(&devices[1..2]));
    assert_eq!(jobkey(&devices).unwrap().len(), 20);
}

#[test]
fn ext_arrives_byte_for_byte() {
    for ext in [
        "plain",
        r#"{"entity": {"sender": "a\u00e9", "n": 1e2}}"#,
        "\"'\\/\u{1}\n\t 中文 🎉 a+b&c=d%20",
    ] {
        let alert = rendered(json!({"title": "t", "body": "b", "ext": ext}));
        assert_eq!(field(&alert, "extra.ext").as_deref(), Some(ext));
        let silent = rendered(json!({"kind": "background", "ext": ext}));
        assert_eq!(field(&silent, "extra.ext").as_deref(), Some(ext));
        assert_eq!(field(&silent, "payload").as_deref(), Some(ext));
    }
}

#[test]
fn ten_own_keys_and_2047_bytes_pass_and_of_more_the_senders_go_first() {
    let keys = |count: usize| -> serde_json::Value {
        (0..count)
            .map(|n| (format!("k{n}"), json!("v")))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let case = |ext: &str, extra| json!({"title": "t", "ext": ext, "options": {"extra": extra}});
    assert_eq!(noticed(&rendered(case("e", keys(9)))), [""; 0]);
    let eleven = rendered(case("e", keys(10)));
    assert_eq!(noticed(&eleven), ["options.extra"]);
    assert_eq!(field(&eleven, "extra.ext").as_deref(), Some("e"));
    assert_eq!(field(&eleven, "extra.k0"), None);
    let error = refusal(case("", keys(11)));
    assert_eq!(
        (error.code.as_str(), error.field.as_str()),
        ("BadOption", "options.extra")
    );

    assert_eq!(
        noticed(&rendered(case(&"e".repeat(2044), json!({})))),
        [""; 0]
    );
    assert_eq!(
        noticed(&rendered(case(&"e".repeat(2040), json!({"k": "123"})))),
        [""; 0]
    );
    let more = rendered(case(&"e".repeat(2040), json!({"k": "1234"})));
    assert_eq!(noticed(&more), ["options.extra"]);
    // Keys of Xiaomi's own styles are not the sender's.
    let mut styled = keys(9);
    styled["notification_style_type"] = json!("1");
    assert_eq!(noticed(&rendered(case("e", styled))), [""; 0]);
}

#[test]
fn an_ext_too_long_for_the_keys_is_the_content_and_a_longer_one_is_left_out() {
    let case = |length: usize| rendered(json!({"title": "t", "ext": "e".repeat(length)}));
    let content = case(2045);
    assert_eq!(field(&content, "payload"), Some("e".repeat(2045)));
    assert_eq!(field(&content, "extra.ext"), None);
    assert_eq!(noticed(&content), ["ext"]);
    assert_eq!(field(&case(4095), "payload"), Some("e".repeat(4095)));
    let long = case(4096);
    assert_eq!(field(&long, "payload"), None);
    assert_eq!(noticed(&long), ["ext"]);
    assert!(long.notices[0].text.contains("left out"));
    // The sender's own content stays.
    let own = json!({"title": "t", "ext": "e".repeat(2045), "options": {"payload": "p"}});
    let own = rendered(own);
    assert_eq!(field(&own, "payload").as_deref(), Some("p"));
    assert_eq!(noticed(&own), ["ext"]);
}

#[test]
fn a_transparent_message_carries_4095_bytes_as_content() {
    let long = rendered(json!({"kind": "background", "ext": "e".repeat(4095)}));
    assert_eq!(field(&long, "payload").unwrap().len(), 4095);
    assert_eq!(field(&long, "extra.ext"), None);
    assert_eq!(noticed(&long), ["ext"]);
    let error = refusal(json!({"kind": "background", "ext": "e".repeat(4096)}));
    assert_eq!(
        (error.code.as_str(), error.field.as_str()),
        ("PayloadTooLarge", "ext")
    );
    let empty = rendered(json!({"kind": "background"}));
    assert_eq!(field(&empty, "payload").as_deref(), Some("{}"));
    // A content of the sender's own leaves ext no place but the extra.
    let options = json!({"payload": "p"});
    let case = json!({"kind": "background", "ext": "e".repeat(3000), "options": options});
    assert_eq!(refusal(case).field, "ext");
}

#[test]
fn calls_and_live_activities_are_refused() {
    for kind in [Kind::Voip, Kind::LiveActivity] {
        let mut message = Message::new("t", "b");
        message.kind = kind;
        let error = encode(&channel(), &message, &targets_of(&[REGID])).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("KindUnsupported", "kind")
        );
    }
}

#[test]
fn a_regid_that_would_tear_the_list_is_refused() {
    let message = Message::new("t", "b");
    for token in ["", "a,b", "a b", "a\n", "ü", &"t".repeat(257)] {
        let targets = targets_of(&["fine", token]);
        let error = encode(&channel(), &message, &targets).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadToken", "token")
        );
    }
    encode(&channel(), &message, &targets_of(&["t".repeat(256)])).unwrap();
}

#[test]
fn a_regid_goes_once_into_a_request() {
    let targets = targets_of(&["a=", "b=", "a="]);
    let rendered = encode(&channel(), &Message::new("t", "b"), &targets).unwrap();
    assert_eq!(
        field(&rendered, "registration_id").as_deref(),
        Some("a=,b=")
    );
}

#[test]
fn a_thousand_of_the_longest_regids_fit_with_the_longest_texts() {
    let tokens: Vec<_> = (0..1000)
        .map(|n| format!("{n:04}{}", "/".repeat(252)))
        .collect();
    let mut message = Message::new("名".repeat(49), "文".repeat(127));
    message.ext = Some("\u{1}".repeat(2044));
    message.options = Some(json!({"payload": "\u{1}".repeat(4095)}).to_string());
    let rendered = encode(&channel(), &message, &targets_of(&tokens)).unwrap();
    let size = rendered.request.body.len();
    assert!(
        size > 700_000 && size <= Xiaomi::describe().max_body as usize,
        "{size}"
    );
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let ticker = "x".repeat(1 << 20);
    let error = refusal(json!({"title": "t", "options": {"ticker": ticker}}));
    assert_eq!(
        (error.code.as_str(), error.field.as_str()),
        ("PayloadTooLarge", "options.ticker")
    );
}

#[test]
fn a_sound_that_can_be_no_resource_is_the_default_one() {
    for name in [
        "Ring.mp3",
        "my ring",
        "https://a.example/x.mp3",
        "../x",
        ".mp3",
    ] {
        let case = rendered(json!({"title": "t", "sound": name}));
        assert_eq!(field(&case, "extra.sound_uri"), None, "{name}");
        assert_eq!(field(&case, "notify_type").as_deref(), Some("-1"), "{name}");
        assert_eq!(noticed(&case), ["sound"], "{name}");
    }
}

#[test]
fn a_scheduled_moment_is_within_a_week_and_now_once_it_has_passed() {
    let at = |millis: u64| json!({"title": "t", "options": {"time_to_send": millis}});
    let now = 1_790_000_000_000;
    let week = 7 * 86_400_000;
    let scheduled = rendered(at(now + week));
    assert_eq!(
        field(&scheduled, "time_to_send"),
        Some((now + week).to_string())
    );
    assert_eq!(refusal(at(now + week + 1)).field, "options.time_to_send");
    assert_eq!(field(&rendered(at(now)), "time_to_send"), None);
}

#[test]
fn a_template_of_the_sender_needs_a_channel() {
    let error = refusal(json!({"title": "t", "options": {"template_id": "P1"}}));
    assert_eq!(error.field, "options.template_id");
    let error = refusal(json!({"title": "t", "options": {"template_param": {"a": "b"}}}));
    assert_eq!(error.field, "options.template_param");
}

#[test]
fn a_template_is_filled_with_what_xiaomi_takes() {
    let driver = open(
        settings()
            .with("channel_id", "100123")
            .with("template_id", "P1")
            .with("template_param", r#"{"text":"{body}"}"#),
    );
    let body = format!("🎉{}", "x".repeat(200));
    let message = message_of(json!({"title": "t", "body": body}));
    let rendered = encode(&driver, &message, &targets_of(&[REGID])).unwrap();
    let param = field(&rendered, "extra.template_param").unwrap();
    assert_eq!(param, format!(r#"{{"text":"{}..."}}"#, "x".repeat(125)));
    assert!(noticed(&rendered).contains(&"body"));
}

#[test]
fn options_that_are_wrong_are_named_by_their_path() {
    for (options, path) in [
        (json!({"notify_type": 8}), "options.notify_type"),
        (json!({"open_app": "web"}), "options.open_app"),
        (json!({"extra": {"a": 1}}), "options.extra.a"),
        (json!({"extra": {"ext": "x"}}), "options.extra.ext"),
        (json!({"colour": "red"}), "options.colour"),
    ] {
        let error = refusal(json!({"title": "t", "options": options}));
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadOption", path)
        );
    }
}
