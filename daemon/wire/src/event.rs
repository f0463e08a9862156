use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A delivery has ended. Told at least once; `cursor` continues after it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Event {
    /// Give it as `since` to hear what came after.
    pub cursor: u64,
    /// When the delivery ended.
    pub at: String,
    /// The notification.
    pub id: String,
    /// Which of its deliveries.
    pub n: u32,
    /// The app.
    pub app: String,
    /// Name of the channel.
    pub channel: Option<String>,
    /// Certificate id of the channel; absent for a user without a device.
    pub certificate_id: Option<u32>,
    /// The user.
    pub user: Option<String>,
    /// The device.
    pub device: Option<String>,
    /// `accepted`, `suppressed`, `invalid_token`, `rejected`, `expired` or `failed`.
    pub outcome: String,
    /// The vendor's code, or ours.
    pub code: String,
    /// The vendor's id of the message.
    pub vendor_id: Option<String>,
}
