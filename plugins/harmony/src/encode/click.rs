//! What a tap does, in Push Kit's form, and how `ext` comes along.
//!
//! In: the message's click, its `ext` and the option `data`. Out: the click action. The app
//! finds `ext` as `want.parameters["ext"]`, whatever the tap opens.

use nudged_driver_kit::address::is_web_page;
use nudged_driver_kit::click;
use nudged_driver_kit::page::Page;
use nudged_driver_kit::text::present;
use nudged_plugin_api::{Click, EncodeError, Message, Notice, bad_option};

use crate::options::Options;
use crate::payload::{ClickAction, Data};

/// Opens the app.
const HOME: u8 = 0;
/// Opens the page whose ability listens to an action or a URI.
const PAGE: u8 = 1;

pub(super) fn action<'a>(
    message: &'a Message,
    options: &'a Options,
    notices: &mut Vec<Notice>,
) -> Result<ClickAction<'a>, EncodeError> {
    let mut address = None;
    let opens = click::first(message, notices, |click, _| match click {
        Click::Url(url) if is_web_page(url) => {
            // HarmonyOS opens no web page by itself: the app must.
            address.get_or_insert(url.as_str());
            Err(
                "a HarmonyOS notification opens no web page; the app finds the address in \
                 want.parameters under url"
                    .to_owned(),
            )
        }
        Click::Page(page) => page_of(page).map_err(str::to_owned),
        _ => Err("the address is no web page".to_owned()),
    });
    let (action, uri) = match opens {
        Some(Opens::Action(action)) => (Some(action), None),
        Some(Opens::Uri(uri)) => (None, Some(uri)),
        None => (None, None),
    };
    let click = ClickAction {
        action_type: if opens.is_some() { PAGE } else { HOME },
        action,
        uri,
        data: Data {
            ext: present(&message.ext),
            url: address,
            more: Some(&options.data),
        },
    };
    for (key, taken) in [("ext", click.data.ext), ("url", click.data.url)] {
        if taken.is_some() && options.data.contains_key(key) {
            return Err(bad_option(
                &format!("data.{key}"),
                "is given twice, as the message itself already takes this key",
            ));
        }
    }
    Ok(click)
}

/// A page that an ability of the app listens to.
#[derive(Clone, Copy)]
enum Opens<'a> {
    Action(&'a str),
    Uri(&'a str),
}

fn page_of(page: &str) -> Result<Opens<'_>, &'static str> {
    match Page::of(page) {
        Page::Action(action) if is_action(action) => Ok(Opens::Action(action)),
        Page::Class(_) | Page::Intent(_) => {
            Err("classes and intents are Android's, and HarmonyOS has neither")
        }
        _ if is_uri(page) => Ok(Opens::Uri(page)),
        _ if is_action(page) => Ok(Opens::Action(page)),
        _ => Err(
            "the page is neither a URI such as example://chat/42 nor an action such as \
             com.example.action.CHAT from the skills of an ability in module.json5",
        ),
    }
}

fn odd(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// `scheme:rest`, but no intent of Android's.
fn is_uri(page: &str) -> bool {
    let Some((scheme, rest)) = page.split_once(':') else {
        return false;
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(fits)
        && !["intent", "javascript", "data", "file"].contains(&scheme.to_ascii_lowercase().as_str())
        && !rest.is_empty()
        && !page.contains(odd)
}

/// A word such as `com.example.action.CHAT`.
fn is_action(page: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    !page.is_empty() && page.chars().all(fits)
}
