//! A channel's settings: what opens, and what is wrong in words.

use nudged_harmony::Harmony;
use nudged_plugin_api::{Driver, File, SettingError, Settings};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::LineEnding;
use serde_json::{Value, json};

use crate::account::{NOW, PHONES, key, key_file, key_of, open, pem_of, settings, with_file};

fn refused(settings: &Settings) -> SettingError {
    Harmony::open(settings, NOW).unwrap_err()
}

/// The problem with a key file.
fn file_problem(text: &str) -> String {
    let error = refused(&with_file(text));
    assert_eq!(error.setting, "service_account", "{error}");
    assert!(!error.remedy.is_empty());
    error.problem
}

fn changed(field: &str, value: Value) -> String {
    let mut file = key_file();
    file[field] = value;
    file.to_string()
}

#[test]
fn a_category_is_required_and_must_be_one_of_huaweis() {
    let error = refused(&settings().without("category"));
    assert_eq!(error.setting, "category");
    for word in ["im", "NORMAL", "PLAY_VOICE"] {
        let error = refused(&settings().with("category", word));
        assert_eq!(error.setting, "category");
        assert!(error.problem.contains("MISS_CALL"), "{error}");
    }
    open(&settings().with("category", "DEVICE_REMINDER"));
}

#[test]
fn a_field_that_is_missing_or_empty_is_named() {
    for field in ["project_id", "key_id", "private_key", "sub_account"] {
        let mut file = key_file();
        file.as_object_mut().unwrap().remove(field);
        for text in [
            file.to_string(),
            changed(field, json!(" ")),
            changed(field, json!(null)),
            changed(field, json!([1])),
        ] {
            assert!(file_problem(&text).contains(field), "{field}");
        }
    }
}

#[test]
fn ids_may_be_numbers_and_the_file_may_begin_with_a_byte_order_mark() {
    let text = changed("sub_account", json!(100_000_077));
    let driver = open(&with_file(&format!("\u{feff}{text}\r\n")));
    assert_eq!(driver.grant_scope(), open(&settings()).grant_scope());
}

#[test]
fn what_people_give_in_its_place_is_recognized() {
    let pem = pem_of(key());
    for (text, says) in [
        (String::new(), "is empty"),
        ("<html>".to_owned(), "not JSON"),
        ("[]".to_owned(), "not an object"),
        (pem, "bare PEM"),
        (
            json!({"agcgw": {}, "client": {}}).to_string(),
            "agconnect-services.json",
        ),
        (
            json!({"type": "service_account", "client_email": "a@b"}).to_string(),
            "Google",
        ),
        (
            json!({"client_id": "1", "client_secret": "x"}).to_string(),
            "driver huawei",
        ),
        (changed("project_id", json!("a/../b")), "project_id"),
    ] {
        let problem = file_problem(&text);
        assert!(problem.contains(says), "{problem}");
    }
    let binary = settings().with("service_account", File::new("key.p12", [0x30, 0xff, 0]));
    assert!(refused(&binary).problem.contains("binary"));
}

#[test]
fn a_key_is_read_whatever_happened_to_its_line_ends() {
    let pem = pem_of(key());
    let scope = open(&settings()).grant_scope();
    let indented: Vec<_> = pem.lines().map(|line| format!("    {line}")).collect();
    for bent in [
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\\n"),
        pem.replace('\n', " "),
        pem.replace('\n', ""),
        indented.join("\n"),
        format!("\"{pem}\""),
    ] {
        let driver = open(&with_file(&changed("private_key", json!(bent))));
        assert_eq!(driver.grant_scope(), scope, "{bent}");
    }
}

#[test]
fn a_key_in_another_form_is_recognized() {
    let pkcs1 = key().to_pkcs1_pem(LineEnding::LF).unwrap().to_string();
    for (key, says) in [
        (pkcs1, "PKCS#1"),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE\n".to_owned(),
            "encrypted",
        ),
        (pem_of(key()).replace("-----END", "END"), "without its END"),
        ("MIIEvQ".to_owned(), "PKCS#8"),
        (pem_of(&key_of(9, 1024)), "1024 bits"),
    ] {
        let problem = file_problem(&changed("private_key", json!(key)));
        assert!(problem.contains(says), "{problem}");
    }
}

#[test]
fn an_endpoint_is_an_https_url() {
    let error = refused(&settings().with("endpoint", "http://x"));
    assert_eq!(error.setting, "endpoint");
}

#[test]
fn no_secret_is_shown() {
    let shown = format!("{:?}", open(&settings()));
    assert!(shown.contains("100000077"), "{shown}");
    let pem = pem_of(key());
    assert!(!pem.lines().any(|line| shown.contains(line)));
}

#[test]
fn limits_and_quotas_are_declared() {
    let info = Harmony::describe();
    assert_eq!((info.batch, info.rate), (1000, None));
    let quota = |name: &str| {
        let class = info.classes.iter().find(|class| class.name == name);
        let class = class.unwrap_or_else(|| panic!("{name}"));
        (class.daily_per_device, class.daily_at_least)
    };
    assert_eq!(quota("service"), (None, None));
    assert_eq!(quota("marketing"), (Some(2), None));
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
        (
            "",
            "is empty, expected the token that Push Kit gave the app",
        ),
        (
            "null",
            "prints for nothing, expected the token that Push Kit gave the app",
        ),
        ("(null)", "prints for nothing"),
        (&too_long, "is 1025 bytes long, the limit is 1024"),
        (" a", "no Push Kit token has"),
        ("a\n", "no Push Kit token has"),
        ("a b", "no Push Kit token has"),
        ("\"a\"", "no Push Kit token has"),
        ("a\\", "no Push Kit token has"),
        ("a\u{0}", "no Push Kit token has"),
    ] {
        let error = driver.token(token).unwrap_err();
        assert_eq!((&*error.code, &*error.field), ("BadToken", "token"));
        assert!(error.problem.contains(told), "{token:?}: {error}");
        assert!(!error.problem.contains("notification"), "{error}");
    }
}

#[test]
fn what_every_message_needs_is_required_so_that_there_is_nothing_to_advise() {
    assert_eq!(open(&settings()).advice(), []);
}
