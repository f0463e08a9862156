//! Spans of time: what lies between two moments is a [`Duration`], down to the millisecond.

use std::time::Duration;

use nudged_plugin_api::Timestamp;

/// No wait is longer, whoever asked for it: what was said a day ago says nothing about now, and what
/// lies further ahead is of a clock that was wrong, the vendor's or ours.
pub const MAX_WAIT: Duration = Duration::from_secs(86_400);

/// Moments and the spans between them.
pub trait TimestampExt {
    /// This much later, at most the end of time.
    fn plus(self, span: Duration) -> Timestamp;
    /// The span since an earlier moment; zero where that is later.
    fn since(self, earlier: Timestamp) -> Duration;
}

impl TimestampExt for Timestamp {
    fn plus(self, span: Duration) -> Timestamp {
        self.plus_millis(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
    }

    fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.millis_after(earlier))
    }
}
