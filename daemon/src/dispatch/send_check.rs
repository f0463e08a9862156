//! What is decided again at send time: a device that came to the foreground, logged out or went to
//! another user while its delivery waited is not pushed, nor is what was revoked.
//!
//! In: batches that are about to be sent. Out: those that still may be, with the tokens that
//! the devices have now, and what is to be written of the others.

use std::sync::Arc;

use arc_swap::ArcSwap;
use nudged_plugin_api::Timestamp;

use super::batch::Batch;
use crate::model::{Binding, Delivery, Device, Purpose, Reason, Rules};
use crate::outcome::Settlement;
use crate::queue::{CurrentTokens, Revocations};
use crate::registry::{DeviceKey, Registry};

/// What is known of the devices.
pub struct SendCheck {
    registry: Arc<Registry>,
    revocations: Arc<Revocations>,
    rules: Arc<ArcSwap<Rules>>,
}

impl SendCheck {
    /// What these know, by these rules.
    pub fn new(
        registry: Arc<Registry>,
        revocations: Arc<Revocations>,
        rules: Arc<ArcSwap<Rules>>,
    ) -> Self {
        Self {
            registry,
            revocations,
            rules,
        }
    }

    /// Parts those that may be sent from those that may not.
    pub fn filter_sendable(
        &self,
        batches: Vec<Batch>,
        now: Timestamp,
    ) -> (Vec<Batch>, Vec<Settlement>) {
        let mut suppressed = Vec::new();
        let sendable = batches.into_iter().map(|batch| {
            let sent = batch.into_iter().filter_map(|mut lease| {
                match self.current_tokens(lease.delivery(), now) {
                    Ok(Some(renewed)) => lease.renew(renewed),
                    Ok(None) => {}
                    Err(reason) => {
                        suppressed.push(Settlement::suppressed(lease, reason));
                        return None;
                    }
                }
                Some(lease)
            });
            sent.collect::<Batch>()
        });
        let sendable = sendable.filter(|batch| !batch.is_empty()).collect();
        (sendable, suppressed)
    }

    /// The device's tokens where they have changed, or why it is not pushed any more.
    fn current_tokens(
        &self,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Option<CurrentTokens>, Reason> {
        // req 63: what was revoked is not sent.
        if self.revocations.contains(delivery.id.notification) {
            return Err(Reason::Revoked);
        }
        let recipient = &delivery.recipient;
        let (Some(user), Some(device)) = (&recipient.user, &recipient.device) else {
            return Ok(None);
        };
        let key = DeviceKey {
            app: delivery.content.app.clone(),
            user: user.clone(),
            device: device.clone(),
        };
        let found = match self.registry.get(&key) {
            Ok(Some(found)) => found,
            // A tombstone that cannot be read is taken for none.
            Ok(None) => match self.registry.tombstone(&key) {
                Ok(Some(_)) => return Err(Reason::TokenDead),
                _ => return Err(Reason::DeviceGone),
            },
            Err(error) => {
                tracing::error!(%error, user, device, "a device cannot be read; it is pushed as it was");
                return Ok(None);
            }
        };
        // req 11: it goes to the token that was reported last.
        let bound = found.reach(now, self.rules.load().dormant_after)?;
        renewed(delivery, &found, bound)
    }
}

/// The tokens of the device whose alerts go to `bound`, where they are others than the
/// delivery's.
fn renewed(
    delivery: &Delivery,
    device: &Device,
    bound: &Binding,
) -> Result<Option<CurrentTokens>, Reason> {
    let recipient = &delivery.recipient;
    let (bound, beside) = match (recipient.purpose, &recipient.activity_token) {
        (None, _) => (bound, None),
        (Some(purpose), None) => (of_kind(delivery, device, purpose)?, None),
        (Some(purpose), Some(_)) => (bound, Some(of_kind(delivery, device, purpose)?)),
    };
    if [Some(bound), beside]
        .into_iter()
        .flatten()
        .any(|it| it.channel != delivery.channel)
    {
        return Err(Reason::DeviceMoved);
    }
    Ok(match beside {
        Some(beside) => {
            let same = bound.token == recipient.token
                && recipient.activity_token.as_ref() == Some(&beside.token);
            (!same).then(|| CurrentTokens::Both(bound.token.clone(), beside.token.clone()))
        }
        None => (bound.token != recipient.token).then(|| CurrentTokens::Token(bound.token.clone())),
    })
}

/// The device's token for this kind of message, or why there is none any more.
fn of_kind<'a>(
    delivery: &Delivery,
    device: &'a Device,
    purpose: Purpose,
) -> Result<&'a Binding, Reason> {
    // req 72: a message of a kind goes to the token of that kind.
    let activity = delivery.content.activity.as_deref();
    device.token_for(purpose, activity).ok_or_else(|| {
        let mut tokens = device.tokens.iter();
        match tokens.any(|it| it.is(purpose, activity) && it.dead.is_some()) {
            true => Reason::TokenDead,
            false => Reason::DeviceGone,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CertificateId, Content, Evidence, KindToken, Recipient};

    const PHONE: CertificateId = CertificateId(7);
    const CALLS: CertificateId = CertificateId(8);

    fn binding(channel: CertificateId, token: &str) -> Binding {
        Binding {
            channel,
            token: token.to_owned(),
        }
    }

    fn kind(purpose: Purpose, channel: CertificateId, token: &str) -> KindToken {
        KindToken {
            purpose,
            activity: (purpose == Purpose::LiveActivity).then(|| "taxi".to_owned()),
            binding: binding(channel, token),
            ..KindToken::default()
        }
    }

    fn delivery(channel: CertificateId, purpose: Option<Purpose>, beside: bool) -> Delivery {
        let content = Content {
            activity: Some("taxi".to_owned()),
            ..Content::default()
        };
        Delivery {
            id: Default::default(),
            channel,
            recipient: Recipient {
                token: "old".to_owned(),
                activity_token: beside.then(|| "old".to_owned()),
                purpose,
                ..Recipient::default()
            },
            content: Arc::new(content),
            attempts: 0,
        }
    }

    #[test]
    fn what_waited_goes_to_the_token_of_its_kind_as_it_is_now() {
        let bound = binding(PHONE, "alert");
        let mut device = Device {
            tokens: vec![
                kind(Purpose::Voip, CALLS, "calls"),
                kind(Purpose::LiveActivity, PHONE, "taxi"),
            ],
            ..Device::default()
        };
        let current = |device: &Device, delivery: Delivery| renewed(&delivery, device, &bound);
        let (voip, activity) = (Some(Purpose::Voip), Some(Purpose::LiveActivity));
        let token = |text: &str| Ok(Some(CurrentTokens::Token(text.to_owned())));
        assert_eq!(
            current(&device, delivery(PHONE, None, false)),
            token("alert")
        );
        assert_eq!(
            current(&device, delivery(CALLS, voip, false)),
            token("calls")
        );
        assert_eq!(
            current(&device, delivery(PHONE, activity, false)),
            token("taxi")
        );
        let both = CurrentTokens::Both("alert".to_owned(), "taxi".to_owned());
        assert_eq!(
            current(&device, delivery(PHONE, activity, true)),
            Ok(Some(both))
        );
        // It goes through the channel that it was made for, or not at all.
        for (channel, purpose) in [(CALLS, None), (PHONE, voip)] {
            let moved = current(&device, delivery(channel, purpose, false));
            assert_eq!(moved, Err(Reason::DeviceMoved));
        }
        // Who has no token for calls any more does not get the call as an alert's.
        device.tokens[0].dead = Some(Evidence::default());
        let gone = current(&device, delivery(CALLS, voip, false));
        assert_eq!(gone, Err(Reason::TokenDead));
        device.tokens.clear();
        for (purpose, beside) in [(voip, false), (activity, true)] {
            let gone = current(&device, delivery(PHONE, purpose, beside));
            assert_eq!(gone, Err(Reason::DeviceGone));
        }
    }
}
