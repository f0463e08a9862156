//! Texts: whether there is one, how long it is as vendors count, and cut to fit. Refuses to know what
//! a text says, and whom to tell of a cut: that is the kit's.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use crate::frame::numbered;

/// What a text that was cut ends with.
const ELLIPSIS: &str = "...";

/// What a vendor counts when it says how long a text may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Unicode characters, whatever their width.
    #[default]
    Characters,
    /// UTF-16 code units, as Java and JavaScript count: an emoji is two.
    Utf16,
    /// UTF-8 bytes.
    Bytes,
}
numbered!(Unit { 0 Characters, 1 Utf16, 2 Bytes } else Characters);

impl Unit {
    /// How long `text` is.
    pub fn length(self, text: &str) -> usize {
        match self {
            Self::Characters => text.chars().count(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
            Self::Bytes => text.len(),
        }
    }

    /// How much one character counts.
    fn of(self, character: char) -> usize {
        match self {
            Self::Characters => 1,
            Self::Utf16 => character.len_utf16(),
            Self::Bytes => character.len_utf8(),
        }
    }

    /// Its name in the plural.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Characters => "characters",
            Self::Utf16 => "UTF-16 units",
            Self::Bytes => "bytes",
        }
    }
}

/// A text that is there and not empty: an option `""` is as good as none.
pub fn present(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// `text`, or as much of it as fits with `...` at its end, never half of what a reader takes for one
/// character, such as a flag or a family.
pub fn cut(text: &str, most: usize, unit: Unit) -> Cow<'_, str> {
    // No unit counts more than the bytes, so the common case is one comparison.
    if text.len() <= most || unit.length(text) <= most {
        return Cow::Borrowed(text);
    }
    Cow::Owned(cut_by(text, most, |character| unit.of(character)))
}

/// A text that is longer than `most`, cut as [`cut`] does, by a vendor's own way to count: so much for
/// each code point, of which an ASCII one counts one.
pub fn cut_by(text: &str, most: usize, count: impl Fn(char) -> usize) -> String {
    // Where there is no room for three dots, there are none.
    let dots = if most > ELLIPSIS.len() { ELLIPSIS } else { "" };
    let room = most - dots.len();
    let length = |part: &str| part.chars().map(&count).sum();
    let mut end = fitting(text.graphemes(true), room, length);
    if end == 0 {
        // One without dots is more than none, and so is half of one that is longer than the limit.
        let first = text.graphemes(true).next().unwrap_or_default();
        if length(first) <= most {
            return first.to_owned();
        }
        let points = text.split_inclusive(|_: char| true);
        end = fitting(points, room, length);
    }
    format!("{}{dots}", &text[..end])
}

/// Where the last part ends that there is room for.
fn fitting<'a>(
    parts: impl Iterator<Item = &'a str>,
    room: usize,
    length: impl Fn(&str) -> usize,
) -> usize {
    let (mut used, mut end) = (0, 0);
    for part in parts {
        used += length(part);
        if used > room {
            break;
        }
        end += part.len();
    }
    end
}

/// Longest text of a vendor's that is kept, in bytes.
const MOST_WORDS: usize = 1000;

/// A vendor's words, cut where they are longer than anybody will read.
pub fn clip(text: impl Into<String>) -> String {
    let text = text.into();
    match cut(&text, MOST_WORDS, Unit::Bytes) {
        Cow::Borrowed(_) => text,
        Cow::Owned(cut) => cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_text_is_absent() {
        assert_eq!(present(&None), None);
        assert_eq!(present(&Some(String::new())), None);
        assert_eq!(present(&Some(" ".to_owned())), Some(" "));
    }

    #[test]
    fn a_text_that_fits_stays_as_it_is() {
        for unit in [Unit::Characters, Unit::Utf16, Unit::Bytes] {
            assert!(matches!(cut("hello", 5, unit), Cow::Borrowed("hello")));
            assert_eq!(cut("", 0, unit), "");
        }
        assert_eq!(cut("日本語", 3, Unit::Characters), "日本語");
        assert_eq!(cut("😀😀", 4, Unit::Utf16), "😀😀");
    }

    #[test]
    fn a_text_is_cut_on_a_character_and_never_longer_than_allowed() {
        assert_eq!(cut("0123456789", 8, Unit::Characters), "01234...");
        assert_eq!(cut("日本語日本語", 5, Unit::Characters), "日本...");
        assert_eq!(cut("😀😀😀😀", 6, Unit::Utf16), "😀...");
        assert_eq!(cut("日本語日本語", 10, Unit::Bytes), "日本...");
        for most in 0..12 {
            for unit in [Unit::Characters, Unit::Utf16, Unit::Bytes] {
                let fitted = cut("a😀é日b😀c日de", most, unit);
                assert!(unit.length(&fitted) <= most, "{fitted} in {most} {unit:?}");
            }
        }
    }

    #[test]
    fn what_a_reader_takes_for_one_character_is_not_cut() {
        let family = "👨‍👩‍👧‍👦";
        for (text, most, expected) in [
            // A family of seven code points, a flag of two, an accent, a vowel, the end of a line.
            (family.repeat(3), 18, format!("{}...", family.repeat(2))),
            (family.repeat(3), 16, format!("{family}...")),
            ("🇩🇪🇫🇷🇩🇪".to_owned(), 4, "🇩🇪".to_owned()),
            ("🇩🇪🇫🇷🇩🇪".to_owned(), 5, "🇩🇪...".to_owned()),
            ("ae\u{301}e\u{301}".to_owned(), 4, "a...".to_owned()),
            ("नमस्ते नमस्ते".to_owned(), 7, "नम...".to_owned()),
            ("a\r\nbcdef".to_owned(), 5, "a...".to_owned()),
        ] {
            assert_eq!(cut(&text, most, Unit::Characters), expected, "{text}");
        }
        // Longer than the limit all by itself: some of it is more than none.
        let long = format!("e{}", "\u{301}".repeat(40));
        let expected = format!("e{}...", "\u{301}".repeat(6));
        assert_eq!(cut(&long, 10, Unit::Characters), expected);
        assert_eq!(cut(family, 2, Unit::Characters), "👨\u{200d}");
        assert_eq!(cut(&long, 2, Unit::Bytes), "e");
    }

    #[test]
    fn a_larger_limit_never_leaves_less() {
        let zalgo = format!("a👨‍👩‍👧‍👦🇩🇪e{}\r\nक्षि日本", "\u{301}".repeat(20));
        for text in [zalgo.as_str(), &zalgo["a".len()..]] {
            for unit in [Unit::Characters, Unit::Utf16, Unit::Bytes] {
                // From where on there are dots.
                let lengths =
                    (4..unit.length(text)).map(|most| (most, cut(text, most, unit).len()));
                let lengths: Vec<_> = lengths.collect();
                assert!(lengths.is_sorted_by_key(|it| it.1), "{lengths:?}");
            }
        }
    }
}
