//! Options, settings and fields of the message: which one counts, and what they may hold.

use nudged_oppo::Oppo;
use nudged_plugin_api::Driver;
use serde_json::json;

use crate::account::{CN_A, CN_B, NOW, channel, encode, settings, targets};
use crate::encode::{message, notification, notification_of, refused, render, told};

#[test]
fn long_text_has_room_for_more() {
    let of = |length: usize| {
        message(|m| {
            m.body = Some("b".repeat(length));
            m.options = Some(r#"{"style":2}"#.to_owned());
        })
    };
    assert_eq!(notification(&of(128))["style"], 2);
    assert_eq!(told(&of(128)), [""; 0]);
    assert_eq!(told(&of(129)), ["body"]);
    let driver = Oppo::open(&settings().with("style", "long_text"), NOW).unwrap();
    let long = message(|m| m.body = Some("b".repeat(128)));
    let got = notification_of(&encode(&driver, &long, &targets(&[CN_A])).unwrap());
    assert_eq!(
        (got["style"].clone(), got["content"].as_str().unwrap().len()),
        (json!(2), 128)
    );
}

#[test]
fn channel_and_category_come_from_options_then_message_then_settings() {
    let settings = settings().with("channel_id", "s").with("category", "TODO");
    let driver = Oppo::open(&settings, NOW).unwrap();
    let of = |options: &str, field: &str, category: &str| {
        let message = message(|m| {
            m.options = Some(options.to_owned());
            m.channel_id = Some(field.to_owned());
            m.category = Some(category.to_owned());
        });
        let got = notification_of(&encode(&driver, &message, &targets(&[CN_A])).unwrap());
        (got["channel_id"].clone(), got["category"].clone())
    };
    let options = r#"{"channel_id":"o","category":"ORDER"}"#;
    assert_eq!(of(options, "m", "IM"), (json!("o"), json!("ORDER")));
    assert_eq!(of("{}", "m", "IM"), (json!("m"), json!("IM")));
    assert_eq!(
        of(r#"{"channel_id":"","category":""}"#, "", ""),
        (json!("s"), json!("TODO"))
    );
    // Another vendor's word is left out, and said to be.
    assert_eq!(of("{}", "m", "EXPRESS"), (json!("m"), json!("TODO")));
    let foreign = message(|m| m.category = Some("im!".to_owned()));
    let notices = render(&foreign).unwrap().notices;
    assert!(notices.iter().any(|notice| notice.field == "category"));
}

#[test]
fn a_category_names_the_class_and_none_names_none() {
    let class = |category: &str| {
        let message = message(|m| m.category = Some(category.to_owned()));
        render(&message).unwrap().class
    };
    for service in [
        "IM",
        "ACCOUNT",
        "DEVICE_REMINDER",
        "ORDER",
        "TODO",
        "SUBSCRIPTION",
    ] {
        assert_eq!(class(service), "service");
    }
    for marketing in ["CONTENT", "MARKETING", "SOCIAL"] {
        assert_eq!(class(marketing), "marketing");
    }
    assert_eq!(class("NEWS"), "news");
    assert_eq!(class("BRAND_NEW"), "");
    assert_eq!(class(""), "");
}

#[test]
fn a_level_goes_with_a_category() {
    let driver = Oppo::open(&settings().with("notify_level", 2), NOW).unwrap();
    let level = |category: Option<&str>, options: &str| {
        let message = message(|m| {
            m.category = category.map(str::to_owned);
            m.options = Some(options.to_owned());
        });
        let rendered = encode(&driver, &message, &targets(&[CN_A]));
        rendered.map(|rendered| notification_of(&rendered).get("notify_level").cloned())
    };
    assert_eq!(level(Some("IM"), ""), Ok(Some(json!(2))));
    assert_eq!(
        level(Some("IM"), r#"{"notify_level":16}"#),
        Ok(Some(json!(16)))
    );
    assert_eq!(level(None, ""), Ok(None));
    // OPPO would refuse it: the sender is told.
    assert_eq!(level(None, r#"{"notify_level":16}"#), Ok(None));
    let alone = message(|m| m.options = Some(r#"{"notify_level":16}"#.to_owned()));
    assert_eq!(told(&alone), ["options.notify_level"]);
}

#[test]
fn receipts_carry_the_requests_id_unless_somebody_says_otherwise() {
    let call_back = |settings, options: &str| {
        let message = message(|m| m.options = Some(options.to_owned()));
        let driver = Oppo::open(&settings, NOW).unwrap();
        let got = notification_of(&encode(&driver, &message, &targets(&[CN_A])).unwrap());
        let field = |name: &str| got.get(name).cloned().unwrap_or_default();
        (field("call_back_url"), field("call_back_parameter"))
    };
    let id = json!(targets(&[CN_A])[0].id);
    let own = settings().with("call_back_url", "https://p.example.com/oppo");
    let url = json!("https://p.example.com/oppo");
    assert_eq!(call_back(settings(), ""), (json!(null), json!(null)));
    assert_eq!(call_back(own.clone(), ""), (url.clone(), id));
    let named = own.with("call_back_parameter", "eu-1");
    assert_eq!(call_back(named.clone(), ""), (url, json!("eu-1")));
    let options = r#"{"call_back_url":"https://o.example.com","call_back_parameter":"m"}"#;
    assert_eq!(
        call_back(named, options),
        (json!("https://o.example.com"), json!("m"))
    );
}

#[test]
fn an_option_out_of_its_range_is_named() {
    let over = format!(r#"{{"call_back_parameter":"{}"}}"#, "p".repeat(101));
    for (options, field) in [
        (r#"{"nonsense":1}"#, "options.nonsense"),
        (r#"{"style":4}"#, "options.style"),
        (r#"{"style":3}"#, "options.style"),
        (
            r#"{"style":2,"big_picture_id":"p"}"#,
            "options.big_picture_id",
        ),
        (r#"{"notify_level":3}"#, "options.notify_level"),
        (r#"{"notify_level":"2"}"#, "options.notify_level"),
        (r#"{"category":"im"}"#, "options.category"),
        (r#"{"network_type":2}"#, "options.network_type"),
        (r#"{"show_ttl":86401}"#, "options.show_ttl"),
        (r#"{"show_start_time":1}"#, "options.show_start_time"),
        (
            r#"{"show_start_time":2,"show_end_time":2}"#,
            "options.show_end_time",
        ),
        (r#"{"notify_id":2147483648}"#, "options.notify_id"),
        (
            r#"{"badge_operation_type":1}"#,
            "options.badge_operation_type",
        ),
        (
            r#"{"badge_message_count":1}"#,
            "options.badge_operation_type",
        ),
        (
            r#"{"badge_operation_type":2,"badge_message_count":1}"#,
            "options.badge_operation_type",
        ),
        (
            r#"{"badge_operation_type":1,"badge_message_count":2147483648}"#,
            "options.badge_message_count",
        ),
        (
            r#"{"private_title_parameters":{}}"#,
            "options.private_title_parameters",
        ),
        (
            r#"{"private_content_parameters":{}}"#,
            "options.private_content_parameters",
        ),
        (
            r#"{"action_parameters":{"a":1}}"#,
            "options.action_parameters.a",
        ),
        (r#"{"call_back_url":"mailto:x"}"#, "options.call_back_url"),
        (&over, "options.call_back_parameter"),
    ] {
        let (code, got) = refused(&message(|m| m.options = Some(options.to_owned())));
        assert_eq!(
            (code.as_str(), got.as_str()),
            ("BadOption", field),
            "{options}"
        );
    }
}

#[test]
fn a_request_beyond_measure_is_refused_with_its_size() {
    let huge = json!({"private_msg_template_id": "1", "private_title_parameters": {"a": "x".repeat(600_000)}});
    let huge = message(|m| m.options = Some(huge.to_string()));
    for tokens in [&[CN_A][..], &[CN_A, CN_B]] {
        let error = encode(&channel(), &huge, &targets(tokens)).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.field.as_str()),
            ("PayloadTooLarge", "options.private_title_parameters.a")
        );
        assert!(error.problem.contains("524288"), "{error}");
    }
}
