//! What a tap does, in Honor's form, and how `ext` comes along.
//!
//! In: the message's click, its `ext`, the channel's launcher. Out: the click action, and the data
//! beside the notification. `ext` is the string extra `ext` of an intent; where there is no intent
//! it goes as `data`. What Honor cannot open opens the app, and a notice tells the sender.

use std::borrow::Cow;

use nudged_plugin_api::page::Page;
use nudged_plugin_api::text::{is_web_page, present};
use nudged_plugin_api::{Click, Message, Notice, android};

use crate::options::Options;
use crate::payload::ClickAction;
use crate::settings::Channel;

const EXTRA: &str = "ext";

/// The click action, and the data beside it.
pub(crate) type Tap<'a> = (ClickAction<'a>, Option<String>);

pub(crate) fn tap<'a>(
    channel: &Channel,
    message: &'a Message,
    options: &'a Options,
    notices: &mut Vec<Notice>,
) -> Tap<'a> {
    let ext = present(&message.ext);
    if let Some(action) = present(&options.action) {
        return (ClickAction::Action(action), ext.map(android::data));
    }
    let package = channel.package.as_deref();
    let opens_app = "opens the app:";
    match &message.click {
        Click::Url(url) => web(channel, url, ext, notices),
        Click::Page(page) => match Page::of(page) {
            Page::Intent(page) => intent(Cow::Borrowed(page), ext),
            Page::Class(class) => match package {
                Some(package) => intent(android::activity(package, class).into(), ext),
                None => {
                    let why = "Honor opens a class only by its package, so set package in the \
                               channel, or give the page as an intent URI";
                    notices.push(Notice::new("click", format!("{opens_app} {why}")));
                    app(channel, ext)
                }
            },
            Page::Action(action) => match package {
                Some(package) => intent(android::action(package, action).into(), ext),
                None => (ClickAction::Action(action), ext.map(android::data)),
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

/// Honor opens `https://` only.
fn web<'a>(
    channel: &Channel,
    url: &'a str,
    ext: Option<&str>,
    notices: &mut Vec<Notice>,
) -> Tap<'a> {
    let mut say = |field, text: &str| notices.push(Notice::new(field, text));
    let url = match url.strip_prefix("http://") {
        Some(rest) => Cow::Owned(format!("https://{rest}")),
        None => Cow::Borrowed(url),
    };
    if !is_web_page(&url) {
        say(
            "click",
            "opens the app: the address is no web page of https://",
        );
        return app(channel, ext);
    }
    if let Cow::Owned(_) = url {
        say("click", "opens the page by https://: Honor opens no other");
    }
    if ext.is_some() {
        say(
            "ext",
            "was left out: a tap that opens a web page carries no data",
        );
    }
    (ClickAction::Url(url), None)
}

fn app<'a>(channel: &Channel, ext: Option<&str>) -> Tap<'a> {
    let launcher = channel.launcher.as_ref().and_then(|launcher| {
        let package = launcher.package.as_deref()?;
        Some(android::activity(package, &launcher.class))
    });
    match (launcher, ext) {
        (Some(launcher), Some(_)) => intent(launcher.into(), ext),
        _ => (ClickAction::OpenApp, ext.map(android::data)),
    }
}

fn intent<'a>(intent: Cow<'a, str>, ext: Option<&str>) -> Tap<'a> {
    let carried = ext.and_then(|ext| android::with_extra(&intent, EXTRA, ext));
    (
        ClickAction::Intent(carried.map_or(intent, Cow::Owned)),
        None,
    )
}
