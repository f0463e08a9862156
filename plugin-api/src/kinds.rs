//! Which kinds of message a driver sends, and to which token.
//!
//! A phone has more tokens than one: iOS gives a token of its own for calls and for each Live
//! Activity. The daemon chooses it; where the device has none, or the driver does not send the
//! kind, the message goes out as an alert.

use crate::frame::{frame, numbered};
use crate::message::Kind;

/// A kind of message, besides alerts, that a driver sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KindInfo {
    /// The kind.
    pub kind: Kind,
    /// What token it goes to.
    pub token: TokenUse,
}
frame!(KindInfo { 0 kind, 1 token });

impl KindInfo {
    /// Background messages, to the device's token.
    pub const BACKGROUND: Self = Self::new(Kind::Background, TokenUse::Device);

    /// Calls.
    pub const fn voip(token: TokenUse) -> Self {
        Self::new(Kind::Voip, token)
    }

    /// Live Activities.
    pub const fn live_activity(token: TokenUse) -> Self {
        Self::new(Kind::LiveActivity, token)
    }

    /// A kind that goes to this token.
    pub const fn new(kind: Kind, token: TokenUse) -> Self {
        Self { kind, token }
    }
}

/// Which token of a device takes a kind of message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenUse {
    /// The device's token, as for alerts.
    #[default]
    Device,
    /// A token of that kind instead, as [`Target::token`](crate::Target::token): APNs.
    Own,
    /// The device's token, and one of that kind beside it, as
    /// [`Target::activity_token`](crate::Target::activity_token): FCM's Live Activities.
    Beside,
}
numbered!(TokenUse { 0 Device, 1 Own, 2 Beside } else Device);
