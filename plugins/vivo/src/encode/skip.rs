//! What a tap does: `skipType` and `skipContent`.

use std::borrow::Cow;

use nudged_plugin_api::android::{is_intent, with_extra};
use nudged_plugin_api::text::{Unit, is_web_page, present};
use nudged_plugin_api::{Click, EncodeError, Message, Notice, bad_click};

/// Longest URL, and longest intent URI, in every version of the reference.
const MAX_URL: usize = 1000;
const MAX_INTENT: usize = 1024;

/// vivo's form of a click action.
pub(super) struct Skip<'a> {
    /// 1 the app, 2 a web page, 4 a page in the app. (3, the old callback, is dead with phone
    /// SDK 3.0.0.0.)
    pub kind: u8,
    pub content: Option<Cow<'a, str>>,
    /// Whether the app is opened at all, and so can find ext.
    pub carries_ext: bool,
}

pub(super) fn of<'a>(
    message: &'a Message,
    notices: &mut Vec<Notice>,
) -> Result<Skip<'a>, EncodeError> {
    match &message.click {
        Click::OpenApp => Ok(Skip {
            kind: 1,
            content: None,
            carries_ext: true,
        }),
        Click::Url(url) => {
            check_url(url)?;
            if present(&message.ext).is_some() {
                notices.push(Notice::new(
                    "ext",
                    "is left out: a tap opens a web page, where no app can read it",
                ));
            }
            Ok(Skip {
                kind: 2,
                content: Some(url.into()),
                carries_ext: false,
            })
        }
        Click::Page(page) => {
            check_page(page)?;
            Ok(Skip {
                kind: 4,
                content: Some(with_ext(page, present(&message.ext), notices)),
                carries_ext: true,
            })
        }
        _ => Err(bad_click(
            "is of a kind that this driver does not know, expected app, url or page",
        )),
    }
}

/// The page's intent with ext as an extra. Phone SDKs from 3.0.0.0 on have no callback for the
/// custom data, so it stands in both places.
fn with_ext<'a>(page: &'a str, ext: Option<&str>, notices: &mut Vec<Notice>) -> Cow<'a, str> {
    let Some(with) = ext.and_then(|ext| with_extra(page, "ext", ext)) else {
        return page.into();
    };
    // Percent-encoded it is all ASCII but for what the page itself has.
    let length = Unit::Utf16.length(&with);
    if length <= MAX_INTENT {
        return with.into();
    }
    notices.push(Notice::new(
        "ext",
        format!(
            "is in clientCustomMap only: in the page's intent as well it would make \
             {length} characters, the limit is {MAX_INTENT}"
        ),
    ));
    page.into()
}

fn check_url(url: &str) -> Result<(), EncodeError> {
    if !is_web_page(url) {
        return Err(bad_click(
            "is no web address, expected http:// or https:// and what follows it",
        ));
    }
    fits(url, MAX_URL)
}

fn check_page(page: &str) -> Result<(), EncodeError> {
    if !is_intent(page) {
        return Err(bad_click(
            "is no intent URI, expected one such as \
             intent:#Intent;component=com.example.chat/.ChatActivity;end",
        ));
    }
    fits(page, MAX_INTENT)
}

fn fits(text: &str, most: usize) -> Result<(), EncodeError> {
    let length = Unit::Utf16.length(text);
    if length <= most {
        return Ok(());
    }
    Err(EncodeError::new(
        "PayloadTooLarge",
        "click",
        format!("has {length} characters, the limit is {most}"),
    ))
}
