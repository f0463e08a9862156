use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What came of revoking a notification.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RevokedView {
    /// Its id.
    pub id: String,
    /// One per device.
    pub deliveries: Vec<RevokedDelivery>,
    /// There are more deliveries than are shown; they were revoked as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// What came of revoking one delivery.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RevokedDelivery {
    /// Its place among the notification's deliveries.
    pub n: u32,
    /// What came of it.
    pub state: RevokeState,
    /// The vendor's code, or ours.
    pub code: String,
    /// The vendor's words, or ours.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
}

/// What came of revoking a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokeState {
    /// It was not sent yet, and never will be.
    Revoked,
    /// The vendor had it and took it back.
    Recalled,
    /// The vendor has it.
    NotRecalled,
    /// It had ended without reaching the vendor.
    Ended,
}

impl RevokeState {
    /// Of one that the vendor had.
    pub const fn of(done: bool) -> Self {
        if done {
            Self::Recalled
        } else {
            Self::NotRecalled
        }
    }

    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Recalled => "recalled",
            Self::NotRecalled => "not recalled",
            Self::Ended => "ended",
        }
    }
}
