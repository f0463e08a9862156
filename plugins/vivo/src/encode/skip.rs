//! What a tap does: `skipType` and `skipContent`. A page in another vendor's form becomes an intent
//! of the app's package, where that is known; what vivo cannot open becomes the channel's own click,
//! else opens the app, with a notice.

use std::borrow::Cow;

use nudged_driver_kit::address::is_web_page;
use nudged_driver_kit::android::{self, with_extra};
use nudged_driver_kit::click;
use nudged_driver_kit::page::Page;
use nudged_driver_kit::text::{Unit, present};
use nudged_plugin_api::{Click, Message, Notice};

use crate::settings::Channel;

/// Longest `skipContent` of the newest reference; older ones have 1000 for URLs, and 1024.
const MAX_CONTENT: usize = 2048;

/// vivo's form of a click action.
pub(super) struct Skip<'a> {
    /// 1 the app, 2 a web page, 4 a page in the app. (3, the old callback, is dead with phone
    /// SDK 3.0.0.0.)
    pub kind: u8,
    pub content: Option<Cow<'a, str>>,
    /// Whether the app is opened at all, and so can find ext.
    pub carries_ext: bool,
    /// Whether ext is in the intent already.
    pub has_ext: bool,
}

/// What a tap opens.
enum Opens<'a> {
    Web(&'a str),
    Page(Cow<'a, str>),
}

pub(super) fn of<'a>(
    channel: &Channel,
    message: &'a Message,
    notices: &mut Vec<Notice>,
) -> Skip<'a> {
    let opens = click::first(message, notices, |click, _| {
        let opens = match click {
            Click::Url(url) if is_web_page(url) => Ok(Opens::Web(url)),
            Click::Page(page) => page_of(channel, page),
            _ => Err("it is no web page".to_owned()),
        };
        opens.and_then(short)
    });
    let ext = present(&message.ext);
    match opens {
        None => Skip {
            kind: 1,
            content: None,
            carries_ext: true,
            has_ext: false,
        },
        Some(Opens::Web(url)) => {
            // req 41: what does not go along is told.
            if ext.is_some() {
                notices.push(Notice::new(
                    "ext",
                    "was left out: a tap opens a web page, where no app can read it",
                ));
            }
            Skip {
                kind: 2,
                content: Some(url.into()),
                carries_ext: false,
                has_ext: false,
            }
        }
        Some(Opens::Page(page)) => {
            let with = ext.and_then(|ext| with_ext(&page, ext, notices));
            Skip {
                kind: 4,
                carries_ext: true,
                has_ext: with.is_some(),
                content: Some(with.map_or(page, Cow::Owned)),
            }
        }
    }
}

fn page_of<'a>(channel: &Channel, page: &'a str) -> Result<Opens<'a>, String> {
    let intent = |package: &str| match Page::of(page) {
        Page::Class(class) => Some(android::activity(package, class)),
        Page::Action(action) => Some(android::action(package, action)),
        Page::Own(link) => android::view(link, Some(package)),
        // A class that lies in the app's package.
        Page::Other(class)
            if class.starts_with('.') && android::is_class_name(&format!("{package}{class}")) =>
        {
            Some(android::activity(package, class))
        }
        _ => None,
    };
    match (Page::of(page), &channel.package) {
        (Page::Intent(intent), _) => Ok(Opens::Page(intent.into())),
        (Page::Web(url), _) => Ok(Opens::Web(url)),
        (Page::Class(_) | Page::Action(_) | Page::Own(_), None) => Err(
            "the page is no intent URI, and without the setting package none can be made of it"
                .to_owned(),
        ),
        (_, package) => package
            .as_deref()
            .and_then(intent)
            .map(|intent| Opens::Page(intent.into()))
            .ok_or_else(|| {
                "the page is no intent URI, such as \
                 intent:#Intent;component=com.example.chat/.ChatActivity;end"
                    .to_owned()
            }),
    }
}

fn short(opens: Opens<'_>) -> Result<Opens<'_>, String> {
    let content = match &opens {
        Opens::Web(url) => url,
        Opens::Page(page) => &**page,
    };
    let length = Unit::Utf16.length(content);
    match length {
        0..=MAX_CONTENT => Ok(opens),
        _ => Err(format!(
            "what it opens has {length} characters, the limit is {MAX_CONTENT}"
        )),
    }
}

/// The page's intent with ext as an extra. Phone SDKs from 3.0.0.0 on have no callback for the
/// custom data, so it stands in both places.
fn with_ext(page: &str, ext: &str, notices: &mut Vec<Notice>) -> Option<String> {
    let with = with_extra(page, "ext", ext)?;
    let length = Unit::Utf16.length(&with);
    if length <= MAX_CONTENT {
        return Some(with);
    }
    notices.push(Notice::new(
        "ext",
        format!(
            "is in clientCustomMap only: in the page's intent as well it would make \
             {length} characters, the limit is {MAX_CONTENT}"
        ),
    ));
    None
}
