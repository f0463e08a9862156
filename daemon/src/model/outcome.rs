use nudged_plugin_api::frame::{Field, INFALLIBLE, Writer};
use nudged_plugin_api::{Class, Notice, Timestamp, frame, minicbor, numbered};

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
    /// What it came to.
    pub class: AttemptClass,
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

/// What an attempt came to: the class of a verdict, or ours where no vendor spoke.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AttemptClass {
    /// Of a record that a newer version has written.
    #[default]
    Unknown,
    /// The vendor answered.
    Verdict(Class),
    /// There was no answer.
    Transport,
    /// The driver refused the message, or the token, before anybody was asked.
    Message,
    /// The driver failed.
    Driver,
    /// It was not sent as it was outside the hours of its class.
    OutsideHours,
}

impl AttemptClass {
    /// Stable name, as it stands in records and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Verdict(class) => class.as_str(),
            Self::Transport => "transport",
            Self::Message => "message",
            Self::Driver => "driver",
            Self::OutsideHours => "outside_hours",
        }
    }

    fn from_name(name: &str) -> Self {
        let ours = [
            Self::Transport,
            Self::Message,
            Self::Driver,
            Self::OutsideHours,
        ];
        let all = CLASSES.into_iter().map(Self::Verdict).chain(ours);
        let mut found = all.filter(|it| it.as_str() == name);
        found.next().unwrap_or_default()
    }
}

/// All classes of verdicts, the frequent first.
const CLASSES: [Class; 10] = [
    Class::Accepted,
    Class::Unavailable,
    Class::Throttled,
    Class::InvalidToken,
    Class::QuotaExceeded,
    Class::ThrottledDevice,
    Class::Credential,
    Class::BadRequest,
    Class::GrantExpired,
    Class::DeviceOff,
];

/// Records hold the name.
impl Field for AttemptClass {
    fn put(&self, to: &mut Writer<'_>) {
        to.str(self.as_str()).expect(INFALLIBLE);
    }
    fn take(from: &mut minicbor::Decoder<'_>) -> Result<Self, minicbor::decode::Error> {
        from.str().map(Self::from_name)
    }
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Attempt {
    /// Whose fault the result is: `device`, `channel`, `message`, `quota`, `vendor`,
    /// `driver`, or `none`.
    // req 54: faults of a device are told from those of the certificate and the channel.
    pub fn fault(&self) -> &'static str {
        match self.class {
            AttemptClass::Verdict(class) => match class {
                Class::Accepted => "none",
                Class::InvalidToken | Class::DeviceOff => "device",
                Class::Credential | Class::GrantExpired => "channel",
                Class::BadRequest => "message",
                // req 56: a refusal for quota or frequency is visible as such.
                Class::QuotaExceeded | Class::Throttled | Class::ThrottledDevice => "quota",
                _ => "vendor",
            },
            AttemptClass::Message => "message",
            AttemptClass::OutsideHours => "quota",
            AttemptClass::Driver => "driver",
            AttemptClass::Transport | AttemptClass::Unknown => "vendor",
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

#[cfg(test)]
mod tests {
    use nudged_plugin_api::frame::{from_bytes, to_bytes};

    use super::*;

    #[test]
    fn a_class_is_stored_as_its_name_and_read_back() {
        let ours = [
            AttemptClass::Unknown,
            AttemptClass::Transport,
            AttemptClass::Message,
            AttemptClass::Driver,
            AttemptClass::OutsideHours,
        ];
        for class in CLASSES.map(AttemptClass::Verdict).into_iter().chain(ours) {
            let stored = to_bytes(&class);
            assert_eq!(stored, to_bytes(&class.as_str().to_owned()));
            assert_eq!(from_bytes::<AttemptClass>(&stored).ok(), Some(class));
        }
        let newer = to_bytes(&"of_the_future".to_owned());
        let read = from_bytes::<AttemptClass>(&newer).ok();
        assert_eq!(read, Some(AttemptClass::Unknown));
    }
}
