//! The nouns, one file each. Plain data; nothing here does anything.

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
mod time;
mod tombstone;

pub use channel::CertificateId;
pub use click::click;
pub use delivery::{Content, Delivery, DeliveryId, Rank, Recipient};
pub use device::{Binding, Device, KindToken, MAX_UNREAD, Purpose, State, masked};
pub use notification::{Given, GivenNotice, NotificationId, written_at};
pub use outcome::{Attempt, Outcome, OutcomeKind, Trace};
pub use reason::Reason;
pub use revocation::{Recalled, Revocation};
pub use rules::{BrakeLimits, Rules, is_language};
pub use settings::{Disturb, QuietHours, Sounds, UserSettings};
pub use sound::{is_resource, sound};
pub use time::{later, now, read_rfc3339, rfc3339};
pub use tombstone::{Evidence, Tombstone};
