//! The trait that a driver author writes.

use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::error::{EncodeError, SettingError};
use crate::grant::{Authorize, Grant};
use crate::http::{HttpRequest, HttpResponse};
use crate::info::Info;
use crate::message::{Badge, Message, Target};
use crate::rendered::{Notice, Rendered};
use crate::settings::Settings;
use crate::time::Timestamp;
use crate::verdict::{Class, Decoded, Verdict};

/// One vendor's protocol, for one channel. A value of the type is an open channel.
///
/// Every method turns values into values: no socket, clock, file, environment,
/// thread or random source. Between `encode` and `decode` nothing may be
/// remembered but the memo of a follow-up, so that a driver may be restarted at
/// any time. A panic fails the one item that caused it.
pub trait Driver: Send + Sync + Sized + 'static {
    /// What this driver is and needs.
    fn describe() -> Info;

    /// Opens a channel from its settings, and so checks them: keys parse, belong
    /// together and have not expired at `now`. Fails with the setting at fault, never with
    /// a secret's text. The same settings must open the same channel twice.
    fn open(settings: &Settings, now: Timestamp) -> Result<Self, SettingError>;

    /// The vendor's account that tokens belong to, as the vendor names it, such as an app id or a
    /// project. It tells a certificate id that came to stand for another account from one whose
    /// secret was renewed: no secret, the same whatever the credential, and the same in every
    /// later version of the driver.
    fn account(&self) -> Option<String> {
        None
    }

    /// The one form of a device's token by which the vendor knows it, such as in lower case: two
    /// texts with the same form are one device, and `encode` is given the form. Fails when it can
    /// be no token of the vendor's, with one sentence for the developer of the app; where the
    /// vendor's page leaves the form open, refuse only what would spoil a request.
    fn token(&self, token: &str) -> Result<String, EncodeError> {
        Ok(token.to_owned())
    }

    /// What these settings cost every message, such as data that no tap can carry: the setting's
    /// key, and one sentence that starts in lower case. The operator reads it at each start and
    /// check, at the reload that brings it, and where the channel is shown.
    fn advice(&self) -> Vec<Notice> {
        Vec::new()
    }

    /// Name of the account that grants belong to. Channels of this driver with the
    /// same scope share one grant, also across a reload. Must not be or contain a
    /// secret, and must change when the credential changes. Required when
    /// `authorize` returns anything but `NotNeeded`.
    fn grant_scope(&self) -> Option<String> {
        None
    }

    /// How to come by a grant at `now`.
    fn authorize(&self, now: Timestamp) -> Authorize {
        let _ = now;
        Authorize::NotNeeded
    }

    /// The vendor's answer to `Authorize::Fetch`: the grant, or what the vendor said instead.
    fn authorized(&self, response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
        let _ = now;
        Err(Verdict::refused(
            Class::Credential,
            format!("HTTP {}", response.status),
            "the driver asked for no grant, so report this to its author",
        ))
    }

    /// Where [`Info::probe`] is `Request`: a request that shows whether the vendor takes the
    /// credential, and that reaches no device. None where this channel has no such thing.
    fn probe(&self, context: &Context<'_>) -> Option<HttpRequest> {
        let _ = context;
        None
    }

    /// What the vendor's answer to that means: the credential is good, or what the vendor said
    /// instead. Only a verdict of class `Credential` says that it is not. Must cope with any bytes.
    fn probed(&self, response: &HttpResponse, now: Timestamp) -> Result<(), Verdict> {
        let _ = now;
        Err(Verdict::refused(
            Class::Unavailable,
            format!("HTTP {}", response.status),
            "the driver asked for no probe, so report this to its author",
        ))
    }

    /// The request that delivers `batch`, byte for byte the same for the same input.
    /// Fails when the vendor would refuse the message for sure: too long, or not its kind.
    /// What the vendor shows otherwise than asked, or not at all, is said in the notices.
    fn encode(&self, batch: Batch<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError>;

    /// What the vendor's answer means: one verdict per target in their order, or a
    /// second request, at most three in a row. Must cope with any bytes.
    fn decode(&self, exchange: Exchange<'_>, now: Timestamp) -> Decoded;

    /// The request that takes an accepted message back from devices, where
    /// [`Info::recall`] says that the vendor can. Fails when the vendor would refuse it for
    /// sure, such as for a setting that only recalls need.
    fn recall(&self, recall: Recall<'_>, context: &Context<'_>) -> Result<Rendered, EncodeError> {
        let _ = (recall, context);
        Err(EncodeError::new(
            "NotSupported",
            "recall",
            "is not possible with this driver",
        ))
    }

    /// What the vendor's answer to a recall means: one verdict per target in their order, none
    /// of them `InvalidToken`. Must cope with any bytes.
    fn recalled(&self, exchange: Exchange<'_>, now: Timestamp) -> Vec<Verdict> {
        let _ = now;
        let verdict = Verdict::refused(
            Class::BadRequest,
            "NotSupported",
            "the driver recalls nothing, so report this to its author",
        );
        vec![verdict; exchange.targets.len()]
    }
}

/// An accepted message, and the devices that it is to be taken back from.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Recall<'a> {
    /// At least one, at most `Info::batch`; not necessarily those that shared the request.
    pub targets: &'a [Target],
    /// What [`Rendered::recall_key`] said of the message; never empty.
    pub key: &'a str,
    /// The vendor's id of the message, where it gave one.
    pub vendor_id: Option<&'a str>,
}

impl<'a> Recall<'a> {
    /// Takes the message of that key back from these devices.
    pub fn new(targets: &'a [Target], key: &'a str, vendor_id: Option<&'a str>) -> Self {
        Self {
            targets,
            key,
            vendor_id,
        }
    }
}

/// A message and the devices that share one request for it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Batch<'a> {
    /// The message.
    pub message: &'a Message,
    /// At least one, at most `Info::batch`.
    pub targets: &'a [Target],
}

impl<'a> Batch<'a> {
    /// A message for these devices.
    pub fn new(message: &'a Message, targets: &'a [Target]) -> Self {
        Self { message, targets }
    }

    /// The only target, for vendors without batches; the first of several. Panics on an
    /// empty batch, which the daemon never sends.
    pub fn single(&self) -> &'a Target {
        self.targets
            .first()
            .expect("the daemon never sends an empty batch")
    }

    /// Name of this request for vendors that drop repeats: the same at every attempt for the
    /// same devices, another one for other devices. Up to 36 ASCII letters, digits and hyphens.
    pub fn id(&self) -> String {
        if let [target] = self.targets {
            return target.id.clone();
        }
        let mut hasher = SipHasher13::new();
        for target in self.targets {
            hasher.write(target.id.as_bytes());
            hasher.write_u8(0xff);
        }
        format!("{:032x}", hasher.finish128().as_u128())
    }

    /// The badge of the whole request: the daemon puts devices of one badge into one batch.
    pub fn badge(&self) -> Badge {
        self.targets
            .first()
            .and_then(|target| target.badge)
            .unwrap_or(self.message.badge)
    }
}

/// What `encode` may need besides the batch.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Context<'a> {
    /// The time.
    pub now: Timestamp,
    /// The channel's grant, when `authorize` spoke of one.
    pub grant: Option<&'a Grant>,
}

impl<'a> Context<'a> {
    /// At this time with this grant.
    pub fn new(now: Timestamp, grant: Option<&'a Grant>) -> Self {
        Self { now, grant }
    }

    /// The value of the grant, for a channel that always has one. Without it the daemon has asked
    /// too early, and is refused.
    pub fn granted(&self) -> Result<&'a str, EncodeError> {
        let missing =
            || EncodeError::new("NoGrant", "grant", "is missing, expected an access token");
        self.grant.map(|grant| &*grant.value).ok_or_else(missing)
    }
}

/// A request's targets with the answer to it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Exchange<'a> {
    /// The targets of the request, in its order.
    pub targets: &'a [Target],
    /// The answer.
    pub response: &'a HttpResponse,
    /// The memo of the request that this answers: of `encode`, or of the follow-up.
    pub memo: &'a [u8],
}

impl<'a> Exchange<'a> {
    /// The answer to a request without a memo.
    pub fn new(targets: &'a [Target], response: &'a HttpResponse) -> Self {
        Self {
            targets,
            response,
            memo: &[],
        }
    }

    /// The answer to a request that left a memo.
    pub fn with_memo(targets: &'a [Target], response: &'a HttpResponse, memo: &'a [u8]) -> Self {
        Self {
            targets,
            response,
            memo,
        }
    }
}
