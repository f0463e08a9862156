//! What a tap does: `click_action`.
//!
//! `ext` reaches the app as the string extra `ext` of an intent, so only type 1 with an
//! intent URI carries it. A message with `ext` therefore opens the app through the intent of
//! its launcher activity.

use std::borrow::Cow;

use nudged_plugin_api::text::present;
use nudged_plugin_api::{Click, EncodeError, Message, Notice, android, bad_click};

use super::is_https;
use crate::payload::ClickAction;
use crate::settings::{Channel, is_class};

/// A page of the app.
const PAGE: u8 = 1;
/// A web page.
const WEB: u8 = 2;
/// The app.
const APP: u8 = 3;

/// Name of the extra that carries `ext`.
const EXTRA: &str = "ext";

pub(super) fn action<'a>(
    channel: &'a Channel,
    message: &'a Message,
    notices: &mut Vec<Notice>,
) -> Result<ClickAction<'a>, EncodeError> {
    let ext = present(&message.ext);
    let mut lost = |why: &str| {
        if ext.is_some() {
            notices.push(Notice::new("ext", why));
        }
    };
    match &message.click {
        Click::Url(url) if is_https(url) => {
            lost("is not sent: opening a web page hands nothing to the app");
            Ok(ClickAction {
                kind: WEB,
                url: Some(url),
                ..ClickAction::default()
            })
        }
        Click::Url(_) => Err(refused("is no https:// URL, and Push Kit opens no other")),
        Click::Page(page) if android::is_intent(page) => Ok(intent(page, ext)),
        Click::Page(page) if is_class(page) => {
            lost("is not sent: an action carries no extra, give the page as an intent URI");
            Ok(ClickAction {
                kind: PAGE,
                action: Some(page),
                ..ClickAction::default()
            })
        }
        Click::Page(_) => Err(refused(
            "is neither an intent URI (intent://HOST/PATH#Intent;…;end) nor an action such as \
             com.example.chat.OPEN",
        )),
        _ => match (&channel.launcher, ext) {
            (Some(launcher), Some(_)) => Ok(intent(launcher, ext)),
            _ => {
                lost(
                    "is not sent: it needs the launcher's intent, so set launcher_activity and \
                     package in the channel",
                );
                Ok(ClickAction {
                    kind: APP,
                    ..ClickAction::default()
                })
            }
        },
    }
}

fn intent<'a>(intent: &'a str, ext: Option<&str>) -> ClickAction<'a> {
    let carried = ext.and_then(|ext| android::with_extra(intent, EXTRA, ext));
    ClickAction {
        kind: PAGE,
        intent: Some(carried.map_or(Cow::Borrowed(intent), Cow::Owned)),
        ..ClickAction::default()
    }
}

fn refused(problem: &str) -> EncodeError {
    bad_click(problem)
}
