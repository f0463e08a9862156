//! How a time is written, and read.

use std::time::{Duration, UNIX_EPOCH};

use nudged_plugin_api::Timestamp;

/// As people and programs read it: RFC 3339, milliseconds, UTC.
pub fn rfc3339(time: Timestamp) -> String {
    // The formatter knows no year beyond 9999.
    const LAST: u64 = 253_402_300_799_999;
    let time = UNIX_EPOCH + Duration::from_millis(time.0.min(LAST));
    humantime::format_rfc3339_millis(time).to_string()
}

/// A time that somebody wrote in RFC 3339, with any offset; none before 1970.
pub fn read_rfc3339(text: &str) -> Option<Timestamp> {
    let time: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(time.as_millisecond()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        let time = Timestamp(1_772_368_205_123);
        assert_eq!(read_rfc3339(&rfc3339(time)), Some(time));
        assert_eq!(
            read_rfc3339("1970-01-01T08:00:01+08:00"),
            Some(Timestamp(1_000))
        );
        for bad in ["", "now", "1969-12-31T23:59:59Z", "2026-03-01"] {
            assert_eq!(read_rfc3339(bad), None, "{bad}");
        }
    }

    #[test]
    fn any_time_can_be_written() {
        assert_eq!(rfc3339(Timestamp(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(Timestamp(u64::MAX)), "9999-12-31T23:59:59.999Z");
    }
}
