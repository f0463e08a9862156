//! Days as a vendor counts them. Pure.

use std::fmt;

use nudged_plugin_api::Timestamp;

/// A clock that is so many minutes ahead of UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VendorClock {
    /// Minutes ahead of UTC.
    pub ahead: i64,
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

impl VendorClock {
    /// Which day it is, counted from 1970-01-01.
    pub fn day(self, now: Timestamp) -> i64 {
        self.here(now).div_euclid(DAY)
    }

    /// The minute of the day.
    pub fn minute(self, now: Timestamp) -> u32 {
        u32::try_from(self.here(now).rem_euclid(DAY) / MINUTE).unwrap_or(0)
    }

    /// When this minute of a day begins; the minute 1440 is the next day's first.
    pub fn at(self, day: i64, minute: u32) -> Timestamp {
        let here = day.saturating_mul(DAY) + i64::from(minute) * MINUTE;
        let utc = here.saturating_sub(self.ahead * MINUTE);
        Timestamp(u64::try_from(utc).unwrap_or(0))
    }

    /// Such as `2026-03-01`.
    pub fn date(day: i64) -> String {
        let date = jiff::Span::new()
            .try_days(day)
            .and_then(|days| jiff::civil::date(1970, 1, 1).checked_add(days));
        date.map_or_else(|_| format!("day {day}"), |date| date.to_string())
    }

    fn here(self, now: Timestamp) -> i64 {
        i64::try_from(now.0)
            .unwrap_or(i64::MAX)
            .saturating_add(self.ahead * MINUTE)
    }
}

/// Such as `+08:00`.
impl fmt::Display for VendorClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.ahead < 0 { '-' } else { '+' };
        let ahead = self.ahead.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", ahead / 60, ahead % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_the_vendors_midnight() {
        let beijing = VendorClock { ahead: 480 };
        // 2026-01-01 15:59:59.999 UTC is a moment before midnight in Beijing.
        let evening = Timestamp(1_767_283_199_999);
        let midnight = Timestamp(1_767_283_200_000);
        let day = beijing.day(evening);
        assert_eq!(VendorClock::date(day), "2026-01-01");
        assert_eq!(beijing.day(midnight), day + 1);
        assert_eq!(beijing.at(day + 1, 0), midnight);
        assert_eq!(beijing.at(day, 1440), midnight);
        assert_eq!(beijing.minute(evening), 1439);
        assert_eq!(beijing.minute(midnight), 0);
        assert_eq!(VendorClock::default().day(midnight), day);
    }

    #[test]
    fn a_clock_behind_utc_is_a_day_behind_before_its_midnight() {
        let clock = VendorClock { ahead: -180 };
        assert_eq!(clock.day(Timestamp(0)), -1);
        assert_eq!(VendorClock::date(-1), "1969-12-31");
        assert_eq!(clock.minute(Timestamp(0)), 21 * 60);
        assert_eq!(clock.at(0, 0), Timestamp(3 * 3_600_000));
        assert_eq!(clock.at(-1, 0), Timestamp(0));
    }

    #[test]
    fn no_time_and_no_day_overflows() {
        let clock = VendorClock { ahead: 840 };
        assert!(clock.day(Timestamp(u64::MAX)) > 0);
        assert_eq!(VendorClock::date(i64::MAX), format!("day {}", i64::MAX));
    }
}
