//! What a tap opens: `click_action_type` with its activity or URL.
//!
//! In: the message's click and the sender's own word on its type. Out: OPPO's three fields,
//! or what is wrong with the click.

use nudged_plugin_api::text::{Unit, is_web_page};
use nudged_plugin_api::{Click, EncodeError, bad_click, bad_option};

use crate::options::Options;

const MAX_ACTIVITY: usize = 500;
const MAX_URL: usize = 2000;

/// `click_action_type`, and what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action<'a> {
    /// 0: opens the app.
    App,
    /// 1: opens the page that answers to this intent action.
    Intent(&'a str),
    /// 2: opens a web page.
    Web(&'a str),
    /// 4: opens the Activity of this class.
    Activity(&'a str),
    /// 5: opens a URL of the app's own scheme.
    Scheme(&'a str),
}

impl<'a> Action<'a> {
    /// `click_action_type`.
    pub(crate) fn kind(self) -> u8 {
        match self {
            Self::App => 0,
            Self::Intent(_) => 1,
            Self::Web(_) => 2,
            Self::Activity(_) => 4,
            Self::Scheme(_) => 5,
        }
    }

    /// `click_action_activity`.
    pub(crate) fn activity(self) -> Option<&'a str> {
        match self {
            Self::Intent(name) | Self::Activity(name) => Some(name),
            _ => None,
        }
    }

    /// `click_action_url`.
    pub(crate) fn url(self) -> Option<&'a str> {
        match self {
            Self::Web(url) | Self::Scheme(url) => Some(url),
            _ => None,
        }
    }
}

/// What a tap does, in OPPO's terms.
pub(crate) fn action<'a>(click: &'a Click, options: &Options) -> Result<Action<'a>, EncodeError> {
    if options.click_action_type.is_some() && !matches!(click, Click::Page(_)) {
        return Err(bad_option(
            "click_action_type",
            "needs a click that opens a page of the app",
        ));
    }
    let action = match click {
        Click::Url(url) if is_web_page(url) => Action::Web(url),
        Click::Url(_) => {
            return Err(bad_click(
                "is no web page: it must start with http:// or https://",
            ));
        }
        Click::Page(page) => page_action(page, options.click_action_type)?,
        _ => Action::App,
    };
    let (text, most) = match (action.activity(), action.url()) {
        (Some(activity), _) => (activity, MAX_ACTIVITY),
        (_, Some(url)) => (url, MAX_URL),
        _ => return Ok(action),
    };
    match Unit::Utf16.length(text) {
        length if length > most => Err(bad_click(format!(
            "is {length} characters long, the limit is {most}"
        ))),
        _ => Ok(action),
    }
}

/// By its form, unless the sender said which: a URL by its scheme, a class by the case of
/// its last name, `ChatActivity`; an action has all of one case, `VIEW` or `chat`.
fn page_action(page: &str, kind: Option<u8>) -> Result<Action<'_>, EncodeError> {
    match kind {
        Some(1) if is_name(page) => Ok(Action::Intent(page)),
        Some(4) if is_class(page) => Ok(Action::Activity(page)),
        Some(5) if is_scheme(page) => Ok(Action::Scheme(page)),
        Some(1) => Err(bad_click(
            "is no intent action, such as com.example.chat.OPEN",
        )),
        Some(4) => Err(bad_click(NO_CLASS)),
        Some(_) => Err(bad_click(
            "is no URL of the app's own scheme, such as chat://room/42",
        )),
        None if is_scheme(page) => Ok(Action::Scheme(page)),
        None if is_class(page) && is_mixed(page) => Ok(Action::Activity(page)),
        None if is_class(page) => Ok(Action::Intent(page)),
        None if is_web_page(page) => Err(bad_click(
            "is a web page: send it as the click's url, not its page",
        )),
        None => Err(bad_click(
            "is neither the full class name of an Activity (com.example.ChatActivity), nor an \
             intent action (com.example.chat.OPEN), nor a URL of the app's own scheme \
             (chat://room/42)",
        )),
    }
}

const NO_CLASS: &str = "is no full class name of an Activity, such as com.example.ChatActivity";

fn is_scheme(url: &str) -> bool {
    // An intent URI without a host: intent:#Intent;...;end
    let Some((scheme, rest)) = url.split_once(':') else {
        return false;
    };
    let letters = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(letters)
        && !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str())
        && (rest.starts_with("//") || (scheme == "intent" && rest.starts_with("#Intent;")))
        && is_plain(url)
}

fn is_plain(url: &str) -> bool {
    !url.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Names of letters, digits, `_`, `$` and `-` with dots between them.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "_$-".contains(c);
    text.split('.')
        .all(|name| !name.is_empty() && name.chars().all(fits))
}

/// Two names at least: a class lies in a package.
fn is_class(text: &str) -> bool {
    is_name(text) && text.contains('.')
}

fn is_mixed(text: &str) -> bool {
    let last = text.rsplit(['.', '$']).next().unwrap_or_default();
    last.starts_with(char::is_uppercase) && last.contains(char::is_lowercase)
}
