//! Texts as drivers need them: the contract's own, and besides cut with a notice, and bytes as
//! hexadecimal.

use std::borrow::Cow;

use nudged_plugin_api::Notice;
pub use nudged_plugin_api::text::{Unit, clip, cut, cut_by, present};

/// Bytes in lower-case hexadecimal, as vendors want digests.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As [`cut`], with a notice about `field` when something was cut off.
pub fn fit<'a>(
    field: &str,
    text: &'a str,
    most: usize,
    unit: Unit,
    notices: &mut Vec<Notice>,
) -> Cow<'a, str> {
    let fitted = cut(text, most, unit);
    if let Cow::Owned(_) = fitted {
        notices.push(Notice::new(
            field,
            format!(
                "was cut from {} to {most} {}",
                unit.length(text),
                unit.name()
            ),
        ));
    }
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_has_two_digits_a_byte() {
        assert_eq!(hex(&[0, 0x0f, 0xa0, 0xff]), "000fa0ff");
        assert_eq!(hex(&[]), "");
    }

    #[test]
    fn what_was_cut_is_told() {
        let mut notices = Vec::new();
        assert_eq!(fit("title", "short", 9, Unit::Utf16, &mut notices), "short");
        assert_eq!(notices, []);
        fit("title", "0123456789", 9, Unit::Utf16, &mut notices);
        let told = Notice::new("title", "was cut from 10 to 9 UTF-16 units");
        assert_eq!(notices, [told]);
    }
}
