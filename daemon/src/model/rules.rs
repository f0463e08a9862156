//! What the operator has set for all notifications.

use std::time::Duration;

/// What holds for every notification that does not say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Lifetime of a notification that names none.
    pub default_ttl: Duration,
    /// Title of a message that has none; none = it stays without.
    pub default_title: Option<String>,
    /// Language of the words that stand for pictures and the like, when the device's is
    /// not known.
    pub language: String,
    /// Milliseconds without a sign of life after which a device that reports its state is
    /// not pushed any more.
    pub dormant_after: u64,
    /// How many devices may be removed for a dead token.
    pub brake: BrakeLimits,
}

/// Past which number of dead tokens in a minute a channel's devices are not removed any more:
/// past both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BrakeLimits {
    /// Of the channel's devices, in percent; 100 = they are always removed.
    pub share: u64,
    /// At least so many.
    pub least: u32,
    /// The same of those that are removed within a day, however slowly, and of small channels.
    pub day_share: u64,
    /// At least so many in that day.
    pub day_least: u32,
}

/// Whether a text has the form of a language tag (BCP 47), such as `en` or `zh-Hant-TW`.
pub fn is_language(text: &str) -> bool {
    let part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    // The longest that RFC 5646 asks everybody to have room for.
    text.len() <= 35 && text.split('-').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_letters_and_digits_between_hyphens() {
        for good in ["en", "zh", "zh-Hant-TW", "de-1996", "x-klingon"] {
            assert!(is_language(good), "{good}");
        }
        for bad in [
            "",
            "en_US",
            "-en",
            "en-",
            "de--AT",
            "deutschland",
            "ру",
            "a b",
        ] {
            assert!(!is_language(bad), "{bad}");
        }
        assert!(!is_language(
            &["abcdefgh"; 4].join("-").replace("h-", "h-x-")
        ));
    }
}
