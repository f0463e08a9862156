//! A service account that never existed, with a key that is made anew for every run.

use std::sync::OnceLock;

use nudged_fcm::Fcm;
use nudged_plugin_api::{
    Batch, Context, Driver, EncodeError, File, Grant, Message, Rendered, Settings, Target,
    Timestamp,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use serde_json::{Value, json};

pub const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

pub const TOKEN: &str = "dQw4w9WgXcQ:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx";

/// The account's key; the seed makes it the same in every run.
pub fn key() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| RsaPrivateKey::new(&mut ChaCha20Rng::seed_from_u64(7), 2048).unwrap())
}

/// A key of nobody's, as the key file has it.
pub fn other_pem() -> String {
    let key = RsaPrivateKey::new(&mut ChaCha20Rng::seed_from_u64(8), 2048).unwrap();
    key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
}

/// The key file as Google writes it.
pub fn key_file() -> Value {
    json!({
        "type": "service_account",
        "project_id": "chat-1a2b3",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": key().to_pkcs8_pem(LineEnding::LF).unwrap().as_str(),
        "client_email": "firebase-adminsdk-x1y2z@chat-1a2b3.iam.gserviceaccount.com",
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "universe_domain": "googleapis.com",
    })
}

/// Settings with that file and nothing else.
pub fn settings() -> Settings {
    with_file(&key_file().to_string())
}

/// Settings with this text as the file.
pub fn with_file(text: &str) -> Settings {
    Settings::new().with("service_account", File::new("key.json", text))
}

/// A channel of that account.
pub fn channel() -> Fcm {
    Fcm::open(&settings(), NOW).unwrap()
}

pub fn grant() -> Grant {
    Grant::new("ya29.c.b0AXv0zTN", NOW, 3599)
}

pub fn encode(driver: &Fcm, message: &Message, target: &Target) -> Result<Rendered, EncodeError> {
    driver.encode(
        Batch::new(message, std::slice::from_ref(target)),
        &Context::new(NOW, Some(&grant())),
    )
}

/// What a channel makes of a message.
pub fn rendered(message: &Message) -> Rendered {
    let rendered = encode(&channel(), message, &Target::new("1", TOKEN));
    rendered.unwrap_or_else(|error| panic!("{error}"))
}

pub fn refusal(message: &Message) -> EncodeError {
    encode(&channel(), message, &Target::new("1", TOKEN)).unwrap_err()
}
