//! The log's lines on channels and drivers. A caller can make a driver fail, and a vendor can hold a
//! channel and let it go, as often as it likes: of each, one line a minute says how often.
//!
//! In: what happened, to which channel. Out: lines of the log. Refuses to know why it happened.

use nudged_plugin_api::Timestamp;

use crate::model::rfc3339;
use crate::telemetry::RateLimitedLog;

/// A channel, and what of it: a driver's operation, a class, a reason.
type LogKey = (String, String);

const OTHERS: LogKey = (String::new(), String::new());

static HELD: RateLimitedLog<LogKey> = RateLimitedLog::new(OTHERS, |(channel, reason), more| {
    tracing::warn!(
        channel,
        reason,
        "channel is held (repeated {more} times within a minute)"
    );
});
static SENDS_AGAIN: RateLimitedLog<LogKey> = RateLimitedLog::new(OTHERS, |(channel, _), more| {
    tracing::info!(
        channel,
        "channel sends again (repeated {more} times within a minute)"
    );
});
static CLASS_REFUSED: RateLimitedLog<LogKey> = RateLimitedLog::new(
    OTHERS,
    |(channel, class), more| {
        tracing::warn!(
            channel,
            class,
            "the vendor takes no more messages of this class (repeated {more} times within a minute)"
        );
    },
);
static CLASS_TAKEN: RateLimitedLog<LogKey> =
    RateLimitedLog::new(OTHERS, |(channel, class), more| {
        tracing::info!(
            channel,
            class,
            "the vendor takes messages of this class again (repeated {more} times within a minute)"
        );
    });

/// A channel is held.
pub fn held(channel: &str, reason: &str, until: Timestamp) {
    HELD.log((channel.to_owned(), reason.to_owned()), || {
        let until = rfc3339(until);
        tracing::warn!(channel, reason, until, "channel is held");
    });
}

/// The hold is over.
pub fn sends_again(channel: &str) {
    SENDS_AGAIN.log((channel.to_owned(), String::new()), || {
        tracing::info!(channel, "channel sends again");
    });
}

/// A vendor takes no more of a class.
pub fn class_refused(channel: &str, class: &str, reason: &str, until: Timestamp) {
    CLASS_REFUSED.log((channel.to_owned(), class.to_owned()), || {
        let until = rfc3339(until);
        tracing::warn!(
            channel,
            class,
            reason,
            until,
            "the vendor takes no more messages of this class"
        );
    });
}

/// It takes it again.
pub fn class_taken(channel: &str, class: &str) {
    CLASS_TAKEN.log((channel.to_owned(), class.to_owned()), || {
        tracing::info!(
            channel,
            class,
            "the vendor takes messages of this class again"
        );
    });
}

#[cfg(test)]
mod tests {
    use crate::sync::Mutex;
    use std::io::Write;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::driver::log_failure as driver_failed;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Log {
        fn lines(&self) -> Vec<String> {
            let bytes = std::mem::take(&mut *self.0.lock());
            let text = String::from_utf8(bytes).unwrap();
            text.lines().map(|it| it.trim().to_owned()).collect()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_driver_that_fails_on_each_message_is_one_line_and_then_one_a_minute() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .with_target(false)
            .without_time()
            .finish();
        let _default = tracing::subscriber::set_default(subscriber);

        for n in 0..500 {
            driver_failed("phones", "acme", "encode", format!("panicked on {n}"), "");
        }
        driver_failed("phones", "acme", "decode", "panicked", "");

        assert_eq!(
            log.lines(),
            [
                "ERROR driver failed channel=\"phones\" driver=\"acme\" operation=\"encode\" \
                 problem=panicked on 0",
                "ERROR driver failed channel=\"phones\" driver=\"acme\" operation=\"decode\" \
                 problem=panicked",
            ]
        );
        tokio::time::sleep(Duration::from_secs(150)).await;
        assert_eq!(
            log.lines(),
            [
                "ERROR driver failed (repeated 499 times within a minute) channel=\"phones\" operation=\"encode\""
            ]
        );
        // It is news again once it was quiet for a while.
        held("phones", "429", Timestamp(0));
        held("phones", "429", Timestamp(0));
        driver_failed("phones", "acme", "encode", "panicked", "");
        assert_eq!(log.lines().len(), 2);
    }
}
