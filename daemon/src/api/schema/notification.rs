use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::api::problem::Problem;

/// A notification: who is told what.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationSpec {
    /// The app (tenant). Default: `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Recipients, 1 to 1000.
    pub to: Vec<RecipientSpec>,
    /// What they are told.
    pub message: MessageSpec,
    /// A vendor's own options by driver name, such as `apns`; the driver's README says what
    /// is allowed in them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, Object>)]
    pub options: BTreeMap<String, Box<RawValue>>,
    /// Seconds for which delivery is tried, 0 to 2419200 (28 days). 0 = now or never: one
    /// attempt, and the vendor keeps nothing. Default: `delivery.default_ttl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
    /// Send as the vendor's test message, where it has such a thing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
    /// The same key in the same app is accepted once; the second answer is the first one's.
    /// At most 128 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// One recipient: a user (all devices), one device of a user, or a vendor token.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipientSpec {
    /// A registered user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// One device of that user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Name of a channel, with `token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// A vendor token, with `channel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The number on this recipient's icon, where it differs from the message's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub badge: Option<BadgeChange>,
}

/// What is shown, in no vendor's words.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MessageSpec {
    /// What the push does on the phone.
    #[serde(skip_serializing_if = "is_default")]
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
    /// The app's own data; it arrives byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext: Option<String>,
    /// What a tap does. Default: opens the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click: Option<ClickSpec>,
    /// `default`, `none`, or a sound file that ships with the app. Default: `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
    /// The number on the app's icon. Default: stays.
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
    #[serde(skip_serializing_if = "is_default")]
    pub priority: PriorityName,
    /// Content of a Live Activity; required for that kind, refused for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_activity: Option<LiveActivitySpec>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What the push does on the phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KindName {
    /// A notification that the user sees.
    #[default]
    Alert,
    /// Wakes the app and shows nothing.
    Background,
    /// An incoming call.
    Voip,
    /// Starts, updates or ends a Live Activity.
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
    pub action: ClickAction,
    /// The URL (`http://` or `https://`) or the page; absent for `open_app`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What a tap does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClickAction {
    /// Opens the app.
    OpenApp,
    /// Opens a web page.
    OpenUrl,
    /// Opens a page inside the app.
    OpenPage,
}

/// The number on the app's icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BadgeChange {
    /// Becomes this, 0 to 99999; 0 removes it.
    Set(u32),
    /// Grows by this, for vendors that can add on the phone.
    Add(u32),
}

/// Content of a Live Activity.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiveActivitySpec {
    /// What happens to it.
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

/// The notification is on disk and will be delivered or explained.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Accepted {
    /// Its id, a UUID.
    pub id: String,
    /// How many devices it goes to.
    pub deliveries: usize,
    /// Why it goes to fewer devices than recipients were named, such as `no_device`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

/// The answer to one line of an NDJSON stream.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum LineAnswer {
    /// Accepted.
    Accepted(Accepted),
    /// Not accepted; the other lines are not concerned.
    Refused {
        /// Why, with the number of the line.
        problem: Problem,
    },
}
