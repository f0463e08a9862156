use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A device that was removed because the vendor called its token dead; or, with `kind`, a token of
/// a device that is there without it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct TombstoneView {
    /// The app.
    pub app: String,
    /// The user.
    pub user: String,
    /// The device.
    pub device: String,
    /// Name of its channel; null when no such channel is configured.
    pub channel: Option<String>,
    /// Certificate id of its channel.
    pub certificate_id: Option<u32>,
    /// The token, masked.
    pub token: Option<String>,
    /// When the token was last reported.
    pub registered_at: String,
    /// What it took, where it was not the device's own token: `voip`, `live_activity_start` or
    /// `live_activity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Of which Live Activity it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
    /// When the device was removed.
    pub at: String,
    /// The notification that the vendor said it of.
    pub id: String,
    /// Which of its deliveries, from 0.
    pub n: u32,
    /// The vendor's code.
    pub code: String,
    /// The vendor's words.
    pub text: String,
    /// Since when the token is dead; null when the vendor does not say.
    pub dead_since: Option<String>,
}

/// Which devices are put back; those that meet all that is said. A user, a channel or a time
/// is needed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreSpec {
    /// The app (tenant). Default: `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Devices of this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// This device of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Devices of this channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Devices that were removed then or later (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// Devices, and tokens of others, were put back.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct Restored {
    /// How many.
    pub restored: usize,
    /// Tokens for calls and Live Activities that are used again, of devices that were there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tokens: usize,
}

/// Whether there are none.
pub fn is_zero(count: &usize) -> bool {
    *count == 0
}
