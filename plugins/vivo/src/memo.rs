//! What the driver remembers between two requests: which one was sent, the class that the message
//! was sent in, and what to send should vivo take its text for a test. A message for one regId, of
//! the channel's own class and of an ordinary text, leaves nothing.

use nudged_driver_kit::token;
use nudged_plugin_api::Target;
use serde::{Deserialize, Serialize};

use crate::classification::Classification;
use crate::settings::Channel;

/// Left with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Memo {
    /// vivo's number of the message's class: its words on quotas name a class.
    pub classification: u8,
    /// Which request was sent.
    #[serde(flatten)]
    pub stage: Stage,
    /// The message with the sender's name in front.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// Which request was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(crate) enum Stage {
    /// `send`.
    Send,
    /// `saveListPayload`.
    Save {
        grant: String,
        request_id: String,
        push_mode: u8,
    },
    /// `pushToList` for this task, which another one may follow: see [`Memo::again`].
    Push { task_id: String, request_id: String },
}

impl Stage {
    /// The interface that takes the message itself.
    pub fn path(&self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Save { .. } | Self::Push { .. } => "saveListPayload",
        }
    }
}

/// A message to send or save in the first one's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Again {
    pub grant: String,
    pub body: String,
}

impl Memo {
    /// As bytes; none where nothing needs to be remembered.
    pub fn bytes(&self, channel: &Channel) -> Vec<u8> {
        if *self == Self::of_send(channel) {
            return Vec::new();
        }
        serde_json::to_vec(self).expect("texts and numbers always make JSON")
    }

    /// From the memo, and from the targets where there is none; none when it was lost, or is
    /// another driver's.
    pub fn read(bytes: &[u8], targets: &[Target], channel: &Channel) -> Option<Self> {
        if bytes.is_empty() {
            return token::is_one(targets).then(|| Self::of_send(channel));
        }
        let memo: Self = serde_json::from_slice(bytes).ok()?;
        // They go into a header again.
        let sound = |grant: &str| grant.bytes().all(|byte| byte.is_ascii_graphic());
        let saved = match &memo.stage {
            Stage::Save { grant, .. } => sound(grant),
            _ => true,
        };
        let again = memo.again.as_ref().is_none_or(|again| sound(&again.grant));
        (saved && again).then_some(memo)
    }

    fn of_send(channel: &Channel) -> Self {
        Self {
            classification: channel.classification.number(),
            stage: Stage::Send,
            again: None,
        }
    }

    /// The message's class.
    pub fn class(&self) -> Option<Classification> {
        Classification::from_number(self.classification.into())
    }
}

#[cfg(test)]
mod tests {
    use nudged_plugin_api::{Driver, Settings, Timestamp};

    use super::*;
    use crate::Vivo;

    fn channel() -> Channel {
        let settings = Settings::new()
            .with("app_id", 105_000_001)
            .with("app_key", "k")
            .with("app_secret", "s");
        Vivo::open(&settings, Timestamp(0)).unwrap().channel
    }

    fn memo(stage: Stage) -> Memo {
        let again = Again {
            grant: "abc".to_owned(),
            body: "{}".to_owned(),
        };
        Memo {
            classification: 0,
            stage,
            again: Some(again),
        }
    }

    #[test]
    fn a_memo_comes_back_as_it_was_left() {
        let save = Stage::Save {
            grant: "abc".to_owned(),
            request_id: "r-1".to_owned(),
            push_mode: 1,
        };
        let push = Stage::Push {
            task_id: "542".to_owned(),
            request_id: "r-1".to_owned(),
        };
        for stage in [Stage::Send, save, push] {
            let memo = memo(stage);
            let bytes = memo.bytes(&channel());
            assert_eq!(Memo::read(&bytes, &[], &channel()), Some(memo));
        }
    }

    #[test]
    fn a_foreign_memo_is_a_lost_one() {
        let one = [Target::new("1", "a")];
        for memo in [
            &b"\xff\0"[..],
            b"{}",
            b"{\"step\":\"save\"}",
            b"{\"classification\":1,\"step\":\"save\",\"grant\":\"a\\r\\nb\",\
              \"request_id\":\"r\",\"push_mode\":0}",
            b"{\"classification\":1,\"step\":\"send\",\"again\":{\"grant\":\"a b\",\"body\":\"\"}}",
        ] {
            assert_eq!(Memo::read(memo, &one, &channel()), None);
        }
    }

    #[test]
    fn without_a_memo_one_reg_id_means_a_single_message_of_the_channels_class() {
        let channel = channel();
        let send = Memo::of_send(&channel);
        assert_eq!(send.bytes(&channel), b"");
        let twice = [Target::new("1", "a"), Target::new("2", "a")];
        assert_eq!(Memo::read(&[], &twice, &channel), Some(send));
        let two = [Target::new("1", "a"), Target::new("2", "b")];
        assert_eq!(Memo::read(&[], &two, &channel), None);
    }
}
