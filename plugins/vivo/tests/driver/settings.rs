//! What a channel can be opened with, and what is said of everything else.

use nudged_plugin_api::info::{RateUnit, Window};
use nudged_plugin_api::{Driver, SettingError, Settings};
use nudged_vivo::Vivo;
use serde_json::json;

use crate::account::{NOW, SECRET, body, message, rendered, settings};

fn refusal(settings: &Settings) -> SettingError {
    let error = Vivo::open(settings, NOW).map(|_| ()).unwrap_err();
    assert!(!error.remedy.is_empty(), "{error}");
    assert!(!format!("{error:?}").contains(SECRET), "{error}");
    error
}

#[test]
fn the_three_keys_alone_are_enough() {
    Vivo::open(&settings(), NOW).unwrap();
    for key in ["app_id", "app_key", "app_secret"] {
        assert_eq!(refusal(&settings().without(key)).setting, key);
    }
}

#[test]
fn each_wrong_setting_is_named() {
    for (key, value) in [
        ("app_key", "a b"),
        ("app_key", " "),
        ("app_secret", "s3cr3t-vivo\r\nmore"),
        ("classification", "1"),
        ("category", "im"),
        ("category", "MARKETING"),
        ("default_title", "  "),
        (
            "default_title",
            "a title of more than forty characters, far too long",
        ),
        ("wide_characters", "three"),
        ("callback_url", "receipts.example.com"),
        ("callback_url", "https:///vivo"),
        ("callback_id", "a b"),
        ("endpoint", "http://localhost"),
        ("token_url", "https://"),
    ] {
        assert_eq!(
            refusal(&settings().with(key, value)).setting,
            key,
            "{value}"
        );
    }
    let long = format!("https://example.com/{}", "x".repeat(109));
    assert!(
        refusal(&settings().with("callback_url", long))
            .problem
            .contains("129")
    );
    for (key, number) in [
        ("app_id", 0),
        ("app_id", -5),
        ("notify_type", 0),
        ("notify_type", 5),
    ] {
        assert_eq!(
            refusal(&settings().with(key, number)).setting,
            key,
            "{number}"
        );
    }
    assert_eq!(
        refusal(&settings().with("app_id", "105000001")).setting,
        "app_id"
    );
}

#[test]
fn a_category_must_belong_to_the_classification() {
    let error = refusal(
        &settings()
            .with("classification", "operational")
            .with("category", "IM"),
    );
    assert_eq!(error.setting, "category");
    assert!(error.remedy.contains("MARKETING"), "{}", error.remedy);
    for (class, category) in [
        ("operational", "NEWS"),
        ("system", "IM"),
        ("system", "LATER_ONE"),
    ] {
        let fitting = settings()
            .with("classification", class)
            .with("category", category);
        Vivo::open(&fitting, NOW).unwrap();
    }
}

#[test]
fn a_default_title_that_vivo_would_cut_is_refused_by_its_own_count() {
    let title = "新".repeat(40);
    Vivo::open(&settings().with("default_title", title.as_str()), NOW).unwrap();
    let two = settings()
        .with("wide_characters", "two")
        .with("default_title", title);
    assert_eq!(refusal(&two).setting, "default_title");
}

#[test]
fn wide_characters_count_two_when_the_channel_says_so() {
    let driver = Vivo::open(&settings().with("wide_characters", "two"), NOW).unwrap();
    let message = message(json!({"title": "标".repeat(21), "body": "正".repeat(51)}));
    let rendered = rendered(&driver, &message, &["1"]).unwrap();
    let body = body(&rendered);
    assert_eq!(body["title"], format!("{}...", "标".repeat(18)));
    assert_eq!(body["content"], format!("{}...", "正".repeat(48)));
    assert_eq!(crate::account::noticed(&rendered), ["title", "body"]);
}

#[test]
fn the_channel_shows_no_secret() {
    let shown = format!("{:?}", Vivo::open(&settings(), NOW).unwrap());
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn the_declared_limits_are_vivos() {
    let info = Vivo::describe();
    assert_eq!(info.batch, 1000);
    assert_eq!((info.rate, info.rate_unit), (Some(3000), RateUnit::Devices));
    let [operational, system] = info.classes.as_slice() else {
        panic!("{:?}", info.classes);
    };
    assert_eq!(operational.name, "operational");
    assert_eq!(operational.window, Some(Window::hours(7, 23, 8)));
    assert_eq!(operational.daily_per_device, Some(2));
    assert_eq!(
        (operational.daily_per_user, operational.daily_at_least),
        (Some(2), Some(10_000))
    );
    assert_eq!((system.name.as_str(), &system.window), ("system", &None));
    assert_eq!(system.daily_per_device, None);
    let texts: Vec<_> = info
        .texts
        .iter()
        .map(|limit| (limit.field.as_str(), limit.max))
        .collect();
    assert_eq!(texts, [("title", 40), ("body", 100)]);
}
