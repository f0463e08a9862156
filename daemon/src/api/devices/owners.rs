//! A token has one owner: from whom a report took it, in the log.

use crate::registry::{DeviceKey, ReportResult};

/// Says from whom a report took tokens.
pub fn log_taken(key: &DeviceKey, reported: &ReportResult) {
    let own = reported.taken_from.iter().map(|it| (it, true));
    let others = reported.tokens_from.iter().map(|it| (it, false));
    for (from, forgotten) in own.chain(others) {
        tracing::info!(
            app = key.app,
            user = key.user,
            device = key.device,
            from_user = from.user,
            from_device = from.device,
            forgotten,
            "token has a new owner"
        );
    }
}
