//! A service account that never existed, with a key that is made anew for every run.

use std::sync::OnceLock;

use nudged_harmony::Harmony;
use nudged_plugin_api::{
    Batch, Context, Driver, EncodeError, File, Grant, Message, Rendered, Settings, Target,
    Timestamp,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use serde_json::{Value, json};

pub const NOW: Timestamp = Timestamp(1_790_000_000_123);

/// Tokens and delivery ids of three phones.
pub const PHONES: [(&str, &str); 3] = [
    ("0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d90", "MAMzLgIkEUQAAAABa1"),
    ("0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d91", "MAMzLgIkEUQAAAABa2"),
    ("0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d92", "MAMzLgIkEUQAAAABa3"),
];

/// A key; the seed makes it the same in every run.
pub fn key_of(seed: u64, bits: usize) -> RsaPrivateKey {
    RsaPrivateKey::new(&mut ChaCha20Rng::seed_from_u64(seed), bits).unwrap()
}

pub fn pem_of(key: &RsaPrivateKey) -> String {
    key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
}

/// The account's key.
pub fn key() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| key_of(7, 2048))
}

/// The key file as Huawei writes it.
pub fn key_file() -> Value {
    json!({
        "project_id": "100000000000000001",
        "key_id": "0123456789abcdef0123456789abcdef",
        "private_key": pem_of(key()),
        "sub_account": "100000077",
        "auth_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/authorize",
        "token_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
        "auth_provider_cert_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/certs",
        "client_cert_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/x509?client_id=",
    })
}

/// What a channel must have, and nothing else.
pub fn settings() -> Settings {
    with_file(&key_file().to_string())
}

/// Settings with this text as the file.
pub fn with_file(text: &str) -> Settings {
    Settings::new()
        .with("category", "IM")
        .with("service_account", File::new("key.json", text))
}

pub fn open(settings: &Settings) -> Harmony {
    Harmony::open(settings, NOW).unwrap()
}

/// A channel of that account.
pub fn channel() -> Harmony {
    open(&settings())
}

pub fn targets(count: usize) -> Vec<Target> {
    let phones = PHONES.iter().take(count);
    phones.map(|(id, token)| Target::new(*id, *token)).collect()
}

pub fn grant() -> Grant {
    Grant::new("eyJhbGciOi.jwt.sig", NOW, 3600)
}

pub fn encode(
    driver: &Harmony,
    message: &Message,
    targets: &[Target],
) -> Result<Rendered, EncodeError> {
    driver.encode(
        Batch::new(message, targets),
        &Context::new(NOW, Some(&grant())),
    )
}

pub fn rendered(message: &Message) -> Rendered {
    encode(&channel(), message, &targets(1)).unwrap()
}

pub fn refusal(message: &Message) -> EncodeError {
    encode(&channel(), message, &targets(1)).unwrap_err()
}

pub fn body(rendered: &Rendered) -> Value {
    serde_json::from_slice(&rendered.request.body).unwrap()
}

pub fn notification(message: &Message) -> Value {
    body(&rendered(message))["payload"]["notification"].take()
}
