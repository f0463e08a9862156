//! Requests, or devices, a second that a channel may send.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// A token bucket, or none. It may burst for a tenth of a second.
pub struct Rate {
    bucket: Option<DefaultDirectRateLimiter>,
    spare: usize,
}

impl Rate {
    /// So many requests a second; none = as many as will go.
    pub fn new(rate: Option<u32>) -> Self {
        let bucket = rate.and_then(NonZeroU32::new).map(|rate| {
            let burst = NonZeroU32::new(rate.get().div_ceil(10)).unwrap_or(rate);
            RateLimiter::direct(Quota::per_second(rate).allow_burst(burst))
        });
        Self { bucket, spare: 0 }
    }

    /// Takes up to `most`. With none to be had, says in how many milliseconds there is one.
    pub fn take(&mut self, most: usize) -> (usize, u64) {
        let Some(bucket) = &self.bucket else {
            return (most, 0);
        };
        let mut taken = self.spare.min(most);
        self.spare -= taken;
        while taken < most {
            match bucket.check() {
                Ok(()) => taken += 1,
                Err(_) if taken > 0 => break,
                Err(not_until) => {
                    let wait = not_until.wait_time_from(DefaultClock::default().now());
                    return (
                        0,
                        u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1),
                    );
                }
            }
        }
        (taken, 0)
    }

    /// Returns what was taken and not used.
    pub fn give_back(&mut self, count: usize) {
        if self.bucket.is_some() {
            self.spare += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn no_rate_is_no_limit() {
        assert_eq!(Rate::new(None).take(500), (500, 0));
    }

    #[test]
    fn the_burst_is_a_tenth_of_a_second_and_what_is_given_back_can_be_taken_again() {
        let mut rate = Rate::new(Some(100));
        let (taken, _) = rate.take(500);
        assert!((10..20).contains(&taken), "{taken}");
        rate.give_back(5);
        assert!(rate.take(5).0 >= 5);
        let mut slow = Rate::new(Some(1));
        assert_eq!(slow.take(1).0, 1);
        let (taken, wait) = slow.take(1);
        assert!(taken == 0 && (1..=1000).contains(&wait), "{taken} {wait}");
    }
}
