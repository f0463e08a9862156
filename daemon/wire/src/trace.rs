use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RevokeState;

/// What became of a notification.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct NotificationView {
    /// Its id.
    pub id: String,
    /// The app.
    pub app: String,
    /// When it was accepted.
    pub accepted_at: String,
    /// No attempt after this.
    pub expires_at: String,
    /// One per device.
    pub deliveries: Vec<DeliveryView>,
    /// There are more deliveries than are shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// What became of one delivery.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its place among the notification's deliveries.
    pub n: u32,
    /// Name of the channel; absent when no such channel is configured.
    pub channel: Option<String>,
    /// Certificate id of the channel; absent for a user without a device.
    pub certificate_id: Option<u32>,
    /// Driver of the channel.
    pub driver: Option<String>,
    /// The user it was addressed to.
    pub user: Option<String>,
    /// The user's device.
    pub device: Option<String>,
    /// The token, masked.
    pub token: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// What a queued delivery waits for besides its turn: why its channel is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// Latest attempts, oldest first; at most 20.
    pub attempts: Vec<AttemptView>,
    /// Its end.
    pub outcome: Option<OutcomeView>,
    /// What came of taking it back, where the vendor had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recall: Option<RecallView>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not ended yet.
    Queued,
    /// Ended.
    Done,
}

/// One try.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct AttemptView {
    /// When it began.
    pub at: String,
    /// Milliseconds until the answer.
    pub elapsed_ms: u64,
    /// What the answer means, such as `accepted`, `throttled`, `transport`; or why it was not
    /// sent: `quota_exceeded`, `outside_hours`.
    pub class: String,
    /// Where to look: `device`, `channel` (its credentials and settings), `message`,
    /// `quota`, `vendor`, `driver` or `none`.
    #[serde(default)]
    pub fault: String,
    /// The vendor's code.
    pub code: String,
    /// The vendor's words.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
    /// When it is tried again.
    pub retry_at: Option<String>,
    /// What of the message the vendor does not show as it was asked to.
    #[serde(default)]
    pub notices: Vec<NoticeView>,
}

/// A part of a message that a vendor cannot show as asked. The message goes out all the same.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct NoticeView {
    /// Path of the message's field, such as `message.ext`.
    pub field: String,
    /// What became of it and why.
    pub text: String,
}

/// How a delivery ended.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct OutcomeView {
    /// `accepted`, `suppressed`, `invalid_token`, `rejected`, `expired` or `failed`.
    pub kind: String,
    /// The vendor's code, or ours.
    pub code: String,
    /// The vendor's words.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
    /// The vendor's id of the message.
    pub vendor_id: Option<String>,
    /// When.
    pub at: String,
}

/// What came of taking an accepted delivery back.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RecallView {
    /// `recalled` or `not_recalled`.
    pub state: RevokeState,
    /// The vendor's code, or ours.
    pub code: String,
    /// The vendor's words, or ours.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
    /// When.
    pub at: String,
}
