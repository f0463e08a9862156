//! What a channel opens with, and what it is refused for.

use nudged_plugin_api::{Driver, SettingError, Settings};
use nudged_xiaomi::Xiaomi;
use serde_json::json;

use crate::account::{NOW, REGID, SECRET, channel, encode, message_of, settings, targets_of};

fn refusal(settings: &Settings) -> SettingError {
    let error = Xiaomi::open(settings, NOW).unwrap_err();
    assert!(!error.remedy.is_empty());
    error
}

#[test]
fn secret_and_package_are_all_that_a_channel_needs() {
    assert!(Xiaomi::open(&settings(), NOW).is_ok());
    for key in ["app_secret", "package"] {
        assert_eq!(refusal(&settings().without(key)).setting, key);
        assert_eq!(refusal(&settings().with(key, "")).setting, key);
    }
}

#[test]
fn each_wrong_value_is_named_by_its_setting() {
    let fine = settings()
        .with("channel_id", "100123")
        .with("template_id", "P1");
    for (key, bad) in [
        ("app_secret", "key=AbCd"),
        ("app_secret", "Ab Cd"),
        ("app_secret", "Ab\r\nCd"),
        ("package", "example"),
        ("package", "com.example.a,com.example.b"),
        ("package", "com..example"),
        ("package", "com.1example"),
        ("region", "mars"),
        ("endpoint", "http://gateway.example"),
        ("endpoint", "https://gateway.example?x=1"),
        ("channel_class", "important"),
        ("open_app", "browser"),
        ("default_title", "  "),
        ("template_param", "[]"),
        ("template_param", r#"{"a":1}"#),
        ("template_param", r#"{"a":""}"#),
        ("callback_url", "push.example.com/mi"),
        ("callback_url", "https://push.example.com/a b"),
    ] {
        let error = refusal(&fine.clone().with(key, bad));
        assert_eq!(error.setting, key, "{bad}");
    }
}

#[test]
fn a_template_needs_its_channel_and_variables_need_their_template() {
    let error = refusal(&settings().with("template_id", "P1"));
    assert_eq!(error.setting, "template_id");
    let error = refusal(&settings().with("template_param", "{}"));
    assert_eq!(error.setting, "template_param");
    let ten: Vec<_> = (0..10).map(|n| format!(r#""k{n}":"v""#)).collect();
    let error = refusal(
        &settings()
            .with("channel_id", "1")
            .with("template_id", "P1")
            .with("template_param", format!("{{{}}}", ten.join(","))),
    );
    assert_eq!(error.setting, "template_param");
}

#[test]
fn the_report_types_that_stop_all_reports_are_refused() {
    let with = |kinds: i64| settings().with("callback_type", kinds);
    for kinds in [1, 3, 16, 243, 243 + 1024] {
        assert!(Xiaomi::open(&with(kinds), NOW).is_ok(), "{kinds}");
    }
    for kinds in [-1, 0, 4, 246, 2048] {
        assert_eq!(refusal(&with(kinds)).setting, "callback_type", "{kinds}");
    }
}

#[test]
fn a_callback_url_has_at_most_128_bytes() {
    let url = |size: usize| format!("https://a.example/{}", "x".repeat(size - 18));
    let with = |url: String| settings().with("callback_url", url);
    assert!(Xiaomi::open(&with(url(128)), NOW).is_ok());
    let error = refusal(&with(url(129)));
    assert!(error.problem.contains("129"), "{error}");
}

#[test]
fn every_setting_is_described() {
    let info = Xiaomi::describe();
    assert_eq!((info.vendor.as_str(), info.batch), ("xiaomi", 1000));
    assert_eq!(info.rate, Some(500));
    let needed = info.settings.iter().filter(|it| !it.unneeded);
    let keys: Vec<_> = needed.map(|it| it.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "app_secret",
            "package",
            "region",
            "endpoint",
            "channel_id",
            "channel_ids",
            "channel_class",
            "template_id",
            "template_param",
            "open_app",
            "default_title",
            "callback_url",
            "callback_type",
            "notify_foreground"
        ]
    );
    assert!(info.settings.iter().all(|s| s.help.ends_with('.')));
    assert!(info.settings[0].secret && info.settings[0].required);
    let regions = ["china", "russia", "india", "europe", "global"];
    assert_eq!(info.settings[2].choices, regions);
    assert_eq!(info.hosts.len(), regions.len());
}

#[test]
fn the_quotas_are_those_of_the_three_classes() {
    let info = Xiaomi::describe();
    let classes = info.classes.iter();
    let quotas: Vec<_> = classes
        .map(|c| {
            (
                c.name.as_str(),
                c.daily_per_device,
                c.daily_per_user,
                c.daily_at_least,
            )
        })
        .collect();
    assert_eq!(
        quotas,
        [
            ("default", Some(1), Some(1), Some(10_000)),
            ("public", Some(5), Some(2), Some(20_000)),
            ("private", None, None, None),
        ]
    );
}

#[test]
fn each_region_has_its_host() {
    for (region, host) in [
        ("china", "api.xmpush.xiaomi.com"),
        ("russia", "ru-api.xmpush.global.xiaomi.com"),
        ("india", "idmb-api.xmpush.global.xiaomi.com"),
        ("europe", "fr-api.xmpush.global.xiaomi.com"),
        ("global", "sgp-api.xmpush.global.xiaomi.com"),
    ] {
        let driver = Xiaomi::open(&settings().with("region", region), NOW).unwrap();
        let message = message_of(json!({"title": "t", "body": "b"}));
        let request = encode(&driver, &message, &targets_of(&["r"]))
            .unwrap()
            .request;
        assert_eq!(request.url, format!("https://{host}/v3/message/regid"));
    }
}

#[test]
fn no_secret_is_ever_shown() {
    let shown = format!("{:?} {:?}", channel(), settings());
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn a_certificate_without_a_channel_is_advised_of_its_quota() {
    let advice = |settings| Xiaomi::open(&settings, NOW).unwrap().advice();
    assert_eq!(advice(settings().with("channel_id", "chat")), []);
    assert_eq!(advice(settings())[0].field, "channel_id");
}

#[test]
fn a_channel_that_the_certificate_does_not_know_gets_a_notice() {
    let told = |settings: &Settings, channel_id: &str| {
        let driver = Xiaomi::open(settings, NOW).unwrap();
        let message = message_of(json!({"title": "t", "channel_id": channel_id}));
        let rendered = encode(&driver, &message, &targets_of(&[REGID])).unwrap();
        rendered.notices.len()
    };
    let listed = settings()
        .with("channel_id", "chat")
        .with("channel_ids", "news, calls,");
    assert_eq!(told(&listed, "chat"), 0);
    assert_eq!(told(&listed, "calls"), 0);
    assert_eq!(told(&listed, "other"), 1);
    assert_eq!(told(&settings(), "other"), 0);
}

#[test]
fn a_token_is_refused_in_words_for_the_apps_developer() {
    let driver = Xiaomi::open(&settings(), NOW).unwrap();
    assert_eq!(driver.token(REGID).as_deref(), Ok(REGID));
    let error = driver.token("a,b").unwrap_err();
    assert_eq!((&*error.code, &*error.field), ("BadToken", "token"));
}
