//! The variables of a message template: "Access guide for message templates".
//!
//! In: the texts that the variables are set to. Out: the JSON object of `template_param`,
//! whose values Xiaomi takes: 1 to 128 characters, not only blanks, no symbols.

use std::collections::BTreeMap;

use nudged_driver_kit::text::{Unit, fit};
use nudged_plugin_api::Notice;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Longest value of a variable.
const MAX_VALUE: usize = 128;
/// Units hold whether Xiaomi counts characters or Java's.
const UNIT: Unit = Unit::Utf16;

/// What the placeholders stand for.
pub(crate) struct Filler<'a> {
    /// `{title}`.
    pub title: &'a str,
    /// `{body}`.
    pub body: &'a str,
    /// For a value that nothing is left of.
    pub stand_in: &'a str,
}

/// Whether Xiaomi takes a value as it is.
pub(crate) fn fits(value: &str) -> bool {
    !value.trim().is_empty() && UNIT.length(value) <= MAX_VALUE && !value.contains(is_symbol)
}

/// The object as text.
pub(crate) fn json(params: &BTreeMap<String, String>) -> String {
    serde_json::to_string(params).expect("texts always make JSON")
}

impl Filler<'_> {
    /// Sets each variable to its text, changed to what Xiaomi takes.
    pub fn fill(&self, params: &BTreeMap<String, String>, notices: &mut Vec<Notice>) -> String {
        let filled = params
            .iter()
            .map(|(name, pattern)| (name.clone(), self.value(pattern, notices)))
            .collect();
        json(&filled)
    }

    fn value(&self, pattern: &str, notices: &mut Vec<Notice>) -> String {
        let field = if pattern.contains("{body}") {
            "body"
        } else {
            "title"
        };
        let mut value = self.replace(pattern);
        if value.contains(is_symbol) {
            value.retain(|c| !is_symbol(c) && !is_joiner(c));
            notices.push(Notice::new(
                field,
                "lost its emoji and other symbols, which Xiaomi's templates do not take",
            ));
        }
        if value.trim().is_empty() {
            value = self.stand_in.chars().filter(|c| !is_symbol(*c)).collect();
        }
        if value.trim().is_empty() {
            // The operator's own stand-in was nothing but symbols.
            value = "-".to_owned();
        }
        fit(field, &value, MAX_VALUE, UNIT, notices).into_owned()
    }

    /// In one pass, so that a title with `{body}` in it stays what it is.
    fn replace(&self, pattern: &str) -> String {
        let mut value = String::new();
        let mut rest = pattern;
        while let Some(start) = rest.find('{') {
            value.push_str(&rest[..start]);
            rest = &rest[start..];
            if let Some(after) = rest.strip_prefix("{title}") {
                value.push_str(self.title);
                rest = after;
            } else if let Some(after) = rest.strip_prefix("{body}") {
                value.push_str(self.body);
                rest = after;
            } else {
                value.push('{');
                rest = &rest[1..];
            }
        }
        value.push_str(rest);
        value
    }
}

/// Of the Unicode classes that templates refuse, or what is left of an emoji without them.
fn is_symbol(c: char) -> bool {
    let emoji_part = matches!(
        c,
        '\u{1f3fb}'..='\u{1f3ff}' | '\u{20e3}' | '\u{fe0f}' | '\u{e0020}'..='\u{e007f}'
    );
    let class = c.general_category();
    emoji_part
        || matches!(
            class,
            GeneralCategory::OtherSymbol | GeneralCategory::Unassigned
        )
}

/// Joins emoji into one; scripts use it too, so it goes only where symbols went.
fn is_joiner(c: char) -> bool {
    c == '\u{200d}'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(pattern: &str, title: &str, body: &str) -> (String, Vec<Notice>) {
        let mut notices = Vec::new();
        let filler = Filler {
            title,
            body,
            stand_in: "a new message",
        };
        (filler.value(pattern, &mut notices), notices)
    }

    #[test]
    fn placeholders_are_set_once() {
        let (value, notices) = filled("{title}: {body} {x}{", "a {body}", "b");
        assert_eq!(value, "a {body}: b {x}{");
        assert_eq!(notices, []);
    }

    #[test]
    fn emoji_go_and_a_value_is_never_blank() {
        let family = "\u{1f468}\u{200d}\u{1f469}";
        let (value, notices) = filled("{body}", "", &format!("Hi {family}👍🏽 ❤️!"));
        assert_eq!(value, "Hi  !");
        assert_eq!(notices[0].field, "body");
        assert_eq!(filled("{title}", "🎉", "b").0, "a new message");
        assert_eq!(filled("{body}", "t", "  ").0, "a new message");
        for text in ["日本語", "€ + 5 %", "क्\u{200d}ष"] {
            assert_eq!(filled("{body}", "t", text), (text.to_owned(), Vec::new()));
        }
    }

    #[test]
    fn a_value_is_cut_to_128_and_fits_then() {
        let (value, notices) = filled("{body}", "t", &"x".repeat(200));
        assert_eq!(value.len(), 128);
        assert!(value.ends_with("...") && fits(&value));
        assert_eq!(notices.len(), 1);
    }
}
