use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{QueueDepth, absent};

/// What stands in the queue.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct QueueView {
    /// One for each channel that is configured or has something in the queue, by name.
    pub channels: Vec<QueueChannelView>,
    /// Bytes of the database on disk: queue, devices, traces.
    pub disk_bytes: u64,
    /// The deliveries of the channel that was asked for; first those that may be sent, oldest
    /// first, then those that wait for a try, next first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliveries: Option<Vec<QueuedView>>,
    /// There are more deliveries than are shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// A channel's part of the queue.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct QueueChannelView {
    /// Its name; absent when no channel with this certificate id is configured.
    pub channel: Option<String>,
    /// The app.
    pub app: Option<String>,
    /// Its certificate id.
    pub certificate_id: u32,
    /// How much.
    #[serde(flatten)]
    pub queue: QueueDepth,
    /// When the oldest was accepted; where more than a thousand wait for a try, of those that
    /// are due first.
    pub oldest_accepted_at: Option<String>,
    /// When the next of those that wait is tried.
    pub next_due: Option<String>,
    /// Why it does not send; empty when it does.
    pub holds: Vec<HoldView>,
}

/// Why a channel does not send.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct HoldView {
    /// Who holds it.
    pub by: Holder,
    /// Why.
    pub reason: String,
    /// Since when, where that is known.
    pub since: Option<String>,
    /// Until when; absent = until the operator releases it.
    pub until: Option<String>,
}

/// Who holds a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The operator, with `nudgectl queue hold`.
    Operator,
    /// The vendor asked to wait; only a release by the operator cuts that short.
    Vendor,
    /// The daemon, as the vendor cannot be reached or refuses the credential.
    Daemon,
    /// The configuration, by which the channel cannot be opened.
    Configuration,
}

impl Holder {
    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Vendor => "vendor",
            Self::Daemon => "daemon",
            Self::Configuration => "configuration",
        }
    }
}

/// A delivery in the queue.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct QueuedView {
    /// Id of the notification.
    pub id: String,
    /// Its place among the notification's deliveries.
    pub n: u32,
    /// Where it stands.
    pub state: QueuedState,
    /// The user it is addressed to.
    pub user: Option<String>,
    /// The user's device.
    pub device: Option<String>,
    /// The token, masked.
    pub token: String,
    /// When the notification was accepted.
    pub accepted_at: String,
    /// No attempt after this.
    pub expires_at: String,
    /// Attempts so far that the vendor may have seen.
    pub attempts: u32,
    /// When it is tried again, for one that waits.
    pub next_due: Option<String>,
    /// Code of the last answer, for one that was tried.
    pub last_code: Option<String>,
}

/// Where a queued delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueuedState {
    /// May be sent now.
    Ready,
    /// Waits for its next try.
    Waiting,
    /// Is in flight.
    InFlight,
}

impl QueuedState {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::InFlight => "in flight",
        }
    }
}

/// Which channel.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelChoiceSpec {
    /// Its name, or its certificate id.
    #[serde(default)]
    pub channel: Option<String>,
}

/// Which channel goes on.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseChoiceSpec {
    /// Its name, or its certificate id.
    #[serde(default)]
    pub channel: Option<String>,
    /// Only this class of its messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

/// What flushing did.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FlushedView {
    /// By channel.
    pub channels: Vec<FlushedChannelView>,
}

/// What flushing a channel did.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FlushedChannelView {
    /// Its name; absent when it is not configured, so that nothing is sent.
    pub channel: Option<String>,
    /// Its certificate id.
    pub certificate_id: u32,
    /// Deliveries whose next try is due now.
    pub due: usize,
    /// Deliveries that wait on, because their vendor named a time.
    pub kept: usize,
    /// What still keeps the channel from sending.
    pub holds: Vec<HoldView>,
}

/// A channel that the operator held or released.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct HeldView {
    /// Its name.
    pub channel: Option<String>,
    /// Its certificate id.
    pub certificate_id: u32,
    /// What keeps it from sending now.
    pub holds: Vec<HoldView>,
    /// What a release did against the vendor's word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What was removed.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RemovedView {
    /// Deliveries that have ended unsent: `suppressed`, code `removed`.
    pub removed: usize,
    /// Deliveries that were in flight, and end as their vendor says.
    pub in_flight: usize,
}

/// How the queue is checked.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckSpec {
    /// Remove what cannot be read, and end the deliveries that are lost by it.
    #[serde(default, deserialize_with = "absent::or_default")]
    pub repair: bool,
}

/// What a check of the queue found.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CheckView {
    /// Deliveries in the queue that can be read.
    pub queued: usize,
    /// Traces that can be read.
    pub traces: usize,
    /// Records that cannot be read.
    pub damaged: usize,
    /// The first 100 of them.
    pub damage: Vec<DamageView>,
    /// Deliveries that have no outcome and stand nowhere.
    pub lost: usize,
    /// The first 100 of them.
    pub lost_deliveries: Vec<LostView>,
    /// All of it was repaired: a lost delivery has ended as `failed` now.
    pub repaired: bool,
}

/// A record that cannot be read.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DamageView {
    /// `queue` or `traces`.
    pub records: String,
    /// Its key, in hexadecimal digits.
    pub key: String,
    /// What is wrong with it.
    pub problem: String,
}

/// A delivery that has no outcome and stands nowhere.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct LostView {
    /// Its notification.
    pub id: String,
    /// Its place in there.
    pub n: u32,
}
