//! Why a notification is not accepted: one variant for each rule, made where the rule is checked.
//!
//! In: what was given, and the path of its field. Out: the error, which says what was wrong and
//! what was expected. Refuses to know statuses, codes and hints: `api::refusal` makes a problem of
//! each variant, and is the one place that does.

use nudged_plugin_api::{EncodeError, Platform};

use super::name::NameError;
use crate::channels::{RefusedToken, TokenError};
use crate::config::MAX_TTL;
use crate::model::{ClickError, MAX_BADGE, MAX_RECIPIENTS, PLATFORMS};
use crate::store::StoreError;

/// Why a notification is not accepted. `configured` is what the app has instead, see
/// [`RouteTable::names`](crate::channels::RouteTable::names).
#[derive(Clone, Debug, thiserror::Error)]
pub enum AdmissionError {
    #[error("a notification needs at least one recipient")]
    NoRecipient,

    #[error("{given} recipients are too many, at most {MAX_RECIPIENTS} are allowed")]
    TooManyRecipients { given: usize },

    #[error("a recipient is a user, a user and a device, or a channel and a token")]
    MalformedRecipient { at: usize },

    #[error("there is no channel {name:?}")]
    UnknownChannel {
        at: usize,
        name: String,
        configured: String,
    },

    #[error(transparent)]
    Name(#[from] NameError),

    #[error(transparent)]
    Token(#[from] TokenError),

    #[error(transparent)]
    RefusedToken(Box<RefusedToken>),

    #[error("a vendor's options are a JSON object")]
    MalformedOptions { vendor: String },

    #[error("no channel of app {app} has a driver {vendor:?}")]
    UnknownVendor {
        app: String,
        vendor: String,
        configured: String,
    },

    #[error(
        "{name:?} is none of {}, and no channel of app {app} has such a driver",
        PLATFORMS.map(Platform::as_str).join(", ")
    )]
    UnknownPlatform {
        app: String,
        name: String,
        configured: String,
    },

    #[error(transparent)]
    RefusedOptions(Box<RefusedOptions>),

    #[error("an alert needs a title, a body or elements")]
    NothingToShow,

    #[error("a live_activity needs its content")]
    NoLiveActivity,

    #[error("only a message of kind live_activity has this")]
    StrayLiveActivity,

    #[error("{given} is too much for a badge, at most {MAX_BADGE} is allowed")]
    BadgeTooLarge { field: String, given: u32 },

    #[error("{problem}")]
    Click { field: String, problem: ClickError },

    #[error(
        "{given} s is too long, at most {} (28 days) is allowed",
        MAX_TTL.as_secs()
    )]
    TtlTooLong { given: u64 },

    #[error("is {bytes} bytes long, at most {max} are allowed")]
    IdempotencyKeyTooLong { bytes: usize, max: usize },

    #[error(
        "must not contain an unpaired surrogate, nor U+FFFD, which stands for one: two keys could be \
         taken for the same"
    )]
    IdempotencyKeyUnreadable,

    #[error(
        "notification {accepted} was accepted with this key; its request has digest \
         {accepted_digest}, this one {digest}"
    )]
    IdempotencyMismatch {
        accepted: String,
        accepted_digest: String,
        digest: String,
    },

    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Options that their vendor's driver refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", error.problem)]
pub struct RefusedOptions {
    /// Path of the field, as the caller wrote it.
    pub field: String,
    pub vendor: String,
    /// What its driver says.
    pub error: EncodeError,
}

impl From<RefusedToken> for AdmissionError {
    fn from(error: RefusedToken) -> Self {
        Self::RefusedToken(Box::new(error))
    }
}

impl From<RefusedOptions> for AdmissionError {
    fn from(error: RefusedOptions) -> Self {
        Self::RefusedOptions(Box::new(error))
    }
}
