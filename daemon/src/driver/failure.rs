//! The log of drivers that fail. A caller can make a driver fail as often as it likes: of each
//! operation of each channel, one line a minute counts the failures.
//!
//! In: which operation failed, and how. Out: lines of the log. Refuses to know what the failure
//! means for a delivery.

use std::fmt::Display;

use crate::telemetry::RateLimitedLog;

/// A channel and a driver's operation.
type Operation = (String, String);

static FAILURES: RateLimitedLog<Operation> = RateLimitedLog::new(
    (String::new(), String::new()),
    |(channel, operation), more| {
        tracing::error!(
            channel,
            operation,
            "driver failed (repeated {more} times within a minute)"
        );
    },
);

/// A driver panicked, or returned what does not answer the call. `cost` says what follows from
/// that, where it is logged nowhere else.
pub fn log_failure(
    channel: &str,
    driver: &str,
    operation: &str,
    problem: impl Display,
    cost: &str,
) {
    FAILURES.log((channel.to_owned(), operation.to_owned()), || {
        tracing::error!(channel, driver, operation, %problem, "driver failed{cost}");
    });
}
