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
fn a_click_that_vivo_cannot_do_becomes_the_channels_own() {
    let intent = "intent:#Intent;component=a/.B;end";
    let long = format!("https://example.com/{}", "x".repeat(2029));
    for (click, kind, content, told) in [
        (
            json!({"page": "com.example.OPEN", "page_else": intent}),
            4,
            Some(intent),
            1,
        ),
        (
            json!({"url": long, "url_else": "https://a.example/"}),
            2,
            Some("https://a.example/"),
            1,
        ),
        (json!({"page": "chat/42", "url_else": long}), 1, None, 1),
        (
            json!({"page": intent, "url_else": "https://a.example/"}),
            4,
            Some(intent),
            0,
        ),
        (json!({"page_else": intent}), 1, None, 0),
    ] {
        let rendered = encode(plain(click.clone())).unwrap();
        let got = body(&rendered);
        assert_eq!(got["skipType"], kind, "{click}");
        assert_eq!(got["skipContent"].as_str(), content, "{click}");
        assert_eq!(noticed(&rendered), vec!["click"; told], "{click}");
    }
}

#[test]
fn a_click_that_vivo_cannot_do_opens_the_app_with_ext() {
    let address = format!("https://example.com/{}", "x".repeat(2029));
    let intent = format!("intent:#Intent;component=a/.{};end", "B".repeat(2048));
    for (field, click) in [
        ("url", "javascript:alert(1)"),
        ("url", "www.example.com"),
        ("url", "https://"),
        ("url", "http://a b"),
        ("url", &address),
        // Without a package nobody knows whose they are.
        ("page", "com.example.ChatActivity"),
        ("page", "com.example.OPEN"),
        ("page", "chat://room/42"),
        ("page", ".ChatActivity"),
        ("page", "chat/42"),
        ("page", "intent:#Intent;component=a/.B"),
        ("page", &intent),
    ] {
        let rendered = encode(plain(json!({field: click, "ext": "e"}))).unwrap();
        let got = body(&rendered);
        assert_eq!(
            (&got["skipType"], got.get("skipContent")),
            (&json!(1), None)
        );
        assert_eq!(got["clientCustomMap"]["ext"], "e");
        assert_eq!(noticed(&rendered), ["click"], "{click}");
    }
    let address = format!("https://example.com/{}", "x".repeat(2028));
    assert_eq!(sent(json!({"url": address}))["skipContent"], address);
    assert_eq!(sent(json!({"page": address}))["skipType"], 2);
}

#[test]
fn with_the_package_a_page_of_another_form_becomes_an_intent() {
    let driver = Vivo::open(&settings().with("package", "com.example"), NOW).unwrap();
    for (page, intent) in [
        (
            "com.example.ChatActivity",
            "intent:#Intent;launchFlags=0x14000000;\
             component=com.example/com.example.ChatActivity;end",
        ),
        (
            ".ChatActivity",
            "intent:#Intent;launchFlags=0x14000000;component=com.example/.ChatActivity;end",
        ),
        (
            "com.example.OPEN",
            "intent:#Intent;action=com.example.OPEN;launchFlags=0x14000000;\
             package=com.example;end",
        ),
        (
            "chat://room/42",
            "intent://room/42#Intent;scheme=chat;action=android.intent.action.VIEW;\
             launchFlags=0x14000000;package=com.example;end",
        ),
    ] {
        let message = message(plain(json!({"page": page})));
        let rendered = rendered(&driver, &message, &TOKENS[..1]).unwrap();
        assert_eq!(body(&rendered)["skipType"], 4, "{page}");
        assert_eq!(body(&rendered)["skipContent"], intent, "{page}");
        assert_eq!(noticed(&rendered), [""; 0], "{page}");
    }
    let nothing = message(plain(json!({"page": "chat"})));
    let rendered = rendered(&driver, &nothing, &TOKENS[..1]).unwrap();
    assert_eq!(noticed(&rendered), ["click"]);
}

#[test]
fn ext_is_in_the_intent_and_in_the_map_or_where_it_has_room() {
    let page = "intent:#Intent;component=com.example/.Chat;end";
    let case = |ext: &str| encode(plain(json!({"page": page, "ext": ext}))).unwrap();
    let short = case("{\"a\":1}");
    assert_eq!(noticed(&short), [""; 0]);
    assert_eq!(
        body(&short)["skipContent"],
        "intent:#Intent;component=com.example/.Chat;S.ext={\"a\":1};end"
    );
    // Escaped it is three times as long.
    let escaped = case(&";".repeat(800));
    assert_eq!(noticed(&escaped), ["ext"]);
    assert_eq!(body(&escaped)["skipContent"], page);
    assert_eq!(body(&escaped)["clientCustomMap"]["ext"], ";".repeat(800));
    let long = case(&"e".repeat(1500));
    assert_eq!(noticed(&long), ["ext"]);
    let content = body(&long)["skipContent"].as_str().unwrap().to_owned();
    assert!(content.contains(&"e".repeat(1500)), "{content}");
    assert_eq!(body(&long).get("clientCustomMap"), None);
    // Neither has: the page is opened without it.
    let longer = case(&"e".repeat(3000));
    assert_eq!(noticed(&longer), ["ext"]);
    assert_eq!(body(&longer)["skipContent"], page);
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
        (&plain, json!({"category": "NEWS", "options": {"classification": 1}}), is(1, None, &["category"])),
        (&plain, json!({"options": {"classification": 0, "category": "IM"}}), is(1, Some("IM"), &["options.classification"])),
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
    let twice = encode(plain(twice)).unwrap();
    assert_eq!(body(&twice)["clientCustomMap"], json!({"ext": "f"}));
    assert_eq!(noticed(&twice), ["ext"]);
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
