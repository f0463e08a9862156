use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::absent;
use super::tombstone::is_zero;

/// Why devices of a channel are not removed, though the vendor calls their tokens dead: there
/// were too many in a minute.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct BrakeView {
    /// Since when.
    pub since: String,
    /// When the first device was removed of those that led to it.
    pub first: String,
    /// Dead tokens since then.
    pub tokens: u64,
    /// What the vendor said last.
    pub reason: String,
    /// They were too many for a day, and not for a minute.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub slow: bool,
}

/// How a channel's devices are removed again.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseSpec {
    /// Put the devices back first that were removed in the minute before it engaged.
    #[serde(default, deserialize_with = "absent::or_default")]
    pub restore: bool,
}

/// Devices of a channel are removed again.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct Released {
    /// Whether they were not.
    pub released: bool,
    /// Devices that were put back.
    pub restored: usize,
    /// Tokens for calls and Live Activities that are used again, of devices that were there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tokens: usize,
}
