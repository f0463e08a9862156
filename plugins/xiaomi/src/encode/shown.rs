//! What the user sees and hears: title, text and sound, and what Xiaomi cannot show.

use std::borrow::Cow;

use nudged_driver_kit::text::{fit, present};
use nudged_plugin_api::{Badge, Notice};

use super::Plan;
use crate::settings::UNIT;

/// A text that is shown, with the message's field that it comes from.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub field: &'static str,
    pub value: &'a str,
}

impl<'a> Plan<'a> {
    /// Title and text, neither blank: Xiaomi requires both.
    pub(super) fn texts(&self) -> (Text<'a>, Text<'a>) {
        let visible =
            |text: &'a Option<String>| text.as_deref().filter(|text| !text.trim().is_empty());
        let stand_in = Text {
            field: "title",
            value: &self.channel.default_title,
        };
        // req 24: a message without a title has the default one.
        let title = visible(&self.message.title).map_or(stand_in, |value| Text {
            field: "title",
            value,
        });
        match visible(&self.message.body) {
            Some(value) => (
                title,
                Text {
                    field: "body",
                    value,
                },
            ),
            // A title alone is the text.
            None => (stand_in, title),
        }
    }

    pub(super) fn fitted(&mut self, text: Text<'a>, max: usize) -> Cow<'a, str> {
        fit(text.field, text.value, max, UNIT, &mut self.notices)
    }

    /// A file of the app's `res/raw`, where a name is without its suffix.
    pub(super) fn sound_uri(&mut self, name: &str) -> Option<String> {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let resource = stem.starts_with(|c: char| c.is_ascii_lowercase())
            && stem.len() <= 100
            && stem
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !resource {
            self.notice(
                "sound",
                "is the default one: expected the name of a file in res/raw, of lower-case \
                 letters, digits and _",
            );
            return None;
        }
        self.notice(
            "sound",
            "is heard up to Android 7; from Android 8 on the sound of the notification channel wins",
        );
        let package = &self.channel.package;
        Some(format!("android.resource://{package}/raw/{stem}"))
    }

    pub(super) fn notice(&mut self, field: &str, text: &str) {
        self.notices.push(Notice::new(field, text));
    }

    pub(super) fn say_what_is_left_out(&mut self) {
        let message = self.message;
        for (field, given, text) in [
            (
                "subtitle",
                present(&message.subtitle).is_some(),
                "was left out: Xiaomi shows a title and a text only",
            ),
            (
                "image",
                present(&message.image).is_some(),
                "was left out: Xiaomi takes no picture",
            ),
            (
                "badge",
                self.batch.badge() != Badge::Keep,
                "was left out: Xiaomi's phones count their notifications themselves",
            ),
            (
                "thread",
                present(&message.thread).is_some(),
                "was left out: Xiaomi does not group messages",
            ),
            (
                "category",
                present(&message.category).is_some(),
                "was left out: Xiaomi classes messages by their channel_id only",
            ),
            (
                "test",
                message.test,
                "was left out: Xiaomi has no test messages: this one counts like any other",
            ),
        ] {
            if given {
                self.notice(field, text);
            }
        }
    }
}
