//! The nouns, one file each. Plain data; nothing here does anything.

mod attempt;
mod channel;
mod click;
mod delivery;
mod device;
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
pub use delivery::{Content, Delivery, DeliveryId, Rank, Recipient};
pub use device::{Binding, Device, KindToken, MAX_UNREAD, Purpose, State, masked};
pub use notification::{
    DEFAULT_APP, Given, GivenNotice, MAX_RECIPIENTS, NotificationId, written_at,
};
pub use outcome::{Outcome, OutcomeKind, Trace};
pub use platform::{PLATFORMS, platform_named};
pub use reason::Reason;
pub use revocation::{Recalled, Revocation};
pub use rules::{BrakeLimits, Rules, is_language};
pub use settings::{Disturb, QuietHours, Sounds, UserSettings};
pub use sound::{is_resource, sound};
pub use span::TimestampExt;
pub use time::{later, now, read_rfc3339, rfc3339};
pub use tombstone::{Evidence, Tombstone};
