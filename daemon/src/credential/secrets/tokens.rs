//! Tokens of a request, and what a vendor or a driver says of it without them: vendors repeat
//! whole tokens in their texts, which end up in the log, in traces and in the database.
//!
//! In: the tokens that a request is for, then texts. Out: the texts, with the masked token in the
//! place of each, however JSON or a URL escapes it and wherever the text ends within it. Pure.

use std::collections::HashMap;
use std::ops::Range;

use super::plain::NormalizedText;
use crate::model::masked;

/// So much of a token's beginning gives it away.
const HEAD: usize = 16;
/// What is shorter is no vendor's token and occurs by chance.
const MIN_TOKEN: usize = 8;

/// Tokens that must not be seen whole.
pub struct Tokens<'a> {
    long: HashMap<[u8; HEAD], Vec<Token<'a>>>,
    short: Vec<Token<'a>>,
}

struct Token<'a> {
    text: &'a str,
    bytes: Vec<u8>,
}

impl<'a> Tokens<'a> {
    pub fn of(tokens: impl Iterator<Item = &'a str>) -> Self {
        let (mut long, mut short) = (HashMap::<_, Vec<_>>::new(), Vec::new());
        for text in tokens {
            let bytes = NormalizedText::of(text).bytes.to_ascii_lowercase();
            let token = Token { text, bytes };
            match token.bytes.first_chunk::<HEAD>() {
                Some(head) => long.entry(*head).or_default().push(token),
                None if token.bytes.len() >= MIN_TOKEN => short.push(token),
                None => {}
            }
        }
        Self { long, short }
    }

    /// The text without them; as it is when there are none in it.
    pub fn hide(&self, text: String) -> String {
        if text.len() < MIN_TOKEN {
            return text;
        }
        let plain = NormalizedText::of(&text);
        let bytes = plain.bytes.to_ascii_lowercase();
        let mut found = self.found(&bytes);
        for token in &self.short {
            let length = token.bytes.len();
            let places = bytes.windows(length).enumerate();
            let places = places.filter(|(_, it)| *it == token.bytes);
            let places = places.map(|(at, _)| (at..at + length, token.text));
            found.extend(places.filter(|(at, _)| plain.is_word(at)));
        }
        if found.is_empty() {
            return text;
        }
        found.sort_by_key(|(at, _)| at.start);
        let mut shown = String::with_capacity(text.len());
        let mut from = 0;
        for (bytes, token) in found {
            let range = plain.source_range(&bytes);
            if range.start >= from {
                shown.push_str(&text[from..range.start]);
                shown.push_str(&masked(token));
            }
            from = from.max(range.end);
        }
        shown.push_str(&text[from..]);
        shown
    }

    /// Where tokens begin, and how far the text goes on like them.
    fn found(&self, bytes: &[u8]) -> Vec<(Range<usize>, &'a str)> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(head) = bytes[at..].first_chunk::<HEAD>() {
            let known = self.long.get(head).into_iter().flatten();
            let alike = |token: &Token<'a>| {
                let both = token.bytes.iter().zip(&bytes[at..]);
                (both.take_while(|(a, b)| a == b).count(), token.text)
            };
            at += match known.map(alike).max_by_key(|(length, _)| *length) {
                Some((length, text)) => {
                    found.push((at..at + length, text));
                    length
                }
                None => 1,
            };
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "r3g1dEcho/EchoEcho+Echo0123456789=";
    const OTHER: &str = "A1b2c3d4e5f60718A1b2c3d4e5f60718";

    #[test]
    fn tokens_are_shown_masked_however_they_are_written() {
        let tokens = Tokens::of([TOKEN, OTHER, "12345678"].into_iter());
        for (text, shown) in [
            (format!("failed for {TOKEN}"), "failed for r3g1…789="),
            (format!("[{TOKEN}]: bad"), "[r3g1…789=]: bad"),
            (
                "?token=r3g1dEcho%2FEchoEcho%2BEcho0123456789%3D&x".to_owned(),
                "?token=r3g1…789=&x",
            ),
            (
                r#"{"t":"r3g1dEcho\/EchoEcho+Echo0123456789="}"#.to_owned(),
                r#"{"t":"r3g1…789="}"#,
            ),
            // A text that a driver or a vendor has cut.
            (format!("no {}", &TOKEN[..20]), "no r3g1…789="),
            (
                format!("{} and {TOKEN}", OTHER.to_uppercase()),
                "A1b2…0718 and r3g1…789=",
            ),
            ("id 12345678!".to_owned(), "id …!"),
            ("id 123456789".to_owned(), "id 123456789"),
            ("invalid r3g1…789=".to_owned(), "invalid r3g1…789="),
            (String::new(), ""),
        ] {
            assert_eq!(tokens.hide(text.clone()), shown, "{text}");
        }
    }

    #[test]
    fn of_tokens_that_begin_alike_the_right_one_is_shown() {
        let tokens = ["0123456789abcdef-first-1111", "0123456789abcdef-other-2222"];
        let hidden = Tokens::of(tokens.into_iter());
        for token in tokens {
            let shown = hidden.hide(format!("bad: {token} (1)"));
            assert_eq!(shown, format!("bad: {} (1)", masked(token)));
        }
    }
}
