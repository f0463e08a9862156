//! Whose tokens a channel takes, and whether its credential is good.

use nudged_apns::Apns;
use nudged_plugin_api::{Class, Context, Driver, HttpResponse, Settings};

use crate::account::{NOW, PRODUCTION, SANDBOX, certificate, grant, key_channel, key_settings};

#[test]
fn an_app_in_an_environment_is_an_account_however_it_proves_itself() {
    let account = |settings: &Settings| {
        let channel = Apns::open(settings, NOW).expect("a channel");
        channel.account()
    };
    let key = key_settings();
    let identity = certificate("com.example.app", &[SANDBOX, PRODUCTION], &[]);
    let by_certificate = Settings::new()
        .with("certificate", identity)
        .with("environment", "production")
        .with("port", 443);
    let app = Some("com.example.app/production".to_owned());
    assert_eq!(account(&key), app);
    assert_eq!(account(&key.clone().with("key_id", "XYZ987WVUT")), app);
    assert_eq!(account(&by_certificate), app);
    for (key, value) in [("environment", "sandbox"), ("topic", "com.example.other")] {
        assert_ne!(account(&key_settings().with(key, value)), app);
    }
}

#[test]
fn a_word_on_the_token_proves_the_credential_and_a_refusal_does_not() {
    let channel = key_channel();
    let request = channel.probe(&Context::new(NOW, Some(&grant())));
    let request = request.expect("a probe");
    assert!(
        request
            .url
            .ends_with(&format!("/3/device/{}", "f".repeat(64)))
    );
    assert!(
        request
            .headers
            .contains(&("apns-expiration".into(), "0".into()))
    );
    assert!(channel.probe(&Context::new(NOW, None)).is_none());
    for (status, reason, expected) in [
        (400, "BadDeviceToken", Ok(())),
        (400, "TopicDisallowed", Err(Class::Credential)),
        (403, "InvalidProviderToken", Err(Class::Credential)),
        (403, "BadCertificate", Err(Class::Credential)),
        (403, "ExpiredProviderToken", Err(Class::GrantExpired)),
        (503, "ServiceUnavailable", Err(Class::Unavailable)),
    ] {
        let body = format!(r#"{{"reason":"{reason}"}}"#);
        let probed = channel.probed(&HttpResponse::new(status, body), NOW);
        assert_eq!(probed.map_err(|it| it.class), expected, "{reason}");
    }
}
