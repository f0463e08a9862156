//! A notification: its id, its limits, and what is remembered of its idempotency key.

use std::fmt;
use std::str::FromStr;

use nudged_plugin_api::{Timestamp, frame};
use uuid::Uuid;

/// The app of whoever names none.
pub const DEFAULT_APP: &str = "default";
/// Recipients of one notification.
pub const MAX_RECIPIENTS: usize = 10_000;

/// A notification's id: a UUID of version 7, so ids sort by the time of admission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotificationId(Uuid);

impl NotificationId {
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The least id that any notification of this moment could have.
    pub fn floor(millis: u64) -> Self {
        Self(Uuid::from_u128(u128::from(millis) << 80))
    }

    pub fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The id that delivery `n` carries to the vendor; the notification's own for the first.
    pub fn delivery(self, n: u32) -> String {
        Uuid::from_u128(self.0.as_u128() ^ u128::from(n))
            .hyphenated()
            .to_string()
    }
}

impl fmt::Display for NotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for NotificationId {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What was answered to an idempotency key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdempotencyRecord {
    pub id: String,
    /// How many devices it goes to.
    pub deliveries: u64,
    /// How many it does not go to, by a rule.
    pub suppressed: u64,
    /// By which rules.
    pub explanation: Option<String>,
    /// Until when the key is remembered.
    pub until: Timestamp,
    /// Users who have no device, where the caller's protocol names them.
    pub unreachable: Vec<String>,
    /// Of the request that it was given with; empty where it was not kept.
    pub digest: String,
    /// What devices show otherwise than asked.
    pub notices: Vec<AnsweredNotice>,
}
frame!(IdempotencyRecord {
    0 id, 1 deliveries, 2 explanation, 3 until, 4 suppressed, 5 unreachable, 6 digest, 7 notices,
});

/// What was answered of a part of a notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnsweredNotice {
    pub channel: Option<String>,
    pub field: String,
    /// What became of it.
    pub text: String,
}
frame!(AnsweredNotice { 0 channel, 1 field, 2 text });

/// Where the caller of the API wrote what a driver of `vendor` calls `field`.
pub fn written_at(field: &str, vendor: &str) -> String {
    match field.strip_prefix("options") {
        // For a vendor behind the service.
        Some(rest) => match rest.strip_prefix(".behind.") {
            Some(other) => format!("options.{other}"),
            None => format!("options.{vendor}{rest}"),
        },
        // The whole of it.
        None if field == "message" => field.to_owned(),
        None => format!("message.{field}"),
    }
}
