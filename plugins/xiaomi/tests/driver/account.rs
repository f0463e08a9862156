//! An app that never existed.

use nudged_plugin_api::{Driver, Settings, Timestamp};
use nudged_xiaomi::Xiaomi;

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
