//! What a tap opens: `click_action_type` with its activity or URL.
//!
//! In: the message's click and the sender's own word on its type. Out: OPPO's three fields. A
//! click that OPPO cannot do becomes the channel's own, else opens the app, which a notice tells.

use std::borrow::Cow;

use nudged_driver_kit::address::is_web_page;
use nudged_driver_kit::click;
use nudged_driver_kit::page::Page;
use nudged_driver_kit::text::Unit;
use nudged_plugin_api::{Click, Message, Notice};

use crate::options::Options;

const MAX_ACTIVITY: usize = 500;
const MAX_URL: usize = 2000;

/// `click_action_type`, and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action<'a> {
    /// 0: opens the app.
    App,
    /// 1: opens the page that answers to this intent action.
    Intent(&'a str),
    /// 2: opens a web page.
    Web(Cow<'a, str>),
    /// 4: opens the Activity of this class.
    Activity(&'a str),
    /// 5: opens a URL of the app's own scheme.
    Scheme(Cow<'a, str>),
}

impl Action<'_> {
    /// `click_action_type`.
    pub(super) fn kind(&self) -> u8 {
        match self {
            Self::App => 0,
            Self::Intent(_) => 1,
            Self::Web(_) => 2,
            Self::Activity(_) => 4,
            Self::Scheme(_) => 5,
        }
    }

    /// `click_action_activity`.
    pub(super) fn activity(&self) -> Option<&str> {
        match self {
            Self::Intent(name) | Self::Activity(name) => Some(name),
            _ => None,
        }
    }

    /// `click_action_url`.
    pub(super) fn url(&self) -> Option<&str> {
        match self {
            Self::Web(url) | Self::Scheme(url) => Some(url),
            _ => None,
        }
    }

    /// What it names is longer than OPPO takes.
    fn excess(&self) -> Option<String> {
        let (text, most) = match (self.activity(), self.url()) {
            (Some(activity), _) => (activity, MAX_ACTIVITY),
            (_, Some(url)) => (url, MAX_URL),
            _ => return None,
        };
        let length = Unit::Utf16.length(text);
        (length > most).then(|| format!("it is {length} characters long, and OPPO takes {most}"))
    }
}

/// What a tap does, in OPPO's terms.
pub(super) fn action<'a>(
    message: &'a Message,
    options: &Options,
    notices: &mut Vec<Notice>,
) -> Action<'a> {
    let mut asked = match (&message.click, options.click_action_type) {
        (Click::Page(page), Some(kind)) => of_kind(page, kind),
        _ => None,
    };
    if options.click_action_type.is_some() && asked.is_none() {
        notices.push(Notice::new(
            "options.click_action_type",
            "was left out: it does not fit what the click opens",
        ));
    }
    let found = click::first(message, notices, |click, _| {
        // What the sender says of its own click says nothing of the channel's, which comes second.
        let action = match (asked.take(), click) {
            (Some(action), _) => action,
            (None, Click::Url(url)) if is_web_page(url) => Action::Web(ascii(url)),
            (None, Click::Page(page)) => by_form(page)?,
            (None, _) => return Err("it is no web page".to_owned()),
        };
        action.excess().map_or(Ok(action), Err)
    });
    found.unwrap_or(Action::App)
}

/// As the sender said, where the page's form allows it.
fn of_kind(page: &str, kind: u8) -> Option<Action<'_>> {
    let form = Page::of(page);
    match kind {
        1 if is_name(page) => Some(Action::Intent(page)),
        4 if is_name(page) && page.contains('.') => Some(Action::Activity(page)),
        5 => match form {
            Page::Intent(url) | Page::Own(url) => Some(Action::Scheme(ascii(url))),
            _ => None,
        },
        _ => None,
    }
}

fn by_form(page: &str) -> Result<Action<'_>, String> {
    match Page::of(page) {
        Page::Class(class) => Ok(Action::Activity(class)),
        Page::Action(action) => Ok(Action::Intent(action)),
        Page::Intent(url) | Page::Own(url) => Ok(Action::Scheme(ascii(url))),
        Page::Web(url) => Ok(Action::Web(ascii(url))),
        _ => Err("the page is neither the full class name of an Activity \
             (com.example.ChatActivity), nor an intent action (com.example.chat.OPEN), nor a URL \
             of the app's own scheme (chat://room/42)"
            .to_owned()),
    }
}

/// Names of letters, digits, `_`, `$` and `-` with dots between them.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "_$-".contains(c);
    text.split('.')
        .all(|name| !name.is_empty() && name.chars().all(fits))
}

/// An address as every client reads it: OPPO appends the app's parameters to it.
fn ascii(url: &str) -> Cow<'_, str> {
    if url.is_ascii() {
        return Cow::Borrowed(url);
    }
    let mut ascii = String::with_capacity(url.len() * 3);
    for c in url.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                ascii.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    Cow::Owned(ascii)
}
