//! How quickly a connection answers, and whether it is worth keeping beside quicker ones. Pure.

use std::time::Duration;

/// Fewer answers say nothing.
const MIN_ANSWERS: u32 = 16;
/// A connection is slow when it takes so many times as long as the quickest ...
const SLOW_FACTOR: u32 = 4;
/// ... and so much longer.
const SLOW_MARGIN: Duration = Duration::from_millis(250);

/// The answers of one connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct LatencyTracker {
    answers: u32,
    mean: Duration,
}

impl LatencyTracker {
    /// An answer took this long. The last eight or so count.
    pub fn learn(&mut self, took: Duration) {
        self.answers = self.answers.saturating_add(1);
        self.mean = if self.answers == 1 {
            took
        } else {
            (self.mean * 7 + took) / 8
        };
    }

    /// Whether it is slow beside these.
    pub fn is_slow_beside(&self, others: impl Iterator<Item = Self>) -> bool {
        let known = |latency: &Self| latency.answers >= MIN_ANSWERS;
        let quickest = others.filter(known).map(|other| other.mean).min();
        known(self)
            && quickest
                .is_some_and(|it| self.mean > it * SLOW_FACTOR && self.mean > it + SLOW_MARGIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latency(answers: u32, millis: u64) -> LatencyTracker {
        let mut latency = LatencyTracker::default();
        for _ in 0..answers {
            latency.learn(Duration::from_millis(millis));
        }
        latency
    }

    #[test]
    fn a_connection_is_slow_only_beside_one_that_is_much_quicker() {
        let cases = [
            (latency(16, 1_000), latency(16, 50), true),
            (latency(16, 300), latency(16, 50), false),
            (latency(16, 1_000), latency(16, 300), false),
            (latency(16, 20), latency(16, 1), false),
        ];
        for (own, other, slow) in cases {
            assert_eq!(own.is_slow_beside([other].into_iter()), slow, "{own:?}");
        }
        assert!(!latency(100, 30_000).is_slow_beside([].into_iter()));
    }

    #[test]
    fn a_few_answers_say_nothing_of_either() {
        assert!(!latency(15, 5_000).is_slow_beside([latency(16, 50)].into_iter()));
        assert!(!latency(16, 5_000).is_slow_beside([latency(15, 50)].into_iter()));
    }

    #[test]
    fn a_connection_that_has_recovered_is_forgiven() {
        let mut latency = latency(16, 5_000);
        for _ in 0..40 {
            latency.learn(Duration::from_millis(50));
        }
        assert!(!latency.is_slow_beside([self::latency(16, 50)].into_iter()));
    }
}
