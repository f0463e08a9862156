//! An app that never existed.

use nudged_honor::Honor;
use nudged_plugin_api::{
    Batch, Context, Driver, EncodeError, Grant, Message, Rendered, Settings, Target, Timestamp,
};
use serde_json::Value;

pub const NOW: Timestamp = Timestamp(1_790_000_000_123);
pub const SECRET: &str = "s3cr3t+of/the=app";

/// Tokens and delivery ids of three phones.
pub const PHONES: [(&str, &str); 3] = [
    (
        "0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d90",
        "BEhon_AAAAAB0z7Q.rVmY1",
    ),
    (
        "0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d91",
        "BEhon_AAAAAB0z7Q.rVmY2",
    ),
    (
        "0198c6b4-2a51-7c3e-9a4d-5f0e6b7c8d92",
        "BEhon_AAAAAB0z7Q.rVmY3",
    ),
];

/// What a channel must have, and nothing else.
pub fn settings() -> Settings {
    Settings::new()
        .with("app_id", "104000000")
        .with("client_id", "a1b2c3d4")
        .with("client_secret", SECRET)
}

/// Settings of an operator who filled in everything about the app.
pub fn full_settings() -> Settings {
    settings()
        .with("importance", "NORMAL")
        .with("package", "com.example.app")
        .with("launcher_activity", ".MainActivity")
}

pub fn open(settings: &Settings) -> Honor {
    Honor::open(settings, NOW).unwrap()
}

pub fn targets(count: usize) -> Vec<Target> {
    let phones = PHONES.iter().take(count);
    phones.map(|(id, token)| Target::new(*id, *token)).collect()
}

pub fn grant() -> Grant {
    Grant::new("eyJhbGciOi.token", NOW, 3600)
}

pub fn encode(
    driver: &Honor,
    message: &Message,
    targets: &[Target],
) -> Result<Rendered, EncodeError> {
    driver.encode(
        Batch::new(message, targets),
        &Context::new(NOW, Some(&grant())),
    )
}

/// What a channel with all settings makes of a message for one phone.
pub fn rendered(message: &Message) -> Rendered {
    encode(&open(&full_settings()), message, &targets(1)).unwrap()
}

pub fn refusal(message: &Message) -> EncodeError {
    encode(&open(&full_settings()), message, &targets(1)).unwrap_err()
}

pub fn body(rendered: &Rendered) -> Value {
    serde_json::from_slice(&rendered.request.body).unwrap()
}

pub fn notification(message: &Message) -> Value {
    body(&rendered(message))["android"]["notification"].take()
}

pub fn notices(rendered: &Rendered) -> Vec<&str> {
    let notices = rendered.notices.iter();
    notices.map(|notice| notice.field.as_str()).collect()
}
