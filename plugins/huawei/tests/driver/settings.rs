//! What a channel can be opened with, and what is said of everything else.

use nudged_huawei::Huawei;
use nudged_plugin_api::info::RateUnit;
use nudged_plugin_api::{Driver, SettingError, Settings};

use crate::account::{NOW, SECRET, TOKEN, channel, settings};

fn refusal(settings: &Settings) -> SettingError {
    let error = Huawei::open(settings, NOW).map(|_| ()).unwrap_err();
    assert!(
        !error.remedy.is_empty() && !error.problem.is_empty(),
        "{error}"
    );
    assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
    error
}

#[test]
fn app_id_and_secret_are_enough_and_both_are_needed() {
    assert!(Huawei::open(&settings(), NOW).is_ok());
    for key in ["app_id", "app_secret"] {
        assert_eq!(refusal(&settings().without(key)).setting, key);
        assert_eq!(refusal(&settings().with(key, "")).setting, key);
    }
}

#[test]
fn a_setting_of_the_wrong_form_is_named_with_the_form_expected() {
    for (key, value, expected) in [
        ("app_id", "com.example.chat", "letters and digits"),
        ("app_id", "1/../2", "letters and digits"),
        ("app_secret", "two words", "a space"),
        ("app_secret", "line\n", "a space"),
        ("project_id", "My project", "letters and digits"),
        ("package", "chat", "com.example.chat"),
        ("badge_class", ".MainActivity", "class name"),
        ("category", "im", "capitals"),
        ("importance", "DEFAULT", "LOW, NORMAL, HIGH"),
        ("urgency", "LOW", "HIGH, NORMAL"),
        ("default_title", "two\nlines", "one line"),
        ("endpoint", "http://push.example", "https://"),
        ("endpoint", "https://push.example?x=1", "https://"),
        ("token_url", "ftp://push.example", "https://"),
    ] {
        let error = refusal(&settings().with(key, value));
        assert_eq!(error.setting, key, "{value}");
        assert!(error.problem.contains(expected), "{key}: {error}");
    }
    let long = refusal(&settings().with("default_title", "é".repeat(61)));
    assert!(
        long.problem.contains("61") && long.problem.contains("60"),
        "{long}"
    );
}

#[test]
fn a_launcher_activity_needs_its_package_and_a_full_name_or_a_dot() {
    let lone = settings().with("launcher_activity", ".MainActivity");
    assert_eq!(refusal(&lone).setting, "package");
    let bare = settings()
        .with("package", "com.example.chat")
        .with("launcher_activity", "MainActivity");
    assert_eq!(refusal(&bare).setting, "launcher_activity");
}

#[test]
fn empty_settings_are_absent_ones() {
    let mut empty = settings();
    for setting in Huawei::describe().settings {
        if !setting.required {
            empty = empty.with(setting.key, "");
        }
    }
    assert!(Huawei::open(&empty, NOW).is_ok());
}

#[test]
fn the_description_tells_huaweis_limits() {
    let info = Huawei::describe();
    assert_eq!((info.batch, info.rate), (1000, Some(6000)));
    assert_eq!(info.rate_unit, RateUnit::Devices);
    let quota = |name: &str| {
        let class = info.classes.iter().find(|class| class.name == name);
        class.unwrap().daily_per_device
    };
    assert_eq!(
        (quota("marketing"), quota("service")),
        (Some(2), Some(3000))
    );
    let texts: Vec<_> = info
        .texts
        .iter()
        .map(|text| (text.field.as_str(), text.max))
        .collect();
    assert_eq!(texts, [("title", 60), ("body", 600)]);
    let secret: Vec<_> = info
        .settings
        .iter()
        .filter(|setting| setting.secret)
        .collect();
    assert_eq!((secret.len(), secret[0].key.as_str()), (1, "app_secret"));
}

#[test]
fn a_token_is_taken_as_it_is_or_refused_in_words_for_the_apps_developer() {
    let driver = channel();
    let longest = "x".repeat(1024);
    for token in [TOKEN, "a", &longest] {
        assert_eq!(driver.token(token).as_deref(), Ok(token));
    }
    let too_long = "x".repeat(1025);
    for (token, told) in [
        ("", "is empty, expected a Push Kit token"),
        ("null", "prints for nothing, expected a Push Kit token"),
        ("(null)", "prints for nothing"),
        (&too_long, "is 1025 bytes long, the limit is 1024"),
        (" a", "no Push Kit token has"),
        ("a\n", "no Push Kit token has"),
        ("a b", "no Push Kit token has"),
        ("\"a\"", "no Push Kit token has"),
        ("a\\", "no Push Kit token has"),
        ("a\u{0}", "no Push Kit token has"),
        ("\u{e9}", "no Push Kit token has"),
    ] {
        let error = driver.token(token).unwrap_err();
        assert_eq!((&*error.code, &*error.field), ("BadToken", "token"));
        assert!(error.problem.contains(told), "{token:?}: {error}");
        assert!(!error.problem.contains("notification"), "{error}");
    }
}

#[test]
fn a_channel_is_advised_of_what_its_settings_cost_every_message() {
    let fields = |settings: Settings| -> Vec<String> {
        let driver = Huawei::open(&settings, NOW).unwrap();
        driver.advice().into_iter().map(|it| it.field).collect()
    };
    let package = settings().with("package", "com.example.chat");
    for (settings, fields_of) in [
        (settings(), &["launcher_activity", "badge_class"][..]),
        (package.clone(), &["launcher_activity", "badge_class"]),
        (
            settings().with("badge_class", "com.example.chat.Main"),
            &["launcher_activity"],
        ),
        (package.with("launcher_activity", ".Main"), &[]),
    ] {
        assert_eq!(fields(settings), fields_of);
    }
}
