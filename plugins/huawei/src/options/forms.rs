//! The forms of text, number and list that Push Kit's fields take, each a type that cannot
//! hold anything else.

use nudged_driver_kit::forms::{is_color, is_digits, is_instant};
use serde::{Deserialize, Serialize};

nudged_driver_kit::forms! {
    /// `#rrggbb`.
    Color: is_color, "#rrggbb, such as #00ff7f";
    /// Seconds with up to nine decimals, with or without an `s`.
    Duration: is_duration, "seconds, such as 0.5s";
    /// A moment in UTC.
    Instant: is_instant, "a time in UTC, such as 2026-10-23T15:01:23Z";
    /// How the older channel classification calls a message.
    Importance: |text| matches!(text, "LOW" | "NORMAL" | "HIGH"), "LOW, NORMAL or HIGH";
    /// How urgent a transparent message is.
    Urgency: |text| matches!(text, "HIGH" | "NORMAL"), "HIGH or NORMAL";
    /// What a locked screen shows.
    Visibility:
        |text| matches!(text, "VISIBILITY_UNSPECIFIED" | "PRIVATE" | "PUBLIC" | "SECRET"),
        "PRIVATE, PUBLIC or SECRET";
    /// Full name of a class.
    ClassName: crate::settings::is_class, "a class name like com.example.chat.MainActivity";
    /// Name of an account on the phone.
    ProfileId: |text| text.chars().count() <= 64, "at most 64 characters";
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "i64")]
pub struct Within<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Within<MIN, MAX> {
    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl<const MIN: i64, const MAX: i64> TryFrom<i64> for Within<MIN, MAX> {
    type Error = String;
    fn try_from(number: i64) -> Result<Self, String> {
        if (MIN..=MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(format!("{number} where {MIN} to {MAX} was expected"))
        }
    }
}

/// A list of 1 to `MAX`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "Vec<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Few<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> TryFrom<Vec<T>> for Few<T, MAX> {
    type Error = String;
    fn try_from(list: Vec<T>) -> Result<Self, String> {
        if (1..=MAX).contains(&list.len()) {
            Ok(Self(list))
        } else {
            Err(format!(
                "{} entries where 1 to {MAX} were expected",
                list.len()
            ))
        }
    }
}

fn is_duration(text: &str) -> bool {
    let number = text.strip_suffix(['s', 'S']).unwrap_or(text);
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    (1..=9).contains(&whole.len())
        && (1..=9).contains(&decimals.len())
        && is_digits(whole)
        && is_digits(decimals)
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
    fn each_form_takes_what_push_kit_takes_and_nothing_else() {
        let cases: [Case; 3] = [
            (
                is_color,
                &["#00ff7f", "#ABCDEF"],
                &["red", "#fff", "00ff7f0", "#00ff7g", "#é0000"],
            ),
            (
                is_duration,
                &["0", "3.5s", "1S", "0.000000001s"],
                &["", "s", "-1s", "3.s", ".5s", "1.0000000001s", "3,5s", "1m"],
            ),
            (
                is_instant,
                &["2026-10-23T15:01:23Z", "2026-10-23T15:01:23.045123456Z"],
                &["2026-10-23", "2026-10-23 15:01:23Z", "2026-10-23T15:01:23"],
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
    }

    #[test]
    fn a_number_and_a_list_keep_to_their_bounds() {
        assert_eq!(Within::<-1, 100>::try_from(-1).map(Within::get), Ok(-1));
        assert_eq!(Within::<-1, 100>::try_from(100).map(Within::get), Ok(100));
        assert!(Within::<-1, 100>::try_from(-2).is_err());
        assert!(Within::<-1, 100>::try_from(101).is_err());
        assert!(Few::<u8, 2>::try_from(vec![1, 2]).is_ok());
        assert!(Few::<u8, 2>::try_from(vec![]).is_err());
        assert!(Few::<u8, 2>::try_from(vec![1, 2, 3]).is_err());
    }
}
