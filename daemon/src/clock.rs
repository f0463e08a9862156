//! The one place that asks what time it is: stages take the time from here and hand it on, so that
//! what decides by it can be tested with any.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nudged_plugin_api::Timestamp;

/// The time.
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
