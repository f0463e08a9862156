//! The rate limit: requests, or devices, a second that a channel may send. Pure; is told the time.
//!
//! A token bucket that holds a tenth of a second: in any span of time no more is taken, less what
//! was given back, than the rate allows in it and one bucket. What is given back beyond a full
//! bucket is lost, or a channel that wakes up often and sends nothing would save it up.

use std::time::Duration;

use nudged_plugin_api::Timestamp;

/// Parts of a request or device: at so many a second, one millisecond brings as many parts as the
/// rate.
const PARTS: u64 = 1_000;

/// A token bucket, or none.
#[derive(Debug)]
pub struct Rate {
    bucket: Option<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// So many a second, and so many parts a millisecond.
    rate: u64,
    /// Parts in a full bucket.
    max: u64,
    /// Parts in it at `at`.
    level: u64,
    at: Timestamp,
}

impl Rate {
    /// So many a second, with a full bucket; none = as many as will go.
    pub fn new(rate: Option<u32>, now: Timestamp) -> Self {
        let bucket = rate.filter(|rate| *rate > 0).map(|rate| {
            let max = u64::from(rate.div_ceil(10)) * PARTS;
            Bucket {
                rate: rate.into(),
                max,
                level: max,
                at: now,
            }
        });
        Self { bucket }
    }

    /// Takes up to `max`; with none to be had, it is an error that says how long until there is one.
    pub fn take(&mut self, max: usize, now: Timestamp) -> Result<usize, Duration> {
        let Some(bucket) = &mut self.bucket else {
            return Ok(max);
        };
        bucket.fill(now);
        let taken = (bucket.level / PARTS).min(max as u64);
        if taken == 0 {
            let millis = (PARTS - bucket.level % PARTS).div_ceil(bucket.rate);
            return Err(Duration::from_millis(millis));
        }
        bucket.level -= taken * PARTS;
        Ok(usize::try_from(taken).unwrap_or(max))
    }

    /// Returns what was taken and not used.
    pub fn give_back(&mut self, count: usize) {
        if let Some(bucket) = &mut self.bucket {
            let more = (count as u64).saturating_mul(PARTS);
            bucket.level = bucket.level.saturating_add(more).min(bucket.max);
        }
    }
}

impl Bucket {
    /// A clock that was set back brings nothing, and counts from where it stands.
    fn fill(&mut self, now: Timestamp) {
        let more = now.millis_after(self.at).saturating_mul(self.rate);
        self.level = self.level.saturating_add(more).min(self.max);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::TimestampExt;

    const START: Timestamp = Timestamp(1_000_000);

    #[test]
    fn no_rate_is_no_limit() {
        assert_eq!(Rate::new(None, START).take(500, START), Ok(500));
        assert_eq!(Rate::new(Some(0), START).take(500, START), Ok(500));
    }

    #[test]
    fn the_burst_is_a_tenth_of_a_second_and_what_is_given_back_can_be_taken_again() {
        let mut rate = Rate::new(Some(100), START);
        assert_eq!(rate.take(500, START), Ok(10));
        rate.give_back(5);
        assert_eq!(rate.take(5, START), Ok(5));
        assert_eq!(rate.take(1, START), Err(Duration::from_millis(10)));
        assert_eq!(rate.take(9, START.plus_millis(25)), Ok(2));
        assert_eq!(
            rate.take(9, START.plus_millis(25)),
            Err(Duration::from_millis(5))
        );
        let mut slow = Rate::new(Some(1), START);
        assert_eq!(slow.take(9, START), Ok(1));
        assert_eq!(
            slow.take(1, START.plus_millis(1)),
            Err(Duration::from_millis(999))
        );
        assert_eq!(slow.take(1, START.plus_millis(1_000)), Ok(1));
    }

    #[test]
    fn a_quiet_time_in_which_all_is_given_back_saves_nothing_up() {
        let mut rate = Rate::new(Some(1_000), START);
        let mut now = START;
        for _ in 0..1_000 {
            let taken = rate.take(500, now).unwrap_or(0);
            rate.give_back(taken);
            now = now.plus_millis(50);
        }
        assert_eq!(rate.take(20_000, now), Ok(100));
        assert!(rate.take(20_000, now).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nothing_for_long() {
        let mut rate = Rate::new(Some(10), START.plus_seconds(3_600));
        assert_eq!(rate.take(5, START.plus_seconds(3_600)), Ok(1));
        assert_eq!(rate.take(5, START), Err(Duration::from_millis(100)));
        assert_eq!(rate.take(5, START.plus_millis(100)), Ok(1));
    }

    proptest! {
        #[test]
        fn no_span_of_time_sees_more_than_the_rate_and_one_burst(
            rate in 1_u32..5_000,
            wakes in prop::collection::vec((0_u64..400, 0_usize..2_000, 0.0_f64..=1.0), 1..120),
        ) {
            let mut limiter = Rate::new(Some(rate), START);
            let (mut now, mut sent) = (START, Vec::new());
            for (pause, wanted, used) in wakes {
                now = now.plus_millis(pause);
                let taken = match limiter.take(wanted, now) {
                    Ok(taken) => taken,
                    Err(wait) => {
                        prop_assert!(wanted == 0 || !wait.is_zero());
                        0
                    }
                };
                prop_assert!(taken <= wanted);
                let used = (taken as f64 * used) as usize;
                limiter.give_back(taken - used);
                sent.push((now, used as u64));
            }
            let burst = u64::from(rate.div_ceil(10));
            for (first, (from, _)) in sent.iter().enumerate() {
                let mut sum = 0;
                for (at, used) in &sent[first..] {
                    sum += used;
                    let max = burst + (at.millis_after(*from) * u64::from(rate)).div_ceil(PARTS);
                    prop_assert!(sum <= max, "{sum} of {max} from {from:?} to {at:?}");
                }
            }
        }

        #[test]
        fn whoever_waits_as_long_as_it_says_gets_one(
            rate in 1_u32..20_000,
            pauses in prop::collection::vec(0_u64..50, 1..50),
        ) {
            let mut limiter = Rate::new(Some(rate), START);
            let mut now = START;
            for pause in pauses {
                now = now.plus_millis(pause);
                if let Err(wait) = limiter.take(usize::MAX, now) {
                    now = now.plus(wait);
                    prop_assert_eq!(limiter.take(1, now), Ok(1));
                }
            }
        }
    }
}
