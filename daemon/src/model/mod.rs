//! The nouns, one file each. Plain data; nothing here does anything.

mod attempt;
mod channel;
mod click;
mod delivery;
mod device;
mod notification;
mod outcome;
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
pub use click::click;
pub use delivery::{Content, Delivery, DeliveryId, Rank, Recipient};
pub use device::{Binding, Device, KindToken, Purpose, State, masked};
pub use notification::{Given, GivenNotice, NotificationId, written_at};
pub use outcome::{Outcome, OutcomeKind, Trace};
pub use reason::Reason;
pub use revocation::{Recalled, Revocation};
pub use rules::{BrakeLimits, Rules, is_language};
pub use settings::{Disturb, QuietHours, Sounds, UserSettings};
pub use sound::{is_resource, sound};
pub use span::TimestampExt;
pub use time::{now, read_rfc3339, rfc3339};
pub use tombstone::{Evidence, Tombstone};
