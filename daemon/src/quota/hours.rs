//! Hours of the day in which a vendor takes a class of messages. Pure.

use std::fmt;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::info::Window;

use super::clock::VendorClock;

/// From one minute of the day to another; over midnight where it closes before it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendingHours {
    opens: u32,
    closes: u32,
    clock: VendorClock,
}

/// What becomes of a message outside the hours of its class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutsideHours {
    /// It waits for the next opening, as long as it lives.
    #[default]
    Hold,
    /// It ends unsent.
    Drop,
}

impl OutsideHours {
    /// As in the channel file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Drop => "drop",
        }
    }
}

impl SendingHours {
    /// Such as `07:00-23:00 +08:00`; without an offset, by `clock`.
    pub fn read(text: &str, clock: VendorClock) -> Option<Self> {
        let (hours, clock) = match text.trim().split_once(' ') {
            Some((hours, offset)) => (hours, offset_of(offset.trim())?),
            None => (text.trim(), clock),
        };
        let (opens, closes) = hours.split_once('-')?;
        let (opens, closes) = (minute(opens)?, minute(closes)?);
        let of_a_day = opens < 1440 && closes > 0 && opens != closes;
        of_a_day.then_some(Self {
            opens,
            closes,
            clock,
        })
    }

    /// None when it is open; else when it opens.
    pub fn opening(&self, now: Timestamp) -> Option<Timestamp> {
        let (day, minute) = (self.clock.day(now), self.clock.minute(now));
        let (after, before) = (minute >= self.opens, minute < self.closes);
        let open = if self.opens < self.closes {
            after && before
        } else {
            after || before
        };
        let day = if after { day + 1 } else { day };
        (!open).then(|| self.clock.at(day, self.opens))
    }
}

impl From<Window> for SendingHours {
    fn from(window: Window) -> Self {
        Self {
            opens: window.opens,
            closes: window.closes,
            clock: VendorClock {
                ahead: window.ahead,
            },
        }
    }
}

impl fmt::Display for SendingHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let (opens, closes) = (clock(self.opens), clock(self.closes));
        write!(f, "{opens}-{closes} {}", self.clock)
    }
}

/// `07:00` to its minute of the day, up to `24:00`.
fn minute(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= 1440).then_some(all)
}

/// `+08:00` to its clock.
fn offset_of(text: &str) -> Option<VendorClock> {
    let (sign, text) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let ahead = sign * i64::from(minute(text)?);
    (-720..=840)
        .contains(&ahead)
        .then_some(VendorClock { ahead })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    fn hours(text: &str) -> SendingHours {
        SendingHours::read(text, VendorClock { ahead: 480 }).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn a_class_opens_in_the_morning_and_closes_at_night_by_the_vendors_clock() {
        let hours = hours("07:00-23:00");
        // 1970-01-01 00:00 UTC is 08:00 in Beijing.
        for (utc, opens) in [
            (0, None),
            (15 * HOUR - 1, None),
            (15 * HOUR, Some(23 * HOUR)),
            (23 * HOUR - 1, Some(23 * HOUR)),
            (23 * HOUR, None),
        ] {
            assert_eq!(hours.opening(Timestamp(utc)), opens.map(Timestamp), "{utc}");
        }
    }

    #[test]
    fn hours_may_reach_over_midnight() {
        let hours = hours("22:00-06:00 +00:00");
        for (utc, opens) in [
            (0, None),
            (6 * HOUR - 1, None),
            (6 * HOUR, Some(22 * HOUR)),
            (22 * HOUR, None),
        ] {
            assert_eq!(hours.opening(Timestamp(utc)), opens.map(Timestamp), "{utc}");
        }
    }

    #[test]
    fn the_whole_day_is_never_outside() {
        let hours = hours("00:00-24:00");
        for utc in 0..48 {
            assert_eq!(hours.opening(Timestamp(utc * HOUR / 2)), None);
        }
    }

    #[test]
    fn hours_are_written_as_they_are_read() {
        for (text, shown) in [
            ("07:00-23:00", "07:00-23:00 +08:00"),
            (" 07:30-23:00  -03:30 ", "07:30-23:00 -03:30"),
            ("00:00-24:00 +00:00", "00:00-24:00 +00:00"),
        ] {
            assert_eq!(hours(text).to_string(), shown);
        }
        assert_eq!(
            SendingHours::from(Window::hours(7, 23, 8)).to_string(),
            "07:00-23:00 +08:00"
        );
    }

    #[test]
    fn what_is_no_hours_of_a_day_is_refused() {
        for text in [
            "",
            "7-23",
            "07:00",
            "07:00-07:00",
            "24:00-07:00",
            "07:00-24:01",
            "07:60-23:00",
            "07:00-23:00 +15:00",
            "07:00-23:00 Asia/Shanghai",
            "07:00-00:00",
            "+7:00-23:00",
        ] {
            assert_eq!(
                SendingHours::read(text, VendorClock::default()),
                None,
                "{text}"
            );
        }
    }
}
