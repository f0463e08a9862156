//! An application that TPNS never had, and its devices. The key is that of TPNS's own example.

use nudged_plugin_api::{
    Batch, Context, Driver, EncodeError, Message, Rendered, Settings, Target, Timestamp,
};
use nudged_tpns::Tpns;

pub const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

pub const TOKEN: &str = "05da87c0ae5e7c3a1fa9e08d884aada5bb21";
pub const OTHER: &str = "0174bd0fc8e84f34d2e1d9b0f6a7c8d90e12";

/// An application for Android and nothing else.
pub fn settings() -> Settings {
    Settings::new()
        .with("access_id", "1500001048")
        .with("secret_key", "1452fcebae9f3115ba794fb0fff2fd73")
        .with("platform", "android")
}

/// A channel of that application.
pub fn android() -> Tpns {
    Tpns::open(&settings(), NOW).unwrap()
}

/// A channel of its sister for iOS.
pub fn ios() -> Tpns {
    Tpns::open(&settings().with("platform", "ios"), NOW).unwrap()
}

/// Devices with these tokens.
pub fn targets(tokens: &[&str]) -> Vec<Target> {
    (1..)
        .zip(tokens)
        .map(|(number, token)| Target::new(format!("d-{number}"), *token))
        .collect()
}

/// What the driver makes of a message for these devices.
pub fn encode(
    driver: &Tpns,
    message: &Message,
    targets: &[Target],
) -> Result<Rendered, EncodeError> {
    driver.encode(Batch::new(message, targets), &Context::new(NOW, None))
}
