//! What a vendor allows: how much of each class of messages in a day and when, and how long texts
//! may be.
//!
//! In: a driver's words. Out: data, by which the daemon counts and the docs tell.

use crate::frame::frame;
use crate::text::Unit;

/// A class that the vendor sorts messages into, and what it allows of it. A limit that is
/// none is unlimited, or not published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageClass {
    /// Its name in [`Rendered::class`](crate::Rendered::class): lower-case letters, digits, `_`.
    pub name: String,
    /// What the vendor counts in it, one sentence.
    pub help: String,
    /// Messages that one device gets a day.
    pub daily_per_device: Option<u32>,
    /// Messages of the whole app a day, as a multiple of its users. The daemon cannot count those
    /// as the vendor does: it warns when the day's quota seems to run out, and holds nothing.
    pub daily_per_user: Option<u32>,
    /// Messages of the whole app a day, however few its users are. With `daily_per_user` absent or
    /// 0 it is the same number for every app, and the daemon keeps to it.
    pub daily_at_least: Option<u64>,
    /// Hours outside which the vendor refuses it.
    pub window: Option<Window>,
}
frame!(MessageClass {
    0 name, 1 help, 2 daily_per_device, 3 daily_per_user, 4 daily_at_least, 5 window,
});

impl MessageClass {
    /// A class without limits.
    pub fn new(name: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            help: help.into(),
            ..Self::default()
        }
    }

    /// Limits what one device gets a day.
    pub fn daily_per_device(mut self, messages: u32) -> Self {
        self.daily_per_device = Some(messages);
        self
    }

    /// Limits what the app sends a day: so many for each of its users, never less than `least`.
    /// With 0 for each user, `least` is the same for every app.
    pub fn daily(mut self, per_user: u32, least: u64) -> Self {
        self.daily_per_user = Some(per_user);
        self.daily_at_least = Some(least);
        self
    }

    /// Limits the hours.
    pub fn window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }
}

/// Hours of a day, in the vendor's time zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// Opens at this minute of the day, 0 to 1439.
    pub opens: u32,
    /// Closes at this minute of the day, 1 to 1440.
    pub closes: u32,
    /// Minutes that the vendor's clock is ahead of UTC, -720 to 840.
    pub ahead: i64,
}
frame!(Window { 0 opens, 1 closes, 2 ahead });

impl Window {
    /// From one full hour to another, 0 to 24, on a clock so many hours ahead of UTC.
    pub fn hours(opens: u32, closes: u32, ahead: i64) -> Self {
        Self {
            opens: opens * 60,
            closes: closes * 60,
            ahead: ahead * 60,
        }
    }
}

/// The longest that a vendor lets a text be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextLimit {
    /// Field of the message, such as `title`.
    pub field: String,
    /// The limit, at least 1.
    pub max: u32,
    /// What it counts.
    pub unit: Unit,
}
frame!(TextLimit { 0 field, 1 max, 2 unit });

impl TextLimit {
    /// A limit of a field.
    pub fn new(field: impl Into<String>, max: usize, unit: Unit) -> Self {
        Self {
            field: field.into(),
            max: u32::try_from(max).unwrap_or(u32::MAX),
            unit,
        }
    }
}
