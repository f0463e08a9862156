//! What a tap does, in Honor's form, and how `ext` comes along.
//!
//! In: the message's click, its `ext`, the channel's launcher. Out: the click action. `ext`
//! is the string extra `ext` of an intent; where there is no intent, a notice tells the
//! sender that it stays behind.

use std::borrow::Cow;

use nudged_plugin_api::text::{is_web_page, present};
use nudged_plugin_api::{Click, EncodeError, Message, Notice, android, bad_click};

use crate::options::Options;
use crate::payload::ClickAction;
use crate::settings::{Channel, Launcher};

const EXTRA: &str = "ext";

pub(crate) fn action<'a>(
    channel: &Channel,
    message: &'a Message,
    options: &'a Options,
    notices: &mut Vec<Notice>,
) -> Result<ClickAction<'a>, EncodeError> {
    let ext = present(&message.ext);
    let mut left_behind = |why: &str| {
        if ext.is_some() {
            notices.push(Notice::new("ext", format!("was left out: {why}")));
        }
    };
    if let Some(action) = present(&options.action) {
        left_behind(
            "a tap by the option action carries no data; use an in-app page with an intent",
        );
        return Ok(ClickAction::Action(action));
    }
    match (&message.click, ext) {
        (Click::Url(url), _) => {
            check_url(url)?;
            left_behind("a tap that opens a web page carries no data");
            Ok(ClickAction::Url(url))
        }
        (Click::Page(page), ext) => page_intent(page, ext).map(ClickAction::Intent),
        (_, None) => Ok(ClickAction::OpenApp),
        (_, Some(ext)) => match launcher_intent(channel.launcher.as_ref(), ext) {
            Some(intent) => Ok(ClickAction::Intent(Cow::Owned(intent))),
            None => {
                left_behind(
                    "opening the app can carry it only when the channel's settings package and \
                     launcher_activity are set",
                );
                Ok(ClickAction::OpenApp)
            }
        },
    }
}

fn launcher_intent(launcher: Option<&Launcher>, ext: &str) -> Option<String> {
    let launcher = launcher?;
    let intent = android::activity(launcher.package.as_deref()?, &launcher.class);
    android::with_extra(&intent, EXTRA, ext)
}

fn page_intent<'a>(page: &'a str, ext: Option<&str>) -> Result<Cow<'a, str>, EncodeError> {
    let intent = match ext {
        Some(ext) => android::with_extra(page, EXTRA, ext).map(Cow::Owned),
        None => android::is_intent(page).then_some(Cow::Borrowed(page)),
    };
    intent.ok_or_else(|| {
        bad_click(
            "is not an intent URI such as intent://com.example/chat#Intent;scheme=push;\
             component=com.example/com.example.ChatActivity;end; for an intent's action there is \
             the option action",
        )
    })
}

/// A web page, and nothing that a phone would run.
fn check_url(url: &str) -> Result<(), EncodeError> {
    if is_web_page(url) {
        return Ok(());
    }
    Err(bad_click(
        "is not a web address that starts with http:// or https://",
    ))
}
