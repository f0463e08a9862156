//! What nudged asks of every driver.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed: that is what it is for"
)]

use nudged_apns::Apns;
use nudged_driver_kit::test::Suite;
use nudged_plugin_api::{
    Badge, Click, File, HttpResponse, Identity, Kind, Lifetime, LiveActivity, Message, Priority,
    Settings, Sound, Timestamp,
};
use p256::SecretKey;
use p256::pkcs8::{EncodePrivateKey as _, LineEnding};
use rcgen::{CertificateParams, DnType, KeyPair};

const NOW: Timestamp = Timestamp::from_seconds(1_748_779_200);
const TOKEN: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

fn key_settings() -> Settings {
    let secret = SecretKey::from_slice(&[7; 32]).unwrap();
    let p8 = secret.to_pkcs8_pem(LineEnding::LF).unwrap();
    Settings::new()
        .with("key", File::new("AuthKey_ABC123DEFG.p8", p8.as_bytes()))
        .with("key_id", "ABC123DEFG")
        .with("team_id", "DEF123GHIJ")
        .with("topic", "com.example.app")
        .with("environment", "sandbox")
        .with("port", 443)
        .with("mutable_content", false)
}

fn certificate_settings() -> Settings {
    const USER_ID: [u64; 7] = [0, 9, 2342, 19_200_300, 100, 1, 1];
    let mut params = CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(2025, 1, 1);
    params
        .distinguished_name
        .push(DnType::CommonName, "Apple Push Services: com.example.app");
    params
        .distinguished_name
        .push(DnType::CustomDnType(USER_ID.to_vec()), "com.example.app");
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let expires = NOW.plus_seconds(86_400);
    let identity = Identity::new("push.p12", certificate.der().to_vec(), expires);
    Settings::new()
        .with("certificate", identity)
        .with("certificate_password", "correct horse battery staple")
        .with("environment", "production")
        .with("port", 2197)
        .with("mutable_content", true)
}

fn full() -> Message {
    let mut message = Message::new("Ann", "Are you there?");
    message.subtitle = Some("Holidays".to_owned());
    message.ext = Some(r#"{"entity":{"sender":"ann"}}"#.to_owned());
    message.click = Click::Page("chat".to_owned());
    message.sound = Sound::Named("ring.caf".to_owned());
    message.badge = Badge::Set(5);
    message.image = Some("https://img.example.com/1.jpg".to_owned());
    message.thread = Some("group-7".to_owned());
    message.category = Some("IM".to_owned());
    message.collapse_key = Some("chat-7".to_owned());
    message.priority = Priority::Normal;
    message.lifetime = Lifetime::Until(NOW.plus_seconds(3600));
    message.options = Some(r#"{"custom":{"n":[1,2]}}"#.to_owned());
    message
}

fn of_kind(kind: Kind) -> Message {
    let mut message = Message::default();
    message.kind = kind;
    message
}

fn activity() -> Message {
    let mut activity = LiveActivity::default();
    activity.timestamp = NOW;
    activity.content_state = Some("{}".to_owned());
    let mut message = of_kind(Kind::LiveActivity);
    message.live_activity = Some(activity);
    message
}

/// What channels of either credential can send and get.
fn suite(settings: Settings) -> Suite<Apns> {
    let accepted =
        HttpResponse::new(200, "").with_header("apns-id", "eabeae54-14a8-11e5-b60b-1697f925ec7b");
    Suite::new(settings, NOW)
        .token(TOKEN)
        .message(Message::new("Ann", "Are you there?"))
        .message(full())
        .message(of_kind(Kind::Background))
        .message(of_kind(Kind::Voip))
        .capture(accepted)
        .response(403, include_str!("captures/403-ExpiredProviderToken.json"))
        .response(410, include_str!("captures/410-ExpiredToken.json"))
        .response(410, include_str!("captures/410-Unregistered.json"))
        .response(429, include_str!("captures/429-TooManyRequests.json"))
        .response(502, include_str!("captures/502-proxy.html"))
        .response(503, include_str!("captures/503-Shutdown.json"))
}

#[test]
fn a_channel_with_a_key_conforms() {
    suite(key_settings())
        .message(activity())
        .run()
        .assert_passed();
}

#[test]
fn a_channel_with_a_certificate_conforms() {
    suite(certificate_settings()).run().assert_passed();
}
