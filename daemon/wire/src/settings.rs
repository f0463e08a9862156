use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::absent;

/// What a user wants of push, on all devices.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether the user is pushed at all. Default: true.
    #[serde(deserialize_with = "absent::or_yes")]
    pub enabled: bool,
    /// Sound of messages of one person, at most 256 bytes. null or `default` = the system's;
    /// absent = whatever the message or the channel says.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub c2c_sound: Option<Option<String>>,
    /// Sound of messages in groups; as `c2c_sound`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub group_sound: Option<Option<String>>,
    /// What is heard instead on phones of one platform.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platforms: Option<PlatformSettings>,
    /// No push at this time of every day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHoursSpec>,
    /// By conversation (`c2c:USER`, `group:GROUP`): 0 = receives and is pushed, 1 = does not
    /// receive, 2 = receives without push, 3 = is pushed mentions only, 4 = receives mentions
    /// only and is pushed those. Not named = 0. At most 5000.
    #[serde(deserialize_with = "absent::members")]
    pub do_not_disturb: BTreeMap<String, u8>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: true,
            c2c_sound: None,
            group_sound: None,
            platforms: None,
            quiet_hours: None,
            do_not_disturb: BTreeMap::new(),
        }
    }
}

/// What a user wants of push on phones of one platform, by what the app reports, else by the
/// channel: each SDK has sounds of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlatformSettings {
    /// iPhones and iPads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ios: Option<PlatformSounds>,
    /// Android phones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub android: Option<PlatformSounds>,
    /// HarmonyOS phones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub harmony: Option<PlatformSounds>,
}

/// Sounds on phones of one platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlatformSounds {
    /// Sound of messages of one person, at most 256 bytes. null or `default` = the system's;
    /// absent = the user's common one.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub c2c_sound: Option<Option<String>>,
    /// Sound of messages in groups; as `c2c_sound`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub group_sound: Option<Option<String>>,
}

/// A time of every day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHoursSpec {
    /// When it begins on the user's clock: `22:00` or `22:00:00`.
    pub start: String,
    /// Its length in seconds, 0 to 86400.
    #[schema(maximum = 86400)]
    pub duration: u32,
    /// The user's time zone, an IANA name such as `Europe/Berlin`. Default: `UTC`.
    #[serde(default = "utc", deserialize_with = "or_utc")]
    pub time_zone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

fn or_utc<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Option::deserialize(from).map(|it| it.unwrap_or_else(utc))
}

/// null is something else than nothing.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}
