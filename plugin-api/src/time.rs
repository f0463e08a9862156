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
