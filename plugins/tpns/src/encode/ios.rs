//! What is iOS's own: `message.ios`.

use nudged_driver_kit::text::present;
use nudged_plugin_api::{Badge, Click, EncodeError, Sound};

use super::Plan;
use crate::payload::{self, Alert, Aps, Ios};

/// The number on the icon: as it is, and one more.
const KEEP: i32 = -1;
const ONE_MORE: i32 = -2;

impl<'a> Plan<'a, '_> {
    /// A notification.
    pub(super) fn ios_notification(&mut self) -> Result<payload::Message<'a>, EncodeError> {
        let message = self.message;
        let own = &self.options.aps;
        if message.click != Click::OpenApp {
            self.say(
                "click",
                "a tap opens the app: TPNS has no other click on iOS, so put it into ext",
            );
        }
        if present(&message.channel_id).is_some() {
            self.say("channel_id", "was left out: iOS has no channels");
        }
        if present(&message.collapse_key).is_some() {
            self.say(
                "collapse_key",
                "was left out: TPNS replaces no notification that went to tokens",
            );
        }
        let image = present(&message.image).is_some();
        let aps = Aps {
            alert: Some(Alert {
                subtitle: present(&message.subtitle),
            }),
            badge_type: Some(own.badge_type.unwrap_or_else(|| self.ios_badge())),
            category: present(&own.category).or(present(&message.category)),
            sound: match &message.sound {
                Sound::Silent => None,
                Sound::Named(name) if !name.is_empty() => Some(name),
                _ => Some("default"),
            },
            mutable_content: own.mutable_content.or(image.then_some(1)),
            interruption_level: present(&own.interruption_level),
            content_available: None,
        };
        Ok(payload::Message {
            show_type: self.options.message.show_type,
            ios: Some(Ios {
                aps,
                custom_content: self.custom_content()?,
            }),
            ..self.shown()
        })
    }

    /// A silent message: iOS wakes the app for some seconds.
    pub(super) fn ios_silence(&mut self) -> Result<payload::Message<'a>, EncodeError> {
        let message = self.message;
        for (field, text) in [("title", &message.title), ("body", &message.body)] {
            if present(text).is_some() {
                self.say(field, "was left out: a silent message carries ext only");
            }
        }
        let aps = Aps {
            content_available: Some(1),
            ..Aps::default()
        };
        Ok(payload::Message {
            ios: Some(Ios {
                aps,
                custom_content: self.custom_content()?,
            }),
            ..payload::Message::default()
        })
    }

    fn ios_badge(&mut self) -> i32 {
        match self.badge {
            Badge::Set(count) => i32::try_from(count).unwrap_or(i32::MAX),
            Badge::Add(0) => KEEP,
            Badge::Add(count) => {
                if count > 1 {
                    self.say("badge", "grows by one: TPNS adds no more at once");
                }
                ONE_MORE
            }
            _ => KEEP,
        }
    }
}
