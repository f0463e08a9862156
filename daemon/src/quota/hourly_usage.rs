//! How fast a class is used, and when its quota will be used up if that goes on. Pure.

use nudged_plugin_api::Timestamp;

/// Milliseconds that are counted together.
const SLOT: u64 = 300_000;
/// So many slots are an hour.
const SLOTS: usize = 12;

/// What was used in the last hour.
#[derive(Clone, Debug)]
pub struct HourlyUsage {
    /// What was used in each of the last slots, by the slot's number.
    used: [u64; SLOTS],
    newest: u64,
    since: Timestamp,
}

impl HourlyUsage {
    /// Watches from `now` on.
    pub fn new(now: Timestamp) -> Self {
        Self {
            used: [0; SLOTS],
            newest: now.0 / SLOT,
            since: now,
        }
    }

    /// So many more were used.
    pub fn add(&mut self, count: u64, now: Timestamp) {
        self.turn(now);
        // Counted as the newest, even if the clock was set back.
        self.used[self.newest as usize % SLOTS] += count;
    }

    /// When `left` more will be used, at the pace of the last hour; none where nothing was.
    pub fn forecast(&mut self, left: u64, now: Timestamp) -> Option<Timestamp> {
        self.turn(now);
        let oldest = (self.newest + 1).saturating_sub(SLOTS as u64) * SLOT;
        // What began a moment ago is no pace yet.
        let watched = now
            .millis_after(self.since.max(Timestamp(oldest)))
            .max(SLOT);
        forecast(self.used.iter().sum(), watched, left, now)
    }

    fn turn(&mut self, now: Timestamp) {
        let newest = now.0 / SLOT;
        let passed = newest.saturating_sub(self.newest).min(SLOTS as u64);
        for slot in 1..=passed {
            self.used[(newest - passed + slot) as usize % SLOTS] = 0;
        }
        self.newest = self.newest.max(newest);
    }
}

/// When `left` more will be used, when `used` were within so many milliseconds.
fn forecast(used: u64, watched: u64, left: u64, now: Timestamp) -> Option<Timestamp> {
    if used == 0 {
        return None;
    }
    let wait = u128::from(left) * u128::from(watched) / u128::from(used);
    Some(now.plus_millis(u64::try_from(wait).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 12 * SLOT;
    const NOW: Timestamp = Timestamp(100 * HOUR);

    #[test]
    fn what_is_left_lasts_as_long_as_the_pace_says() {
        assert_eq!(
            forecast(600, HOUR, 300, NOW),
            Some(NOW.plus_millis(HOUR / 2))
        );
        assert_eq!(forecast(600, HOUR, 0, NOW), Some(NOW));
        assert_eq!(forecast(0, HOUR, 300, NOW), None);
        assert_eq!(forecast(1, HOUR, u64::MAX, NOW), Some(Timestamp(u64::MAX)));
    }

    #[test]
    fn only_the_last_hour_counts() {
        let mut hourly = HourlyUsage::new(NOW);
        hourly.add(1_000_000, NOW);
        let later = NOW.plus_millis(HOUR);
        hourly.add(100, later);
        // The eleven slots before this one, and what has passed of this one: nothing.
        assert_eq!(
            hourly.forecast(100, later),
            Some(later.plus_millis(HOUR - SLOT))
        );
        let quiet = later.plus_millis(HOUR);
        assert_eq!(hourly.forecast(100, quiet), None);
    }

    #[test]
    fn a_burst_at_the_start_is_not_taken_for_the_pace() {
        let mut hourly = HourlyUsage::new(NOW);
        hourly.add(100, NOW.plus_millis(10));
        let then = NOW.plus_millis(20);
        assert_eq!(hourly.forecast(100, then), Some(then.plus_millis(SLOT)));
    }

    #[test]
    fn a_clock_that_is_set_back_or_far_ahead_breaks_nothing() {
        let mut hourly = HourlyUsage::new(NOW);
        hourly.add(5, Timestamp(NOW.0 - HOUR));
        assert!(hourly.forecast(5, NOW).is_some());
        assert_eq!(hourly.forecast(5, NOW.plus_millis(1_000 * HOUR)), None);
    }
}
