//! What a tap does: `extra.notify_effect` and what belongs to it. A page in another vendor's form
//! becomes an Intent of the app's package; what is none becomes the channel's own click, else opens
//! the app, with a notice.

use std::borrow::Cow;

use nudged_driver_kit::address::is_web_page;
use nudged_driver_kit::page::Page;
use nudged_driver_kit::text::present;
use nudged_driver_kit::{android, click};
use nudged_plugin_api::{Click, Message};

use super::Plan;
use crate::payload::Extra;
use crate::settings::OpenApp;

const LAUNCHER: &str = "1";
const PAGE: &str = "2";
const WEB: &str = "3";

/// What a tap opens.
enum Opens<'a> {
    Class(Cow<'a, str>),
    Intent(Cow<'a, str>),
    Web(&'a str),
}

impl<'a> Plan<'a> {
    /// Writes the tap's fields; returns the app's data, where the tap leads to the app.
    pub(super) fn click(&mut self, extra: &mut Extra<'a>) -> Option<&'a str> {
        let message = self.message;
        let ext = present(&message.ext);
        let opens = self.opens(message);
        let flag = self.options.intent_flag;
        if flag.is_some() && !matches!(opens, Some(Opens::Class(_))) {
            self.notice(
                "options.intent_flag",
                "was left out: it goes with a page that is a class name; an Intent has its own",
            );
        }
        match opens {
            None => {
                // req 39: no effect at all calls the app back, and opens nothing by itself.
                if self.open_app() == OpenApp::Launcher {
                    extra.put("notify_effect", LAUNCHER);
                }
            }
            Some(Opens::Web(url)) => {
                extra.put("notify_effect", WEB);
                extra.put("web_uri", url);
                // req 41: what does not go along is told.
                if ext.is_some() {
                    self.notice("ext", "was left out: a web page is opened and not the app");
                }
                return None;
            }
            Some(Opens::Class(class)) => {
                extra.put("notify_effect", PAGE);
                extra.put("class_name", class);
                extra.put_some("intent_flag", flag.map(|flag| flag.to_string()));
            }
            Some(Opens::Intent(intent)) => {
                extra.put("notify_effect", PAGE);
                extra.put("intent_uri", intent);
            }
        }
        ext
    }

    fn opens(&mut self, message: &'a Message) -> Option<Opens<'a>> {
        let package = &self.channel.package;
        click::first(message, &mut self.notices, |click, _| {
            let opens = match click {
                Click::Url(url) => is_web_page(url).then_some(Opens::Web(url)),
                Click::Page(page) => page_of(page, package),
                _ => None,
            };
            opens.ok_or_else(|| {
                "it is no web page, Intent (intent:…#Intent;…;end), class name or action of the \
                 app's, nor a link of its own scheme"
                    .to_owned()
            })
        })
    }
}

fn page_of<'a>(page: &'a str, package: &str) -> Option<Opens<'a>> {
    match Page::of(page) {
        Page::Class(class) => Some(Opens::Class(class.into())),
        Page::Intent(intent) => Some(Opens::Intent(intent.into())),
        Page::Action(action) => Some(Opens::Intent(android::action(package, action).into())),
        Page::Own(link) => Some(Opens::Intent(android::view(link, Some(package))?.into())),
        Page::Web(url) => is_web_page(url).then_some(Opens::Web(url)),
        // A class that lies in the app's package.
        Page::Other(class) if class.starts_with('.') => {
            let class = format!("{package}{class}");
            android::is_class_name(&class).then(|| Opens::Class(class.into()))
        }
        _ => None,
    }
}
