//! What is refused before it is sent, and where the limits are.

use nudged_plugin_api::{Click, Driver, EncodeError, Kind, Lifetime, Message, Sound};
use nudged_tpns::Tpns;
use serde_json::{Value, json};

use crate::account::{NOW, TOKEN, android, encode, ios, settings, targets};

fn body(driver: &Tpns, message: &Message) -> Value {
    let rendered = encode(driver, message, &targets(&[TOKEN])).unwrap();
    serde_json::from_slice(&rendered.request.body).unwrap()
}

fn refusal(driver: &Tpns, message: &Message) -> EncodeError {
    encode(driver, message, &targets(&[TOKEN])).unwrap_err()
}

fn with_options(options: Value) -> Message {
    let mut message = Message::new("t", "b");
    message.options = Some(options.to_string());
    message
}

#[test]
fn ext_arrives_byte_for_byte_in_custom_content() {
    for ext in [
        "plain",
        r#"{"entity": {"sender": "a\u00e9", "n": 1e2}}"#,
        "\"'\\/\u{1}\n\t 中文 🎉",
    ] {
        for (driver, platform) in [(android(), "android"), (ios(), "ios")] {
            let mut message = Message::new("t", "b");
            message.ext = Some(ext.to_owned());
            let body = body(&driver, &message);
            let content = body["message"][platform]["custom_content"]
                .as_str()
                .unwrap();
            let content: Value = serde_json::from_str(content).unwrap();
            assert_eq!(content, json!({"ext": ext}));
        }
    }
}

#[test]
fn bytes_are_the_same_every_time_and_the_sign_changes_with_the_clock() {
    let (message, devices) = (Message::new("t", "b"), targets(&[TOKEN]));
    let first = encode(&android(), &message, &devices).unwrap();
    assert_eq!(first, encode(&android(), &message, &devices).unwrap());
    let later = android()
        .encode(
            nudged_plugin_api::Batch::new(&message, &devices),
            &nudged_plugin_api::Context::new(NOW.plus_seconds(1), None),
        )
        .unwrap();
    assert_eq!(first.request.body, later.request.body);
    let header = |request: &nudged_plugin_api::HttpRequest, name: &str| {
        let found = request.headers.iter().find(|(known, _)| known == name);
        found.unwrap().1.clone()
    };
    assert_eq!(header(&later.request, "timestamp"), "1790000001");
    assert_ne!(
        header(&first.request, "sign"),
        header(&later.request, "sign")
    );
}

#[test]
fn now_or_never_is_for_phones_that_are_online() {
    let mut message = Message::new("t", "b");
    message.lifetime = Lifetime::NowOrNever;
    assert_eq!(body(&android(), &message)["expire_time"], 0);
}

#[test]
fn calls_and_live_activities_are_refused() {
    for kind in [Kind::Voip, Kind::LiveActivity] {
        for driver in [android(), ios()] {
            let mut message = Message::new("t", "b");
            message.kind = kind;
            let error = refusal(&driver, &message);
            assert_eq!(
                (error.code.as_str(), error.field.as_str()),
                ("KindUnsupported", "kind")
            );
        }
    }
}

/// The body, and the fields that something is said of.
fn sent(driver: &Tpns, message: &Message) -> (Value, Vec<String>) {
    let rendered = encode(driver, message, &targets(&[TOKEN])).unwrap();
    let fields = rendered.notices.into_iter().map(|it| it.field).collect();
    (
        serde_json::from_slice(&rendered.request.body).unwrap(),
        fields,
    )
}

#[test]
fn a_click_that_tpns_cannot_do_opens_the_app_and_is_told() {
    for click in [
        Click::Url("javascript:alert(1)".to_owned()),
        Click::Url("example://chat".to_owned()),
        Click::Url("https:///path".to_owned()),
        Click::Url("https://a b".to_owned()),
        Click::Url("https://".to_owned()),
        Click::Url("日本".to_owned()),
        Click::Page(String::new()),
        Click::Page("ChatActivity".to_owned()),
        Click::Page("com.example.OPEN_CHAT".to_owned()),
        Click::Page(format!("com.{}.Chat", "x".repeat(255))),
        Click::Page("com.example.1Chat x".to_owned()),
        Click::Page("javascript:alert(1)".to_owned()),
        Click::Page("javascript://alert(1)".to_owned()),
        Click::Page("example:".to_owned()),
        Click::Page("intent://x#Intent;component=a/b".to_owned()),
        Click::Page("a b://c".to_owned()),
    ] {
        let mut message = Message::new("t", "b");
        message.click = click;
        let (body, fields) = sent(&android(), &message);
        let action = &body["message"]["android"]["action"];
        assert_eq!(action, &json!({"action_type": 1}), "{:?}", message.click);
        assert_eq!(fields, ["click"], "{:?}", message.click);
    }
}

#[test]
fn a_click_that_tpns_cannot_do_becomes_the_channels_own() {
    let page = |page: &str| Click::Page(page.to_owned());
    let class = "com.example.ChatActivity";
    let opened = json!({"action_type": 1, "activity": class});
    let intent = "intent:#Intent;component=a.b/.C;end";
    let web = json!({"action_type": 2, "browser": {"url": "https://a.example/", "confirm": 0}});
    let url = || Click::Url("https://a.example/".to_owned());
    for (click, other, action, told) in [
        (page("com.example.OPEN"), page(class), opened.clone(), 1),
        (
            page("ChatActivity"),
            page(intent),
            json!({"action_type": 3, "intent": intent}),
            1,
        ),
        (page("a b://c"), url(), web.clone(), 1),
        (page("a b://c"), page("d e"), json!({"action_type": 1}), 1),
        (url(), page(class), web, 0),
        (Click::OpenApp, page(class), json!({"action_type": 1}), 0),
    ] {
        let place = format!("{click:?}, {other:?}");
        let mut message = Message::new("t", "b");
        message.click = click.clone();
        message.click_else = Some(other);
        let (body, fields) = sent(&android(), &message);
        assert_eq!(body["message"]["android"]["action"], action, "{place}");
        assert_eq!(fields, vec!["click"; told], "{place}");
        // iPhones know no click of either.
        let (_, fields) = sent(&ios(), &message);
        let any = usize::from(click != Click::OpenApp);
        assert_eq!(fields, vec!["click"; any], "{place}");
    }
}

#[test]
fn a_page_of_any_form_is_opened_as_what_it_is() {
    for (page, action) in [
        (
            "com.example.ChatActivity",
            json!({"action_type": 1, "activity": "com.example.ChatActivity"}),
        ),
        (
            "example://chat/1",
            json!({"action_type": 3, "intent": "example://chat/1"}),
        ),
        (
            "https://example.com/a",
            json!({"action_type": 2, "browser": {"url": "https://example.com/a", "confirm": 0}}),
        ),
    ] {
        let mut message = Message::new("t", "b");
        message.click = Click::Page(page.to_owned());
        let (body, _) = sent(&android(), &message);
        assert_eq!(body["message"]["android"]["action"], action);
    }
}

#[test]
fn a_sound_is_a_resource_on_android_and_a_file_on_ios() {
    for (name, ring) in [
        ("ding.caf", json!("ding")),
        ("ding", json!("ding")),
        ("叮.mp3", Value::Null),
    ] {
        let mut message = Message::new("t", "b");
        message.channel_id = Some("chat".to_owned());
        message.sound = Sound::Named(name.to_owned());
        let (body, fields) = sent(&android(), &message);
        assert_eq!(body["message"]["android"]["ring_raw"], ring, "{name}");
        let told = ring.is_null().then(|| "sound".to_owned());
        assert_eq!(fields, Vec::from_iter(told), "{name}");
        let (body, _) = sent(&ios(), &message);
        assert_eq!(body["message"]["ios"]["aps"]["sound"], name);
    }
}

#[test]
fn what_is_said_for_the_vendors_behind_reaches_their_phones() {
    let mut message = with_options(json!({"behind": {
        "huawei": {"channel_id": "h1", "category": "IM", "importance": "LOW"},
        "honor": {"importance": "NORMAL"},
        "xiaomi": {"channel_id": "x1"},
        "oppo": {"channel_id": "o1", "category": "IM"},
        "vivo": {"classification": 1},
        "fcm": {"channel_id": "f0", "android": {"notification": {"channel_id": "f1"}}},
    }}));
    message.category = Some("MARKETING".to_owned());
    let (body, fields) = sent(&android(), &message);
    assert_eq!(
        body["message"]["android"],
        json!({"hw_ch_id": "h1", "hw_category": "IM", "hw_importance": 1, "xm_ch_id": "x1",
            "oppo_ch_id": "o1", "vivo_ch_id": "1", "fcm_ch_id": "f1",
            "action": {"action_type": 1}})
    );
    // OPPO's category has no field.
    assert_eq!(fields, ["options.behind.oppo"]);
    assert_eq!(sent(&ios(), &message).1, [""; 0]);

    // What cannot be is left out, and what TPNS's own options say beats it.
    let odd = json!({"android": {"xm_ch_id": "own"}, "behind": {
        "xiaomi": {"channel_id": "x1"}, "huawei": {"channel_id": "x".repeat(129)},
        "oppo": {"channel_id": 7}, "vivo": 3, "fcm": null, "meizu": {"a": 1},
    }});
    let (body, fields) = sent(&android(), &with_options(odd));
    assert_eq!(
        fields,
        ["huawei", "meizu", "oppo", "vivo"].map(|it| format!("options.behind.{it}"))
    );
    let android = &body["message"]["android"];
    assert_eq!(
        android,
        &json!({"xm_ch_id": "own", "action": {"action_type": 1}})
    );
}

#[test]
fn a_category_of_vivos_is_the_class_that_it_belongs_to() {
    for (vivo, class, told) in [
        (json!({"category": "IM"}), json!("1"), false),
        (json!({"category": "MARKETING"}), json!("0"), false),
        (
            json!({"category": "IM", "classification": 0}),
            json!("0"),
            false,
        ),
        // vivo does not have it: the setting counts, and the sender is told.
        (json!({"category": "weird"}), json!("1"), true),
        (
            json!({"category": "NEWS", "classification": 7}),
            json!("0"),
            true,
        ),
    ] {
        let channel = Tpns::open(&settings().with("vivo_ch_id", "1"), NOW).unwrap();
        let (body, fields) = sent(&channel, &with_options(json!({"behind": {"vivo": vivo}})));
        assert_eq!(body["message"]["android"]["vivo_ch_id"], class, "{vivo}");
        let expected = told.then(|| "options.behind.vivo".to_owned());
        assert_eq!(fields, Vec::from_iter(expected), "{vivo}");
    }
}

#[test]
fn a_category_that_huawei_does_not_have_is_left_out_unless_it_is_meant_for_huawei() {
    let channel = Tpns::open(&settings().with("hw_category", "IM"), NOW).unwrap();
    for (category, expected) in [("WORK", "WORK"), ("weird", "IM"), ("NEWS", "IM")] {
        let mut message = Message::new("Ann", "Hello");
        message.category = Some(category.to_owned());
        let (body, fields) = sent(&channel, &message);
        assert_eq!(body["message"]["android"]["hw_category"], expected);
        let told = (category != expected).then(|| "category".to_owned());
        assert_eq!(fields, Vec::from_iter(told), "{category}");
        let huawei = json!({"behind": {"huawei": {"category": category}}});
        let (body, fields) = sent(&channel, &with_options(huawei));
        assert_eq!(body["message"]["android"]["hw_category"], category);
        assert_eq!(fields, [""; 0]);
    }
}

#[test]
fn a_token_that_tpns_never_gave_is_refused_by_itself() {
    let long = "a".repeat(37);
    for bad in ["", "a b", "a\nb", "ü", "null", &long] {
        let error = encode(&android(), &Message::new("t", "b"), &targets(&[TOKEN, bad]));
        let error = error.unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("BadToken", "token"),
            "{bad}"
        );
    }
}

#[test]
fn blanks_around_a_token_are_no_part_of_it() {
    let token = android().token(&format!(" {TOKEN}\n"));
    assert_eq!(token.as_deref(), Ok(TOKEN));
    let error = android().token("(null)").unwrap_err();
    assert!(!error.problem.contains("notification"), "{error}");
}

#[test]
fn a_long_chat_text_is_cut_and_what_is_beside_it_stays() {
    let entity = format!(r#"{{"entity":{{"content":"{}"}}}}"#, "你好".repeat(300));
    for (driver, platform) in [(android(), "android"), (ios(), "ios")] {
        let mut message = with_options(json!({
            "custom_content": {"k": "v".repeat(3000)}, "message": {"thread_sumtext": "s"}}));
        message.title = Some("小明".to_owned());
        message.body = Some("你好".repeat(700));
        message.ext = Some(entity.clone());
        let (body, fields) = sent(&driver, &message);
        assert!(body["message"].to_string().len() <= 4096);
        for field in [
            "body",
            "options.custom_content",
            "options.message.thread_sumtext",
        ] {
            assert!(fields.iter().any(|it| it == field), "{fields:?}");
        }
        let content = body["message"][platform]["custom_content"]
            .as_str()
            .unwrap();
        let content: Value = serde_json::from_str(content).unwrap();
        assert_eq!(content, json!({"ext": entity}));
    }
}

#[test]
fn the_settings_that_cost_every_message_are_told() {
    let keys = |driver: &Tpns| {
        let advice = driver.advice().into_iter().map(|it| it.field);
        advice.collect::<Vec<_>>()
    };
    assert_eq!(keys(&android()), ["oppo_ch_id", "vivo_ch_id"]);
    assert_eq!(keys(&ios()), [""; 0]);
}

#[test]
fn a_message_of_four_kibibytes_passes_and_one_byte_more_is_cut() {
    for driver in [android(), ios()] {
        let mut message = Message::new("t", "b");
        let fixed = body(&driver, &message)["message"].to_string().len() - 1;
        message.body = Some("x".repeat(4096 - fixed));
        assert_eq!(body(&driver, &message)["message"].to_string().len(), 4096);
        message.body = Some("x".repeat(4097 - fixed));
        let rendered = encode(&driver, &message, &targets(&[TOKEN])).unwrap();
        let [notice] = &rendered.notices[..] else {
            panic!("{:?}", rendered.notices);
        };
        assert_eq!(notice.field, "body");
        assert!(
            notice.text.contains("4097") && notice.text.contains("4096"),
            "{}",
            notice.text
        );
    }
}

#[test]
fn the_largest_batch_of_the_largest_message_is_a_body_that_was_declared() {
    let mut message = with_options(json!({
        "plan_id": "\"".repeat(64), "multi_pkg": true, "tpns_online_push_type": 1,
        "channel_rules": vec![json!({"channel": "honor", "disable": false}); 9],
    }));
    message.body = Some("x".repeat(4000));
    // Every character of it is escaped in JSON.
    let tokens: Vec<String> = (0..1000)
        .map(|n| format!("{}{n:03}", "\"".repeat(33)))
        .collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    for driver in [android(), ios()] {
        let rendered = encode(&driver, &message, &targets(&tokens)).unwrap();
        let (size, most) = (
            rendered.request.body.len(),
            Tpns::describe().max_body as usize,
        );
        assert!(size <= most && size > most * 9 / 10, "{size} of {most}");
    }
}

#[test]
fn options_out_of_range_are_refused_with_their_path() {
    let rule = |channel: &str| json!([{"channel": channel, "disable": true}]);
    let rules = vec![json!({"channel": "xg", "disable": true}); 10];
    let time = |hour: &str, min: &str| {
        json!({"message": {"accept_time": [{
            "start": {"hour": "00", "min": "00"}, "end": {"hour": hour, "min": min}}]}})
    };
    for (options, field) in [
        (json!({"environment": "prod"}), "environment"),
        (json!({"multi_pkg": 1}), "multi_pkg"),
        (json!({"plan_id": "x".repeat(65)}), "plan_id"),
        (
            json!({"channel_rules": rule("apple")}),
            "channel_rules[0].channel",
        ),
        (json!({"channel_rules": rules}), "channel_rules"),
        (json!({"tpns_online_push_type": 2}), "tpns_online_push_type"),
        (json!({"message": {"show_type": 0}}), "message.show_type"),
        (json!({"message": {"title": "x"}}), "message.title"),
        (time("24", "00"), "message.accept_time[0].end.hour"),
        (time("23", "60"), "message.accept_time[0].end.min"),
        (time("023", "00"), "message.accept_time[0].end.hour"),
        (time("", "00"), "message.accept_time[0].end.hour"),
        (time("+1", "00"), "message.accept_time[0].end.hour"),
        (
            json!({"android": {"hw_biz_type": 2}}),
            "android.hw_biz_type",
        ),
        (
            json!({"android": {"hw_importance": 0}}),
            "android.hw_importance",
        ),
        (
            json!({"android": {"hw_importance": 3}}),
            "android.hw_importance",
        ),
        (
            json!({"android": {"vivo_ch_id": "2"}}),
            "android.vivo_ch_id",
        ),
        (json!({"android": {"badge_type": -3}}), "android.badge_type"),
        (
            json!({"android": {"badge_type": 100}}),
            "android.badge_type",
        ),
        (json!({"android": {"n_id": -2}}), "android.n_id"),
        (json!({"android": {"ring": 2}}), "android.ring"),
        (json!({"android": {"vibrate": 2}}), "android.vibrate"),
        (json!({"android": {"lights": 2}}), "android.lights"),
        (json!({"android": {"clearable": 2}}), "android.clearable"),
        (json!({"android": {"icon_type": 2}}), "android.icon_type"),
        (json!({"android": {"style_id": 2}}), "android.style_id"),
        (
            json!({"android": {"action": {"browser": {"confirm": 2}}}}),
            "android.action.browser.confirm",
        ),
        (json!({"aps": {"badge_type": -3}}), "aps.badge_type"),
        (
            json!({"aps": {"mutable-content": 2}}),
            "aps.mutable-content",
        ),
        (
            json!({"aps": {"interruption-level": "loud"}}),
            "aps.interruption-level",
        ),
        (json!({"custom_content": {"n": 1}}), "custom_content.n"),
        (json!({"other": 1}), "other"),
    ] {
        let error = refusal(&android(), &with_options(options.clone()));
        assert_eq!(error.code, "BadOption", "{options}");
        assert_eq!(error.field, format!("options.{field}"), "{options}");
    }
}

#[test]
fn ext_is_not_given_twice() {
    let mut message = with_options(json!({"custom_content": {"ext": "x"}}));
    assert_eq!(
        body(&ios(), &message)["message"]["ios"]["custom_content"],
        r#"{"ext":"x"}"#
    );
    message.ext = Some("y".to_owned());
    assert_eq!(
        refusal(&ios(), &message).field,
        "options.custom_content.ext"
    );
}

#[test]
fn empty_texts_are_absent_ones() {
    let mut message = Message::new("t", "b");
    let empty = Some(String::new());
    message.ext.clone_from(&empty);
    message.subtitle.clone_from(&empty);
    message.channel_id.clone_from(&empty);
    message.collapse_key.clone_from(&empty);
    message.category.clone_from(&empty);
    message.options = Some(
        json!({"environment": "", "plan_id": null, "android": {"n_ch_id": "", "icon_res": "",
            "vivo_ch_id": ""}, "aps": {"category": "", "interruption-level": ""}})
        .to_string(),
    );
    let (plain, devices) = (Message::new("t", "b"), targets(&[TOKEN]));
    for driver in [android(), ios()] {
        assert_eq!(
            encode(&driver, &message, &devices),
            encode(&driver, &plain, &devices)
        );
    }
}

#[test]
fn the_secret_signs_and_is_not_sent() {
    let other = Tpns::open(&settings().with("secret_key", "another"), NOW).unwrap();
    let (message, devices) = (Message::new("t", "b"), targets(&[TOKEN]));
    let one = encode(&android(), &message, &devices).unwrap().request;
    let two = encode(&other, &message, &devices).unwrap().request;
    assert_eq!(one.body, two.body);
    assert_ne!(one.headers, two.headers);
    assert!(!format!("{two:?}").contains("another"));
}
