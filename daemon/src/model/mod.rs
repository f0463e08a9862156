//! The nouns, one file each: plain data as it is stored and handed from stage to stage, and pure
//! questions about it.
//!
//! Nothing here reads a clock or a file, waits or decides for a stage; only a new
//! [`NotificationId`] is drawn from time and chance. Above it are all stages, below it only
//! plugin-api and the socket's types.

mod attempt;
mod channel;
mod click;
mod delivery;
mod delivery_id;
mod device;
mod evidence;
mod notification;
mod outcome;
mod platform;
mod reason;
mod revocation;
mod rules;
mod settings;
mod sound;
mod span;
mod time;
mod tombstone;

pub use attempt::{Attempt, AttemptClass};
pub use channel::CertificateId;
pub use click::{ClickError, click};
pub use delivery::{Content, Delivery, Rank, Recipient};
pub use delivery_id::DeliveryId;
pub use device::{AppState, Binding, Device, KindToken, MAX_BADGE, Purpose, masked};
pub use evidence::{Evidence, code_and_text};
pub use notification::{
    AnsweredNotice, DEFAULT_APP, IdempotencyRecord, MAX_RECIPIENTS, NotificationId, written_at,
};
pub use outcome::{Outcome, OutcomeKind, Trace};
pub use platform::{PLATFORMS, platform_named};
pub use reason::Reason;
pub use revocation::{RecallResult, Revocation};
pub use rules::{BrakeLimits, Rules, is_language};
pub use settings::{ConversationMute, QuietHours, Sounds, UserSettings};
pub use sound::{is_resource, sound};
pub use span::{MAX_WAIT, TimestampExt};
pub use time::{read_rfc3339, rfc3339};
pub use tombstone::Tombstone;
