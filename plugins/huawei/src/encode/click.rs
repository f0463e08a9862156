//! What a tap does: `click_action`, and how `ext` comes along.
//!
//! `ext` is the string extra `ext` of an intent: of the page's, or of the launcher's for opening
//! the app. Where there is no intent it goes as `message.data`, which newer phones hand to the app
//! on the tap. What Push Kit cannot open opens the app.

use std::borrow::Cow;

use nudged_plugin_api::page::Page;
use nudged_plugin_api::text::present;
use nudged_plugin_api::{Click, Message, Notice, android};

use super::is_https;
use crate::payload::ClickAction;
use crate::settings::Channel;

/// A page of the app.
const PAGE: u8 = 1;
/// A web page.
const WEB: u8 = 2;
/// The app.
const APP: u8 = 3;

/// Name of the extra that carries `ext`.
const EXTRA: &str = "ext";

/// The click action, and the data beside it.
pub(super) type Tap<'a> = (ClickAction<'a>, Option<String>);

pub(super) fn tap<'a>(
    channel: &'a Channel,
    message: &'a Message,
    notices: &mut Vec<Notice>,
) -> Tap<'a> {
    let ext = present(&message.ext);
    let package = channel.package.as_deref();
    let opens_app = "opens the app:";
    match &message.click {
        Click::Url(url) => web(channel, url, ext, notices),
        Click::Page(page) => match Page::of(page) {
            Page::Intent(page) => intent(Cow::Borrowed(page), ext),
            Page::Class(class) => match package {
                Some(package) => intent(android::activity(package, class).into(), ext),
                None => {
                    let why = "Push Kit opens a class only by its package, so set package in the \
                               channel, or give the page as an intent URI";
                    notices.push(Notice::new("click", format!("{opens_app} {why}")));
                    app(channel, ext)
                }
            },
            Page::Action(action) => match package {
                Some(package) => intent(android::action(package, action).into(), ext),
                None => (
                    ClickAction {
                        kind: PAGE,
                        action: Some(action),
                        ..ClickAction::default()
                    },
                    ext.map(android::data),
                ),
            },
            // Without a package any app that answers to the scheme would get ext.
            Page::Own(link) => match package.and_then(|it| android::view(link, Some(it))) {
                Some(view) => intent(view.into(), ext),
                None => {
                    let why = "an address of the app's own is opened by its package, so set package \
                               in the channel";
                    notices.push(Notice::new("click", format!("{opens_app} {why}")));
                    app(channel, ext)
                }
            },
            Page::Web(url) => web(channel, url, ext, notices),
            _ => {
                let why = "the page is no intent URI (intent://HOST/PATH#Intent;…;end), no class, \
                           no action such as com.example.chat.OPEN, and no address of the app's";
                notices.push(Notice::new("click", format!("{opens_app} {why}")));
                app(channel, ext)
            }
        },
        _ => app(channel, ext),
    }
}

/// Push Kit opens `https://` only.
fn web<'a>(
    channel: &'a Channel,
    url: &'a str,
    ext: Option<&str>,
    notices: &mut Vec<Notice>,
) -> Tap<'a> {
    let mut say = |field, text: &str| notices.push(Notice::new(field, text));
    let url = match url.strip_prefix("http://") {
        Some(rest) => Cow::Owned(format!("https://{rest}")),
        None => Cow::Borrowed(url),
    };
    if !is_https(&url) {
        say(
            "click",
            "opens the app: the address is no web page of https://",
        );
        return app(channel, ext);
    }
    if let Cow::Owned(_) = url {
        say(
            "click",
            "opens the page by https://: Push Kit opens no other",
        );
    }
    if ext.is_some() {
        say(
            "ext",
            "is not sent: opening a web page hands nothing to the app",
        );
    }
    let click = ClickAction {
        kind: WEB,
        url: Some(url),
        ..ClickAction::default()
    };
    (click, None)
}

fn app<'a>(channel: &'a Channel, ext: Option<&str>) -> Tap<'a> {
    match (&channel.launcher, ext) {
        (Some(launcher), Some(_)) => intent(Cow::Borrowed(launcher), ext),
        _ => {
            let click = ClickAction {
                kind: APP,
                ..ClickAction::default()
            };
            (click, ext.map(android::data))
        }
    }
}

fn intent<'a>(intent: Cow<'a, str>, ext: Option<&str>) -> Tap<'a> {
    let carried = ext.and_then(|ext| android::with_extra(&intent, EXTRA, ext));
    let click = ClickAction {
        kind: PAGE,
        intent: Some(carried.map_or(intent, Cow::Owned)),
        ..ClickAction::default()
    };
    (click, None)
}
