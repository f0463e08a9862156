//! What a channel can be opened with, and what is said of everything else.

use nudged_oppo::Oppo;
use nudged_plugin_api::{Driver, Message, SettingError, Settings};

use crate::account::{CN_A, NOW, encode, settings, targets};

fn refusal(settings: &Settings) -> SettingError {
    let error = Oppo::open(settings, NOW).map(|_| ()).unwrap_err();
    assert!(!error.remedy.is_empty(), "{error}");
    assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    error
}

fn url(settings: &Settings) -> String {
    let driver = Oppo::open(settings, NOW).unwrap();
    let message = Message::new("t", "b");
    encode(&driver, &message, &targets(&[CN_A]))
        .unwrap()
        .request
        .url
}

#[test]
fn key_and_secret_are_needed_and_printable() {
    for key in ["app_key", "master_secret"] {
        assert_eq!(refusal(&settings().without(key)).setting, key);
        assert_eq!(refusal(&settings().with(key, "")).setting, key);
        let long = "SECRET".repeat(100);
        for value in ["SECRET SECRET", "SECRET\n", "SECRET\u{fc}", &long] {
            assert_eq!(refusal(&settings().with(key, value)).setting, key);
        }
    }
}

#[test]
fn the_region_chooses_the_server_and_the_endpoint_beats_it() {
    let path = "/server/v1/message/notification/unicast";
    let china = format!("https://api.push.oppomobile.com{path}");
    assert_eq!(url(&settings()), china);
    assert_eq!(url(&settings().with("region", "china")), china);
    assert_eq!(url(&settings().with("endpoint", "")), china);
    let overseas = settings().with("region", "overseas");
    assert_eq!(
        url(&overseas),
        format!("https://api-intl.push.oppomobile.com{path}")
    );
    let heytap = overseas.with("endpoint", "https://api-push-cn.heytapmobi.com/");
    assert_eq!(
        url(&heytap),
        format!("https://api-push-cn.heytapmobi.com{path}")
    );
}

#[test]
fn a_setting_that_oppo_could_not_take_is_named() {
    for (key, value) in [
        ("region", "mars"),
        ("endpoint", "http://plain.example"),
        ("token_url", "nonsense"),
        ("style", "3"),
        ("category", "im"),
        ("category", "I M"),
        ("call_back_url", "ftp://x"),
        ("call_back_url", "https://"),
        ("channel_id", "a\nb"),
        ("default_title", "a\nb"),
        ("default_title", &"t".repeat(51)),
        ("call_back_parameter", &"p".repeat(101)),
        (
            "call_back_url",
            &format!("https://e.example/{}", "p".repeat(190)),
        ),
    ] {
        assert_eq!(
            refusal(&settings().with(key, value)).setting,
            key,
            "{value}"
        );
    }
    for level in [0, 3, 15, 17, -1, i64::MAX] {
        let error = refusal(&settings().with("notify_level", level));
        assert_eq!(error.setting, "notify_level");
        assert!(error.problem.contains("1, 2 or 16"));
    }
}

#[test]
fn the_channel_shows_no_secret_when_printed() {
    let shown = format!("{:?}", Oppo::open(&settings(), NOW).unwrap());
    assert!(
        shown.contains("ak123") && !shown.contains("ms456"),
        "{shown}"
    );
}

#[test]
fn the_quotas_are_declared() {
    let info = Oppo::describe();
    assert_eq!((info.batch, info.rate), (1000, Some(5000)));
    let marketing = &info.classes[1];
    assert_eq!(marketing.name, "marketing");
    assert_eq!(marketing.daily_per_device, Some(2));
    assert_eq!(
        (marketing.daily_per_user, marketing.daily_at_least),
        (Some(2), Some(100_000))
    );
    assert_eq!(info.classes[0].daily_per_device, None);
    assert_eq!(info.classes[2].daily_per_device, Some(5));
}

#[test]
fn a_channel_that_the_certificate_does_not_know_gets_a_notice() {
    let told = |settings: Settings, channel_id: &str| {
        let driver = Oppo::open(&settings, NOW).unwrap();
        let mut message = Message::new("t", "b");
        message.channel_id = Some(channel_id.to_owned());
        let rendered = encode(&driver, &message, &targets(&[CN_A])).unwrap();
        rendered.notices.len()
    };
    let chat = settings().with("channel_id", "chat");
    assert_eq!(told(chat.clone(), "chat"), 0);
    assert_eq!(told(chat.clone(), "news"), 1);
    let listed = chat.with("channel_ids", "news, calls,");
    assert_eq!(told(listed.clone(), "calls"), 0);
    assert_eq!(told(listed, "other"), 1);
    // Nothing to compare with.
    assert_eq!(told(settings(), "news"), 0);
}

#[test]
fn a_certificate_without_a_channel_is_advised_of_android_8() {
    let advice = |settings| Oppo::open(&settings, NOW).unwrap().advice();
    assert_eq!(advice(settings().with("channel_id", "chat")), []);
    let advice = advice(settings());
    assert_eq!(advice[0].field, "channel_id");
    assert!(advice[0].text.contains("Android 8"));
}

#[test]
fn a_token_is_refused_in_words_for_the_apps_developer() {
    let driver = Oppo::open(&settings(), NOW).unwrap();
    assert_eq!(driver.token(CN_A).as_deref(), Ok(CN_A));
    let error = driver.token("a;b").unwrap_err();
    assert_eq!((&*error.code, &*error.field), ("BadToken", "token"));
}
