//! How long a text is for vivo, which counts in one of two ways.

use nudged_driver_kit::text::Unit;

/// In UTF-16 units, or with two for all that is not ASCII.
pub(crate) fn length(text: &str, wide_counts_two: bool) -> usize {
    if wide_counts_two {
        text.chars().map(width).sum()
    } else {
        Unit::Utf16.length(text)
    }
}

/// Of one character, where it is two for all that is not ASCII.
pub(crate) fn width(character: char) -> usize {
    if character.is_ascii() { 1 } else { 2 }
}
