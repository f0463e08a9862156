//! What a channel can be opened with, and what is said of everything else.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use nudged_fcm::Fcm;
use nudged_plugin_api::{Driver, Message, SettingError, Settings, Target};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::LineEnding;
use serde_json::{Value, json};

use crate::account::{NOW, encode, key, key_file, settings, with_file};

fn refusal(settings: &Settings) -> SettingError {
    let error = Fcm::open(settings, NOW).map(|_| ()).unwrap_err();
    assert!(!error.remedy.is_empty(), "{error}");
    let shown = format!("{error:?}");
    for secret in ["MII", "AAAAabc", "AIzaabc", "SECRET"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    error
}

fn refused_file(text: &str) -> String {
    let error = refusal(&with_file(text));
    assert_eq!(error.setting, "service_account");
    error.problem
}

fn with(field: &str, value: Value) -> String {
    let mut file = key_file();
    file[field] = value;
    file.to_string()
}

fn without(field: &str) -> String {
    let mut file = key_file();
    file.as_object_mut().unwrap().remove(field);
    file.to_string()
}

fn url(settings: &Settings) -> String {
    let driver = Fcm::open(settings, NOW).unwrap();
    let sent = encode(&driver, &Message::new("t", "b"), &Target::new("1", "token"));
    sent.unwrap().request.url
}

#[test]
fn the_file_alone_is_enough() {
    assert_eq!(
        url(&settings()),
        "https://fcm.googleapis.com/v1/projects/chat-1a2b3/messages:send"
    );
    let text = format!("\u{feff}  {:#}\n", key_file());
    assert!(Fcm::open(&with_file(&text), NOW).is_ok());
}

#[test]
fn project_and_endpoint_beat_the_file_and_empty_ones_do_not() {
    let moved = settings()
        .with("project_id", "other-4d5e6")
        .with("endpoint", "https://localhost:8443/");
    assert_eq!(
        url(&moved),
        "https://localhost:8443/v1/projects/other-4d5e6/messages:send"
    );
    let empty = settings()
        .with("project_id", "")
        .with("endpoint", "")
        .with("token_uri", "");
    assert_eq!(url(&empty), url(&settings()));
}

#[test]
fn a_file_of_another_kind_is_recognised() {
    for (text, seems) in [
        ("", "is empty"),
        ("hello world", "not JSON"),
        ("[]", "not an object"),
        ("\"SECRET\"", "not an object"),
        ("AAAAabc123:APA91bSECRET", "legacy server key"),
        ("AIzaabcSECRET", "API key"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n", "bare PEM"),
        (
            r#"{"project_info": {}, "client": []}"#,
            "google-services.json",
        ),
        (r#"{"apiKey": "AIzaabc", "projectId": "x"}"#, "web app"),
        (
            r#"{"installed": {"client_secret": "SECRET"}}"#,
            "OAuth client secret",
        ),
        (
            r#"{"type": "authorized_user", "refresh_token": "SECRET"}"#,
            "user's own credentials",
        ),
        (r#"{"type": "external_account"}"#, "workload identity"),
        (
            r#"{"type": "something"}"#,
            "type other than service_account",
        ),
        (r#"{"project_id": "x"}"#, "no field type"),
    ] {
        let problem = refused_file(text);
        assert!(problem.contains(seems), "{text}: {problem}");
    }
    let binary = Settings::new().with(
        "service_account",
        nudged_plugin_api::File::new("key.p12", [0x30, 0x82, 0xff, 0xfe]),
    );
    assert!(refusal(&binary).problem.contains("binary"));
}

#[test]
fn a_missing_or_mistyped_field_is_named() {
    for field in [
        "project_id",
        "private_key_id",
        "private_key",
        "client_email",
        "token_uri",
    ] {
        let problem = refused_file(&without(field));
        assert!(problem.contains(&format!("no field {field}")), "{problem}");
    }
    for (field, value) in [
        ("project_id", json!("")),
        ("private_key", json!(null)),
        ("client_email", json!(5)),
        ("client_email", json!("SECRET")),
    ] {
        let problem = refused_file(&with(field, value));
        assert!(problem.contains(field), "{problem}");
    }
}

#[test]
fn a_key_that_is_not_rsa_in_pkcs8_is_refused_in_words() {
    let pkcs1 = key().to_pkcs1_pem(LineEnding::LF).unwrap();
    // AlgorithmIdentifier of an elliptic curve around a key that is none.
    let curve = BASE64_STANDARD.encode(
        b"\x30\x1b\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x01\x00",
    );
    for (pem, says) in [
        (pkcs1.as_str(), "PKCS#1"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII\n", "encrypted"),
        ("-----BEGIN EC PRIVATE KEY-----\nMII\n", "SEC1"),
        (
            &format!("-----BEGIN PRIVATE KEY-----\n{curve}\n-----END PRIVATE KEY-----\n"),
            "a P-256 key, expected an RSA key",
        ),
        ("MIIESECRET", "without its BEGIN"),
    ] {
        let problem = refused_file(&with("private_key", json!(pem)));
        assert!(problem.contains(says), "{problem}");
    }
}

#[test]
fn only_the_operator_may_send_assertions_elsewhere() {
    for elsewhere in [
        "https://evil.example/token",
        "http://oauth2.googleapis.com/token",
        "https://oauth2.googleapis.com/token/x",
        "https://accounts.google.com/o/oauth2/auth",
    ] {
        let file = with("token_uri", json!(elsewhere));
        let problem = refused_file(&file);
        assert!(problem.contains("not Google's"), "{problem}");
        let settings = with_file(&file).with("token_uri", "https://localhost:8443/token");
        assert!(Fcm::open(&settings, NOW).is_ok());
    }
}

#[test]
fn urls_projects_and_modes_are_checked() {
    for (key, bad) in [
        ("endpoint", "http://fcm.googleapis.com"),
        ("endpoint", "https://"),
        ("endpoint", "https:///v1"),
        ("endpoint", "https://user@host"),
        ("endpoint", "https://host?x=1"),
        ("endpoint", "https://host/ x"),
        ("token_uri", "oauth2.googleapis.com/token"),
        ("project_id", "My Project"),
        ("project_id", "a/../b"),
        ("project_id", "a?b"),
        ("mode", "both"),
    ] {
        let error = refusal(&settings().with(key, bad));
        assert_eq!(error.setting, key, "{bad}");
    }
    assert_eq!(
        refusal(&with_file(&with("project_id", json!("a/b")))).setting,
        "service_account"
    );
    assert_eq!(refusal(&Settings::new()).setting, "service_account");
}

#[test]
fn every_setting_is_described() {
    let info = Fcm::describe();
    assert_eq!(info.vendor, "fcm");
    assert_eq!(info.batch, 1);
    assert_eq!(info.rate, Some(10_000));
    let needed = info.settings.iter().filter(|it| !it.unneeded);
    let keys: Vec<_> = needed.map(|it| it.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "service_account",
            "project_id",
            "endpoint",
            "token_uri",
            "mode",
            "channel_id"
        ]
    );
    assert!(info.settings.iter().all(|s| s.help.ends_with('.')));
    assert!(info.settings[0].secret && info.settings[0].required);
    assert_eq!(info.settings[4].choices, ["notification", "data"]);
}

#[test]
fn no_secret_is_ever_shown() {
    let driver = Fcm::open(&settings(), NOW).unwrap();
    let shown = format!("{driver:?} {:?}", settings());
    assert!(!shown.contains("PRIVATE KEY") && !shown.contains("MII"));
}
