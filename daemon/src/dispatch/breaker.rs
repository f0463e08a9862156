//! The circuit breaker: a channel is held when its vendor asks for it, its credential is bad, or
//! nothing gets through, and is then probed by one request. Pure; is told the time.
//!
//! In: answers, failures, holds. Out: how many requests may go out. Refuses to know deliveries.
//!
//! Single requests fail without anybody's fault, so only ten failures in a row, without an answer
//! between them, are the vendor's; from the fifth on ten requests are in flight at most. The hold is
//! the first pause of the back-off and doubles with each probe that fails, up to the longest: a vendor
//! that is back is used again soon, and one that is down for hours costs one request each ten minutes.
//! What was in flight when a hold began says nothing new: a connection that ends fails all at once.

use std::time::Duration;

use nudged_plugin_api::Timestamp;

use crate::model::{MAX_WAIT, TimestampExt};
use crate::outcome::Backoff;

/// Why and until when a channel is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Until when.
    pub until: Timestamp,
    /// Why, for the operator.
    pub reason: String,
    /// Whether the vendor asked for it, so that even a new credential has to wait.
    pub asked: bool,
    /// Whether it is held on suspicion only, so that one accepted message ends it.
    pub suspected: bool,
}

impl Hold {
    /// A hold that the vendor asked for.
    pub fn asked(until: Timestamp, reason: String) -> Self {
        Self {
            until,
            reason,
            asked: true,
            suspected: false,
        }
    }

    /// A hold of our own accord.
    pub fn ours(until: Timestamp, reason: String) -> Self {
        Self {
            until,
            reason,
            asked: false,
            suspected: false,
        }
    }

    /// A hold on suspicion.
    pub fn suspected(until: Timestamp, reason: String) -> Self {
        Self {
            suspected: true,
            ..Self::ours(until, reason)
        }
    }
}

/// Lets requests through, or not.
// req 57: it is one channel's, so that no other is held with it.
#[derive(Debug)]
pub struct Breaker {
    backoff: Backoff,
    /// Failures of the vendor as a whole since its last answer.
    failures: u32,
    hold: Option<Hold>,
    /// When it was asked last.
    asked: Timestamp,
}

/// A clock that was set back by so much was wrong before.
const CLOCK_SET_BACK: Duration = Duration::from_secs(10);
/// So many failures in a row are not the fault of single requests.
const FAILURE_THRESHOLD: u32 = 10;

impl Breaker {
    /// A breaker that lets everything through once `hold` is over.
    pub fn new(backoff: Backoff, hold: Option<Hold>) -> Self {
        Self {
            backoff,
            failures: 0,
            hold,
            asked: Timestamp(0),
        }
    }

    /// How many more requests may go out, with so many in flight and `max` allowed.
    pub fn permits(&mut self, now: Timestamp, in_flight: usize, max: usize) -> usize {
        let last = std::mem::replace(&mut self.asked, now);
        if let Some(hold) = &mut self.hold {
            // It lasts as long as it was to, by whichever clock.
            if last > now.plus(CLOCK_SET_BACK) {
                hold.until = now.plus(hold.until.since(last));
            }
            // Nothing holds for longer: a clock that was far ahead has been set right since.
            hold.until = hold.until.min(now.plus(MAX_WAIT));
        }
        if self.hold.as_ref().is_some_and(|hold| hold.until > now) {
            return 0;
        }
        // After a hold, or while it looks bad, a few find out for all.
        let max = if self.hold.is_some() {
            1
        } else if self.failures >= FAILURE_THRESHOLD / 2 {
            max.min(10)
        } else {
            max
        };
        max.saturating_sub(in_flight)
    }

    /// The hold, also one that has run out and waits for its probe.
    pub fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    /// The vendor answered, and did not ask to wait. Says whether that ended a hold.
    pub fn answered(&mut self, now: Timestamp) -> bool {
        self.failures = 0;
        // An answer to what went out before the hold says nothing about it.
        self.hold.take_if(|hold| hold.until <= now).is_some()
    }

    /// Whether it is held on suspicion, or waits for the probe after that.
    pub fn is_suspected(&self) -> bool {
        self.hold.as_ref().is_some_and(|hold| hold.suspected)
    }

    /// A message was accepted: a hold on suspicion is over. Says whether there was one.
    pub fn cleared(&mut self) -> bool {
        self.hold.take_if(|hold| hold.suspected).is_some()
    }

    /// The vendor did not answer, or said that it cannot. Says whether a hold began.
    pub fn failed(&mut self, now: Timestamp, reason: &str) -> bool {
        // What went out before the hold says nothing new: when a connection ends, all that was
        // in flight on it fails at once.
        if self.hold.as_ref().is_some_and(|hold| hold.until > now) {
            return false;
        }
        self.failures = self.failures.saturating_add(1);
        let probing = self.hold.is_some();
        if self.failures < FAILURE_THRESHOLD && !probing {
            return false;
        }
        let beyond = self.failures.saturating_sub(FAILURE_THRESHOLD);
        let wait = self.backoff.doubled(beyond);
        self.hold_until(Hold::ours(now.plus(wait), reason.to_owned()))
    }

    /// Ends a hold of our own, but for its probe; one that the vendor asked for stays.
    pub fn probe(&mut self, now: Timestamp) {
        if let Some(hold) = self.hold.as_mut().filter(|hold| !hold.asked) {
            hold.until = hold.until.min(now);
        }
    }

    /// Ends any hold, but for its probe, as the operator wants it so.
    pub fn release(&mut self, now: Timestamp) {
        if let Some(hold) = &mut self.hold {
            hold.until = hold.until.min(now);
        }
    }

    /// Holds, unless a longer hold is on. Says whether there was none.
    pub fn hold_until(&mut self, hold: Hold) -> bool {
        let new = self.hold.is_none();
        if self
            .hold
            .as_ref()
            .is_none_or(|other| other.until < hold.until)
        {
            self.hold = Some(hold);
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff::of_millis(1_000, 60_000, 3_600_000);
    const NOW: Timestamp = Timestamp(1_000_000);

    #[test]
    fn a_single_failure_holds_nobody() {
        let mut breaker = Breaker::new(BACKOFF, None);
        assert!(!breaker.failed(NOW, "x"));
        assert_eq!(breaker.permits(NOW, 20, 100), 80);
    }

    #[test]
    fn a_vendor_that_is_down_is_probed_by_one_request_at_growing_intervals() {
        let mut breaker = Breaker::new(BACKOFF, None);
        let began = (0..FAILURE_THRESHOLD)
            .filter(|_| breaker.failed(NOW, "down"))
            .count();
        assert_eq!(began, 1);
        assert_eq!(breaker.permits(NOW, 0, 100), 0);
        let then = NOW.plus_millis(1_000);
        assert_eq!(breaker.permits(then, 0, 100), 1);
        assert_eq!(breaker.permits(then, 1, 100), 0);
        breaker.failed(then, "down");
        assert_eq!(breaker.permits(then.plus_millis(1_999), 0, 100), 0);
        assert_eq!(breaker.permits(then.plus_millis(2_000), 0, 100), 1);
        assert!(breaker.answered(then.plus_millis(2_000)));
        assert_eq!(breaker.permits(then.plus_millis(2_000), 0, 100), 100);
    }

    #[test]
    fn a_hundred_requests_that_fail_at_once_hold_no_longer_than_ten() {
        let mut breaker = Breaker::new(BACKOFF, None);
        let began = (0..100).filter(|_| breaker.failed(NOW, "lost")).count();
        assert_eq!(began, 1);
        let then = NOW.plus_millis(1_000);
        assert_eq!(breaker.permits(then, 0, 100), 1);
        breaker.failed(then, "lost");
        assert_eq!(breaker.permits(then.plus_millis(2_000), 0, 100), 1);
    }

    #[test]
    fn a_probe_ends_a_hold_of_our_own_and_none_of_the_vendors() {
        let until = NOW.plus_seconds(60);
        for (hold, permits) in [
            (Hold::ours(until, "down".to_owned()), 1),
            (Hold::asked(until, "asked to wait".to_owned()), 0),
        ] {
            let mut breaker = Breaker::new(BACKOFF, Some(hold));
            breaker.probe(NOW);
            assert_eq!(breaker.permits(NOW, 0, 100), permits);
        }
    }

    #[test]
    fn the_operators_release_ends_a_hold_of_the_vendors_but_for_its_probe() {
        let until = NOW.plus_seconds(60);
        let hold = Hold::asked(until, "asked to wait".to_owned());
        let mut breaker = Breaker::new(BACKOFF, Some(hold));
        breaker.release(NOW);
        assert_eq!(breaker.permits(NOW, 0, 100), 1);
        assert_eq!(breaker.permits(NOW, 1, 100), 0);
        // One that asks to wait again is obeyed again.
        breaker.hold_until(Hold::asked(until, "asked to wait".to_owned()));
        assert_eq!(breaker.permits(NOW, 0, 100), 0);
    }

    #[test]
    fn an_accepted_message_ends_a_hold_on_suspicion_and_no_other() {
        let until = NOW.plus_seconds(60);
        for (hold, permits) in [
            (Hold::suspected(until, "refused".to_owned()), 100),
            (Hold::ours(until, "down".to_owned()), 0),
            (Hold::asked(until, "asked to wait".to_owned()), 0),
        ] {
            let mut breaker = Breaker::new(BACKOFF, Some(hold));
            assert_eq!(breaker.cleared(), permits > 0);
            assert_eq!(breaker.permits(NOW, 0, 100), permits);
        }
    }

    #[test]
    fn a_hold_from_a_clock_that_was_years_ahead_ends_within_a_day() {
        let hold = Hold::asked(Timestamp(u64::MAX), "asked to wait".to_owned());
        let mut breaker = Breaker::new(BACKOFF, Some(hold));
        assert_eq!(breaker.permits(NOW, 0, 100), 0);
        assert_eq!(breaker.permits(NOW.plus(MAX_WAIT), 0, 100), 1);
    }

    #[test]
    fn a_hold_lasts_as_long_as_it_was_to_though_the_clock_is_set_back() {
        let until = NOW.plus_seconds(60);
        for (back, ends) in [(5, 60), (3_600, 60 - 3_600)] {
            let now = NOW.plus_seconds(7_200);
            let mut breaker = Breaker::new(BACKOFF, None);
            breaker.hold_until(Hold::ours(now.plus_seconds(60), "refused".to_owned()));
            assert_eq!(breaker.permits(now.plus_seconds(20), 0, 100), 0);
            let set = Timestamp(now.plus_seconds(20).0 - back * 1_000);
            assert_eq!(breaker.permits(set, 0, 100), 0);
            let over = Timestamp(now.0.saturating_add_signed(ends * 1_000));
            let ends = breaker.hold().expect("held").until;
            assert_eq!(ends, over, "{back}");
        }
        let mut breaker = Breaker::new(BACKOFF, Some(Hold::ours(until, "down".to_owned())));
        assert_eq!(breaker.permits(NOW, 0, 100), 0);
        assert_eq!(breaker.permits(until, 0, 100), 1);
    }

    #[test]
    fn a_longer_hold_is_not_shortened_by_a_shorter_one_or_by_late_answers() {
        let mut breaker = Breaker::new(BACKOFF, None);
        assert!(breaker.hold_until(Hold::asked(
            NOW.plus_seconds(60),
            "asked to wait".to_owned()
        )));
        assert!(!breaker.hold_until(Hold::asked(NOW.plus_seconds(5), "again".to_owned())));
        assert!(!breaker.answered(NOW.plus_seconds(1)));
        assert_eq!(breaker.permits(NOW.plus_seconds(59), 0, 100), 0);
        assert_eq!(breaker.permits(NOW.plus_seconds(60), 0, 100), 1);
    }
}
