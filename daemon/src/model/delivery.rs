//! One notification for one device, and what deliveries of one channel share.

use std::sync::Arc;

use nudged_plugin_api::{
    Badge, Kind, Lifetime, Message, Notice, Priority, Target, Timestamp, frame,
};

use super::{CertificateId, DeliveryId, Purpose};

/// The device that a delivery goes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    /// The user, when the delivery was addressed to one.
    pub user: Option<String>,
    /// The user's device.
    pub device: Option<String>,
    /// The vendor's token.
    pub token: String,
    /// The number on this device's icon, where it differs from the message's.
    pub badge: Option<Badge>,
    /// The token of the Live Activity beside it, where the driver wants both.
    pub activity_token: Option<String>,
    /// Which of the device's tokens `token` is, or the one beside it; none = the device's own.
    pub purpose: Option<Purpose>,
}
frame!(Recipient { 0 user, 1 device, 2 token, 3 badge, 4 activity_token, 5 purpose });

impl Recipient {
    /// Whether a vendor's batch has one form for both: the same badge, and tokens of one kind.
    pub fn is_addressed_like(&self, other: &Self) -> bool {
        self.badge == other.badge && self.activity_token.is_some() == other.activity_token.is_some()
    }
}

/// What is shared by all deliveries of a notification on one channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    pub app: String,
    /// When the notification was accepted.
    pub accepted_at: Timestamp,
    /// No attempt after this.
    pub expires_at: Timestamp,
    /// What to show, with the options of this channel's vendor.
    pub message: Message,
    /// The kind that its sender asked for: another than the message's where an alert stands in.
    pub asked: Kind,
    /// Id of the Live Activity that it is about, by which devices report its token.
    pub activity: Option<String>,
    /// What was changed before its driver saw it, and why.
    pub notices: Vec<Notice>,
}
frame!(Content {
    0 app, 1 accepted_at, 2 expires_at, 3 message, 4 asked, 5 activity, 6 notices,
});

impl Content {
    /// Whether it is of the kind that was asked for.
    pub fn is_as_asked(&self) -> bool {
        self.message.kind == self.asked
    }

    /// Whose turn it is.
    pub fn rank(&self) -> Rank {
        let message = &self.message;
        // An alert in a call's place is a call that somebody waits for all the same.
        let is_call = message.kind == Kind::Voip || self.asked == Kind::Voip;
        if is_call || message.lifetime == Lifetime::NowOrNever {
            Rank::Urgent
        } else if message.priority == Priority::Normal {
            Rank::Patient
        } else {
            Rank::Ordinary
        }
    }
}

/// Whose turn comes sooner where more waits than can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Worth nothing later: calls, and what is delivered at once or not at all.
    Urgent,
    /// Everything else.
    Ordinary,
    /// What the sender says can wait: priority `normal`.
    Patient,
}

impl Rank {
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Ordinary, Self::Patient];
}

/// One notification for one device; the unit that is decided and traced.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub id: DeliveryId,
    /// The way it goes.
    pub channel: CertificateId,
    pub recipient: Recipient,
    /// What it gets.
    pub content: Arc<Content>,
    /// Attempts that the vendor may have seen, so far.
    pub attempts: u32,
}

impl Delivery {
    /// The device as its driver sees it.
    pub fn target(&self) -> Target {
        let mut target = Target::new(
            self.id.notification.delivery(self.id.n),
            self.recipient.token.as_str(),
        );
        target.badge = self.recipient.badge;
        target
            .activity_token
            .clone_from(&self.recipient.activity_token);
        target
    }

    /// Whether both may go out in one request: of one notification, and everything but the token
    /// is the same.
    pub fn may_share_request(&self, other: &Self) -> bool {
        self.id.notification == other.id.notification
            && (Arc::ptr_eq(&self.content, &other.content) || self.content == other.content)
            && self.recipient.is_addressed_like(&other.recipient)
    }

    /// Whether it is tried once only.
    pub fn is_now_or_never(&self) -> bool {
        self.content.message.lifetime == Lifetime::NowOrNever
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_urgent_whatever_it_is_shown_as() {
        let rank = |kind, asked| {
            let mut content = Content::default();
            content.message.kind = kind;
            content.message.lifetime = Lifetime::Until(Timestamp(1));
            content.asked = asked;
            content.rank()
        };
        assert_eq!(rank(Kind::Voip, Kind::Voip), Rank::Urgent);
        assert_eq!(rank(Kind::Alert, Kind::Voip), Rank::Urgent);
        // As an earlier version wrote it.
        assert_eq!(rank(Kind::Voip, Kind::Alert), Rank::Urgent);
        assert_eq!(rank(Kind::Alert, Kind::LiveActivity), Rank::Ordinary);
    }

    #[test]
    fn a_recipient_of_an_earlier_version_has_the_devices_own_token() {
        use nudged_plugin_api::frame::{from_bytes, to_bytes};

        #[derive(Default)]
        struct LegacyDelivery {
            user: Option<String>,
            token: String,
        }
        frame!(LegacyDelivery { 0 user, 2 token });
        let legacy = LegacyDelivery {
            user: Some("bob".to_owned()),
            token: "t".to_owned(),
        };
        let read: Recipient = from_bytes(&to_bytes(&legacy)).expect("readable");
        assert_eq!((read.purpose, read.activity_token), (None, None));
        for purpose in [
            Purpose::Voip,
            Purpose::LiveActivityStart,
            Purpose::LiveActivity,
        ] {
            let written = Recipient {
                activity_token: Some("a".to_owned()),
                purpose: Some(purpose),
                ..Recipient::default()
            };
            let read: Recipient = from_bytes(&to_bytes(&written)).expect("readable");
            assert_eq!(read, written);
        }
    }
}
