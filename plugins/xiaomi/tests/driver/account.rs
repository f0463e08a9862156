//! An app that never existed, messages written as JSON, and requests taken apart.

use nudged_driver_kit::test::golden;
use nudged_plugin_api::{
    Batch, Context, Driver, EncodeError, Message, Rendered, Settings, Target, Timestamp,
};
use nudged_xiaomi::Xiaomi;
use serde_json::{Value, json};

pub const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
pub const REGID: &str = "d//igwEhgBGCI2TG6lWqlCXVzoSRoEZ+7q6sFJk1Kks=";
pub const SECRET: &str = "AbCdEf0123456789/w==";

/// The least that a channel needs.
pub fn settings() -> Settings {
    Settings::new()
        .with("app_secret", SECRET)
        .with("package", "com.example.chat")
}

/// A channel of that app.
pub fn channel() -> Xiaomi {
    open(settings())
}

/// A channel with these settings.
pub fn open(settings: Settings) -> Xiaomi {
    Xiaomi::open(&settings, NOW).unwrap()
}

/// A message that lives for an hour unless the case says otherwise; 0 is now or never.
pub fn message_of(mut case: Value) -> Message {
    if case["lifetime"] == 0 {
        case.as_object_mut().unwrap().remove("lifetime");
    } else if case["lifetime"].is_null() {
        case["lifetime"] = json!(3600);
    }
    golden::message(&case.to_string(), NOW).unwrap()
}

/// Devices with ids as deliveries have them.
pub fn targets_of<S: AsRef<str>>(tokens: &[S]) -> Vec<Target> {
    let id = |n| format!("0198c6b4-2a51-7c3e-9a4d-5f0e6b7c{n:04x}");
    let device = |(n, token): (usize, &S)| Target::new(id(n), token.as_ref());
    tokens.iter().enumerate().map(device).collect()
}

pub fn encode(
    driver: &Xiaomi,
    message: &Message,
    targets: &[Target],
) -> Result<Rendered, EncodeError> {
    driver.encode(Batch::new(message, targets), &Context::new(NOW, None))
}

/// What the plain channel makes of a message to one device.
pub fn rendered(case: Value) -> Rendered {
    encode(&channel(), &message_of(case), &targets_of(&[REGID])).unwrap()
}

pub fn refusal(case: Value) -> EncodeError {
    encode(&channel(), &message_of(case), &targets_of(&[REGID])).unwrap_err()
}

/// A field of the form, decoded.
pub fn field(rendered: &Rendered, name: &str) -> Option<String> {
    let mut fields = form_urlencoded::parse(&rendered.request.body).filter(|(key, _)| key == name);
    let value = fields.next().map(|(_, value)| value.into_owned());
    assert!(fields.next().is_none(), "{name} is there twice");
    value
}

/// The fields that something is said about.
pub fn noticed(rendered: &Rendered) -> Vec<&str> {
    let notices = rendered.notices.iter();
    notices.map(|notice| notice.field.as_str()).collect()
}
