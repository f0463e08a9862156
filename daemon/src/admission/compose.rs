//! Precedence: one message for one kind of device, from everybody who has a say. Pure.
//!
//! In: the levels. Out: what the driver is given. The strongest level that says something
//! wins, field by field: vendor, platform, translation, message, user, channel, the vendor's
//! own default. `""` says nothing.

use nudged_plugin_api::{Click, Kind, Message, Platform, Priority, Sound};

use super::kind::kind;
use crate::config::Defaults;
use crate::model::sound;
use nudged_wire::{
    BadgeChange, ClickSpec, ElementKind, ElementSpec, KindName, MessageSpec, PlatformSpec,
    PriorityName, TranslationSpec,
};

/// Who has a say, the strongest first.
#[derive(Clone, Debug, Default)]
pub struct Precedence<'a> {
    /// What the message says for this vendor.
    pub vendor: Option<&'a PlatformSpec>,
    /// What the message says for this platform.
    pub platform: Option<&'a PlatformSpec>,
    /// What the message says in the reader's language.
    pub translation: Option<&'a TranslationSpec>,
    /// What the message says.
    pub message: Option<&'a MessageSpec>,
    /// The text made from its elements.
    pub derived: Option<&'a str>,
    /// The sound that the user wants.
    pub user_sound: Option<&'a str>,
    /// What the channel says.
    pub channel: Option<&'a Defaults>,
    /// Title of a message that has none.
    pub default_title: Option<&'a str>,
    /// Which phones they are.
    pub phones: Platform,
    /// What the device gets in the place of the message's kind.
    pub instead: Option<Kind>,
}

/// What the levels come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComposedMessage {
    pub message: Message,
    /// What its sender wants of the number on the icon; none = nothing was said.
    pub badge: Option<BadgeChange>,
    /// What is to be said of the sound.
    pub sound_notice: Option<String>,
}

impl Precedence<'_> {
    /// The message, but for its lifetime, options and Live Activity, which have one level.
    /// None = an alert with nothing to show.
    pub fn compose(&self) -> Option<ComposedMessage> {
        let spec = self.message?;
        let mut message = Message::default();
        message.kind = self.instead.unwrap_or_else(|| kind(spec.kind));
        // req 32: a platform's title and body stand above the common ones.
        let title = self.first(
            |it| &it.title,
            self.translation.map(|it| &it.title),
            &spec.title,
        );
        let body = self
            .first(
                |it| &it.body,
                self.translation.map(|it| &it.body),
                &spec.body,
            )
            .or(self.derived.map(str::to_owned));
        if message.kind == Kind::Alert {
            // The title of what only the app can read does not say what it is.
            // req 23: a custom element without a text is not pushed.
            let is_custom = |it: &ElementSpec| it.kind == ElementKind::Custom;
            if body.is_none() && (title.is_none() || spec.elements.iter().any(is_custom)) {
                return None;
            }
            // req 24: a message without a title gets the default one.
            message.title = title.or(self.default_title.map(str::to_owned));
        } else {
            message.title = title;
        }
        message.body = body;
        message.subtitle = self.first(|it| &it.subtitle, None, &spec.subtitle);
        message.ext = self.first(|it| &it.ext, None, &spec.ext);
        message.image = self.first(|it| &it.image, None, &spec.image);
        // req 45: the message's own channel and category, where they are not empty.
        message.channel_id = self.first(|it| &it.channel_id, None, &spec.channel_id);
        message.category = self.first(|it| &it.category, None, &spec.category);
        message.thread = self.first(|it| &it.thread, None, &spec.thread);
        message.collapse_key = self.first(|it| &it.collapse_key, None, &spec.collapse_key);
        let (sound, sound_notice) = self.sound(spec);
        message.sound = sound;
        (message.click, message.click_else) = self.click(spec);
        let is_call = spec.kind == KindName::Voip;
        let priority = self.strongest(|it| it.priority.as_ref(), Some(&spec.priority));
        message.priority = match priority {
            // An alert in a call's place that waits until the phone wakes is a missed call.
            Some(PriorityName::Normal) if self.instead.is_none() || !is_call => Priority::Normal,
            Some(PriorityName::High | PriorityName::Normal) | None => Priority::High,
        };
        let badge = self.strongest(|it| it.badge.as_ref(), spec.badge.as_ref());
        Some(ComposedMessage {
            sound_notice,
            message,
            badge: badge.copied(),
        })
    }

    /// What is heard, and what there is to say of it.
    fn sound(&self, spec: &MessageSpec) -> (Sound, Option<String>) {
        let read = |name: &str| sound(name, self.phones);
        // req 27: what the message says stands above the user's settings.
        if let Some(name) = self.first(|it| &it.sound, None, &spec.sound) {
            let (sound, why) = read(&name);
            return (sound, why.map(str::to_owned));
        }
        let channel = self.channel.and_then(|it| it.sound.as_deref());
        let (whose, name) = match (self.user_sound, channel) {
            (Some(name), _) => ("the user's own", name),
            (None, Some(name)) => ("the channel's", name),
            (None, None) => return Default::default(),
        };
        let (sound, why) = read(name);
        (sound, why.map(|why| format!("{whose} {why}")))
    }

    /// What a tap does, and what it does where the vendor cannot do that.
    fn click(&self, spec: &MessageSpec) -> (Click, Option<Click>) {
        let channel = self.channel.and_then(|it| it.click.as_ref());
        match self.strongest(|it| it.click.as_ref(), spec.click.as_ref()) {
            // req 7: without any click, a tap opens the app.
            None => (channel.cloned().unwrap_or_default(), None),
            Some(own) => {
                let own = wanted(own);
                // req 67: the certificate's click stands behind the message's own.
                let is_other = |it: &&Click| **it != own && **it != Click::OpenApp;
                let other = channel.filter(is_other);
                let other = other.filter(|_| own != Click::OpenApp).cloned();
                (own, other)
            }
        }
    }

    /// A text: of vendor, platform, translation, message.
    fn first(
        &self,
        of: impl Fn(&PlatformSpec) -> &Option<String>,
        translation: Option<&Option<String>>,
        message: &Option<String>,
    ) -> Option<String> {
        [
            self.vendor.map(&of),
            self.platform.map(&of),
            translation,
            Some(message),
        ]
        .into_iter()
        .flatten()
        .flatten()
        // req 52: an empty text is as good as none.
        .find(|text| !text.is_empty())
        .cloned()
    }

    /// What is no text: of vendor, platform, message.
    fn strongest<'b, T>(
        &'b self,
        of: impl Fn(&'b PlatformSpec) -> Option<&'b T>,
        message: Option<&'b T>,
    ) -> Option<&'b T> {
        let vendor = self.vendor.and_then(&of);
        vendor.or_else(|| self.platform.and_then(&of)).or(message)
    }
}

/// Admission has looked at every click before.
fn wanted(spec: &ClickSpec) -> Click {
    let click = crate::model::click(spec.action, spec.value.as_deref());
    click.unwrap_or_default()
}

#[cfg(test)]
mod tests;
