//! What a channel can be opened with, and what is said of everything else.

use nudged_meizu::Meizu;
use nudged_plugin_api::info::RateUnit;
use nudged_plugin_api::{Driver, SettingError, Settings};

use crate::account::{NOW, settings};

fn refusal(settings: &Settings) -> SettingError {
    let error = Meizu::open(settings, NOW).map(|_| ()).unwrap_err();
    assert!(!error.remedy.is_empty(), "{error}");
    assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    error
}

#[test]
fn app_and_secret_are_enough_and_empty_settings_are_absent() {
    assert!(Meizu::open(&settings(), NOW).is_ok());
    let mut empty = settings();
    for setting in Meizu::describe()
        .settings
        .iter()
        .filter(|setting| !setting.required)
    {
        empty = empty.with(setting.key.as_str(), "");
    }
    assert!(Meizu::open(&empty, NOW).is_ok());
    let pasted = settings()
        .with("app_id", " 10000\n")
        .with("app_secret", "s3cr3t\n");
    assert!(Meizu::open(&pasted, NOW).is_ok());
}

#[test]
fn a_wrong_setting_is_named() {
    for (key, bad) in [
        ("app_id", ""),
        ("app_id", "my app"),
        ("app_id", "123456789012345678901"),
        ("app_secret", ""),
        ("app_secret", " "),
        ("app_secret", "SECRET SECRET"),
        ("app_secret", "SECRETü"),
        ("message_type", "secret"),
        ("package", "chat"),
        ("package", "com..example"),
        ("callback_url", "ftp://p.example.com/"),
        ("callback_url", "p.example.com"),
        ("callback_type", "all"),
        ("region", "mars"),
        ("endpoint", "http://server-api-push.meizu.com"),
        ("endpoint", "https://host?x=1"),
    ] {
        assert_eq!(refusal(&settings().with(key, bad)).setting, key, "{bad}");
    }
    let long = format!("https://{}", "a".repeat(121));
    let error = refusal(&settings().with("callback_url", long));
    assert!(error.problem.contains("129"), "{error}");
    let error = refusal(&settings().with("callback_param", "ä".repeat(33)));
    assert!(error.problem.contains("66"), "{error}");
    assert_eq!(refusal(&Settings::new()).setting, "app_id");
}

#[test]
fn the_driver_says_what_it_needs_and_what_meizu_allows() {
    let info = Meizu::describe();
    assert_eq!((info.vendor.as_str(), info.batch), ("meizu", 100));
    assert_eq!((info.rate, info.rate_unit), (Some(200), RateUnit::Requests));
    let keys: Vec<_> = info
        .settings
        .iter()
        .filter(|setting| !setting.unneeded)
        .map(|setting| setting.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "app_id",
            "app_secret",
            "message_type",
            "package",
            "callback_url",
            "callback_param",
            "callback_type",
            "default_title",
            "region",
            "endpoint"
        ]
    );
    let secret: Vec<_> = info
        .settings
        .iter()
        .filter(|setting| setting.secret)
        .collect();
    assert_eq!(secret.len(), 1);
    let limits: Vec<_> = info
        .classes
        .iter()
        .map(|class| (class.name.as_str(), class.daily_per_device))
        .collect();
    assert_eq!(limits, [("public", Some(3)), ("private", None)]);
    assert_eq!((info.texts[0].max, info.texts[1].max), (32, 100));
}

#[test]
fn no_secret_is_ever_shown() {
    let settings = settings().with("app_secret", "SECRET");
    let driver = Meizu::open(&settings, NOW).unwrap();
    assert!(!format!("{driver:?} {settings:?}").contains("SECRET"));
}

#[test]
fn public_messages_are_advised_of_their_limit() {
    let advice = |settings| Meizu::open(&settings, NOW).unwrap().advice();
    assert_eq!(advice(settings().with("message_type", "private")), []);
    assert_eq!(advice(settings())[0].field, "message_type");
}

#[test]
fn a_token_is_refused_in_words_for_the_apps_developer() {
    let driver = Meizu::open(&settings(), NOW).unwrap();
    assert_eq!(driver.token("RA50").as_deref(), Ok("RA50"));
    let error = driver.token("a,b").unwrap_err();
    assert_eq!((&*error.code, &*error.field), ("BadToken", "token"));
}
