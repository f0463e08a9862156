//! What tells one account of Apple's from another, and whether its credential is good.
//!
//! APNs has no dry run. A push to a token that no device has is refused as `BadDeviceToken` by an
//! APNs that took the credential and the topic, and in other words by one that did not: 403 for
//! a key, 400 `TopicDisallowed` for a topic. Nobody is pushed. One such request for a credential
//! that an operator has just changed is far from what Apple calls a flood of bad tokens.

use nudged_plugin_api::{Context, HttpRequest, Message, Settings, Target};

use crate::encode;
use crate::settings::Channel;

/// As long as a real one, and nobody's.
const NOBODY: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
/// `apns-id` is a UUID.
const ID: &str = "00000000-0000-4000-8000-000000000000";

/// Tokens are of an app in an environment. A bundle ID is of one team only, and it stays when the
/// app moves to another or a certificate gives way to a key.
pub fn account(topic: &str, settings: &Settings) -> String {
    let environment = match settings.text("environment") {
        Some("sandbox" | "development") => "sandbox",
        _ => "production",
    };
    format!("{topic}/{environment}")
}

/// A push to nobody.
pub fn request(channel: &Channel, context: &Context<'_>) -> Option<HttpRequest> {
    let message = Message::new("nudged", "Is this credential good?");
    let nobody = Target::new(ID, NOBODY);
    let rendered = encode::request(channel, &message, &nobody, context);
    rendered.ok().map(|rendered| rendered.request)
}

#[cfg(test)]
mod tests {
    use nudged_plugin_api::{Class, Driver, Grant, HttpResponse};

    use super::*;
    use crate::Apns;
    use crate::fixture::{NOW, PRODUCTION, SANDBOX, certificate, key_settings};

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
        let channel = Apns::open(&key_settings(), NOW).expect("a channel");
        let grant = Grant::new("jwt", NOW, 3600);
        let request = channel.probe(&Context::new(NOW, Some(&grant)));
        let request = request.expect("a probe");
        assert!(request.url.ends_with(&format!("/3/device/{NOBODY}")));
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
}
