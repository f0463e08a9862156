//! Time as data: a driver is told the time and never asks for it.

use crate::frame::{Field, Writer};

/// A point in time: milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(
    /// Milliseconds since the epoch.
    pub u64,
);

impl Timestamp {
    /// From whole seconds since the epoch; beyond the end of time, the end of time.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// This many seconds later, at most the end of time.
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// This many milliseconds later, at most the end of time.
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Whole seconds from `now` until this moment, rounded down; zero when it has passed.
    pub const fn seconds_after(self, now: Timestamp) -> u64 {
        self.millis_after(now) / 1000
    }

    /// Milliseconds from `now` until this moment; zero when it has passed.
    pub const fn millis_after(self, now: Timestamp) -> u64 {
        self.0.saturating_sub(now.0)
    }

    /// Milliseconds until the next midnight on a clock so many hours ahead of UTC; at least 1.
    pub const fn millis_until_midnight(self, ahead: u32) -> u64 {
        self.millis_until_hour(0, ahead)
    }

    /// Milliseconds until the clock next strikes `hour` (0 to 23), so many hours ahead of UTC;
    /// at least 1.
    pub const fn millis_until_hour(self, hour: u32, ahead: u32) -> u64 {
        const HOUR: u64 = 3_600_000;
        const DAY: u64 = 24 * HOUR;
        let of_day = (self.0 % DAY + ahead as u64 * HOUR) % DAY;
        let strikes = hour as u64 % 24 * HOUR;
        if of_day < strikes {
            strikes - of_day
        } else {
            DAY - of_day + strikes
        }
    }
}

impl Field for Timestamp {
    fn put(&self, to: &mut Writer<'_>) {
        self.0.put(to);
    }
    fn take(from: &mut minicbor::Decoder<'_>) -> Result<Self, minicbor::decode::Error> {
        u64::take(from).map(Self)
    }
    fn is_default(&self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_and_morning_come_in_the_vendors_time_zone() {
        // 2026-01-01 15:30 UTC is 23:30 in Beijing.
        let evening = Timestamp(1_767_281_400_000);
        assert_eq!(evening.millis_until_midnight(0), 17 * 1_800_000);
        assert_eq!(evening.millis_until_midnight(8), 1_800_000);
        assert_eq!(evening.millis_until_hour(7, 8), 15 * 1_800_000);
        let midnight = evening.plus_millis(1_800_000);
        assert_eq!(midnight.millis_until_midnight(8), 24 * 3_600_000);
        assert_eq!(midnight.millis_until_hour(7, 8), 7 * 3_600_000);
    }
}
