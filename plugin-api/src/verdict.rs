//! What a vendor said. A refusal is data, never an error.

use crate::frame::{Element, frame, numbered, tagged};
use crate::http::HttpRequest;
use crate::text::clip;
use crate::time::Timestamp;

/// What a vendor said of one delivery, or of a request for a grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// What it means for the delivery.
    pub class: Class,
    /// The vendor's own code, verbatim, such as `Unregistered`.
    pub code: String,
    /// The vendor's own words, where it gave more than a code.
    pub text: String,
    /// What the operator or developer should do, one sentence; empty when accepted.
    pub remedy: String,
    /// The vendor's id of the accepted message.
    pub vendor_id: Option<String>,
    /// Do not try again before this many milliseconds have passed. The daemon waits an hour at
    /// most, unless it is configured otherwise; for a quota or one device, a day.
    pub retry_after_millis: Option<u64>,
    /// For `InvalidToken`: the token was dead at this moment. A token that the
    /// phone reported later than this is alive again and stays.
    pub dead_since: Option<Timestamp>,
    /// The connection that brought this answer is spent: use a fresh one.
    pub fresh_connection: bool,
    /// The whole batch was refused for what may be one device's fault, and the vendor took none
    /// of it: the daemon sends its halves apart, until the one is found. Without meaning for
    /// a single device.
    pub split: bool,
    /// What the vendor's word speaks of, and so what it may cost.
    pub scope: Scope,
}
frame!(Verdict {
    0 class, 1 code, 2 text, 3 remedy, 4 vendor_id, 5 retry_after_millis, 6 dead_since,
    7 fresh_connection, 8 split, 9 scope,
});

impl Verdict {
    /// The vendor took the message.
    pub fn accepted(vendor_id: Option<String>) -> Self {
        Self {
            class: Class::Accepted,
            vendor_id,
            ..Self::default()
        }
    }

    /// The vendor did not; `remedy` is one sentence for the operator.
    pub fn refused(class: Class, code: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            class,
            code: clip(code),
            remedy: remedy.into(),
            ..Self::default()
        }
    }

    /// What the vendor's word on a message to nobody says of the credential that carried it: good
    /// where the vendor came as far as the device.
    pub fn of_credential(self) -> Result<(), Self> {
        match self.class {
            Class::Accepted | Class::InvalidToken => Ok(()),
            _ => Err(self),
        }
    }

    /// Adds the vendor's words; the tail of a very long text is cut off.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = clip(text);
        self
    }

    /// Adds how long to wait before the next try, in milliseconds.
    pub fn retry_after_millis(mut self, millis: Option<u64>) -> Self {
        self.retry_after_millis = millis;
        self
    }

    /// Adds when the token died.
    pub fn dead_since(mut self, moment: Option<Timestamp>) -> Self {
        self.dead_since = moment;
        self
    }

    /// Marks a refusal of a whole batch that may be one device's fault.
    pub fn split(mut self, split: bool) -> Self {
        self.split = split;
        self
    }

    /// Says what the vendor's word speaks of.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Marks the connection as spent.
    pub fn fresh_connection(mut self, spent: bool) -> Self {
        self.fresh_connection = spent;
        self
    }
}

/// What a vendor's word speaks of: a refusal is blamed on the smallest thing that explains it.
///
/// Say it where the vendor's page says it. Left unsaid, an `InvalidToken` is the token's, what is
/// throttled or over quota is the account's, and of a `Credential` the daemon finds out: it holds
/// the channel only once a *different* message was refused alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// The vendor's page leaves it open.
    #[default]
    Unsaid,
    /// This message, whatever the device: others may pass.
    Message,
    /// This device's token: other devices' may pass.
    Token,
    /// The class of messages that the vendor counts this one in ([`Rendered::class`]): other
    /// classes go on.
    ///
    /// [`Rendered::class`]: crate::Rendered::class
    MessageClass,
    /// The vendor's account, and so every message of the channel.
    Account,
    /// The channel's credential or settings: no message passes until the operator acts, and the
    /// channel is held at once. An `InvalidToken` of this scope may be the fault of either, such as
    /// a token of another environment: it takes no device before the channel has had a success
    /// with its settings.
    Credential,
    /// The token beside the device's ([`Target::activity_token`]): that one may be dead, and the
    /// device's is as good as before.
    ///
    /// [`Target::activity_token`]: crate::Target::activity_token
    Beside,
}
numbered!(Scope {
    0 Unsaid, 1 Message, 2 Token, 3 MessageClass, 4 Account, 5 Credential, 6 Beside,
} else Unsaid);

/// What a verdict means for its delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Class {
    /// The vendor took it.
    Accepted,
    /// The token is dead: it leaves the registry.
    InvalidToken,
    /// The channel's credential or settings are wrong: nothing of this channel
    /// will pass until the operator acts.
    Credential,
    /// The grant is no longer good: get a new one and try again.
    GrantExpired,
    /// The request was wrong; the same request will never pass.
    BadRequest,
    /// Too fast for the whole channel: wait.
    Throttled,
    /// Too fast for this one device: wait, the others go on.
    ThrottledDevice,
    /// The phone takes nothing now, such as with notifications switched off: this delivery
    /// ends, the token stays.
    DeviceOff,
    /// The day's quota is used up.
    QuotaExceeded,
    /// The vendor is in trouble: try again later.
    #[default]
    Unavailable,
}
numbered!(Class {
    0 Accepted, 1 InvalidToken, 2 Credential, 3 GrantExpired, 4 BadRequest, 5 Throttled,
    6 ThrottledDevice, 7 QuotaExceeded, 8 Unavailable, 9 DeviceOff,
} else Unavailable);

impl Class {
    /// Stable name, as it stands in traces and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::InvalidToken => "invalid_token",
            Self::Credential => "credential",
            Self::GrantExpired => "grant_expired",
            Self::BadRequest => "bad_request",
            Self::Throttled => "throttled",
            Self::ThrottledDevice => "throttled_device",
            Self::DeviceOff => "device_off",
            Self::QuotaExceeded => "quota_exceeded",
            Self::Unavailable => "unavailable",
        }
    }
}

/// What a response amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decoded {
    /// One verdict per target, in the order of the targets.
    Verdicts(Vec<Verdict>),
    /// Not done yet: the vendor wants a second request (save first, push second).
    FollowUp(FollowUp),
}
tagged!(Decoded { 0 Verdicts(value), 1 FollowUp(value) });
impl Element for Decoded {}

impl Decoded {
    /// The same verdict for each of `count` targets.
    pub fn all(verdict: Verdict, count: usize) -> Self {
        Self::Verdicts(vec![verdict; count])
    }
}

/// The second request of a two-step vendor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FollowUp {
    /// What to send next.
    pub request: HttpRequest,
    /// Opaque bytes that come back with the answer to `request`.
    pub memo: Vec<u8>,
}
frame!(FollowUp { 0 request, 1 memo });

impl FollowUp {
    /// A second request with the bytes to remember for its answer.
    pub fn new(request: HttpRequest, memo: Vec<u8>) -> Self {
        Self { request, memo }
    }
}
