//! A text without what escapes and line ends do to it, and what in a file is a key.

use std::ops::Range;

use zeroize::Zeroizing;

/// A text's bytes: without blanks, JSON's and a URL's escapes undone, both alphabets of base64
/// made one. The same for a secret and for the text that it is looked for in.
pub struct NormalizedText<'a> {
    text: &'a str,
    pub bytes: Vec<u8>,
    /// Where in the text each of them comes from.
    from: Vec<Range<u32>>,
}

impl<'a> NormalizedText<'a> {
    pub fn of(text: &'a str) -> Self {
        let mut plain = Self {
            text,
            bytes: Vec::with_capacity(text.len()),
            from: Vec::with_capacity(text.len()),
        };
        let mut at = 0;
        while let Some(first) = text.as_bytes().get(at) {
            let (byte, length) = unescaped(&text.as_bytes()[at..]).unwrap_or((Some(*first), 1));
            if let Some(byte) = byte.filter(|byte| !byte.is_ascii_whitespace()) {
                plain.bytes.push(match byte {
                    b'-' => b'+',
                    b'_' => b'/',
                    byte => byte,
                });
                plain.from.push(at as u32..(at + length) as u32);
            }
            at += length;
        }
        plain
    }

    /// Where in the text these bytes come from, whole characters.
    pub fn source_range(&self, bytes: &Range<usize>) -> Range<usize> {
        let (mut start, mut end) = (
            self.from[bytes.start].start as usize,
            self.from[bytes.end - 1].end as usize,
        );
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }

    /// Whether no letter or digit stands right before or after these bytes in the text.
    pub fn is_word(&self, bytes: &Range<usize>) -> bool {
        let range = self.source_range(bytes);
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !letter(self.text[..range.start].chars().next_back())
            && !letter(self.text[range.end..].chars().next())
    }
}

/// What an escape at the beginning stands for, and its length; none where there is no escape.
fn unescaped(text: &[u8]) -> Option<(Option<u8>, usize)> {
    let hex = |digits: &[u8]| {
        let digits = std::str::from_utf8(digits).ok()?;
        u8::from_str_radix(digits, 16).ok()
    };
    match text {
        [b'%', a, b, ..] => Some((Some(hex(&[*a, *b])?), 3)),
        [b'\\', b'u', b'0', b'0', a, b, ..] => Some((Some(hex(&[*a, *b])?), 6)),
        [b'\\', b'n' | b'r' | b't', ..] => Some((None, 2)),
        [b'\\', escaped @ (b'/' | b'"' | b'\\'), ..] => Some((Some(*escaped), 2)),
        _ => None,
    }
}

/// What is key material in a text file: PEM and other base64, hexadecimal, tokens. Lines that
/// follow each other are one key.
pub fn keys(text: &str) -> Vec<Zeroizing<String>> {
    // A label may stand in one piece with its key.
    let text = Zeroizing::new(
        text.replace("\\n", "\n")
            .replace("\\r", "\r")
            .replace("-----", "\""),
    );
    let material = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let mut keys: Vec<Zeroizing<String>> = Vec::new();
    let (mut rest, mut adjacent) = (text.as_str(), false);
    while let Some(start) = rest.find(material) {
        adjacent &= rest[..start].chars().all(char::is_whitespace);
        rest = &rest[start..];
        let (run, after) = rest.split_at(rest.find(|c| !material(c)).unwrap_or(rest.len()));
        rest = after;
        match keys.last_mut() {
            // The last line of a key may be short.
            Some(key) if adjacent => key.push_str(run),
            _ if is_key(run) => {
                // Room for what follows: a text that grows leaves copies behind.
                let mut key = String::with_capacity(run.len() + rest.len());
                key.push_str(run);
                keys.push(Zeroizing::new(key));
                adjacent = true;
            }
            _ => adjacent = false,
        }
    }
    keys
}

/// Whether it is of letters in both cases with digits, or of hexadecimal digits; names of
/// projects and fields are neither.
fn is_key(run: &str) -> bool {
    let any = |is: fn(&u8) -> bool| run.bytes().any(|byte| is(&byte));
    let mixed = any(u8::is_ascii_uppercase) && any(u8::is_ascii_lowercase);
    let hex = run.bytes().all(|byte| byte.is_ascii_hexdigit()) && any(u8::is_ascii_alphabetic);
    run.len() >= 20 && (mixed && any(u8::is_ascii_digit) || hex)
        || run.len() >= 32 && mixed && !run.contains(['-', '_'])
}
