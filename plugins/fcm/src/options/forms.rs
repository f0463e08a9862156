//! The forms of text that FCM's fields take, each a type that cannot hold anything else.

use nudged_driver_kit::forms::{is_color, is_digits, is_instant, unexpected};

use super::Mode;

nudged_driver_kit::forms! {
    /// `#rrggbb`.
    Color: is_color, "#rrggbb, such as #00ff7f";
    /// Seconds with up to nine decimals and an `s`.
    Duration: is_duration, "seconds with an s, such as 0.5s";
    /// RFC 3339 in UTC, as protocol buffers write a timestamp.
    Instant: is_instant, "an RFC 3339 time in UTC, such as 2026-10-23T15:01:23Z";
    /// Up to fifty letters, digits and `-_.~%`.
    AnalyticsLabel: is_label, "1 to 50 letters, digits and -_.~%";
    /// `AndroidNotification.NotificationPriority`.
    NotificationPriority:
        |text| matches!(text, "PRIORITY_UNSPECIFIED" | "PRIORITY_MIN" | "PRIORITY_LOW"
            | "PRIORITY_DEFAULT" | "PRIORITY_HIGH" | "PRIORITY_MAX"),
        "PRIORITY_MIN, PRIORITY_LOW, PRIORITY_DEFAULT, PRIORITY_HIGH or PRIORITY_MAX";
    /// `AndroidNotification.Visibility`.
    Visibility:
        |text| matches!(text, "VISIBILITY_UNSPECIFIED" | "PRIVATE" | "PUBLIC" | "SECRET"),
        "PRIVATE, PUBLIC or SECRET";
    /// `AndroidNotification.Proxy`.
    Proxy:
        |text| matches!(text, "PROXY_UNSPECIFIED" | "ALLOW" | "DENY" | "IF_PRIORITY_LOWERED"),
        "ALLOW, DENY or IF_PRIORITY_LOWERED";
}

impl TryFrom<String> for Mode {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "notification" => Ok(Self::Notification),
            "data" => Ok(Self::Data),
            _ => Err(unexpected(&text, "notification or data")),
        }
    }
}

fn is_duration(text: &str) -> bool {
    let Some(number) = text.strip_suffix('s') else {
        return false;
    };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    (1..=12).contains(&whole.len())
        && (1..=9).contains(&decimals.len())
        && is_digits(whole)
        && is_digits(decimals)
}

fn is_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~%".contains(&byte);
    (1..=50).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A form, texts that have it, texts that do not.
    type Case = (
        fn(&str) -> bool,
        &'static [&'static str],
        &'static [&'static str],
    );

    #[test]
    fn each_form_takes_what_fcm_takes_and_nothing_else() {
        let cases: [Case; 4] = [
            (
                is_color,
                &["#00ff7f", "#ABCDEF"],
                &["red", "#fff", "00ff7f0", "#00ff7g", "#é0000"],
            ),
            (
                is_duration,
                &["0s", "3.5s", "86400s", "0.000000001s"],
                &[
                    "",
                    "s",
                    "3",
                    "-1s",
                    "3.s",
                    ".5s",
                    "1.0000000001s",
                    "3,5s",
                    "1m",
                ],
            ),
            (
                is_instant,
                &["2026-10-23T15:01:23Z", "2026-10-23T15:01:23.045123456Z"],
                &[
                    "2026-10-23",
                    "2026-10-23 15:01:23Z",
                    "2026-10-23T15:01:23+01:00",
                ],
            ),
            (
                is_label,
                &["a", "spring-sale_2026.v1~%"],
                &["", "two words", "ü"],
            ),
        ];
        for (holds, good, bad) in cases {
            for text in good {
                assert!(holds(text), "{text}");
            }
            for text in bad {
                assert!(!holds(text), "{text}");
            }
        }
        assert!(!is_label(&"a".repeat(51)));
    }
}
