//! An app that never existed, with credentials that were made on the spot and open nothing.

use nudged_apns::Apns;
use nudged_plugin_api::{
    Batch, Context, Driver, EncodeError, File, Grant, Identity, Kind, Message, Rendered, Settings,
    Target, Timestamp,
};
use p256::SecretKey;
use p256::pkcs8::{EncodePrivateKey as _, LineEnding};
use rcgen::{CertificateParams, CustomExtension, DnType, KeyPair};

/// 2025-06-01 12:00:00 UTC.
pub const NOW: Timestamp = Timestamp::from_seconds(1_748_779_200);

pub const ID: &str = "0197c2b4-5a00-7000-8000-000000000001";

/// The key whose secret number is `scalar`.
pub fn secret(scalar: u8) -> SecretKey {
    SecretKey::from_slice(&[scalar; 32]).unwrap()
}

/// That key as a `.p8` file.
pub fn p8(scalar: u8) -> String {
    let pem = secret(scalar).to_pkcs8_pem(LineEnding::LF).unwrap();
    pem.to_string()
}

/// Settings of a channel with a key.
pub fn key_settings() -> Settings {
    Settings::new()
        .with("key", File::new("AuthKey_ABC123DEFG.p8", p8(7)))
        .with("key_id", "ABC123DEFG")
        .with("team_id", "DEF123GHIJ")
        .with("topic", "com.example.app")
        .with("environment", "production")
        .with("port", 443)
        .with("mutable_content", false)
}

/// Apple's marks, the last numbers of their object identifiers.
pub const SANDBOX: u64 = 1;
pub const PRODUCTION: u64 = 2;
const TOPICS: u64 = 6;

/// A push certificate with these marks; `topics` empty = without the list.
pub fn certificate(uid: &str, marks: &[u64], topics: &[&str]) -> Identity {
    named(&format!("Apple Push Services: {uid}"), uid, marks, topics)
}

/// A certificate of this common name.
pub fn named(name: &str, uid: &str, marks: &[u64], topics: &[&str]) -> Identity {
    const USER_ID: [u64; 7] = [0, 9, 2342, 19_200_300, 100, 1, 1];
    const NULL: [u8; 2] = [5, 0];
    let mut params = CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(2025, 1, 1);
    params.distinguished_name.push(DnType::CommonName, name);
    if !uid.is_empty() {
        params
            .distinguished_name
            .push(DnType::CustomDnType(USER_ID.to_vec()), uid);
    }
    params.custom_extensions = marks
        .iter()
        .map(|mark| extension(*mark, NULL.to_vec()))
        .collect();
    if !topics.is_empty() {
        params
            .custom_extensions
            .push(extension(TOPICS, topic_list(topics)));
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let expires = NOW.plus_seconds(86_400 * 90);
    Identity::new("push.p12", certificate.der().to_vec(), expires)
}

/// Settings of a channel with a certificate.
pub fn certificate_settings(identity: Identity) -> Settings {
    Settings::new()
        .with("certificate", identity)
        .with("environment", "production")
}

pub fn open(settings: &Settings) -> Apns {
    Apns::open(settings, NOW).unwrap_or_else(|error| panic!("{error}"))
}

pub fn key_channel() -> Apns {
    open(&key_settings())
}

pub fn grant() -> Grant {
    Grant::new("HEADER.CLAIMS.SIGNATURE", NOW, 3600)
}

pub fn encode(driver: &Apns, message: &Message, target: Target) -> Result<Rendered, EncodeError> {
    driver.encode(
        Batch::new(message, &[target]),
        &Context::new(NOW, Some(&grant())),
    )
}

/// What a channel with a key makes of a message.
pub fn rendered(message: &Message) -> Rendered {
    encode(&key_channel(), message, Target::new(ID, "ab12")).unwrap()
}

pub fn of_kind(kind: Kind) -> Message {
    let mut message = Message::default();
    message.kind = kind;
    message
}

fn extension(mark: u64, value: Vec<u8>) -> CustomExtension {
    CustomExtension::from_oid_content(&[1, 2, 840, 113_635, 100, 6, 3, mark], value)
}

/// A sequence of texts, each followed by a sequence of the word for its use.
fn topic_list(topics: &[&str]) -> Vec<u8> {
    const TEXT: u8 = 0x0c;
    const SEQUENCE: u8 = 0x30;
    let item = |tag: u8, value: Vec<u8>| {
        let length = u8::try_from(value.len()).unwrap();
        assert!(length < 128, "short form only");
        [vec![tag, length], value].concat()
    };
    let items = topics.iter().flat_map(|topic| {
        let usage = item(SEQUENCE, item(TEXT, b"app".to_vec()));
        [item(TEXT, topic.as_bytes().to_vec()), usage].concat()
    });
    item(SEQUENCE, items.collect())
}
