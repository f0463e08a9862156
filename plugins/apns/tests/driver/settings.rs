//! A channel's settings, alone and together.

use nudged_apns::Apns;
use nudged_plugin_api::{Driver, File, Identity, Message, Settings, Target, Timestamp};

use crate::account::{
    ID, NOW, PRODUCTION, SANDBOX, certificate, certificate_settings, encode, key_settings, named,
    open,
};

const BOTH: [u64; 2] = [SANDBOX, PRODUCTION];

/// Where a channel of these settings sends to, and to which topic.
fn sends_to(settings: &Settings) -> (String, String) {
    let target = Target::new(ID, "ab12");
    let sent = encode(&open(settings), &Message::new("t", "b"), target).unwrap();
    let origin = sent.request.url.strip_suffix("/3/device/ab12").unwrap();
    let mut headers = sent.request.headers.iter();
    let (_, topic) = headers.find(|(name, _)| name == "apns-topic").unwrap();
    (origin.to_owned(), topic.clone())
}

fn topic(settings: &Settings) -> String {
    sends_to(settings).1
}

/// The key at fault and what is wrong with it; there must be something to do about it.
fn refusal(settings: &Settings) -> (String, String) {
    let error = Apns::open(settings, NOW)
        .err()
        .expect("these settings are wrong");
    assert!(!error.remedy.is_empty(), "{error}");
    (error.setting, error.problem)
}

#[test]
fn environment_and_port_choose_the_host() {
    for (environment, port, origin) in [
        ("production", 443, "https://api.push.apple.com"),
        ("production", 2197, "https://api.push.apple.com:2197"),
        ("sandbox", 443, "https://api.sandbox.push.apple.com"),
        ("development", 443, "https://api.sandbox.push.apple.com"),
        ("sandbox", 2197, "https://api.sandbox.push.apple.com:2197"),
    ] {
        let settings = key_settings()
            .with("environment", environment)
            .with("port", port);
        assert_eq!(sends_to(&settings).0, origin);
        let host = origin.trim_start_matches("https://");
        assert!(Apns::describe().hosts.iter().any(|known| known == host));
    }
}

#[test]
fn an_endpoint_replaces_host_and_port() {
    let settings = key_settings()
        .with("endpoint", "https://push.example.com:8443/")
        .with("port", 2197);
    assert_eq!(sends_to(&settings).0, "https://push.example.com:8443");
}

#[test]
fn wrong_values_are_refused_by_key() {
    for (settings, setting) in [
        (key_settings().with("port", 80), "port"),
        (key_settings().with("environment", "staging"), "environment"),
        (key_settings().with("endpoint", "http://x"), "endpoint"),
        (key_settings().with("endpoint", "https://x/?q"), "endpoint"),
        (key_settings().with("topic", "com.example app"), "topic"),
        (key_settings().with("key_id", "ABC123DEF"), "key_id"),
        (key_settings().with("key_id", "abc123defg"), "key_id"),
        (key_settings().with("team_id", "DEF123GHIJK"), "team_id"),
        (key_settings().with("key", File::new("x.p8", "x")), "key"),
    ] {
        assert_eq!(refusal(&settings).0, setting);
    }
}

#[test]
fn a_key_needs_its_ids_and_a_topic() {
    for setting in ["key_id", "team_id", "topic"] {
        let (at_fault, problem) = refusal(&key_settings().without(setting));
        assert_eq!(at_fault, setting);
        assert!(problem.contains("missing"), "{problem}");
        assert_eq!(refusal(&key_settings().with(setting, "")).0, setting);
    }
}

#[test]
fn a_channel_has_one_credential() {
    let identity = certificate("com.example.app", &BOTH, &[]);
    let both = key_settings().with("certificate", identity.clone());
    assert_eq!(refusal(&both).0, "certificate");
    assert_eq!(refusal(&Settings::new()).0, "key");
    let ids = certificate_settings(identity).with("team_id", "DEF123GHIJ");
    assert_eq!(refusal(&ids).0, "team_id");
}

#[test]
fn a_certificate_names_its_topic() {
    let identity = certificate("com.example.app", &BOTH, &[]);
    assert_eq!(topic(&certificate_settings(identity)), "com.example.app");

    let voip = certificate("com.example.app.voip", &BOTH, &[]);
    assert_eq!(topic(&certificate_settings(voip)), "com.example.app");

    let unnamed = certificate("", &BOTH, &[]);
    assert_eq!(refusal(&certificate_settings(unnamed)).0, "topic");
}

#[test]
fn a_topic_that_the_certificate_lists_is_taken() {
    let listed = certificate(
        "com.example.app",
        &BOTH,
        &[
            "com.example.app",
            "com.example.app.voip",
            "com.example.other",
        ],
    );
    let settings = certificate_settings(listed).with("topic", "com.example.other");
    assert_eq!(topic(&settings), "com.example.other");
}

#[test]
fn a_topic_that_the_certificate_does_not_list_is_refused() {
    let identity = certificate("com.example.app", &BOTH, &["com.example.app.voip"]);
    let settings = certificate_settings(identity).with("topic", "com.example.wrong");
    let (setting, problem) = refusal(&settings);
    assert_eq!(setting, "topic");
    assert!(problem.contains("com.example.app.voip"), "{problem}");
}

#[test]
fn a_certificate_that_is_not_for_push_is_refused_in_words() {
    let team = "ABC123DEFG";
    for (name, uid, says) in [
        (
            "iPhone Distribution: Example (ABC123DEFG)",
            team,
            "distribution",
        ),
        (
            "Apple Distribution: Example (ABC123DEFG)",
            team,
            "distribution",
        ),
        ("Apple Development: Ann (XYZ987)", team, "development"),
        ("Apple Worldwide Developer Relations CA", "", "Apple's own"),
        ("Apple Push Services: com.example.app", "", "another kind"),
        ("client.example.com", "com.example.app", "another kind"),
    ] {
        let settings = certificate_settings(named(name, uid, &[], &[]));
        for settings in [settings.clone(), settings.with("topic", "com.example.app")] {
            let (setting, problem) = refusal(&settings);
            assert_eq!(setting, "certificate");
            assert!(problem.contains("mark for push"), "{problem}");
            assert!(problem.contains(says), "{problem}");
        }
    }
    for (name, uid, marks, topics) in [
        (
            "Pass Type ID",
            "com.example.app",
            &[PRODUCTION][..],
            &[][..],
        ),
        (
            "VoIP Services: com.example.app",
            "com.example.app.voip",
            &[],
            &[],
        ),
        ("Mine", "", &[], &["com.example.app"]),
    ] {
        let settings = certificate_settings(named(name, uid, marks, topics));
        assert_eq!(
            topic(&settings.with("topic", "com.example.app")),
            "com.example.app"
        );
    }
}

#[test]
fn an_expired_certificate_is_refused() {
    let mut identity = certificate("com.example.app", &BOTH, &[]);
    identity.expires_at = NOW;
    let (setting, problem) = refusal(&certificate_settings(identity));
    assert_eq!(setting, "certificate");
    assert!(problem.contains("expired"), "{problem}");
}

#[test]
fn a_certificate_before_its_time_is_refused() {
    let identity = certificate("com.example.app", &BOTH, &[]);
    let early = Timestamp::from_seconds(1_700_000_000);
    let error = Apns::open(&certificate_settings(identity), early);
    assert!(error.is_err_and(|error| error.problem.contains("not valid yet")));
}

#[test]
fn a_certificate_of_the_other_environment_is_refused() {
    for (marks, environment, fits) in [
        (&[SANDBOX][..], "production", false),
        (&[SANDBOX], "sandbox", true),
        (&[PRODUCTION], "production", true),
        (&[PRODUCTION], "sandbox", false),
        (&[PRODUCTION], "development", false),
        (&[SANDBOX], "development", true),
        (&BOTH, "production", true),
        (&BOTH, "sandbox", true),
        (&[], "production", true),
    ] {
        let identity = certificate("com.example.app", marks, &[]);
        let settings = certificate_settings(identity).with("environment", environment);
        let opened = Apns::open(&settings, NOW);
        assert_eq!(opened.is_ok(), fits, "{marks:?} {environment}");
        if let Err(error) = opened {
            assert_eq!(error.setting, "environment");
        }
    }
}

#[test]
fn a_certificate_that_is_none_is_refused() {
    let identity = Identity::new("push.pem", b"nonsense".to_vec(), NOW.plus_seconds(1));
    assert_eq!(refusal(&certificate_settings(identity)).0, "certificate");
}
