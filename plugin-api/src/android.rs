//! What several Android vendors want in the same form: intent URIs and notification numbers.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

const END: &str = "end";

/// The intent URI that opens an activity, such as the one that the launcher starts.
/// `class` is a full class name, or one that starts with a dot and lies in `package`.
pub fn launcher(package: &str, class: &str) -> String {
    format!(
        "intent:#Intent;launchFlags=0x10000000;component={};end",
        encoded(&format!("{package}/{class}"), b"/.")
    )
}

/// `intent` with a string extra, which the activity reads with `getStringExtra(key)`.
/// None when it is not an intent URI (`intent:…#Intent;…;end`).
pub fn with_extra(intent: &str, key: &str, value: &str) -> Option<String> {
    if !is_intent(intent) {
        return None;
    }
    let head = intent.strip_suffix(END)?;
    let (key, value) = (encoded(key, b""), encoded(value, b""));
    Some(format!("{head}S.{key}={value};{END}"))
}

/// Whether a text has the form of an intent URI (`Intent.parseUri`).
pub fn is_intent(text: &str) -> bool {
    let Some((head, rest)) = text.split_once("#Intent;") else {
        return false;
    };
    (head.starts_with("intent:") || head.is_empty())
        && rest.ends_with(END)
        && (rest.len() == END.len() || rest.ends_with(";end"))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether a text is the full name of a class, with its package. Java takes letters of any
/// script.
pub fn is_class_name(text: &str) -> bool {
    let name = |name: &str| {
        name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$'))
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
    };
    text.contains('.') && text.split('.').all(name)
}

/// The number of a notification for vendors that replace by number: 1 to 2147483647, the
/// same for the same key, now and in every later version.
pub fn notify_id(key: &str) -> u32 {
    let mut hasher = SipHasher13::new();
    hasher.write(key.as_bytes());
    // Reduced to 0..2147483647 first, so the sum fits and is never 0.
    (hasher.finish() % 0x7fff_ffff) as u32 + 1
}

/// As Android's `Uri.encode`: letters, digits and `_-!.~'()*` stay, and what `allowed` names.
fn encoded(text: &str, allowed: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_-!.~'()*".contains(&byte) || allowed.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: &str = "intent://com.example/detail#Intent;scheme=pushscheme;launchFlags=0x4000000;\
                        component=com.example/com.example.ChatActivity;end";

    #[test]
    fn an_extra_goes_before_the_end_and_is_escaped() {
        let with = with_extra(CHAT, "ext", r#"{"a":"b;end c/ü"}"#).unwrap();
        assert_eq!(
            with,
            CHAT.replace(
                ";end",
                ";S.ext=%7B%22a%22%3A%22b%3Bend%20c%2F%C3%BC%22%7D;end"
            )
        );
        assert!(is_intent(&with));
    }

    #[test]
    fn what_is_no_intent_takes_no_extra() {
        for text in [
            "",
            "com.example.Chat",
            "https://example.com/#Intent;end",
            "intent:#Intent;component=a/b",
            "intent:#Intent;component=a/b;bend",
            "intent:#Intent;component=a/ b;end",
        ] {
            assert_eq!(with_extra(text, "ext", "1"), None, "{text}");
        }
        assert!(is_intent("#Intent;component=a/.B;end"));
        assert!(is_intent("intent:#Intent;end"));
    }

    #[test]
    fn the_launcher_intent_names_its_component() {
        let intent = launcher("com.example", ".MainActivity");
        assert_eq!(
            intent,
            "intent:#Intent;launchFlags=0x10000000;component=com.example/.MainActivity;end"
        );
        assert!(is_intent(&intent));
    }

    #[test]
    fn a_class_name_has_its_package_and_nothing_else() {
        for good in ["com.example.ChatActivity", "a.B$C", "a_b.C1", "_a.$b"] {
            assert!(is_class_name(good), "{good}");
        }
        for bad in [
            "", "Chat", ".Chat", "a..B", "a.1b", "a.b c", "a.b-c", "a.b.",
        ] {
            assert!(!is_class_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_number_is_positive_and_stays_the_same_for_ever() {
        // Written down: phones replace notifications of older versions by these numbers.
        assert_eq!(notify_id("conversation-42"), notify_id("conversation-42"));
        assert_ne!(notify_id("conversation-42"), notify_id("conversation-43"));
        for number in 0..10_000 {
            let id = notify_id(&number.to_string());
            assert!((1..=0x7fff_ffff).contains(&id));
        }
    }
}
