//! What a spreadsheet, a dump of a database or careless printing leaves where a token or an id
//! stood. Pure, and the same for every vendor.
//!
//! In: a text that should be a token, or a name. Out: what happened to it, where it cannot be one.
//! Refuses to know what a vendor's tokens look like: only what no vendor gives is recognised here.

use std::fmt;

/// Digits that a spreadsheet keeps of a number.
const KEPT_DIGITS: usize = 15;
/// So many digits in a number that no spreadsheet keeps whole, though every text file does.
const ROUNDED_LENGTHS: std::ops::RangeInclusive<usize> = 20..=30;

/// What stands where nothing was: in lower case, without what stands around it.
const NULL_WORDS: [&str; 14] = [
    "null",
    "nil",
    "none",
    "undefined",
    "nan",
    "n/a",
    "\\n",
    "empty",
    "-",
    "--",
    "0",
    "-1",
    "false",
    // What Google's library gives on phones that it does not serve.
    "blacklisted",
];

/// What a spreadsheet shows for a cell that it cannot make out.
const CELL_ERRORS: [&str; 8] = [
    "#n/a", "#name?", "#null!", "#num!", "#ref!", "#value!", "#div/0!", "#spill!",
];

/// What happened to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MangledText {
    /// Most digits of the number are lost.
    Rounded,
    /// It was taken for a number and written as one.
    Number,
    /// A formula that should have kept it a text.
    Formula,
    /// Quotes that belong around it are in it.
    Quoted,
    /// It says that there is none.
    Nothing,
    /// A cell that could not be made out.
    Error,
    /// It has a character that is not seen.
    Invisible(char),
}

impl MangledText {
    /// Of a vendor's token.
    pub fn of_token(token: &str) -> Option<Self> {
        Self::of_nothing(token).or_else(|| Self::of_text(token))
    }

    /// Of the name of a user or a device: words are names too.
    pub fn of_name(name: &str) -> Option<Self> {
        let is_whole = |it: &Self| matches!(it, Self::Number | Self::Quoted | Self::Invisible(_));
        let dump = (name == "\\N").then_some(Self::Nothing);
        dump.or_else(|| Self::of_text(name).filter(|it| !is_whole(it)))
    }

    fn of_nothing(text: &str) -> Option<Self> {
        let around = |letter: char| {
            letter.is_whitespace()
                || matches!(letter, '(' | ')' | '<' | '>' | '[' | ']' | '"' | '\'')
        };
        let bare = text.trim_matches(around).to_lowercase();
        (bare.is_empty() || NULL_WORDS.contains(&&*bare)).then_some(Self::Nothing)
    }

    fn of_text(text: &str) -> Option<Self> {
        if let Some(letter) = text.chars().find(|it| is_invisible(*it)) {
            return Some(Self::Invisible(letter));
        }
        let text = text.trim();
        let quote = |letter: char| matches!(letter, '\'' | '"' | '`' | '‘' | '’' | '“' | '”');
        if text.starts_with('=') {
            return Some(Self::Formula);
        }
        if text.starts_with(quote) || text.ends_with(quote) {
            return Some(Self::Quoted);
        }
        if text.starts_with('#') {
            let is_error = CELL_ERRORS.contains(&&*text.to_lowercase());
            let is_narrow = text.bytes().all(|byte| byte == b'#');
            return (is_error || is_narrow).then_some(Self::Error);
        }
        if is_rounded(text) {
            return Some(Self::Rounded);
        }
        is_number(text).then_some(Self::Number)
    }
}

impl fmt::Display for MangledText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rounded => f.write_str(
                "looks like a number that a spreadsheet rounded; what it was is lost, so export it \
                 again with this column as text",
            ),
            Self::Number => f.write_str(
                "looks like a text that a spreadsheet took for a number; export it again with this \
                 column as text",
            ),
            Self::Formula => f.write_str(
                "is a spreadsheet's formula, such as =\"…\"; write what the formula shows",
            ),
            Self::Quoted => f.write_str(
                "has a quote around it that belongs to the file or the spreadsheet; leave it out",
            ),
            Self::Nothing => f.write_str(
                "is the word for nothing; where there is none, leave the field out or empty",
            ),
            Self::Error => f.write_str(
                "is what a spreadsheet shows for a cell that it cannot make out; export it again",
            ),
            Self::Invisible(letter) => write!(
                f,
                "has a character that is not seen (U+{:04X}); leave it out",
                u32::from(*letter)
            ),
        }
    }
}

/// `1.23457E+22`, or a long number of which all digits after the fifteenth are 0.
fn is_rounded(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
        let (whole, fraction) = parted(mantissa);
        let signed = exponent.strip_prefix(['+', '-']);
        // Hex digits are told apart by what no hex has: a point, or a sign.
        return digits(whole)
            && whole.len() <= 2
            && fraction.is_none_or(digits)
            && (fraction.is_some() || signed.is_some())
            && digits(signed.unwrap_or(exponent));
    }
    digits(text)
        && ROUNDED_LENGTHS.contains(&text.len())
        && !text.starts_with('0')
        // A number that is counted up has zeros in front of its last digits as well.
        && text.as_bytes()[KEPT_DIGITS - 1] != b'0'
        && text[KEPT_DIGITS..].bytes().all(|byte| byte == b'0')
}

/// `12345.0`, `1,234,567`, `1.234.567`, `1 234 567` or `1'234'567`.
fn is_number(text: &str) -> bool {
    let (whole, fraction) = parted(text);
    if let Some(fraction) = fraction
        && digits(whole)
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte == b'0')
    {
        return true;
    }
    [',', '.', ' ', '\''].into_iter().any(|between| {
        let mut groups = text.split(between);
        let first = groups.next().unwrap_or_default();
        let mut rest = groups.peekable();
        (1..=3).contains(&first.len())
            && digits(first)
            && rest.peek().is_some()
            && rest.all(|group| group.len() == 3 && digits(group))
    })
}

fn parted(number: &str) -> (&str, Option<&str>) {
    match number.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_invisible(letter: char) -> bool {
    let has_no_width = matches!(
        letter,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{feff}'
    );
    has_no_width || (!letter.is_ascii() && letter.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_or_a_dump_left_is_no_token() {
        for (token, damage) in [
            ("1.23457E+22", MangledText::Rounded),
            ("1,23457E+22", MangledText::Rounded),
            ("1.2345678901234568e+22", MangledText::Rounded),
            ("1.23457e22", MangledText::Rounded),
            ("1E+22", MangledText::Rounded),
            ("-1.5e-07", MangledText::Rounded),
            ("12345678901234500000000", MangledText::Rounded),
            ("12345678901234567890123.0", MangledText::Number),
            ("12345,00", MangledText::Number),
            ("12,345,678,901,234,567,890,123", MangledText::Number),
            ("12.345.678.901", MangledText::Number),
            ("12 345 678", MangledText::Number),
            ("=\"12345678901234567890123\"", MangledText::Formula),
            ("=A1", MangledText::Formula),
            ("'12345678901234567890123", MangledText::Quoted),
            ("\"abc\"", MangledText::Quoted),
            ("“abc”", MangledText::Quoted),
            ("#N/A", MangledText::Error),
            ("#NAME?", MangledText::Error),
            ("########", MangledText::Error),
            ("12345\u{a0}", MangledText::Invisible('\u{a0}')),
            ("\u{feff}abc", MangledText::Invisible('\u{feff}')),
            ("ab\u{200b}c", MangledText::Invisible('\u{200b}')),
        ] {
            assert_eq!(MangledText::of_token(token), Some(damage), "{token}");
        }
        for token in [
            "NULL",
            "null",
            "(null)",
            "<null>",
            "\"null\"",
            "'NULL'",
            "\\N",
            "nil",
            "Nil",
            "None",
            "undefined",
            "NaN",
            "N/A",
            "   ",
            "()",
            "\"\"",
            "''",
            "-",
            "0",
            "BLACKLISTED",
        ] {
            assert_eq!(
                MangledText::of_token(token),
                Some(MangledText::Nothing),
                "{token}"
            );
        }
    }

    #[test]
    fn what_vendors_give_is_left_to_their_drivers() {
        for token in [
            &format!("{:064x}", 0xe5),
            &format!("{:064x}", 0),
            "12345678901234567890123",
            "15648000000000000000001",
            "10000000000000000000000",
            "00000000000000000000000000000000",
            "123e456789",
            "CN_4d2e8f3b7c1a4b5e9d8f7a6b5c4d3e2f",
            "dEm0T0kenOfAlice:APA91bF_a-long-registration-token",
            "sLuwq7C7C7sLuwq7C7sLuwq7C7sLuwq7C7sLuwq7C7s=",
            "<b0bb0bb0 bb0bb0bb>",
            " b0bb0bb0",
            "nullable-token",
            "IQAAAACy0o.5",
            "1.2",
        ] {
            assert_eq!(MangledText::of_token(token), None, "{token}");
        }
    }

    #[test]
    fn a_name_may_be_a_word_or_a_number_but_no_rounded_one() {
        for name in [
            "null",
            "none",
            "0",
            "1,234",
            "o'neil'",
            "12345678901234567890123",
        ] {
            assert_eq!(MangledText::of_name(name), None, "{name}");
        }
        for (name, damage) in [
            ("1.23457E+22", MangledText::Rounded),
            ("=\"00123\"", MangledText::Formula),
            ("#N/A", MangledText::Error),
            ("\\N", MangledText::Nothing),
        ] {
            assert_eq!(MangledText::of_name(name), Some(damage), "{name}");
        }
    }
}
