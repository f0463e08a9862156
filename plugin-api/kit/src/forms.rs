//! Forms of text that an option may have, each a type that holds nothing else.
//!
//! In: an option's text, from serde. Out: a value of its type, or an error that shows the text
//! and says what was expected. [`forms!`](crate::forms!) makes the types.

use std::fmt::Display;

use serde::{Deserialize, Deserializer, Serialize};

use crate::address::{https, mended};

/// An option of type `T`, for `#[serde(deserialize_with = "maybe")]`; `""` and `null` are as
/// good as absent.
pub fn maybe<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String>,
    T::Error: Display,
{
    match Option::<String>::deserialize(from)? {
        Some(text) if !text.is_empty() => T::try_from(text)
            .map(Some)
            .map_err(serde::de::Error::custom),
        _ => Ok(None),
    }
}

/// Makes types for texts of one form. Each is read and written by serde as its text, comes
/// from a `String` that has the form, and is borrowed as `&str`.
///
/// ```
/// use nudged_driver_kit::forms::{is_color, maybe};
///
/// nudged_driver_kit::forms! {
///     /// `#rrggbb`.
///     Color: is_color, "#rrggbb, such as #00ff7f";
///     /// How loud.
///     Loudness: |text| matches!(text, "low" | "high"), "low or high";
/// }
///
/// #[derive(Default, serde::Deserialize)]
/// #[serde(default, deny_unknown_fields)]
/// struct Options {
///     #[serde(deserialize_with = "maybe")]
///     color: Option<Color>,
///     #[serde(deserialize_with = "maybe")]
///     loudness: Option<Loudness>,
/// }
/// ```
#[macro_export]
macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident: $holds:expr, $expected:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                let holds: fn(&str) -> bool = $holds;
                if holds(&text) {
                    Ok(Self(text))
                } else {
                    Err($crate::forms::unexpected(&text, $expected))
                }
            }
        }

        impl std::ops::Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D>(from: D) -> Result<Self, D::Error>
            where
                D: $crate::serde::Deserializer<'de>,
            {
                let text: String = $crate::serde::Deserialize::deserialize(from)?;
                Self::try_from(text).map_err($crate::serde::de::Error::custom)
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S>(&self, to: S) -> Result<S::Ok, S::Error>
            where
                S: $crate::serde::Serializer,
            {
                to.serialize_str(&self.0)
            }
        }
    )+};
}

/// What is wrong with a text that has another form than was expected; shows 40 characters.
pub fn unexpected(text: &str, expected: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("{shown:?}{more} where {expected} was expected")
}

/// Whether a text is a colour as `#rrggbb`.
pub fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a text is a moment in UTC such as `2026-10-23T15:01:23Z` (RFC 3339), with up to
/// nine decimals of a second. Whether there is such a day is not looked at.
pub fn is_instant(text: &str) -> bool {
    const PATTERN: &[u8] = b"0000-00-00T00:00:00";
    let Some(text) = text.strip_suffix('Z') else {
        return false;
    };
    let (seconds, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let fits = |(byte, &form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        mark => byte == mark,
    };
    seconds.len() == PATTERN.len()
        && seconds.bytes().zip(PATTERN).all(fits)
        && (1..=9).contains(&decimals.len())
        && is_digits(decimals)
}

/// Whether a text has no other characters than decimal digits; an empty one has none.
pub fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An option that may be an address of the web, for `#[serde(deserialize_with = "tidied")]`: in the
/// form that [`address::web`](crate::address::web) gives it, or as it is; `""` is as good as absent.
pub fn tidied<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = maybe(from)?;
    Ok(text.map(|text| mended(&text).unwrap_or(text)))
}

/// An `https://` address, in the form that [`address::https`](crate::address::https) gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct Https(String);

impl TryFrom<String> for Https {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match https(&text) {
            Ok(address) => Ok(Self(address.into_owned())),
            Err(why) => {
                let unexpected = unexpected(&text, "an https:// URL");
                Err(format!("{unexpected}: the address {why}"))
            }
        }
    }
}

impl std::ops::Deref for Https {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

/// Part of a colour: from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "f32")]
pub struct Brightness(f32);

impl TryFrom<f32> for Brightness {
    type Error = String;
    fn try_from(part: f32) -> Result<Self, String> {
        if (0.0..=1.0).contains(&part) {
            Ok(Self(part))
        } else {
            Err(format!("{part} where a number from 0 to 1 was expected"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::forms! {
        /// `#rrggbb`.
        Color: is_color, "#rrggbb, such as #00ff7f";
    }

    #[derive(Debug, Default, PartialEq, Deserialize, Serialize)]
    #[serde(default)]
    struct Options {
        #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
        color: Option<Color>,
        #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    }

    fn read(text: &str) -> Result<Options, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_form_is_read_and_written_as_its_text() {
        let text = r##"{"color":"#00ff7f","name":"a"}"##;
        let options = read(text).unwrap();
        assert_eq!(options.color.as_deref(), Some("#00ff7f"));
        assert_eq!(serde_json::to_string(&options).unwrap(), text);
    }

    #[test]
    fn empty_and_null_are_absent() {
        for text in ["{}", r#"{"color":"","name":""}"#, r#"{"color":null}"#] {
            assert_eq!(read(text), Ok(Options::default()), "{text}");
        }
    }

    #[test]
    fn another_form_is_shown_beside_what_was_expected() {
        let error = read(r#"{"color":"red"}"#).unwrap_err();
        assert!(
            error.starts_with(r##""red" where #rrggbb, such as #00ff7f was expected"##),
            "{error}"
        );
        let long = unexpected(&"é".repeat(41), "a word");
        assert_eq!(
            long,
            format!("\"{}\"… where a word was expected", "é".repeat(40))
        );
    }

    #[test]
    fn each_form_holds_what_it_says_and_nothing_else() {
        for good in ["#00ff7f", "#ABCDEF"] {
            assert!(is_color(good), "{good}");
        }
        for bad in ["red", "#fff", "00ff7f0", "#00ff7g", "#é0000", ""] {
            assert!(!is_color(bad), "{bad}");
        }
        for good in ["2026-10-23T15:01:23Z", "2026-10-23T15:01:23.045123456Z"] {
            assert!(is_instant(good), "{good}");
        }
        for bad in [
            "",
            "2026-10-23",
            "2026-10-23 15:01:23Z",
            "2026-10-23T15:01:23",
            "2026-10-23T15:01:23+01:00",
            "2026-10-23T15:01:23.Z",
            "2026-10-23T15:01:23.0451234567Z",
        ] {
            assert!(!is_instant(bad), "{bad}");
        }
        assert!(is_digits("0123") && is_digits("") && !is_digits("1a") && !is_digits("٣"));
    }

    #[test]
    fn a_part_of_a_colour_is_from_0_to_1() {
        assert!(Brightness::try_from(0.0).is_ok() && Brightness::try_from(1.0).is_ok());
        assert!(Brightness::try_from(1.1).is_err() && Brightness::try_from(f32::NAN).is_err());
    }

    #[test]
    fn an_option_of_an_address_is_mended_or_refused() {
        let read = |text: &str| serde_json::from_value::<Https>(text.into());
        let mended = read("HTTPS://a.cn/图").expect("it can be mended");
        assert_eq!(&*mended, "https://a.cn/%E5%9B%BE");
        let written = serde_json::to_value(&mended).expect("a text");
        assert_eq!(written, "https://a.cn/%E5%9B%BE");
        let refused = read("http://a").expect_err("it has no TLS").to_string();
        let why = "an https:// URL was expected: the address starts with http://";
        assert!(refused.contains(why), "{refused}");
    }

    #[test]
    fn an_option_that_is_no_address_stays_as_it_is() {
        let read = |text: &str| tidied(serde_json::Value::from(text)).expect("a text");
        assert_eq!(read("https://a/汉").as_deref(), Some("https://a/%E6%B1%89"));
        assert_eq!(read("chat://房间").as_deref(), Some("chat://房间"));
        assert_eq!(read(""), None);
    }
}
