//! An app that never existed.

use nudged_huawei::Huawei;
use nudged_plugin_api::{
    Batch, Context, Decoded, Driver, EncodeError, Exchange, Grant, HttpResponse, Message, Rendered,
    Settings, Target, Timestamp, Verdict,
};

pub const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);
pub const TOKEN: &str = "IQAAAACy0kYwAADkq7dzGBrl";
pub const SECRET: &str = "4f1c+9e/8d=70&ab%12";

/// Settings of the app and nothing else.
pub fn settings() -> Settings {
    Settings::new()
        .with("app_id", "100012345")
        .with("app_secret", SECRET)
}

/// A channel of that app.
pub fn channel() -> Huawei {
    Huawei::open(&settings(), NOW).unwrap()
}

/// Devices with these tokens, and ids that count up.
pub fn targets<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Vec<Target> {
    tokens
        .into_iter()
        .enumerate()
        .map(|(index, token)| {
            Target::new(format!("0199a1b2-0000-7000-8000-{:012}", index + 1), token)
        })
        .collect()
}

pub fn grant() -> Grant {
    Grant::new("CgB6e3x9", NOW, 3600)
}

pub fn encode(
    driver: &Huawei,
    message: &Message,
    targets: &[Target],
) -> Result<Rendered, EncodeError> {
    driver.encode(
        Batch::new(message, targets),
        &Context::new(NOW, Some(&grant())),
    )
}

pub fn decode(tokens: &[&str], response: &HttpResponse) -> Vec<Verdict> {
    let targets = targets(tokens.iter().copied());
    match channel().decode(Exchange::new(&targets, response), NOW) {
        Decoded::Verdicts(verdicts) => verdicts,
        other => panic!("{other:?}"),
    }
}
