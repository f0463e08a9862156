use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{StateName, TokensSpec, absent};
use crate::Problem;

/// A device on a line of its own, as it is imported and exported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceLine {
    /// The app (tenant). Default: `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The user.
    pub user: String,
    /// The device.
    pub device: String,
    /// Name of the channel; this or `certificate_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Certificate id of the channel; this or `channel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_id: Option<u32>,
    /// The vendor's token, whole. Absent, null or empty: the device is not pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Its tokens for calls and Live Activities. What is absent stays as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<TokensSpec>,
    /// The phone's system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The language of the app (BCP 47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Version of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// Where the app is. Default: as it is known, else background.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "absent::word_or_none"
    )]
    pub state: Option<StateName>,
    /// In background: what the app's icon shows.
    #[schema(maximum = 99999)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<u32>,
}

/// What became of some lines of an import; the next answer is of the lines after them.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct ImportAnswer {
    /// All lines up to this one are on disk or refused.
    pub through: u64,
    /// Lines since the last answer that are on disk.
    pub accepted: u64,
    /// Other devices that lost tokens to them; one that lost its own is no longer registered.
    pub taken: u64,
    /// Lines since the last answer that were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<ImportRefusal>,
    /// Why the import ends here: of what follows nothing was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// Why a line was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct ImportRefusal {
    /// The line, from 1.
    pub line: u64,
    /// Stable name of the mistake.
    pub code: String,
    /// What was wrong and what was expected.
    pub detail: String,
    /// The field at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}
