use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A class of messages of a channel, and what is used of its day.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ClassUseView {
    /// The class.
    pub class: String,
    /// The vendor's day that is counted, such as `2026-03-01`.
    pub day: String,
    /// When it ends.
    pub day_ends_at: String,
    /// Messages a day, one for each device; null = any number.
    pub quota: Option<u64>,
    /// Whose number that is: `channel` (the channel file's) or `vendor`, which are kept to, or
    /// `estimate` (the vendor's, times the devices of the channel), which is warned of only.
    pub quota_from: Option<String>,
    /// How many the vendor accepted.
    pub used: u64,
    /// How many are in flight.
    pub in_flight: u64,
    /// How many may still be sent, what is in flight not counted.
    pub left: Option<u64>,
    /// How far the quota is used: `fine`, `low` (80 %), `nearly_used_up` (95 %) or `used_up`.
    pub level: String,
    /// When it will be used up at the pace of the last hour; null where it lasts the day.
    pub used_up_at: Option<String>,
    /// In which hours it is sent, such as `07:00-23:00 +08:00`; null = always.
    pub hours: Option<String>,
    /// What becomes of messages outside them: `hold` or `drop`.
    pub outside_hours: String,
    /// Why nothing of it is sent now; null when it is.
    pub held: Option<ClassHoldView>,
}

/// Why nothing of a class is sent for now.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ClassHoldView {
    /// The vendor's code; or `quota_used_up`, `outside_hours`.
    pub code: String,
    /// Why.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
    /// Until when.
    pub until: String,
    /// Whether messages end unsent meanwhile, as the channel drops them.
    pub drops: bool,
    /// Deliveries of the channel that wait for that very moment, counted up to 10000.
    pub waiting: usize,
}

/// A class of a channel that the operator should look at.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ChannelClassView {
    /// The channel.
    pub channel: String,
    /// Its class.
    #[serde(flatten)]
    pub standing: ClassUseView,
}
