//! What the tests share: a channel, a message in JSON, and the ways to call the driver.

use nudged_driver_kit::test::golden;
use nudged_plugin_api::{
    Batch, Context, Decoded, Driver, EncodeError, Exchange, Grant, HttpResponse, Message, Rendered,
    Settings, Target, Timestamp, Verdict,
};
use nudged_vivo::Vivo;
use serde_json::{Value, json};

/// 2025-12-29 17:20 in Beijing.
pub const NOW: Timestamp = Timestamp(1_767_000_000_000);
pub const SECRET: &str = "s3cr3t-vivo";
pub const TOKENS: [&str; 3] = [
    "12345678901234567890123",
    "v2-CRlkfxTpVb3TPnxF1KMRxOD6LhhXnk1Wdg",
    "15513410784181118114099",
];

/// The app of the signature's test vector.
pub fn settings() -> Settings {
    Settings::new()
        .with("app_id", 105_000_001)
        .with("app_key", "0a1b2c3d-key")
        .with("app_secret", SECRET)
}

pub fn channel() -> Vivo {
    Vivo::open(&settings(), NOW).unwrap()
}

pub fn grant() -> Grant {
    Grant::new("abc", NOW, 86_400)
}

/// Deliveries with readable ids, `d-1` and so on.
pub fn targets(tokens: &[&str]) -> Vec<Target> {
    (1..)
        .zip(tokens)
        .map(|(number, token)| Target::new(format!("d-{number}"), *token))
        .collect()
}

pub fn rendered(
    driver: &Vivo,
    message: &Message,
    tokens: &[&str],
) -> Result<Rendered, EncodeError> {
    driver.encode(
        Batch::new(message, &targets(tokens)),
        &Context::new(NOW, Some(&grant())),
    )
}

/// What a message in JSON becomes for the first token.
pub fn encode(case: Value) -> Result<Rendered, EncodeError> {
    rendered(&channel(), &message(case), &TOKENS[..1])
}

pub fn body(rendered: &Rendered) -> Value {
    serde_json::from_slice(&rendered.request.body).unwrap()
}

/// The fields of the notices.
pub fn noticed(rendered: &Rendered) -> Vec<&str> {
    let notices = rendered.notices.iter();
    notices.map(|notice| notice.field.as_str()).collect()
}

pub fn decode(tokens: &[&str], response: &HttpResponse, memo: &[u8]) -> Decoded {
    channel().decode(Exchange::with_memo(&targets(tokens), response, memo), NOW)
}

pub fn verdicts(decoded: Decoded) -> Vec<Verdict> {
    match decoded {
        Decoded::Verdicts(verdicts) => verdicts,
        other => panic!("{other:?}"),
    }
}

/// The verdict on a message for one device.
pub fn verdict(response: &HttpResponse) -> Verdict {
    let mut verdicts = verdicts(decode(&TOKENS[..1], response, b""));
    assert_eq!(verdicts.len(), 1);
    verdicts.remove(0)
}

/// A message with title and text, changed by the case.
pub fn plain(case: Value) -> Value {
    let mut whole = json!({"title": "Hello", "body": "New message", "lifetime": 86400});
    for (key, value) in case.as_object().unwrap() {
        whole[key] = value.clone();
    }
    whole
}

pub fn message(case: Value) -> Message {
    golden::message(&case.to_string(), NOW).unwrap()
}
