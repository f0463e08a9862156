//! A channel's settings: what opens, and what is wrong in words.

use nudged_honor::Honor;
use nudged_plugin_api::{Driver, SettingError, Settings};

use crate::account::{NOW, PHONES, SECRET, full_settings, open, settings};

fn refused(settings: &Settings) -> SettingError {
    Honor::open(settings, NOW).unwrap_err()
}

#[test]
fn three_settings_suffice() {
    open(&settings());
    for key in ["app_id", "client_id", "client_secret"] {
        assert_eq!(refused(&settings().without(key)).setting, key);
        assert_eq!(refused(&settings().with(key, "")).setting, key);
    }
}

#[test]
fn a_wrong_value_names_its_setting_and_what_to_do() {
    for (key, value, says, remedy) in [
        ("app_id", "104/../x", "a number", "App ID"),
        ("client_id", "a b", "space", "client_id"),
        ("client_secret", "a\u{e9}", "letter", "client_secret"),
        ("importance", "HIGH", "NORMAL", "leave it out"),
        ("package", "example", "com.example.chat", "AndroidManifest"),
        ("package", "com.example;end", "dotted", "AndroidManifest"),
        ("launcher_activity", "Main", "dotted", "AndroidManifest"),
        ("endpoint", "http://x", "https://", "endpoint"),
        ("token_url", "ftp://x", "https://", "token_url"),
    ] {
        let error = refused(&settings().with(key, value));
        assert_eq!(error.setting, key, "{value}");
        assert!(error.problem.contains(says), "{error}");
        assert!(error.remedy.contains(remedy), "{}", error.remedy);
    }
}

#[test]
fn a_launcher_that_starts_with_a_dot_needs_its_package() {
    let short = settings().with("launcher_activity", ".Main");
    let error = refused(&short);
    assert_eq!(error.setting, "launcher_activity");
    assert!(error.remedy.contains("package"));
    open(&short.with("package", "com.example.app"));
    open(&settings().with("launcher_activity", "com.example.app.Main"));
}

#[test]
fn what_surrounds_a_pasted_credential_does_not_count() {
    let pasted = settings().with("client_secret", format!(" {SECRET}\n"));
    assert_eq!(open(&pasted).grant_scope(), open(&settings()).grant_scope());
}

#[test]
fn no_secret_is_shown() {
    let shown = format!("{:?}", open(&full_settings()));
    assert!(shown.contains("a1b2c3d4") && !shown.contains(SECRET));
}

#[test]
fn limits_and_quotas_are_declared() {
    let info = Honor::describe();
    assert_eq!((info.batch, info.rate), (1000, Some(3000)));
    let quota = |name: &str| {
        let class = info.classes.iter().find(|class| class.name == name);
        let class = class.unwrap_or_else(|| panic!("{name}"));
        (class.daily_per_device, class.daily_at_least)
    };
    assert_eq!(quota("normal"), (None, None));
    assert_eq!(quota("low"), (Some(2), None));
    assert_eq!(quota("test"), (None, Some(1000)));
}

#[test]
fn a_token_is_taken_as_it_is_or_refused_in_words_for_the_apps_developer() {
    let driver = open(&settings());
    let longest = "x".repeat(1024);
    for token in [PHONES[0].1, "a", &longest] {
        assert_eq!(driver.token(token).as_deref(), Ok(token));
    }
    let too_long = "x".repeat(1025);
    for (token, told) in [
        ("", "is empty, expected the token that Honor gave the app"),
        (
            "null",
            "prints for nothing, expected the token that Honor gave the app",
        ),
        ("(null)", "prints for nothing"),
        (&too_long, "is 1025 bytes long, the limit is 1024"),
        (" a", "no Honor token has"),
        ("a\n", "no Honor token has"),
        ("a b", "no Honor token has"),
        ("\"a\"", "no Honor token has"),
        ("a\\", "no Honor token has"),
        ("a\u{0}", "no Honor token has"),
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
        let advice = open(&settings).advice().into_iter();
        advice.map(|it| it.field).collect()
    };
    assert_eq!(fields(full_settings()), [""; 0]);
    for lacking in [
        settings(),
        settings().with("package", "com.example.app"),
        settings().with("launcher_activity", "com.example.app.MainActivity"),
    ] {
        assert_eq!(fields(lacking), ["launcher_activity"]);
    }
}
