//! Requests, or devices, a second that a channel may send. Pure; is told the time.
//!
//! A token bucket that holds a tenth of a second: in any span of time no more is taken, less what
//! was given back, than the rate allows in it and one bucket. What is given back beyond a full
//! bucket is lost, or a channel that wakes up often and sends nothing would save it up.

use nudged_plugin_api::Timestamp;

/// Parts of a place: at so many a second, one millisecond brings as many parts as the rate.
const PARTS: u64 = 1_000;

/// A token bucket, or none.
#[derive(Debug)]
pub struct Rate {
    bucket: Option<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    /// Places a second, and so parts of a place a millisecond.
    rate: u64,
    /// Parts in a full bucket.
    most: u64,
    /// Parts in it at `at`.
    level: u64,
    at: Timestamp,
}

impl Rate {
    /// So many a second, with a full bucket; none = as many as will go.
    pub fn new(rate: Option<u32>, now: Timestamp) -> Self {
        let bucket = rate.filter(|rate| *rate > 0).map(|rate| {
            let most = u64::from(rate.div_ceil(10)) * PARTS;
            Bucket {
                rate: rate.into(),
                most,
                level: most,
                at: now,
            }
        });
        Self { bucket }
    }

    /// Takes up to `most`. With none to be had, says in how many milliseconds there is one.
    pub fn take(&mut self, most: usize, now: Timestamp) -> (usize, u64) {
        let Some(bucket) = &mut self.bucket else {
            return (most, 0);
        };
        bucket.fill(now);
        let taken = (bucket.level / PARTS).min(most as u64);
        if taken == 0 {
            return (0, (PARTS - bucket.level % PARTS).div_ceil(bucket.rate));
        }
        bucket.level -= taken * PARTS;
        (usize::try_from(taken).unwrap_or(most), 0)
    }

    /// Returns what was taken and not used.
    pub fn give_back(&mut self, count: usize) {
        if let Some(bucket) = &mut self.bucket {
            let more = (count as u64).saturating_mul(PARTS);
            bucket.level = bucket.level.saturating_add(more).min(bucket.most);
        }
    }
}

impl Bucket {
    /// A clock that was set back brings nothing, and counts from where it stands.
    fn fill(&mut self, now: Timestamp) {
        let more = now.millis_after(self.at).saturating_mul(self.rate);
        self.level = self.level.saturating_add(more).min(self.most);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp(1_000_000);

    #[test]
    fn no_rate_is_no_limit() {
        assert_eq!(Rate::new(None, START).take(500, START), (500, 0));
        assert_eq!(Rate::new(Some(0), START).take(500, START), (500, 0));
    }

    #[test]
    fn the_burst_is_a_tenth_of_a_second_and_what_is_given_back_can_be_taken_again() {
        let mut rate = Rate::new(Some(100), START);
        assert_eq!(rate.take(500, START), (10, 0));
        rate.give_back(5);
        assert_eq!(rate.take(5, START), (5, 0));
        assert_eq!(rate.take(1, START), (0, 10));
        assert_eq!(rate.take(9, START.plus_millis(25)), (2, 0));
        assert_eq!(rate.take(9, START.plus_millis(25)), (0, 5));
        let mut slow = Rate::new(Some(1), START);
        assert_eq!(slow.take(9, START), (1, 0));
        assert_eq!(slow.take(1, START.plus_millis(1)), (0, 999));
        assert_eq!(slow.take(1, START.plus_millis(1_000)), (1, 0));
    }

    #[test]
    fn a_quiet_time_in_which_all_is_given_back_saves_nothing_up() {
        let mut rate = Rate::new(Some(1_000), START);
        let mut now = START;
        for _ in 0..1_000 {
            let (taken, _) = rate.take(500, now);
            rate.give_back(taken);
            now = now.plus_millis(50);
        }
        assert_eq!(rate.take(20_000, now), (100, 0));
        assert_eq!(rate.take(20_000, now).0, 0);
    }

    #[test]
    fn a_clock_that_is_set_back_stops_nothing_for_long() {
        let mut rate = Rate::new(Some(10), START.plus_seconds(3_600));
        assert_eq!(rate.take(5, START.plus_seconds(3_600)), (1, 0));
        assert_eq!(rate.take(5, START), (0, 100));
        assert_eq!(rate.take(5, START.plus_millis(100)), (1, 0));
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
                let (taken, wait) = limiter.take(wanted, now);
                prop_assert!(taken <= wanted);
                prop_assert!(taken > 0 || wanted == 0 || wait > 0);
                let used = (taken as f64 * used) as usize;
                limiter.give_back(taken - used);
                sent.push((now, used as u64));
            }
            let burst = u64::from(rate.div_ceil(10));
            for (first, (from, _)) in sent.iter().enumerate() {
                let mut sum = 0;
                for (at, used) in &sent[first..] {
                    sum += used;
                    let most = burst + (at.millis_after(*from) * u64::from(rate)).div_ceil(PARTS);
                    prop_assert!(sum <= most, "{sum} of {most} from {from:?} to {at:?}");
                }
            }
        }

        #[test]
        fn whoever_waits_as_long_as_told_gets_one(
            rate in 1_u32..20_000,
            pauses in prop::collection::vec(0_u64..50, 1..50),
        ) {
            let mut limiter = Rate::new(Some(rate), START);
            let mut now = START;
            for pause in pauses {
                now = now.plus_millis(pause);
                let (taken, wait) = limiter.take(usize::MAX, now);
                if taken == 0 {
                    now = now.plus_millis(wait);
                    prop_assert!(limiter.take(1, now).0 == 1);
                }
            }
        }
    }
}
