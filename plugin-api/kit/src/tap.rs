//! What a tap opens, for the vendors whose notifications start intents, as Huawei's and Honor's do.
//!
//! In: a message's click and `ext`, and what is known of the app. Out: what is opened, and the data
//! beside it. `ext` is the string extra `ext` of an intent: of the page's, or of the launcher's for
//! opening the app. Where there is no intent it goes as data. What cannot be opened opens the
//! channel's own click, else the app, with a notice.

use std::borrow::Cow;

use crate::address::is_web_page;
use crate::page::Page;
use crate::text::present;
use crate::{android, click};
use nudged_plugin_api::{Click, Message, Notice};

/// Name of the extra that carries `ext`.
const EXTRA: &str = "ext";

/// What is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tap<'a> {
    /// An intent URI.
    Intent(Cow<'a, str>),
    /// Whatever the app has declared for an intent's action.
    Action(&'a str),
    /// A web page, `https://`.
    Web(Cow<'a, str>),
    /// The app.
    App,
}

/// What is opened, and the data beside it.
pub type Opened<'a> = (Tap<'a>, Option<String>);

/// What is known of an app and its vendor.
#[derive(Clone, Copy, Debug)]
pub struct Opener<'a> {
    /// The vendor's service, as notices call it.
    pub service: &'a str,
    /// What a notice on `ext` says of a web page, which hands nothing to the app.
    pub web_without_ext: &'a str,
    /// The app's package.
    pub package: Option<&'a str>,
    /// Intent URI that opens the app.
    pub launcher: Option<&'a str>,
}

impl<'a> Opener<'a> {
    /// What the message's click opens, and the data beside it.
    pub fn tap(self, message: &'a Message, notices: &mut Vec<Notice>) -> Opened<'a> {
        let ext = present(&message.ext);
        let tap = click::first(message, notices, |click, notices| match click {
            Click::Url(url) => self.web(url, ext, notices),
            Click::Page(page) => self.page(page, ext, notices),
            _ => Err(format!("{} has no such click", self.service)),
        });
        tap.unwrap_or_else(|| self.app(ext))
    }

    fn page(
        self,
        page: &'a str,
        ext: Option<&str>,
        notices: &mut Vec<Notice>,
    ) -> Result<Opened<'a>, String> {
        let service = self.service;
        Ok(match (Page::of(page), self.package) {
            (Page::Intent(page), _) => intent(page.into(), ext),
            (Page::Class(class), Some(package)) => {
                intent(android::activity(package, class).into(), ext)
            }
            (Page::Class(_), None) => {
                return Err(format!(
                    "{service} opens a class only by its package, so set package in the channel, \
                     or give the page as an intent URI"
                ));
            }
            (Page::Action(action), Some(package)) => {
                intent(android::action(package, action).into(), ext)
            }
            (Page::Action(action), None) => (Tap::Action(action), ext.map(android::data)),
            // Without a package any app that answers to the scheme would get ext.
            (Page::Own(link), package) => {
                match package.and_then(|it| android::view(link, Some(it))) {
                    Some(view) => intent(view.into(), ext),
                    None => {
                        return Err(
                            "an address of the app's own is opened by its package, so set \
                                    package in the channel"
                                .to_owned(),
                        );
                    }
                }
            }
            (Page::Web(url), _) => return self.web(url, ext, notices),
            _ => {
                return Err(
                    "the page is no intent URI (intent://HOST/PATH#Intent;…;end), no \
                            class, no action such as com.example.chat.OPEN, and no address of the \
                            app's"
                        .to_owned(),
                );
            }
        })
    }

    /// Only `https://` is opened.
    fn web(
        self,
        url: &'a str,
        ext: Option<&str>,
        notices: &mut Vec<Notice>,
    ) -> Result<Opened<'a>, String> {
        if !is_web_page(url) {
            return Err("the address is no web page of https://".to_owned());
        }
        let mut say = |field, text: &str| notices.push(Notice::new(field, text));
        let url = match url.strip_prefix("http://") {
            Some(rest) => {
                let text = format!(
                    "opens the page by https://: {} opens no other",
                    self.service
                );
                say("click", &text);
                Cow::Owned(format!("https://{rest}"))
            }
            None => Cow::Borrowed(url),
        };
        if ext.is_some() {
            say("ext", self.web_without_ext);
        }
        Ok((Tap::Web(url), None))
    }

    fn app(self, ext: Option<&str>) -> Opened<'a> {
        match (self.launcher, ext) {
            (Some(launcher), Some(_)) => intent(launcher.into(), ext),
            _ => (Tap::App, ext.map(android::data)),
        }
    }
}

fn intent<'a>(intent: Cow<'a, str>, ext: Option<&str>) -> Opened<'a> {
    let carried = ext.and_then(|ext| android::with_extra(&intent, EXTRA, ext));
    (Tap::Intent(carried.map_or(intent, Cow::Owned)), None)
}
