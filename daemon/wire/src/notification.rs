use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::absent;
use super::message::{BadgeChange, MessageSpec, is_default};
use crate::Problem;

/// A notification: who is told what.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationSpec {
    /// The app (tenant). Default: `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Recipients, 1 to 10000.
    #[schema(min_items = 1, max_items = 10000)]
    pub to: Vec<RecipientSpec>,
    /// Who sends it: is not pushed itself, and its name stands before the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<SenderSpec>,
    /// The conversation that it belongs to. Default: that of sender and recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationSpec>,
    /// Who is mentioned in it: they may be pushed where others of a group are not.
    #[serde(
        default,
        skip_serializing_if = "is_default",
        deserialize_with = "absent::or_default"
    )]
    pub mentions: MentionsSpec,
    /// What they are told.
    pub message: MessageSpec,
    /// A vendor's own options by driver name, such as `apns`; the driver's README says what
    /// is allowed in them.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "absent::members"
    )]
    #[schema(value_type = BTreeMap<String, Object>)]
    pub options: BTreeMap<String, Box<RawValue>>,
    /// `false` = no push: every device is suppressed, and the trace says so. Default: true.
    #[serde(
        default = "yes",
        skip_serializing_if = "is_yes",
        deserialize_with = "absent::or_yes"
    )]
    pub push: bool,
    /// Seconds for which delivery is tried, 0 to 2419200 (28 days). 0 = now or never: one
    /// attempt, and the vendor keeps nothing. Default: `delivery.default_ttl`.
    #[schema(maximum = 2419200)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
    /// Send as the vendor's test message, where it has such a thing.
    #[serde(
        default,
        skip_serializing_if = "std::ops::Not::not",
        deserialize_with = "absent::or_default"
    )]
    pub test: bool,
    /// The same key in the same app is accepted once; the second answer is the first one's,
    /// and another request with it is refused (`idempotency_mismatch`). At most 128 bytes.
    #[schema(max_length = 128)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

impl Default for NotificationSpec {
    fn default() -> Self {
        Self {
            app: None,
            to: Vec::new(),
            sender: None,
            conversation: None,
            mentions: MentionsSpec::default(),
            message: MessageSpec::default(),
            options: BTreeMap::new(),
            push: true,
            ttl: None,
            test: false,
            idempotency_key: None,
        }
    }
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
    /// This recipient's language (BCP 47), where it differs from the device's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// Who sends a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SenderSpec {
    /// The user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What is shown as the sender's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The conversation that a message belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversationSpec {
    /// Its kind.
    #[serde(deserialize_with = "absent::word")]
    pub kind: ConversationKind,
    /// Its id, by which users mute it. Default for `c2c`: the sender's user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What is shown as the group's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Kind of a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// Between two users.
    #[default]
    C2c,
    /// Among several.
    Group,
    /// From the chat server itself; never pushed.
    System,
}

/// Who is mentioned in a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MentionsSpec {
    /// Everybody.
    #[serde(
        skip_serializing_if = "std::ops::Not::not",
        deserialize_with = "absent::or_default"
    )]
    pub all: bool,
    /// These users.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "absent::or_default"
    )]
    pub users: Vec<String>,
}

/// The notification is on disk and will be delivered or explained.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Accepted {
    /// Its id, a UUID.
    pub id: String,
    /// How many devices it goes to.
    pub deliveries: usize,
    /// How many devices, or users without any, it does not go to by a rule.
    #[serde(default, skip_serializing_if = "is_default")]
    pub suppressed: usize,
    /// By which rules, such as `foreground: bob/phone`; the trace tells all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// What devices show otherwise than asked: cut, left out, replaced. The driver of each channel
    /// is asked before the answer, so that this is complete for up to 16 different contents (by
    /// channel, platform, translation and sound) whose channels work; of more the first 16 are
    /// looked at. At most 256. The trace tells it of each delivery once that is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<AcceptedNotice>,
}

/// What became of a part of a notification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct AcceptedNotice {
    /// The channel whose devices it concerns; absent = all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Path of the field in the request.
    pub field: String,
    /// What became of it and why.
    pub text: String,
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

const fn yes() -> bool {
    true
}

fn is_yes(value: &bool) -> bool {
    *value
}
