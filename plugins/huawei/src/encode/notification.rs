//! What the phone shows: `AndroidNotification`.
//!
//! In: the plan. Out: the notification, with a notice for every part of the message that
//! Push Kit shows otherwise than asked.

use std::borrow::Cow;

use nudged_driver_kit::text::{Unit, fit, present};
use nudged_driver_kit::{address, android};
use nudged_plugin_api::{Badge, Sound};

use super::{Plan, click};
use crate::options::BIG_TEXT;
use crate::options::forms::Within;
use crate::payload::{self, Notification};
use crate::settings::{MAX_BODY_TEXT, MAX_TITLE};

/// The largest badge.
const MAX_BADGE: u32 = 99;

impl<'a> Plan<'a> {
    pub(super) fn notification(&mut self) -> (Option<String>, Notification<'a>) {
        let (channel, message, options) = (self.channel, self.message, self.options);
        let (title, body) = self.texts();
        let big = options.style.map(Within::get) == Some(BIG_TEXT);
        let beside = |own: &'a Option<String>, shown: &Cow<'a, str>| {
            big.then(|| own.as_deref().map_or_else(|| shown.clone(), Cow::Borrowed))
        };
        let (big_title, big_body) = (
            beside(&options.big_title, &title),
            beside(&options.big_body, &body),
        );
        let (click_action, data) = click::action(channel, message, &mut self.notices);
        let (sound, default_sound) = self.sound();
        if present(&message.subtitle).is_some() {
            self.notice("subtitle", "is not shown: Push Kit has title and body only");
        }
        if present(&message.thread).is_some() {
            let text = "was left out: Push Kit folds a group to its newest notification, which \
                        options.group asks for";
            self.notice("thread", text);
        }
        let notification = Notification {
            title,
            body,
            image: self.image(),
            click_action,
            sound,
            default_sound,
            channel_id: options
                .channel_id
                .as_deref()
                .or(present(&message.channel_id))
                .or(channel.channel_id.as_deref()),
            importance: options
                .importance
                .as_deref()
                .or(channel.importance.as_deref()),
            badge: self.badge(),
            notify_id: options.notify_id.map(Within::get).or_else(|| {
                present(&message.collapse_key).map(|key| android::notify_id(key).into())
            }),
            foreground_show: options.foreground_show.unwrap_or(channel.foreground_show),
            big_title,
            big_body,
            options,
        };
        (data, notification)
    }

    /// Title and text; Push Kit wants both. A lone title becomes the text.
    fn texts(&mut self) -> (Cow<'a, str>, Cow<'a, str>) {
        let stand_in = ("title", self.channel.default_title.as_str());
        let title = present(&self.message.title).map(|title| ("title", title));
        let body = present(&self.message.body).map(|body| ("body", body));
        let (title, body) = match (title, body) {
            (Some(title), Some(body)) => (title, body),
            (Some(only), None) | (None, Some(only)) => (stand_in, only),
            (None, None) => (stand_in, stand_in),
        };
        let mut cut = |(field, text), most| fit(field, text, most, Unit::Utf16, &mut self.notices);
        (cut(title, MAX_TITLE), cut(body, MAX_BODY_TEXT))
    }

    fn image(&mut self) -> Option<&'a str> {
        let options = self.options.image.as_deref();
        let url = options.or(present(&self.message.image))?;
        if let Err(why) = address::https(url) {
            let text = format!(
                "was left out: Push Kit takes pictures from https:// only, and the address {why}"
            );
            self.notice("image", &text);
            return None;
        }
        Some(url)
    }

    /// `sound` and `default_sound`.
    fn sound(&mut self) -> (Option<String>, Option<bool>) {
        let named = match (&self.options.sound, &self.message.sound) {
            (Some(name), _) => name,
            (None, Sound::Named(name)) if !name.is_empty() => name,
            (None, Sound::Silent) => {
                let text = "stays as the notification channel has it: Push Kit has no silent \
                            notification of its own";
                self.notice("sound", text);
                return (None, None);
            }
            _ => return (None, Some(true)),
        };
        match resource(named) {
            Some(name) => (Some(format!("/raw/{name}")), Some(false)),
            None => {
                let text = "is the system's: a file in res/raw has a name of lower-case letters, \
                            digits and _";
                self.notice("sound", text);
                (None, Some(true))
            }
        }
    }

    fn badge(&mut self) -> Option<payload::Badge<'a>> {
        let (number, set) = match self.batch.badge() {
            Badge::Set(number) => (number, true),
            Badge::Add(number) if number > 0 => (number, false),
            _ => return None,
        };
        // req 47: the badge is of the launcher's class.
        let own = self.options.badge_class.as_deref();
        let Some(class) = own.or(self.channel.badge_class.as_deref()) else {
            let text = "stays as it is: Push Kit wants the launcher's class, so set \
                        launcher_activity and package, or badge_class, in the channel";
            self.notice("badge", text);
            return None;
        };
        if number > MAX_BADGE {
            self.notice("badge", "is 99, the most that Push Kit takes");
        }
        let number = number.min(MAX_BADGE);
        Some(payload::Badge {
            add_num: (!set).then_some(number),
            set_num: set.then_some(number),
            class,
        })
    }
}

/// Name of a raw resource, which has neither folder nor suffix.
fn resource(name: &str) -> Option<&str> {
    let name = name.strip_prefix("/raw/").unwrap_or(name);
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (!name.is_empty() && name.bytes().all(plain)).then_some(name)
}
