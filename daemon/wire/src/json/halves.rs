//! Half an emoji in JSON: JavaScript cuts a text between the two halves of a character and
//! writes the one that is left as an escape, such as `\ud83d`.
//!
//! In: JSON that could not be read. Out: the same with U+FFFD for each half, byte for byte as
//! long, so that the place of any other mistake stays right. Pure. Refuses to know what is said.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

/// What is written for a half.
const REPLACEMENT: &[u8; 6] = br"\ufffd";

/// The JSON with every half replaced; borrowed when it has none.
pub fn replaced(json: &[u8]) -> Cow<'_, [u8]> {
    let mut mended = Cow::Borrowed(json);
    let mut at = 0;
    // Escapes stand in strings only, and an escaped backslash is one of them.
    while let Some(found) = json[at..].iter().position(|byte| *byte == b'\\') {
        at += found;
        match (surrogate(json, at), surrogate(json, at + 6)) {
            (Some(Half::High), Some(Half::Low)) => at += 12,
            (Some(_), _) => {
                mended.to_mut()[at..at + 6].copy_from_slice(REPLACEMENT);
                at += 6;
            }
            (None, _) => at = (at + 2).min(json.len()),
        }
    }
    mended
}

/// The same of a text.
pub fn mended(json: String) -> String {
    match replaced(json.as_bytes()) {
        Cow::Borrowed(_) => json,
        Cow::Owned(mended) => String::from_utf8_lossy(&mended).into_owned(),
    }
}

/// Reads JSON, mended where that helps.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(json).or_else(|error| match replaced(json) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(mended) => serde_json::from_slice(&mended),
    })
}

enum Half {
    High,
    Low,
}

/// The half that is escaped at this place.
fn surrogate(json: &[u8], at: usize) -> Option<Half> {
    let digits = json.get(at..at + 6)?.strip_prefix(br"\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    if digits.starts_with('+') {
        return None;
    }
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_half_becomes_the_replacement_and_a_whole_stays() {
        for (json, right) in [
            (r#""cut \ud83d""#, r#""cut \ufffd""#),
            (r#""\ude00 low""#, r#""\ufffd low""#),
            (r#""\uD83D\uDE00""#, r#""\uD83D\uDE00""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\ud83dx\ude00""#, r#""\ufffdx\ufffd""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
            (r#"{"\ud83d":1}"#, r#"{"\ufffd":1}"#),
            (r#""\u+83d \u00e9 \n\"""#, r#""\u+83d \u00e9 \n\"""#),
            (r#""\ud8"#, r#""\ud8"#),
            ("\"\\", "\"\\"),
            ("", ""),
        ] {
            let mended = replaced(json.as_bytes());
            assert_eq!(std::str::from_utf8(&mended), Ok(right), "{json}");
        }
    }
}
