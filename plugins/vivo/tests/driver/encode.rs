//! What is cut, left out or refused before vivo sees it.

mod click;
mod options;

use nudged_plugin_api::{Badge, Batch, Context, Driver, EncodeError, Message, Target};
use serde_json::{Value, json};

use crate::account::{
    NOW, TOKENS, body, channel, encode, grant, message, noticed, plain, rendered,
};

pub fn sent(case: Value) -> Value {
    body(&encode(plain(case)).unwrap())
}

pub fn refusal(case: Value) -> EncodeError {
    encode(plain(case)).unwrap_err()
}

#[test]
fn ext_arrives_byte_for_byte() {
    for ext in [
        "plain",
        r#"{"entity": {"sender": "a\u00e9", "n": 1e2}}"#,
        "\"'\\/\u{1}\n\t 中文 🎉",
    ] {
        assert_eq!(sent(json!({"ext": ext}))["clientCustomMap"]["ext"], ext);
    }
}

#[test]
fn custom_data_of_1024_characters_passes_and_one_more_leaves_ext_out() {
    let told = |case: Value| {
        let rendered = encode(plain(case)).unwrap();
        let map = body(&rendered)["clientCustomMap"].clone();
        let notices = rendered.notices.iter().map(|it| it.field.clone());
        (map, notices.collect::<Vec<_>>())
    };
    sent(json!({"ext": "é".repeat(1021)}));
    let long = encode(plain(json!({"ext": "é".repeat(1022)}))).unwrap();
    assert_eq!(body(&long).get("clientCustomMap"), None);
    assert_eq!(noticed(&long), ["ext"]);
    let text = &long.notices[0].text;
    assert!(text.contains("1025") && text.contains("1024"), "{text}");
    // An emoji is two characters, as Java counts.
    assert_eq!(told(json!({"ext": "😀".repeat(510)})).1, [""; 0]);
    assert_eq!(told(json!({"ext": "😀".repeat(511)})).1, ["ext"]);
    // Other keys count too, and go first.
    let more = json!({"clientCustomMap": {"k": "v".repeat(1024)}});
    assert_eq!(
        told(json!({"options": more})).1,
        ["options.clientCustomMap"]
    );
    let more = json!({"clientCustomMap": {"k": "v".repeat(9)}});
    let both = told(json!({"options": more, "ext": "e".repeat(1012)}));
    assert_eq!(both.0, json!({"ext": "e".repeat(1012)}));
    assert_eq!(both.1, ["options.clientCustomMap"]);
    let both = told(json!({"options": more, "ext": "e".repeat(1011)}));
    assert_eq!(both.1, [""; 0]);
}

#[test]
fn ten_pairs_of_custom_data_pass_and_ext_is_one_of_them() {
    let pairs = |count: usize| -> Value {
        let map: serde_json::Map<_, _> = (0..count)
            .map(|number| (format!("k{number}"), json!("v")))
            .collect();
        json!({ "clientCustomMap": map })
    };
    sent(json!({"options": pairs(10)}));
    sent(json!({"options": pairs(9), "ext": "e"}));
    let eleven = encode(plain(json!({"options": pairs(10), "ext": "e"}))).unwrap();
    assert_eq!(body(&eleven)["clientCustomMap"], json!({"ext": "e"}));
    assert_eq!(noticed(&eleven), ["options.clientCustomMap"]);
    let error = refusal(json!({"options": pairs(11)}));
    assert_eq!(error.field, "options.clientCustomMap");
}

#[test]
fn long_texts_are_cut_and_the_sender_is_told() {
    let case = plain(json!({"title": "t".repeat(41), "body": "正".repeat(101)}));
    let rendered = encode(case).unwrap();
    let body = body(&rendered);
    assert_eq!(body["title"], format!("{}...", "t".repeat(37)));
    assert_eq!(body["content"], format!("{}...", "正".repeat(97)));
    assert_eq!(noticed(&rendered), ["title", "body"]);
    let fitting = plain(json!({"title": "t".repeat(40), "body": "正".repeat(100)}));
    assert_eq!(noticed(&encode(fitting).unwrap()), [""; 0]);
    // 21 emojis are 42 units.
    let emojis = sent(json!({"title": "😀".repeat(21)}));
    assert_eq!(emojis["title"], format!("{}...", "😀".repeat(18)));
}

#[test]
fn a_message_always_has_a_title_and_a_text() {
    let shown = |case: Value| {
        let rendered = encode(case).unwrap();
        assert_eq!(noticed(&rendered), [""; 0]);
        let body = body(&rendered);
        [body["title"].clone(), body["content"].clone()]
    };
    assert_eq!(shown(json!({"body": "b"})), ["a new message", "b"]);
    assert_eq!(shown(json!({"title": "t"})), ["a new message", "t"]);
    assert_eq!(
        shown(json!({"title": " \n", "body": "b"})),
        ["a new message", "b"]
    );
    assert_eq!(
        shown(json!({"title": "t", "body": " "})),
        ["a new message", "t"]
    );
    assert_eq!(shown(json!({})), ["a new message", "a new message"]);
}

#[test]
fn what_vivo_cannot_show_is_left_out_with_a_notice() {
    let rendered = encode(plain(json!({
        "subtitle": "s", "image": "https://img.example/1.png", "channel_id": "chat",
        "thread": "room", "sound": "ring.mp3",
    })))
    .unwrap();
    let plain = body(&encode(plain(json!({}))).unwrap());
    assert_eq!(body(&rendered), plain);
    let mut fields = noticed(&rendered);
    fields.sort_unstable();
    assert_eq!(
        fields,
        ["channel_id", "image", "sound", "subtitle", "thread"]
    );
}

#[test]
fn a_badge_grows_by_one_and_nothing_else() {
    let badge = |case: Value| {
        let rendered = encode(plain(case)).unwrap();
        let noticed = !noticed(&rendered).is_empty();
        (body(&rendered)["addBadge"].clone(), noticed)
    };
    assert_eq!(badge(json!({})), (Value::Null, false));
    assert_eq!(badge(json!({"badge_add": 0})), (Value::Null, false));
    assert_eq!(badge(json!({"badge_add": 1})), (json!(true), false));
    assert_eq!(badge(json!({"badge_add": 2})), (json!(true), true));
    assert_eq!(badge(json!({"badge": 5})), (Value::Null, true));
    assert_eq!(badge(json!({"badge": 0})), (Value::Null, true));
    let option = json!({"badge": 5, "options": {"addBadge": false}});
    assert_eq!(badge(option), (json!(false), false));
    // A device's own badge beats the message's.
    let (message, mut target) = (message(plain(json!({}))), Target::new("d-1", TOKENS[0]));
    target.badge = Some(Badge::Add(1));
    let context_grant = grant();
    let rendered = channel()
        .encode(
            Batch::new(&message, &[target]),
            &Context::new(NOW, Some(&context_grant)),
        )
        .unwrap();
    assert_eq!(body(&rendered)["addBadge"], true);
}

#[test]
fn time_to_live_stays_within_vivos_range() {
    let ttl = |seconds: u64, tokens: usize| {
        let message = message(plain(json!({"lifetime": seconds})));
        let rendered = rendered(&channel(), &message, &TOKENS[..tokens]).unwrap();
        let told = noticed(&rendered).contains(&"lifetime");
        (body(&rendered)["timeToLive"].as_u64().unwrap(), told)
    };
    assert_eq!(ttl(0, 1), (60, true));
    assert_eq!(ttl(60, 1), (60, false));
    assert_eq!(ttl(3600, 1), (3600, false));
    assert_eq!(ttl(604_800, 1), (86_400, false));
    assert_eq!(ttl(600, 2), (900, true));
    assert_eq!(ttl(900, 2), (900, false));
}

#[test]
fn a_message_for_now_or_never_goes_to_phones_that_are_online() {
    let now = body(&encode(json!({"title": "t", "body": "b"})).unwrap());
    assert_eq!(
        (&now["sendOnline"], &now["timeToLive"]),
        (&json!(true), &json!(60))
    );
    assert_eq!(sent(json!({}))["sendOnline"], Value::Null);
    let option = encode(json!({"title": "t", "body": "b", "options": {"sendOnline": false}}));
    assert_eq!(body(&option.unwrap())["sendOnline"], false);
}

#[test]
fn a_reg_id_that_a_spreadsheet_rounded_is_refused_in_words() {
    let driver = channel();
    for token in TOKENS {
        assert_eq!(driver.token(token).as_deref(), Ok(token));
    }
    for token in ["1.55134E+22", "1e+22"] {
        let problem = driver.token(token).unwrap_err().problem;
        assert!(problem.contains("rounded"), "{problem}");
    }
    assert!(driver.token("v2-e+1").is_ok());
}

#[test]
fn kinds_that_vivo_does_not_have_are_refused() {
    for kind in ["background", "voip", "live_activity"] {
        let error = refusal(json!({"kind": kind}));
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("KindUnsupported", "kind")
        );
    }
}

#[test]
fn a_token_that_no_phone_could_have_is_refused() {
    let long = "1".repeat(257);
    for token in ["", "a b", "a\n", "a,b", "a\"b", "a\\b", "ü", &long] {
        for tokens in [vec![token], vec![TOKENS[0], token]] {
            let error = rendered(&channel(), &Message::new("t", "b"), &tokens).unwrap_err();
            assert_eq!(
                (error.code.as_str(), error.field.as_str()),
                ("BadToken", "token")
            );
        }
    }
}

#[test]
fn without_a_grant_there_is_no_request() {
    let (message, targets) = (Message::new("t", "b"), [Target::new("1", TOKENS[0])]);
    let error = channel()
        .encode(Batch::new(&message, &targets), &Context::new(NOW, None))
        .unwrap_err();
    assert_eq!(error.code, "NoGrant");
}
