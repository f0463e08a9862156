use nudged_plugin_api::{Notice, Timestamp, frame, numbered};

use super::{CertificateId, Delivery, Reason, Recalled, masked};

/// How a delivery ended; exactly one, ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Which end.
    pub kind: OutcomeKind,
    /// The vendor's code, or ours where no vendor spoke.
    pub code: String,
    /// The vendor's words.
    pub text: String,
    /// What to do about it, one sentence.
    pub remedy: String,
    /// The vendor's id of the message.
    pub vendor_id: Option<String>,
    /// When.
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
    /// All of them.
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

/// One try to deliver, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// Milliseconds until the answer.
    pub elapsed: u64,
    /// Class of the verdict, or `transport`, `driver` or `outside_hours`.
    pub class: String,
    /// The vendor's code.
    pub code: String,
    /// The vendor's words.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
    /// What the vendor does not show as it was asked to.
    pub notices: Vec<Notice>,
}
frame!(Attempt {
    0 at, 1 elapsed, 2 class, 3 code, 4 text, 5 remedy, 6 retry_at, 7 notices,
});

/// Everything that is remembered of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// The tenant.
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
    /// Latest tries, oldest first.
    pub attempts: Vec<Attempt>,
    /// The end, once there is one.
    pub outcome: Option<Outcome>,
    /// What came of taking it back, once that was asked for.
    pub recall: Option<Recalled>,
}
frame!(Trace {
    0 app, 1 channel, 2 user, 3 device, 4 token, 5 accepted_at, 6 expires_at, 7 attempts,
    8 outcome, 9 recall,
});

impl Attempt {
    /// Class of a message that was not sent as it was outside the hours of its class.
    pub const OUTSIDE_HOURS: &str = "outside_hours";

    /// Whose fault the result is: `device`, `channel`, `message`, `quota`, `vendor`,
    /// `driver`, or `none`.
    pub fn fault(&self) -> &'static str {
        match self.class.as_str() {
            "accepted" => "none",
            "invalid_token" | "device_off" => "device",
            "credential" | "grant_expired" => "channel",
            "bad_request" | "message" => "message",
            "quota_exceeded" | Self::OUTSIDE_HOURS | "throttled" | "throttled_device" => "quota",
            "driver" => "driver",
            _ => "vendor",
        }
    }
}

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

    /// Adds a try; of very many, some in the middle are forgotten.
    pub fn tried(&mut self, attempt: Attempt) {
        if self.attempts.len() == Self::MAX_ATTEMPTS {
            self.attempts.remove(1);
        }
        self.attempts.push(attempt);
    }
}
