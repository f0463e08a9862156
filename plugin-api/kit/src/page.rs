//! What a page of the app is: senders write it in the form of whichever vendor they know.

use crate::address::is_web_page;
use crate::android::{is_class_name, is_intent};

/// A page of an app, by its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Page<'a> {
    /// An intent URI: `intent:…#Intent;…;end`.
    Intent(&'a str),
    /// The full name of an activity's class: `com.example.ChatActivity`.
    Class(&'a str),
    /// An intent's action, as the app's manifest declares it: `com.example.OPEN_CHAT`.
    Action(&'a str),
    /// An address of the app's own scheme: `chat://room/42`.
    Own(&'a str),
    /// The address of a web page: a click's `url`, written where its `page` belongs.
    Web(&'a str),
    /// None of these, such as the name of a page that only the app knows.
    Other(&'a str),
}

impl<'a> Page<'a> {
    /// Reads it. A class and an action look alike: the last name of a class has letters of both
    /// cases and begins with a capital, `ChatActivity`; that of an action has one, `OPEN` or
    /// `chat`.
    pub fn of(text: &'a str) -> Self {
        if is_intent(text) {
            Self::Intent(text)
        } else if is_web_page(text) {
            Self::Web(text)
        } else if is_own(text) {
            Self::Own(text)
        } else if is_class_name(text) && is_mixed(text) {
            Self::Class(text)
        } else if is_action(text) {
            Self::Action(text)
        } else {
            Self::Other(text)
        }
    }
}

/// A scheme that no browser has, and something in it.
fn is_own(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let letters = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(letters)
        && !["http", "https", "intent"].contains(&scheme.to_ascii_lowercase().as_str())
        && !rest.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn is_mixed(text: &str) -> bool {
    let last = text.rsplit(['.', '$']).next().unwrap_or_default();
    last.starts_with(char::is_uppercase) && last.contains(char::is_lowercase)
}

/// Two names at least, of letters, digits, `_`, `$` and `-`.
fn is_action(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "_$-".contains(c);
    let name = |name: &str| !name.is_empty() && name.chars().all(fits);
    text.contains('.') && text.split('.').all(name)
}

#[cfg(test)]
mod tests {
    use super::Page::{self, Action, Class, Intent, Other, Own, Web};

    #[test]
    fn a_page_is_known_by_its_form() {
        for page in [
            Intent("intent:#Intent;component=a/.B;end"),
            Intent("intent://host/path#Intent;scheme=push;end"),
            Class("com.example.ChatActivity"),
            Class("com.example.Main$Chat"),
            Action("com.example.OPEN"),
            Action("com.example.OPEN_CHAT"),
            Action("com.example.chat"),
            Action("android.intent.action.VIEW"),
            Action("com.my-app.OPEN"),
            Own("chat://room/42"),
            Web("https://example.com/a"),
            Web("http://example.com"),
            Other(""),
            Other("chat"),
            Other("chat/42"),
            Other("javascript:alert(1)"),
            Other("intent:#Intent;component=a/b"),
            Other("intent://x"),
            Other("a b.C"),
            Other("chat://"),
            Other("chat://a b"),
            Other("HTTPS://a"),
        ] {
            let (Intent(text) | Class(text) | Action(text) | Own(text) | Web(text) | Other(text)) =
                page;
            assert_eq!(Page::of(text), page);
        }
    }
}
