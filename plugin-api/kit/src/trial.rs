//! Texts that some vendors take for a developer's test and refuse, such as `1` or `test`.
//!
//! In: a message, and what its vendor takes for a test. Out: which part looks like one, and the
//! same message with the sender's name in front of it, which the vendor may take. Whether a
//! vendor refuses a text, only its answer says: the first try is always the message as it is.

use crate::text::present;
use nudged_plugin_api::Message;

/// A message that may be taken for a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The field that looks so.
    pub field: &'static str,
    /// The message with the name in front; none where no name is known that looks better.
    pub again: Option<Message>,
}

impl Trial {
    /// Whether `looks` is true of what is shown of the message. `stand_in` is its title where it
    /// has none, as in [`Message::title_and_body`]. The name is the sender's where it is known, else
    /// the title, which is a name in most chats.
    pub fn of(message: &Message, stand_in: &str, looks: fn(&str) -> bool) -> Option<Self> {
        let shown = |text| present(text).filter(|text| !text.trim().is_empty());
        let (title, field, text) = match (shown(&message.title), shown(&message.body)) {
            (title, Some(body)) => (title.unwrap_or(stand_in), "body", body),
            (Some(title), None) => (stand_in, "title", title),
            (None, None) => return None,
        };
        let field = match (looks(text), looks(title)) {
            (true, _) => field,
            (false, true) => "title",
            (false, false) => return None,
        };
        let sender = present(&message.sender);
        let names = sender.into_iter().chain([title, stand_in]);
        let name = names.into_iter().find(|name| !looks(name));
        let again = name.map(|name| {
            let named = |text: &str| match looks(text) {
                true => format!("{name}: {text}"),
                false => text.to_owned(),
            };
            let mut again = message.clone();
            again.title = Some(named(title));
            again.body = Some(named(text));
            again
        });
        Some(Self { field, again })
    }
}

/// Whether a text speaks of a test: the Chinese word anywhere, the English one by itself.
pub fn names_a_test(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic());
    text.contains("测试") || words.any(|word| word.eq_ignore_ascii_case("test"))
}

/// Whether a text has nothing but digits and signs.
pub fn says_nothing(text: &str) -> bool {
    let sign = |c: char| matches!(c, '\u{2010}'..='\u{2027}' | '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff20}');
    let nothing =
        |c: char| c.is_numeric() || c.is_ascii_punctuation() || c.is_whitespace() || sign(c);
    text.chars().all(nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(text: &str) -> bool {
        names_a_test(text) || says_nothing(text)
    }

    #[test]
    fn tests_are_known_by_their_words() {
        for text in ["test", "Test 1", "a test.", "TEST", "这是测试", "测试123"] {
            assert!(names_a_test(text), "{text}");
        }
        for text in ["latest", "tester", "contest", "1", "", "测 试"] {
            assert!(!names_a_test(text), "{text}");
        }
        for text in ["1", "12:30", "...", "？？？", "{}", "[1]"] {
            assert!(says_nothing(text), "{text}");
        }
        for text in ["ok", "好", "1a", "😀"] {
            assert!(!says_nothing(text), "{text}");
        }
    }

    #[test]
    fn the_name_goes_in_front_of_what_looks_like_a_test() {
        let shown = |title: Option<&str>, body: Option<&str>| {
            let mut message = Message::default();
            message.title = title.map(str::to_owned);
            message.body = body.map(str::to_owned);
            let trial = Trial::of(&message, "a new message", any)?;
            let again = trial.again?;
            Some((trial.field, again.title?, again.body?))
        };
        for (title, body, expected) in [
            (Some("Ann"), Some("1"), ("body", "Ann", "Ann: 1")),
            (
                None,
                Some("test"),
                ("body", "a new message", "a new message: test"),
            ),
            (
                Some("1"),
                None,
                ("title", "a new message", "a new message: 1"),
            ),
            (
                Some("10086"),
                Some("Hi"),
                ("title", "a new message: 10086", "Hi"),
            ),
            (
                Some("1"),
                Some("2"),
                ("body", "a new message: 1", "a new message: 2"),
            ),
        ] {
            let (field, title, body) = (shown(title, body).unwrap(), expected.1, expected.2);
            assert_eq!(field, (expected.0, title.to_owned(), body.to_owned()));
        }
        assert_eq!(shown(Some("Ann"), Some("Hello")), None);
        assert_eq!(shown(None, None), None);
        let mut of_bob = Message::default();
        of_bob.body = Some("1".to_owned());
        of_bob.sender = Some("Bob".to_owned());
        let again = |message: &Message| Trial::of(message, "a new message", any)?.again?.body;
        assert_eq!(again(&of_bob).as_deref(), Some("Bob: 1"));
        of_bob.title = Some("Team".to_owned());
        assert_eq!(again(&of_bob).as_deref(), Some("Bob: 1"));
        of_bob.sender = Some("007".to_owned());
        assert_eq!(again(&of_bob).as_deref(), Some("Team: 1"));
        let mut nameless = Message::default();
        nameless.body = Some("1".to_owned());
        let trial = Trial::of(&nameless, "***", any).unwrap();
        assert_eq!(trial.again, None);
    }
}
