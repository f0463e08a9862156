use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::ClickAction;
use super::absent;

/// What is shown, in no vendor's words.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MessageSpec {
    /// What the push does on the phone. A device that has no token for the kind, or whose vendor has
    /// no such messages, shows an alert in its place where there is something to show; the answer's
    /// notices say so.
    #[serde(
        skip_serializing_if = "is_default",
        deserialize_with = "absent::word_or_default"
    )]
    pub kind: KindName,
    /// First line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Line below the title, where a vendor has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What the chat message consists of; the text is made from it when `body` is absent.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "absent::or_default"
    )]
    pub elements: Vec<ElementSpec>,
    /// Title and text by language (BCP 47), for devices of that language.
    #[serde(
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "absent::members"
    )]
    pub translations: BTreeMap<String, TranslationSpec>,
    /// What is different on one platform (`ios`, `android`, `harmony`) or with one vendor (a
    /// driver's name); a vendor's field beats its platform's, and that the message's.
    #[serde(
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "absent::members"
    )]
    pub platforms: BTreeMap<String, PlatformSpec>,
    /// The app's own data; it arrives byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext: Option<String>,
    /// What a tap does. Default: the channel's setting, else opens the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click: Option<ClickSpec>,
    /// `default`, `none`, or a sound file that ships with the app. Default: the user's
    /// setting, else the channel's, else `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
    /// The number on the app's icon. Default: one more on devices that report their unread
    /// messages, else it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<BadgeChange>,
    /// URL of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Android notification channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// The vendor's word for the class of message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Messages of one thread are shown together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// A later message with the same key replaces an earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collapse_key: Option<String>,
    /// How urgent the vendor should be.
    #[serde(
        skip_serializing_if = "is_default",
        deserialize_with = "absent::word_or_default"
    )]
    pub priority: PriorityName,
    /// Content of a Live Activity; required for that kind, refused for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_activity: Option<LiveActivitySpec>,
}

/// What is different on one platform or with one vendor; absent or `""` = as the message says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlatformSpec {
    /// First line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Line below the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The app's own data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext: Option<String>,
    /// What a tap does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click: Option<ClickSpec>,
    /// `default`, `none`, or a sound file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
    /// The number on the app's icon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<BadgeChange>,
    /// URL of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Android notification channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// The vendor's word for the class of message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Messages of one thread are shown together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// A later message with the same key replaces an earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collapse_key: Option<String>,
    /// How urgent the vendor should be.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "absent::word_or_none"
    )]
    pub priority: Option<PriorityName>,
}

/// Title and text in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TranslationSpec {
    /// First line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// A part of a chat message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ElementSpec {
    /// What it is.
    #[serde(deserialize_with = "absent::word")]
    pub kind: ElementKind,
    /// Words of a `text`, or what stands for a `custom` one, which nobody but the app can read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What a part of a chat message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ElementKind {
    /// Words.
    #[default]
    Text,
    /// A place.
    Location,
    /// An emoticon.
    Face,
    /// A picture.
    Image,
    /// A voice message.
    Sound,
    /// A file.
    File,
    /// A film.
    Video,
    /// What only the app can read; not pushed unless its `text` says what to show.
    Custom,
}

/// What the push does on the phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KindName {
    /// A notification that the user sees.
    #[default]
    Alert,
    /// Wakes the app and shows nothing. No alert takes its place: `no_background` where the vendor
    /// wakes no apps.
    Background,
    /// An incoming call: to the device's `voip` token on iPhones, else an alert that is as urgent.
    Voip,
    /// Starts, updates or ends a Live Activity: to the device's token of that activity, else an
    /// alert if there is a text, else `no_live_activity`.
    LiveActivity,
}

/// How urgent the vendor should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriorityName {
    /// At once, waking the phone.
    #[default]
    High,
    /// When it suits the phone's battery.
    Normal,
}

/// What a tap does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClickSpec {
    /// Which.
    #[serde(deserialize_with = "absent::word")]
    pub action: ClickAction,
    /// The URL (`http://` or `https://`) or the page; absent for `open_app`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The number on the app's icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BadgeChange {
    /// Becomes this, 0 to 99999; 0 removes it.
    Set(u32),
    /// Grows by this, for vendors that can add on the phone, and for devices that report
    /// their unread messages.
    Add(u32),
    /// Stays, and this push is not counted.
    Keep,
}

impl<'de> Deserialize<'de> for BadgeChange {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OneChange)
    }
}

/// By what it is: serde would call a number, or two changes, broken JSON.
struct OneChange;

impl<'de> Visitor<'de> for OneChange {
    type Value = BadgeChange;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(r#"{"set": N}, {"add": N} or "keep""#)
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<BadgeChange, E> {
        match word {
            "keep" => Ok(BadgeChange::Keep),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<BadgeChange, A::Error> {
        let change = match from.next_key::<String>()?.as_deref() {
            Some("set") => BadgeChange::Set(from.next_value()?),
            Some("add") => BadgeChange::Add(from.next_value()?),
            Some(other) => {
                return Err(A::Error::custom(format_args!(
                    "unknown field `{other}`, expected {}",
                    &self as &dyn serde::de::Expected
                )));
            }
            None => return Err(A::Error::invalid_length(0, &self)),
        };
        match from.next_key::<String>()? {
            None => Ok(change),
            Some(_) => Err(A::Error::invalid_length(2, &self)),
        }
    }
}

/// Content of a Live Activity.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiveActivitySpec {
    /// The app's own id of it, under which devices report its token; needed for `update` and
    /// `end`, which go to whoever has it. A `start` goes to the token to start any. At most 256
    /// bytes.
    #[schema(max_length = 256)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What happens to it.
    #[serde(deserialize_with = "absent::word")]
    pub event: ActivityEventName,
    /// The app's `ContentState`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub content_state: Option<Box<RawValue>>,
    /// When this content was true, UNIX seconds. Default: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    /// When it counts as stale, UNIX seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_at: Option<u64>,
    /// When an ended activity leaves the lock screen, UNIX seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismiss_at: Option<u64>,
    /// Name of the app's attributes type, for `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes_type: Option<String>,
    /// The attributes, for `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Box<RawValue>>,
}

/// What happens to a Live Activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActivityEventName {
    /// Starts it.
    Start,
    /// New content.
    Update,
    /// Ends it.
    End,
}

pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
