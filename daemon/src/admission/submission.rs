//! A notification that is submitted to admission, and what comes of it.

use std::time::Duration;

use crate::model::{DEFAULT_APP, Reason};
use nudged_wire::{Accepted, NotificationSpec};

/// A notification that somebody wants sent.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    pub spec: NotificationSpec,
    /// What makes it a repeat of another one, besides its idempotency key.
    pub dedupe: Option<Dedupe>,
    /// Only a device that reported a token for the message's kind gets it, by the caller's protocol:
    /// all others an alert, also where the vendor needs no token for it.
    pub tokens_only: bool,
}

/// A repeat by the rules of the caller's own protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dedupe {
    /// The same for repeats.
    pub key: String,
    /// How long it is remembered.
    pub window: Duration,
}

/// What came of a submission.
#[derive(Clone, Debug)]
pub struct SubmissionResult {
    pub accepted: Accepted,
    /// Users of whom a device, or who have none, are not pushed, and why. For a repeat, those
    /// who have none, if the caller's protocol names them.
    pub suppressed: Vec<(String, Reason)>,
}

impl From<NotificationSpec> for Submission {
    fn from(spec: NotificationSpec) -> Self {
        Self {
            spec,
            ..Self::default()
        }
    }
}

impl Submission {
    pub fn app(&self) -> &str {
        match self.spec.app.as_deref() {
            None | Some("") => DEFAULT_APP,
            Some(app) => app,
        }
    }
}
