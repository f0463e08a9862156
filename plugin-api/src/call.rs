//! The operations and the frames that they carry. Numbers are given once.

use crate::error::{EncodeError, SettingError};
use crate::frame::{Element, frame, tagged};
use crate::grant::Grant;
use crate::http::{HttpRequest, HttpResponse};
use crate::message::{Message, Target};
use crate::rendered::{Notice, Rendered};
use crate::settings::Settings;
use crate::time::Timestamp;
use crate::verdict::{Decoded, Verdict};

/// Operation numbers of the module's `call`.
pub mod op {
    /// [`super::AuthorizeCall`] → [`crate::grant::Authorize`].
    pub const AUTHORIZE: u32 = 1;
    /// [`super::AuthorizedCall`] → [`super::Authorized`].
    pub const AUTHORIZED: u32 = 2;
    /// [`super::EncodeCall`] → list of [`super::Encoded`].
    pub const ENCODE: u32 = 3;
    /// [`super::DecodeCall`] → list of [`super::DecodedItem`].
    pub const DECODE: u32 = 4;
    /// [`super::RecallCall`] → list of [`super::Encoded`].
    pub const RECALL: u32 = 5;
    /// [`super::DecodeCall`] → list of [`super::DecodedItem`], all of them verdicts.
    pub const RECALLED: u32 = 6;
    /// [`super::ProbeCall`] → [`super::Probing`].
    pub const PROBE: u32 = 7;
    /// [`super::AuthorizedCall`] → [`super::Probed`].
    pub const PROBED: u32 = 8;
    /// [`super::TokensCall`] → list of [`super::TokenItem`].
    pub const TOKENS: u32 = 9;
}

/// What the module's `call` returns; anything but `OK` comes with a text as its frame.
pub mod status {
    /// The output is the operation's answer.
    pub const OK: u32 = 0;
    /// The input was not the operation's frame.
    pub const BAD_FRAME: u32 = 1;
    /// The driver is older than the operation.
    pub const UNKNOWN_OPERATION: u32 = 2;
    /// The driver panicked outside any single item.
    pub const PANIC: u32 = 100;
}

/// Input of the module's `open`.
#[derive(Clone, Debug, Default)]
pub struct OpenCall {
    /// The channel's settings.
    pub settings: Settings,
    /// The time.
    pub now: Timestamp,
}
frame!(OpenCall { 0 settings, 1 now });

/// Output of the module's `open`.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Why there is no channel.
    pub error: Option<SettingError>,
    /// Account that grants belong to.
    pub grant_scope: Option<String>,
    /// The vendor's account.
    pub account: Option<String>,
    /// What the settings cost every message.
    pub advice: Vec<Notice>,
}
frame!(Opened { 0 error, 1 grant_scope, 2 account, 3 advice });

/// Input of `AUTHORIZE`.
#[derive(Clone, Debug, Default)]
pub struct AuthorizeCall {
    /// The time.
    pub now: Timestamp,
}
frame!(AuthorizeCall { 0 now });

/// Input of `AUTHORIZED`.
#[derive(Clone, Debug, Default)]
pub struct AuthorizedCall {
    /// The vendor's answer.
    pub response: HttpResponse,
    /// The time.
    pub now: Timestamp,
}
frame!(AuthorizedCall { 0 response, 1 now });

/// Output of `AUTHORIZED`.
#[derive(Clone, Debug)]
pub enum Authorized {
    /// The grant.
    Grant(Grant),
    /// What the vendor said instead.
    Refused(Verdict),
}
tagged!(Authorized { 0 Grant(value), 1 Refused(value) });

/// Input of `ENCODE`: any number of batches that share time, grant and messages.
#[derive(Clone, Debug, Default)]
pub struct EncodeCall {
    /// The time.
    pub now: Timestamp,
    /// The channel's grant.
    pub grant: Option<Grant>,
    /// The messages that the jobs speak of.
    pub messages: Vec<Message>,
    /// The batches.
    pub jobs: Vec<EncodeJob>,
}
frame!(EncodeCall { 0 now, 1 grant, 2 messages, 3 jobs });

/// One batch to encode.
#[derive(Clone, Debug, Default)]
pub struct EncodeJob {
    /// Index of its message.
    pub message: u32,
    /// Its devices.
    pub targets: Vec<Target>,
}
frame!(EncodeJob { 0 message, 1 targets });

/// Output of `ENCODE` for one job.
#[derive(Clone, Debug)]
pub enum Encoded {
    /// What to send.
    Rendered(Rendered),
    /// Why not.
    Refused(EncodeError),
    /// The driver panicked on this item.
    Panicked(String),
}
tagged!(Encoded { 0 Rendered(value), 1 Refused(value), 2 Panicked(value) });
impl Element for Encoded {}

/// Input of `DECODE`: any number of answers.
#[derive(Clone, Debug, Default)]
pub struct DecodeCall {
    /// The time.
    pub now: Timestamp,
    /// The answers.
    pub jobs: Vec<DecodeJob>,
}
frame!(DecodeCall { 0 now, 1 jobs });

/// One answer to decode.
#[derive(Clone, Debug, Default)]
pub struct DecodeJob {
    /// The targets of its request.
    pub targets: Vec<Target>,
    /// The answer.
    pub response: HttpResponse,
    /// The memo of that request.
    pub memo: Vec<u8>,
}
frame!(DecodeJob { 0 targets, 1 response, 2 memo });

/// Output of `DECODE` for one job.
#[derive(Clone, Debug)]
pub enum DecodedItem {
    /// What the answer means.
    Decoded(Decoded),
    /// The driver panicked on this item.
    Panicked(String),
}
tagged!(DecodedItem { 0 Decoded(value), 1 Panicked(value) });
impl Element for DecodedItem {}

/// Input of `RECALL`: any number of recalls that share time and grant.
#[derive(Clone, Debug, Default)]
pub struct RecallCall {
    /// The time.
    pub now: Timestamp,
    /// The channel's grant.
    pub grant: Option<Grant>,
    /// The recalls.
    pub jobs: Vec<RecallJob>,
}
frame!(RecallCall { 0 now, 1 grant, 2 jobs });

/// One recall to encode.
#[derive(Clone, Debug, Default)]
pub struct RecallJob {
    /// Its devices.
    pub targets: Vec<Target>,
    /// What the driver said of the message.
    pub key: String,
    /// The vendor's id of the message.
    pub vendor_id: Option<String>,
}
frame!(RecallJob { 0 targets, 1 key, 2 vendor_id });

/// Input of `PROBE`.
#[derive(Clone, Debug, Default)]
pub struct ProbeCall {
    /// The time.
    pub now: Timestamp,
    /// The channel's grant.
    pub grant: Option<Grant>,
}
frame!(ProbeCall { 0 now, 1 grant });

/// Output of `PROBE`.
#[derive(Clone, Debug, Default)]
pub struct Probing {
    /// What to send; none = this channel cannot be probed.
    pub request: Option<HttpRequest>,
}
frame!(Probing { 0 request });

/// Output of `PROBED`.
#[derive(Clone, Debug, Default)]
pub struct Probed {
    /// What the vendor said instead of taking the credential.
    pub refused: Option<Verdict>,
}
frame!(Probed { 0 refused });

/// Input of `TOKENS`.
#[derive(Clone, Debug, Default)]
pub struct TokensCall {
    /// As they were reported.
    pub tokens: Vec<String>,
}
frame!(TokensCall { 0 tokens });

/// Output of `TOKENS` for one token.
#[derive(Clone, Debug)]
pub enum TokenItem {
    /// Its one form.
    Form(String),
    /// Why it can be no token.
    Refused(EncodeError),
    /// The driver panicked on this item.
    Panicked(String),
}
tagged!(TokenItem { 0 Form(value), 1 Refused(value), 2 Panicked(value) });
impl Element for TokenItem {}
