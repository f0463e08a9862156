//! What several Android vendors want in the same form: intent URIs and notification numbers.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::address::percent;

mod intent;

pub use intent::is_intent;

const END: &str = "end";

/// `FLAG_ACTIVITY_NEW_TASK`, without which nothing outside an app may open it, and
/// `FLAG_ACTIVITY_CLEAR_TOP`, by which an activity that is open already gets the new intent.
const FLAGS: &str = "launchFlags=0x14000000";

/// The intent URI that opens an activity: the launcher's, or a page of the app.
/// `class` is a full class name, or one that starts with a dot and lies in `package`.
pub fn activity(package: &str, class: &str) -> String {
    let component = escaped(&format!("{package}/{class}"));
    format!("intent:#Intent;{FLAGS};component={component};end")
}

/// The intent URI that opens what the app of `package` has declared for an action.
pub fn action(package: &str, action: &str) -> String {
    let (package, action) = (escaped(package), escaped(action));
    format!("intent:#Intent;action={action};{FLAGS};package={package};end")
}

/// The intent URI that opens a link of the app's own scheme, such as `chat://room/42`, by whatever
/// app answers to it; by that of `package` only, where that is known. None when it is no link.
pub fn view(link: &str, package: Option<&str>) -> Option<String> {
    let (scheme, rest) = link.split_once("://")?;
    let rest = rest.replace("#Intent;", "%23Intent;");
    let package = package.map_or_else(String::new, |it| format!("package={};", escaped(it)));
    let action = "action=android.intent.action.VIEW";
    let intent = format!("intent://{rest}#Intent;scheme={scheme};{action};{FLAGS};{package}end");
    is_intent(&intent).then_some(intent)
}

/// The data of a notification that no intent carries: a JSON text with the one member `ext`.
pub fn data(ext: &str) -> String {
    let quoted = serde_json::to_string(ext).unwrap_or_default();
    format!("{{\"ext\":{quoted}}}")
}

/// The full name of the class that an intent URI opens, where it names one.
pub fn class_of(intent: &str) -> Option<String> {
    let (_, parts) = intent.split_once("#Intent;")?;
    let mut parts = parts.split(';');
    let component = parts.find_map(|part| part.strip_prefix("component="))?;
    let (package, class) = component.split_once('/')?;
    let class = match class.strip_prefix('.') {
        Some(class) => format!("{package}.{class}"),
        None => class.to_owned(),
    };
    is_class_name(&class).then_some(class)
}

/// `intent` with a string extra, which the activity reads with `getStringExtra(key)`.
/// None when it is not an intent URI (`intent:…#Intent;…;end`).
pub fn with_extra(intent: &str, key: &str, value: &str) -> Option<String> {
    if !is_intent(intent) {
        return None;
    }
    let head = intent.strip_suffix(END)?;
    let (key, value) = (escaped(key), escaped(value));
    Some(format!("{head}S.{key}={value};{END}"))
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

/// A sound in the app's `res/raw`, which goes by its name without suffix; none where no resource can
/// have such a name.
pub fn raw_resource(name: &str) -> Option<&str> {
    let name = name.split_once('.').map_or(name, |(name, _)| name);
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!name.is_empty() && name.bytes().all(fits)).then_some(name)
}

/// The number of a notification for vendors that replace by number: 1 to 2147483647, the
/// same for the same key, now and in every later version.
pub fn notify_id(key: &str) -> u32 {
    let mut hasher = SipHasher13::new();
    hasher.write(key.as_bytes());
    // Reduced to 0..2147483647 first, so the sum fits and is never 0.
    (hasher.finish() % 0x7fff_ffff) as u32 + 1
}

/// A part of an intent URI, escaped where `Intent.parseUri` would end it (`;`, `=`, and `#`, the
/// last of which begins the intent), where `Uri.decode` would read it otherwise (`%`), and where a
/// vendor would refuse it (blanks, control characters). All else stays: a Chinese character takes
/// three bytes and not nine.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 4);
    for c in text.chars() {
        if matches!(c, '%' | ';' | '=' | '#') || c.is_whitespace() || c.is_control() {
            percent(c, &mut escaped);
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: &str = "intent://com.example/detail#Intent;scheme=pushscheme;launchFlags=0x4000000;\
                        component=com.example/com.example.ChatActivity;end";

    #[test]
    fn an_extra_goes_before_the_end_with_only_what_must_be_escaped() {
        let with = with_extra(CHAT, "ext", "{\"a\":\"b;end=#1\u{3000}50%\n/ü中\"}").unwrap();
        let extra = ";S.ext={\"a\":\"b%3Bend%3D%231%E3%80%8050%25%0A/ü中\"};end";
        assert_eq!(with, CHAT.replace(";end", extra));
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
    }

    #[test]
    fn an_intent_names_its_activity_or_its_action() {
        let intent = action("com.example", "com.example.OPEN");
        assert_eq!(
            intent,
            "intent:#Intent;action=com.example.OPEN;launchFlags=0x14000000;package=com.example;end"
        );
        assert!(is_intent(&intent));
        let intent = activity("com.example", ".MainActivity");
        assert_eq!(
            intent,
            "intent:#Intent;launchFlags=0x14000000;component=com.example/.MainActivity;end"
        );
        assert!(is_intent(&intent));
    }

    #[test]
    fn an_intent_opens_a_link_of_the_apps_own_scheme() {
        let intent = view("chat://room/42?a=b#c", Some("com.example")).unwrap();
        assert_eq!(
            intent,
            "intent://room/42?a=b#c#Intent;scheme=chat;action=android.intent.action.VIEW;\
             launchFlags=0x14000000;package=com.example;end"
        );
        let anybodys = view("chat://room/42", None).unwrap();
        assert!(!anybodys.contains("package"), "{anybodys}");
        assert!(is_intent(
            &view("chat://x#Intent;y;end", Some("a.b")).unwrap()
        ));
        assert_eq!(view("chat", None), None);
        assert_eq!(view("chat://a b", None), None);
    }

    #[test]
    fn the_class_of_an_intent_is_its_components() {
        let full = class_of(CHAT);
        assert_eq!(full.as_deref(), Some("com.example.ChatActivity"));
        let short = class_of("intent:#Intent;component=com.example/.ui.Chat;end");
        assert_eq!(short.as_deref(), Some("com.example.ui.Chat"));
        for none in [
            "intent:#Intent;action=a.B;end",
            "intent:#Intent;component=a;end",
            "intent:#Intent;component=a/b%20c;end",
            "chat",
        ] {
            assert_eq!(class_of(none), None, "{none}");
        }
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
    fn a_resource_has_no_suffix() {
        assert_eq!(raw_resource("ring_2.caf"), Some("ring_2"));
        assert_eq!(raw_resource("ring"), Some("ring"));
        for none in ["", ".caf", "a b", "raw/ring", "铃.mp3"] {
            assert_eq!(raw_resource(none), None, "{none}");
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
