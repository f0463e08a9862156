//! What is cut, left out or refused before vivo sees it.

use nudged_plugin_api::{Badge, Batch, Context, Driver, EncodeError, Message, Target};
use nudged_vivo::Vivo;
use serde_json::{Value, json};

use crate::case::{
    NOW, TOKENS, body, channel, encode, grant, message, noticed, plain, rendered, settings,
};

fn sent(case: Value) -> Value {
    body(&encode(plain(case)).unwrap())
}

fn refusal(case: Value) -> EncodeError {
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
fn custom_data_of_1024_characters_passes_and_one_more_does_not() {
    sent(json!({"ext": "é".repeat(1021)}));
    let error = refusal(json!({"ext": "é".repeat(1022)}));
    assert_eq!(
        (error.code.as_str(), error.field.as_str()),
        ("PayloadTooLarge", "ext")
    );
    assert!(
        error.problem.contains("1025") && error.problem.contains("1024"),
        "{error}"
    );
    // An emoji is two characters, as Java counts.
    sent(json!({"ext": "😀".repeat(510)}));
    assert_eq!(
        refusal(json!({"ext": "😀".repeat(511)})).code,
        "PayloadTooLarge"
    );
    // Other keys count too.
    let more = json!({"clientCustomMap": {"k": "v".repeat(1024)}});
    assert_eq!(
        refusal(json!({"options": more})).field,
        "options.clientCustomMap"
    );
    let more = json!({"clientCustomMap": {"k": "v".repeat(9)}});
    assert_eq!(
        refusal(json!({"options": more, "ext": "e".repeat(1012)})).field,
        "ext"
    );
    sent(json!({"options": more, "ext": "e".repeat(1011)}));
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
    let error = refusal(json!({"options": pairs(10), "ext": "e"}));
    assert_eq!(error.field, "options.clientCustomMap");
    assert!(error.problem.contains("11"), "{error}");
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
fn a_click_in_another_form_is_refused() {
    for url in [
        "javascript:alert(1)",
        "www.example.com",
        "https://",
        "https:///x",
        "http://a b",
        "ftp://x",
    ] {
        let error = refusal(json!({"url": url}));
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadClick", "click"),
            "{url}"
        );
    }
    for page in [
        "com.example.ChatActivity",
        "chat/42",
        "https://example.com",
        "intent:#Intent;component=a/.B",
    ] {
        let error = refusal(json!({"page": page}));
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadClick", "click"),
            "{page}"
        );
        assert!(error.problem.contains("intent:#Intent;"), "{error}");
    }
    let long = format!("https://example.com/{}", "x".repeat(981));
    let error = refusal(json!({"url": long}));
    assert_eq!(
        (error.code.as_str(), error.field.as_str()),
        ("PayloadTooLarge", "click")
    );
    assert!(
        error.problem.contains("1001") && error.problem.contains("1000"),
        "{error}"
    );
    let long = format!("intent:#Intent;component=a/.{};end", "B".repeat(1000));
    assert_eq!(refusal(json!({"page": long})).code, "PayloadTooLarge");
}

#[test]
fn an_ext_that_does_not_fit_the_intent_stays_in_the_map() {
    let page = "intent:#Intent;component=com.example/.Chat;end";
    let case = |ext: &str| encode(plain(json!({"page": page, "ext": ext}))).unwrap();
    let short = case("{\"a\":1}");
    assert_eq!(noticed(&short), [""; 0]);
    assert_eq!(
        body(&short)["skipContent"],
        "intent:#Intent;component=com.example/.Chat;S.ext=%7B%22a%22%3A1%7D;end"
    );
    let long = case(&"{".repeat(400));
    assert_eq!(noticed(&long), ["ext"]);
    assert_eq!(body(&long)["skipContent"], page);
    assert_eq!(body(&long)["clientCustomMap"]["ext"], "{".repeat(400));
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

/// `classification`, `category` and the fields of the notices.
fn sorted(driver: &Vivo, case: Value) -> Result<(u64, Option<String>, Vec<String>), String> {
    match rendered(driver, &message(plain(case)), &TOKENS[..1]) {
        Err(error) => Err(format!("{} {}", error.code, error.field)),
        Ok(rendered) => {
            let body = body(&rendered);
            let class = body["classification"].as_u64().unwrap();
            let name = ["operational", "system"][class as usize];
            assert_eq!(rendered.class, name);
            let category = body["category"].as_str().map(str::to_owned);
            let notices = noticed(&rendered).into_iter().map(str::to_owned).collect();
            Ok((class, category, notices))
        }
    }
}

#[test]
#[rustfmt::skip]
fn a_message_is_sorted_by_option_then_category_then_setting() {
    let plain = channel();
    let im = Vivo::open(&settings().with("category", "IM"), NOW).unwrap();
    let offers = settings().with("classification", "operational").with("category", "MARKETING");
    let offers = Vivo::open(&offers, NOW).unwrap();
    let option = |number: u8| json!({"options": {"classification": number}});
    let is = |class: u64, category: Option<&str>, notices: &[&str]| {
        Ok((class, category.map(str::to_owned), notices.iter().map(|&n| n.to_owned()).collect()))
    };
    let fails = |what: &str| Err(what.to_owned());
    for (driver, case, expected) in [
        (&plain, json!({}), is(1, None, &[])),
        (&plain, option(0), is(0, None, &[])),
        (&plain, json!({"category": "TODO"}), is(1, Some("TODO"), &[])),
        (&plain, json!({"category": ""}), is(1, None, &[])),
        (&plain, json!({"category": "NEWS"}), is(0, Some("NEWS"), &[])),
        (&plain, json!({"category": "NEWS", "options": {"category": "IM"}}), is(1, Some("IM"), &[])),
        (&plain, json!({"category": "NEWS", "options": {"classification": 1}}), fails("CategoryMismatch category")),
        (&plain, json!({"options": {"classification": 0, "category": "IM"}}), fails("CategoryMismatch options.category")),
        (&plain, json!({"category": "im"}), is(1, None, &["category"])),
        (&plain, json!({"options": {"category": "a b"}}), fails("BadCategory options.category")),
        (&plain, json!({"category": "LATER_ONE"}), is(1, None, &["category"])),
        (&plain, json!({"options": {"category": "LATER_ONE"}}), is(1, Some("LATER_ONE"), &["options.category"])),
        (&im, json!({}), is(1, Some("IM"), &[])),
        (&im, json!({"category": ""}), is(1, Some("IM"), &[])),
        (&im, json!({"category": "SOCIAL"}), is(0, Some("SOCIAL"), &[])),
        (&im, option(0), is(0, None, &["category"])),
        (&offers, json!({}), is(0, Some("MARKETING"), &[])),
        (&offers, option(1), is(1, None, &["category"])),
        (&offers, json!({"category": "LATER_ONE"}), is(0, Some("MARKETING"), &["category"])),
    ] {
        assert_eq!(sorted(driver, case.clone()), expected, "{case}");
    }
}

#[test]
fn options_are_checked_and_named_by_their_path() {
    for (options, field) in [
        (json!({"notifyType": 5}), "options.notifyType"),
        (json!({"notifyType": "loud"}), "options.notifyType"),
        (json!({"classification": 2}), "options.classification"),
        (json!({"networkType": 0}), "options.networkType"),
        (json!({"notifyId": 0}), "options.notifyId"),
        (json!({"notifyId": 2147483648_u32}), "options.notifyId"),
        (json!({"notifyId": -1}), "options.notifyId"),
        (json!({"profileId": "p".repeat(65)}), "options.profileId"),
        (
            json!({"callbackParam": "p".repeat(65)}),
            "options.callbackParam",
        ),
        (
            json!({"clientCustomMap": {"": "v"}}),
            "options.clientCustomMap",
        ),
        (
            json!({"clientCustomMap": {"k": 1}}),
            "options.clientCustomMap.k",
        ),
        (json!({"skipType": 3}), "options.skipType"),
        (json!({"addBadge": "yes"}), "options.addBadge"),
        (json!("{"), "options"),
    ] {
        let error = refusal(json!({"options": options}));
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadOption", field),
            "{options}"
        );
    }
    let twice = json!({"ext": "e", "options": {"clientCustomMap": {"ext": "f"}}});
    assert_eq!(refusal(twice).field, "options.clientCustomMap.ext");
}

#[test]
fn empty_options_are_absent_and_numbers_may_be_texts() {
    let empty = json!({
        "classification": "", "category": "", "notifyType": "", "networkType": null,
        "profileId": "", "callbackParam": null, "clientCustomMap": {},
    });
    assert_eq!(sent(json!({"options": empty})), sent(json!({})));
    let texts = sent(json!({"options": {"notifyType": "3", "classification": "0"}}));
    assert_eq!(
        (&texts["notifyType"], &texts["classification"]),
        (&json!(3), &json!(0))
    );
}

#[test]
fn a_sound_becomes_a_notify_type_and_an_option_beats_it() {
    let quiet = Vivo::open(&settings().with("notify_type", 3), NOW).unwrap();
    let kind = |driver: &Vivo, case: Value| {
        let rendered = rendered(driver, &message(plain(case)), &TOKENS[..1]).unwrap();
        body(&rendered)["notifyType"].as_u64().unwrap()
    };
    assert_eq!(kind(&channel(), json!({})), 4);
    assert_eq!(kind(&channel(), json!({"sound": "silent"})), 1);
    assert_eq!(kind(&channel(), json!({"sound": "ring.mp3"})), 4);
    assert_eq!(kind(&quiet, json!({})), 3);
    assert_eq!(kind(&quiet, json!({"sound": "silent"})), 1);
    assert_eq!(
        kind(
            &quiet,
            json!({"sound": "silent", "options": {"notifyType": 2}})
        ),
        2
    );
}
