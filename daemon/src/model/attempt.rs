//! One attempt to deliver, and whose fault its result is.

use nudged_plugin_api::frame::{Field, INFALLIBLE, Writer};
use nudged_plugin_api::minicbor::{Decoder, decode};
use nudged_plugin_api::{Class, Notice, Timestamp, frame};

/// One attempt to deliver, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// Milliseconds until the answer.
    pub elapsed: u64,
    pub class: AttemptClass,
    /// The vendor's code.
    pub code: String,
    /// The vendor's description.
    pub text: String,
    pub remedy: String,
    /// When the next attempt is due.
    pub retry_at: Option<Timestamp>,
    /// What the vendor does not show as it was asked to.
    pub notices: Vec<Notice>,
}
frame!(Attempt {
    0 at, 1 elapsed, 2 class, 3 code, 4 text, 5 remedy, 6 retry_at, 7 notices,
});

/// What an attempt came to. Stored and shown by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptClass {
    /// The vendor's response was of this class, or would have been.
    Verdict(Class),
    /// The driver refused to encode the message.
    Message,
    /// The request could not be sent, or was not answered.
    Transport,
    /// The driver failed.
    Driver,
    /// It was outside the hours of its class of messages.
    OutsideHours,
    /// As another version named it.
    Other(String),
}

impl AttemptClass {
    const NAMED: [(&str, Self); 14] = [
        ("accepted", Self::Verdict(Class::Accepted)),
        ("invalid_token", Self::Verdict(Class::InvalidToken)),
        ("credential", Self::Verdict(Class::Credential)),
        ("grant_expired", Self::Verdict(Class::GrantExpired)),
        ("bad_request", Self::Verdict(Class::BadRequest)),
        ("throttled", Self::Verdict(Class::Throttled)),
        ("throttled_device", Self::Verdict(Class::ThrottledDevice)),
        ("device_off", Self::Verdict(Class::DeviceOff)),
        ("quota_exceeded", Self::Verdict(Class::QuotaExceeded)),
        ("unavailable", Self::Verdict(Class::Unavailable)),
        ("message", Self::Message),
        ("transport", Self::Transport),
        ("driver", Self::Driver),
        ("outside_hours", Self::OutsideHours),
    ];

    /// Stable name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Verdict(class) => class.as_str(),
            Self::Message => "message",
            Self::Transport => "transport",
            Self::Driver => "driver",
            Self::OutsideHours => "outside_hours",
            Self::Other(name) => name,
        }
    }

    /// By its name.
    pub fn named(name: &str) -> Self {
        let mut named = Self::NAMED.into_iter();
        match named.find(|(known, _)| *known == name) {
            Some((_, class)) => class,
            None => Self::Other(name.to_owned()),
        }
    }

    /// Whose fault the result is: `device`, `channel`, `message`, `quota`, `vendor`, `driver`, or
    /// `none`.
    // req 54: a device's fault is kept apart from a channel's.
    pub const fn fault(&self) -> &'static str {
        match self {
            Self::Verdict(Class::Accepted) => "none",
            Self::Verdict(Class::InvalidToken | Class::DeviceOff) => "device",
            Self::Verdict(Class::Credential | Class::GrantExpired) => "channel",
            Self::Verdict(Class::BadRequest) | Self::Message => "message",
            // req 56: a quota's refusal is visible as such.
            Self::Verdict(Class::QuotaExceeded | Class::Throttled | Class::ThrottledDevice)
            | Self::OutsideHours => "quota",
            Self::Driver => "driver",
            Self::Verdict(_) | Self::Transport | Self::Other(_) => "vendor",
        }
    }
}

impl From<Class> for AttemptClass {
    fn from(class: Class) -> Self {
        Self::Verdict(class)
    }
}

impl Default for AttemptClass {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl Field for AttemptClass {
    fn put(&self, to: &mut Writer<'_>) {
        to.str(self.as_str()).expect(INFALLIBLE);
    }
    fn take(from: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        Ok(Self::named(from.str()?))
    }
    fn is_default(&self) -> bool {
        self.as_str().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nudged_plugin_api::frame::{from_bytes, to_bytes};

    #[test]
    fn a_class_is_read_by_the_name_that_it_is_written_by() {
        for (name, class) in AttemptClass::NAMED {
            assert_eq!(class.as_str(), name);
        }
        for name in ["", "grant_expired", "outside_hours", "of_tomorrow"] {
            let attempt = Attempt {
                class: AttemptClass::named(name),
                ..Attempt::default()
            };
            let read: Attempt = from_bytes(&to_bytes(&attempt)).expect("readable");
            assert_eq!((read.class.as_str(), &read), (name, &attempt));
        }
    }
}
