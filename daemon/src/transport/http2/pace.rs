//! How quickly a connection answers, and whether it is worth keeping beside quicker ones. Pure.

use std::time::Duration;

/// Fewer answers say nothing.
const ENOUGH: u32 = 16;
/// A connection is slow when it takes so many times as long as the quickest ...
const TIMES: u32 = 4;
/// ... and so much longer.
const MORE: Duration = Duration::from_millis(250);

/// The answers of one connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    answers: u32,
    mean: Duration,
}

impl Pace {
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
        let known = |pace: &Self| pace.answers >= ENOUGH;
        let quickest = others.filter(known).map(|other| other.mean).min();
        known(self) && quickest.is_some_and(|it| self.mean > it * TIMES && self.mean > it + MORE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(answers: u32, millis: u64) -> Pace {
        let mut pace = Pace::default();
        for _ in 0..answers {
            pace.learn(Duration::from_millis(millis));
        }
        pace
    }

    #[test]
    fn a_connection_is_slow_only_beside_one_that_is_much_quicker() {
        let cases = [
            (pace(16, 1_000), pace(16, 50), true),
            (pace(16, 300), pace(16, 50), false),
            (pace(16, 1_000), pace(16, 300), false),
            (pace(16, 20), pace(16, 1), false),
        ];
        for (own, other, slow) in cases {
            assert_eq!(own.is_slow_beside([other].into_iter()), slow, "{own:?}");
        }
        assert!(!pace(100, 30_000).is_slow_beside([].into_iter()));
    }

    #[test]
    fn a_few_answers_say_nothing_of_either() {
        assert!(!pace(15, 5_000).is_slow_beside([pace(16, 50)].into_iter()));
        assert!(!pace(16, 5_000).is_slow_beside([pace(15, 50)].into_iter()));
    }

    #[test]
    fn a_connection_that_has_recovered_is_forgiven() {
        let mut pace = pace(16, 5_000);
        for _ in 0..40 {
            pace.learn(Duration::from_millis(50));
        }
        assert!(!pace.is_slow_beside([self::pace(16, 50)].into_iter()));
    }
}
