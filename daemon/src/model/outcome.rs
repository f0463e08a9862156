//! How a delivery ends, and everything that is remembered of it.

use nudged_plugin_api::{Timestamp, frame, numbered};

use super::{Attempt, CertificateId, Delivery, Reason, RecallResult, masked};

/// How a delivery ended; exactly one, ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub kind: OutcomeKind,
    /// The vendor's code, or ours where no vendor spoke.
    pub code: String,
    /// The vendor's description.
    pub text: String,
    pub remedy: String,
    /// The vendor's id of the message.
    pub vendor_id: Option<String>,
    pub at: Timestamp,
    /// What the driver needs to take the message back; empty when it cannot be.
    pub recall_key: String,
}
frame!(Outcome { 0 kind, 1 code, 2 text, 3 remedy, 4 vendor_id, 5 at, 6 recall_key });

impl Outcome {
    /// Not sent, by this rule.
    pub fn suppressed(reason: Reason, at: Timestamp) -> Self {
        Self {
            kind: OutcomeKind::Suppressed,
            code: reason.code().to_owned(),
            text: reason.text().to_owned(),
            remedy: reason.remedy().to_owned(),
            at,
            ..Self::default()
        }
    }
}

/// The ends that a delivery can have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutcomeKind {
    /// The vendor took it.
    Accepted,
    /// Not sent, by rule.
    Suppressed,
    /// The token is dead.
    InvalidToken,
    /// The vendor, or the driver for it, will never take this message.
    Rejected,
    /// Its time ran out.
    Expired,
    /// It could not be tried any further.
    #[default]
    Failed,
}
numbered!(OutcomeKind {
    0 Accepted, 1 Suppressed, 2 InvalidToken, 3 Rejected, 4 Expired, 5 Failed,
} else Failed);

impl OutcomeKind {
    pub const ALL: [Self; 6] = [
        Self::Accepted,
        Self::Suppressed,
        Self::InvalidToken,
        Self::Rejected,
        Self::Expired,
        Self::Failed,
    ];

    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Suppressed => "suppressed",
            Self::InvalidToken => "invalid_token",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

/// Everything that is remembered of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    pub app: String,
    /// The way it went; none = there was no device.
    pub channel: Option<CertificateId>,
    /// The user it was addressed to.
    pub user: Option<String>,
    /// The user's device.
    pub device: Option<String>,
    /// The token, masked.
    pub token: String,
    /// When the notification was accepted.
    pub accepted_at: Timestamp,
    /// No attempt after this.
    pub expires_at: Timestamp,
    /// Latest attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The end, once there is one.
    pub outcome: Option<Outcome>,
    /// What came of taking it back, once that was asked for.
    pub recall: Option<RecallResult>,
}
frame!(Trace {
    0 app, 1 channel, 2 user, 3 device, 4 token, 5 accepted_at, 6 expires_at, 7 attempts,
    8 outcome, 9 recall,
});

impl Trace {
    /// Attempts kept in a trace; the first is always among them.
    pub const MAX_ATTEMPTS: usize = 20;

    /// A delivery that nothing happened to yet.
    pub fn of(delivery: &Delivery) -> Self {
        Self {
            app: delivery.content.app.clone(),
            channel: Some(delivery.channel),
            user: delivery.recipient.user.clone(),
            device: delivery.recipient.device.clone(),
            token: masked(&delivery.recipient.token),
            accepted_at: delivery.content.accepted_at,
            expires_at: delivery.content.expires_at,
            attempts: Vec::new(),
            outcome: None,
            recall: None,
        }
    }

    /// Adds an attempt; of very many, some in the middle are forgotten.
    pub fn tried(&mut self, attempt: Attempt) {
        if self.attempts.len() == Self::MAX_ATTEMPTS {
            self.attempts.remove(1);
        }
        self.attempts.push(attempt);
    }
}
