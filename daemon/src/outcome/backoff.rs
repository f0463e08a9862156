//! The back-off: pauses that double from the first to the longest, with the upper half of each left
//! to chance, and how long a vendor may have a channel held. Pure.
//!
//! In: the spans of the configuration, and how often something was tried. Out: how long to wait.
//! Refuses to know what is tried.

use std::time::Duration;

/// How long to wait, when the vendor does not say and when it says too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    max: Duration,
    max_hold: Duration,
}

/// Spans that make no back-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackoffError {
    /// No pause at first.
    #[error("the first pause between attempts is 0: a failing vendor would be asked without end")]
    NoPause,
    /// The longest pause is shorter than the first.
    #[error("the longest pause between attempts ({max:?}) is shorter than the first ({first:?})")]
    Reversed {
        /// The first pause.
        first: Duration,
        /// The longest.
        max: Duration,
    },
    /// Holds of no length.
    #[error("the longest hold is 0: no wait that a vendor asks for would be kept")]
    NoHold,
}

/// Doublings after which no pause grows any more.
const MAX_DOUBLINGS: u32 = 40;

impl Backoff {
    /// Pauses from `first` to `max`, and holds of `max_hold` at most.
    pub const fn try_new(
        first: Duration,
        max: Duration,
        max_hold: Duration,
    ) -> Result<Self, BackoffError> {
        if first.is_zero() {
            return Err(BackoffError::NoPause);
        }
        if max.as_nanos() < first.as_nanos() {
            return Err(BackoffError::Reversed { first, max });
        }
        if max_hold.is_zero() {
            return Err(BackoffError::NoHold);
        }
        Ok(Self {
            first,
            max,
            max_hold,
        })
    }

    /// The longest pause between attempts.
    pub const fn max(self) -> Duration {
        self.max
    }

    /// The longest wait that a vendor is granted.
    pub const fn max_hold(self) -> Duration {
        self.max_hold
    }

    /// The pause once so many attempts have failed before this one; `jitter`, 0 to 1000, says how
    /// much of its upper half is waited for.
    pub fn pause(self, attempts: u32, jitter: u16) -> Duration {
        let half = millis(self.doubled(attempts)) / 2;
        Duration::from_millis(half + half * u64::from(jitter.min(1000)) / 1000)
    }

    /// The first pause doubled so often, up to the longest.
    pub fn doubled(self, times: u32) -> Duration {
        let factor = 1_u64 << times.min(MAX_DOUBLINGS);
        let doubled = millis(self.first).saturating_mul(factor);
        Duration::from_millis(doubled.min(millis(self.max)))
    }
}

/// Waits are whole milliseconds, as moments are.
fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
impl Backoff {
    /// For tests.
    pub const fn of_millis(first: u64, max: u64, max_hold: u64) -> Self {
        let of = Duration::from_millis;
        match Self::try_new(of(first), of(max), of(max_hold)) {
            Ok(backoff) => backoff,
            Err(_) => panic!("a test needs a back-off that is one"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff::of_millis(1_000, 60_000, 3_600_000);

    #[test]
    fn pauses_double_up_to_the_longest_and_are_spread_out() {
        let pauses = |jitter| {
            [0, 1, 2, 5, 6, 63, u32::MAX]
                .map(|attempts| BACKOFF.pause(attempts, jitter).as_millis())
        };
        assert_eq!(
            pauses(1000),
            [1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]
        );
        assert_eq!(
            pauses(0),
            [500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]
        );
    }

    #[test]
    fn spans_that_make_no_back_off_are_refused() {
        let (zero, second, minute) = (
            Duration::ZERO,
            Duration::from_secs(1),
            Duration::from_secs(60),
        );
        for (first, max, max_hold, expected) in [
            (zero, minute, minute, Some(BackoffError::NoPause)),
            (second, minute, zero, Some(BackoffError::NoHold)),
            (
                minute,
                second,
                minute,
                Some(BackoffError::Reversed {
                    first: minute,
                    max: second,
                }),
            ),
            (second, second, second, None),
        ] {
            assert_eq!(Backoff::try_new(first, max, max_hold).err(), expected);
        }
    }
}
