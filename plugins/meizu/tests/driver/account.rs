//! An app that Meizu never had, and its devices.

use nudged_meizu::Meizu;
use nudged_plugin_api::{
    Batch, Context, Driver, EncodeError, Message, Rendered, Settings, Target, Timestamp,
};

pub const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

pub const PUSH_ID: &str = "RA50c6348036344485d01776773577c64740465480a6b";
pub const OTHER: &str = "J0476035d625e6c64567f71487e040e7d017f0558675b";
pub const THIRD: &str = "J0476045d625e6c64567f71487e040e7d017f0558675b";

/// App and secret and nothing else.
pub fn settings() -> Settings {
    Settings::new()
        .with("app_id", "10000")
        .with("app_secret", "s3cr3t")
}

/// A channel of that app.
pub fn channel() -> Meizu {
    Meizu::open(&settings(), NOW).unwrap()
}

/// Devices with these pushIds.
pub fn targets(push_ids: &[&str]) -> Vec<Target> {
    (1..)
        .zip(push_ids)
        .map(|(number, push_id)| Target::new(format!("d-{number}"), *push_id))
        .collect()
}

/// What the driver makes of a message for these devices.
pub fn encode(
    driver: &Meizu,
    message: &Message,
    targets: &[Target],
) -> Result<Rendered, EncodeError> {
    driver.encode(Batch::new(message, targets), &Context::new(NOW, None))
}
