//! The in-flight window: how many requests a vendor is sent at once. Pure; is told the time.
//!
//! Begins small, doubles while the vendor keeps up, and halves when it says that it is too
//! much or grows slow: what waits is better kept here, where it can be tried at another time, than at
//! a vendor who is choking.

use std::time::Duration;

use nudged_plugin_api::Timestamp;

use crate::model::TimestampExt;

/// Requests at the beginning.
const INITIAL_SIZE: f64 = 32.0;
/// Fewer are never allowed; the breaker is for that.
const MIN_SIZE: f64 = 2.0;
/// A vendor has grown slow when an answer takes so many times the shortest time ...
const SLOW_FACTOR: u32 = 4;
/// ... and so much more.
const SLOW_MARGIN: Duration = Duration::from_millis(500);
/// The shortest time is that of the last one to two such periods: networks change.
const LATENCY_PERIOD: Duration = Duration::from_secs(60);

/// The window of requests in flight.
#[derive(Debug)]
pub struct Window {
    size: f64,
    max: f64,
    /// Whether it was never too much yet: then each answer allows one more.
    doubling: bool,
    /// Answers to what was sent before say nothing about the size that holds since.
    cut_at: Timestamp,
    quickest: Quickest,
}

/// The shortest time that an answer took.
#[derive(Debug)]
struct Quickest {
    since: Timestamp,
    before: Option<Duration>,
    now: Option<Duration>,
}

impl Window {
    /// A window that grows to `max`.
    pub fn new(max: usize) -> Self {
        let max = (max as f64).max(1.0);
        Self {
            size: INITIAL_SIZE.min(max),
            max,
            doubling: true,
            cut_at: Timestamp(0),
            quickest: Quickest {
                since: Timestamp(0),
                before: None,
                now: None,
            },
        }
    }

    /// How many requests may be in flight.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    /// The vendor answered at `now` what was sent at `sent`, with so many still in flight.
    pub fn answered(&mut self, sent: Timestamp, now: Timestamp, in_flight: usize) {
        let took = now.since(sent);
        let quickest = self.quickest.learn(took, now);
        if took > quickest * SLOW_FACTOR && took > quickest + SLOW_MARGIN {
            self.overloaded(sent, now);
        } else if (in_flight as f64) * 2.0 >= self.size {
            // A window that nobody fills says nothing.
            let more = if self.doubling { 1.0 } else { 1.0 / self.size };
            self.size = (self.size + more).min(self.max);
        }
    }

    /// The vendor said that it is too much, or nothing, to what was sent at `sent`.
    pub fn overloaded(&mut self, sent: Timestamp, now: Timestamp) {
        if sent < self.cut_at {
            return;
        }
        self.doubling = false;
        self.cut_at = now;
        self.size = (self.size / 2.0).max(MIN_SIZE.min(self.max));
    }
}

impl Quickest {
    fn learn(&mut self, took: Duration, now: Timestamp) -> Duration {
        if now.since(self.since) > LATENCY_PERIOD {
            self.since = now;
            self.before = self.now.take();
        }
        let shortest = self.now.map_or(took, |it| it.min(took));
        self.now = Some(shortest);
        self.before.map_or(shortest, |it| it.min(shortest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Timestamp = Timestamp(1_000_000);

    fn full(window: &mut Window, answers: usize) {
        for _ in 0..answers {
            let size = window.size();
            window.answered(T, T.plus_millis(50), size);
        }
    }

    #[test]
    fn it_doubles_with_each_round_of_answers_up_to_the_maximum() {
        let mut window = Window::new(500);
        assert_eq!(window.size(), 32);
        full(&mut window, 32);
        assert_eq!(window.size(), 64);
        full(&mut window, 1000);
        assert_eq!(window.size(), 500);
        assert_eq!(Window::new(10).size(), 10);
        assert_eq!(Window::new(0).size(), 1);
    }

    #[test]
    fn it_does_not_grow_while_half_of_it_is_enough() {
        let mut window = Window::new(500);
        for _ in 0..100 {
            window.answered(T, T.plus_millis(50), 15);
        }
        assert_eq!(window.size(), 32);
    }

    #[test]
    fn a_round_of_refusals_halves_it_once_and_it_grows_back_by_one_a_round() {
        let mut window = Window::new(500);
        full(&mut window, 1000);
        let refused = T.plus_millis(50);
        for _ in 0..250 {
            window.overloaded(T, refused);
        }
        assert_eq!(window.size(), 250);
        window.overloaded(refused, refused.plus_millis(50));
        assert_eq!(window.size(), 125);
        full(&mut window, 130);
        assert_eq!(window.size(), 126);
    }

    #[test]
    fn however_often_it_is_refused_a_few_get_through() {
        let mut window = Window::new(500);
        for n in 0..100 {
            window.overloaded(T.plus_millis(n), T.plus_millis(n));
        }
        assert_eq!(window.size(), 2);
    }

    #[test]
    fn a_vendor_that_grows_slow_gets_less_and_one_that_always_was_does_not() {
        let mut slow = Window::new(100);
        for _ in 0..100 {
            slow.answered(T, T.plus_seconds(5), 100);
        }
        assert_eq!(slow.size(), 100);
        let mut slowed = Window::new(100);
        full(&mut slowed, 100);
        slowed.answered(T, T.plus_seconds(5), 100);
        assert_eq!(slowed.size(), 50);
    }

    #[test]
    fn a_vendor_that_has_become_slow_for_good_is_no_longer_slow() {
        let mut window = Window::new(100);
        full(&mut window, 100);
        let mut time = T;
        for _ in 0..40 {
            time = time.plus_seconds(5);
            window.answered(time, time.plus_seconds(5), 100);
        }
        let low = window.size();
        for _ in 0..400 {
            window.answered(time, time.plus_seconds(5), 100);
        }
        assert!(window.size() > low, "{} > {low}", window.size());
    }
}
