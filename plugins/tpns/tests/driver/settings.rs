//! What a channel can be opened with, and what is said of everything else.

use nudged_plugin_api::{Driver, SettingError, Settings};
use nudged_tpns::Tpns;

use crate::account::{NOW, settings};

fn refusal(settings: &Settings) -> SettingError {
    let error = Tpns::open(settings, NOW).map(|_| ()).unwrap_err();
    assert!(!error.remedy.is_empty(), "{error}");
    assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    error
}

#[test]
fn three_settings_are_enough_and_empty_settings_are_absent() {
    assert!(Tpns::open(&settings(), NOW).is_ok());
    let mut empty = settings();
    for setting in Tpns::describe()
        .settings
        .iter()
        .filter(|setting| !setting.required)
    {
        empty = empty.with(setting.key.as_str(), "");
    }
    assert!(Tpns::open(&empty, NOW).is_ok());
    let pasted = settings()
        .with("access_id", " 1500001048\n")
        .with("secret_key", "1452\n");
    assert!(Tpns::open(&pasted, NOW).is_ok());
}

#[test]
fn a_wrong_setting_is_named() {
    let long = "x".repeat(129);
    for (key, bad) in [
        ("access_id", ""),
        ("access_id", "my app"),
        ("access_id", "123456789012345678901"),
        ("secret_key", ""),
        ("secret_key", " "),
        ("secret_key", "SECRET SECRET"),
        ("secret_key", "SECRETü"),
        ("platform", ""),
        ("platform", "windows"),
        ("environment", "production"),
        ("region", "mars"),
        ("channel_id", &long),
        ("hw_category", "a\nb"),
        ("vivo_ch_id", "2"),
        ("endpoint", "http://api.tpns.tencent.com"),
        ("endpoint", "https://host?x=1"),
    ] {
        assert_eq!(refusal(&settings().with(key, bad)).setting, key, "{bad}");
    }
    assert_eq!(refusal(&Settings::new()).setting, "access_id");
}

#[test]
fn the_driver_says_what_it_needs_and_what_tpns_allows() {
    let info = Tpns::describe();
    assert_eq!((info.vendor.as_str(), info.batch), ("tpns", 1000));
    assert_eq!(info.rate, None);
    let keys: Vec<_> = info
        .settings
        .iter()
        .filter(|setting| !setting.unneeded)
        .map(|setting| setting.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "access_id",
            "secret_key",
            "platform",
            "environment",
            "region",
            "channel_id",
            "xm_ch_id",
            "hw_ch_id",
            "hw_category",
            "oppo_ch_id",
            "vivo_ch_id",
            "fcm_ch_id",
            "default_title",
            "endpoint"
        ]
    );
    let required = info.settings.iter().filter(|setting| setting.required);
    assert_eq!(required.count(), 3);
    let secret: Vec<_> = info
        .settings
        .iter()
        .filter(|setting| setting.secret)
        .collect();
    assert_eq!(secret.len(), 1);
    assert_eq!(secret[0].key, "secret_key");
}

#[test]
fn no_secret_is_ever_shown() {
    let settings = settings().with("secret_key", "SECRET");
    let driver = Tpns::open(&settings, NOW).unwrap();
    assert!(!format!("{driver:?} {settings:?}").contains("SECRET"));
}
