//! One working set of settings per driver, and tokens of its form.

use std::sync::OnceLock;

use nudged_plugin_api::{Driver, File, Settings, Timestamp};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use serde_json::json;

/// When everything happens.
pub const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

/// An open channel.
pub fn open<D: Driver>() -> D {
    D::open(&settings::<D>(), NOW).unwrap_or_else(|error| panic!("{error:?}"))
}

/// Settings that open one.
pub fn settings<D: Driver>() -> Settings {
    let info = D::describe();
    let mut settings = Settings::new();
    // Defaults as the daemon fills them in.
    for setting in &info.settings {
        settings = match setting.default.as_deref() {
            Some("true") => settings.with(&setting.key, true),
            Some("false") => settings.with(&setting.key, false),
            Some(text) if text.starts_with('"') => {
                settings.with(&setting.key, text.trim_matches('"'))
            }
            Some(number) => settings.with(
                &setting.key,
                number.replace('_', "").parse::<i64>().expect("a number"),
            ),
            None => settings,
        };
    }
    match info.vendor.as_str() {
        "apns" => settings
            .with("key", File::new("AuthKey.p8", ec_key()))
            .with("key_id", "ABC123DEFG")
            .with("team_id", "DEF123GHIJ")
            .with("topic", "com.example.app"),
        "fcm" => settings.with("service_account", File::new("key.json", google_account())),
        "harmony" => settings
            .with("service_account", File::new("key.json", huawei_account()))
            .with("client_id", "1234567890")
            .with("category", "IM"),
        "honor" => settings
            .with("app_id", "104000000")
            .with("client_id", "honor-client-id")
            .with("client_secret", "honor-client-secret"),
        "huawei" => settings
            .with("app_id", "100012345")
            .with("app_secret", "huawei-app-secret-0123456789"),
        "meizu" => settings
            .with("app_id", "110000")
            .with("app_secret", "meizu-app-secret"),
        "oppo" => settings
            .with("app_key", "oppo-app-key")
            .with("master_secret", "oppo-master-secret"),
        "tpns" => settings
            .with("access_id", "1500001048")
            .with("secret_key", "tpns-secret-key")
            .with("platform", "android"),
        "vivo" => settings
            .with("app_id", 105_000_001)
            .with("app_key", "vivo-app-key")
            .with("app_secret", "vivo-app-secret"),
        "xiaomi" => settings
            .with("app_secret", "xiaomi-app-secret")
            .with("package", "com.example.chat"),
        other => panic!("no settings for {other}"),
    }
}

/// The token of that number, 0 to 2.
pub fn token<D: Driver>(number: usize) -> String {
    match D::describe().vendor.as_str() {
        "apns" => format!("{number:064x}"),
        "oppo" => format!("CN_{number:032x}"),
        _ => format!("tok{number}"),
    }
}

fn ec_key() -> Vec<u8> {
    let secret = p256::SecretKey::from_slice(&[7; 32]).expect("a number below the order");
    let pem = p256::pkcs8::EncodePrivateKey::to_pkcs8_pem(&secret, LineEnding::LF);
    pem.expect("a key has a PEM form").as_bytes().to_vec()
}

/// Made once: it is slow, and the seed makes it the same in every run.
fn rsa_key() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| {
        let key = RsaPrivateKey::new(&mut ChaCha20Rng::seed_from_u64(7), 2048).expect("a key");
        let pem = key.to_pkcs8_pem(LineEnding::LF);
        pem.expect("a key has a PEM form").to_string()
    })
}

fn google_account() -> String {
    json!({
        "type": "service_account",
        "project_id": "chat-1a2b3",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": rsa_key(),
        "client_email": "firebase-adminsdk-x1y2z@chat-1a2b3.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    })
    .to_string()
}

fn huawei_account() -> String {
    json!({
        "project_id": "100000000000000001",
        "key_id": "0123456789abcdef0123456789abcdef",
        "private_key": rsa_key(),
        "sub_account": "100000077",
        "token_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
    })
    .to_string()
}
