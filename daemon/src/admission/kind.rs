//! Which of a device's tokens takes a message, by the message's kind: a phone gives a token of its
//! own for calls and for each Live Activity (req 72). Pure.
//!
//! In: the kind that is asked for, a device, what drivers send. Out: the token, and what the device
//! gets by it: the kind itself, or an alert in its place. Refuses to know what is shown, and
//! vendors.

use nudged_plugin_api::text::present;
use nudged_plugin_api::{Kind, TokenUse};

use super::submission::Submission;
use crate::channels::{RouteEntry, RouteTable};
use crate::model::{Binding, Device, Purpose, Reason};
use nudged_wire::{ActivityEventName, KindName};

/// How a device is reached, and which kind of message it gets that way.
#[derive(Clone)]
pub struct Address<'t> {
    /// By this channel.
    pub channel: &'t RouteEntry,
    /// The channel's id, and the token.
    pub binding: Binding,
    /// The kind of message that goes there.
    pub kind: Kind,
    /// Whose token that is, or the one beside it, where it is not the device's own.
    pub purpose: Option<Purpose>,
    /// The Live Activity's token beside it.
    pub beside: Option<String>,
    /// Where an alert goes, should the channel not be able to send the kind after all.
    pub spare: Option<(&'t RouteEntry, Binding)>,
}

impl<'t> Address<'t> {
    /// An alert to the device's token.
    pub fn alert(channel: &'t RouteEntry, binding: Binding) -> Self {
        Self::of(channel, binding, Kind::Alert)
    }

    fn of(channel: &'t RouteEntry, binding: Binding, kind: Kind) -> Self {
        Self {
            channel,
            binding,
            kind,
            purpose: None,
            beside: None,
            spare: None,
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct RequestedKind<'a> {
    /// The kind.
    pub kind: Kind,
    /// The Live Activity's id, by which devices report its token.
    pub activity: Option<&'a str>,
    purpose: Option<Purpose>,
    tokens_only: bool,
}

impl<'a> RequestedKind<'a> {
    /// By this.
    pub fn of(submission: &'a Submission) -> Self {
        let message = &submission.spec.message;
        let activity = message.live_activity.as_ref();
        let kind = kind(message.kind);
        Self {
            kind,
            activity: activity.and_then(|it| present(&it.id)),
            purpose: match kind {
                Kind::Voip => Some(Purpose::Voip),
                Kind::LiveActivity => Some(match activity.map(|it| it.event) {
                    Some(ActivityEventName::Start) => Purpose::LiveActivityStart,
                    _ => Purpose::LiveActivity,
                }),
                _ => None,
            },
            tokens_only: submission.tokens_only,
        }
    }

    /// How a device is reached whose alerts go to `bound`.
    pub fn of_device<'t>(
        &self,
        table: &'t RouteTable,
        device: &Device,
        bound: &Binding,
    ) -> Result<Address<'t>, Reason> {
        if let Some(address) = self.by_its_token(table, device, bound) {
            return Ok(address);
        }
        let entry = table.by_id(bound.channel).ok_or(Reason::NoChannel)?;
        match self.sent_by(entry) {
            Some(TokenUse::Device) if !self.tokens_only || self.kind == Kind::Background => {
                Ok(Address::of(entry, bound.clone(), self.kind))
            }
            _ => self.instead(entry, bound.clone()),
        }
    }

    /// How a token without a device is reached: it is taken to be of the kind, if its channel
    /// sends that.
    pub fn of_token<'t>(
        &self,
        entry: &'t RouteEntry,
        binding: Binding,
    ) -> Result<Address<'t>, Reason> {
        match self.sent_by(entry) {
            Some(_) => Ok(Address::of(entry, binding, self.kind)),
            None => self.instead(entry, binding),
        }
    }

    // req 72: a kind with tokens of its own goes to that token.
    fn by_its_token<'t>(
        &self,
        table: &'t RouteTable,
        device: &Device,
        bound: &Binding,
    ) -> Option<Address<'t>> {
        let own = device.token_for(self.purpose?, self.activity)?;
        let channel = table.by_id(own.channel)?;
        let (binding, beside) = match self.sent_by(channel)? {
            TokenUse::Own => (own, None),
            TokenUse::Beside if own.channel == bound.channel => (bound, Some(own.token.clone())),
            _ => return None,
        };
        let spare = table.by_id(bound.channel);
        Some(Address {
            channel,
            binding: binding.clone(),
            kind: self.kind,
            purpose: self.purpose,
            beside,
            spare: spare.map(|entry| (entry, bound.clone())),
        })
    }

    /// What shows is better than nothing; what wakes an app that cannot be woken is nothing.
    fn instead<'t>(&self, entry: &'t RouteEntry, binding: Binding) -> Result<Address<'t>, Reason> {
        match self.kind {
            Kind::Background => Err(Reason::NoBackground),
            // req 72: an alert stands in where there is no token of the kind.
            _ => Ok(Address::alert(entry, binding)),
        }
    }

    /// To which token a channel sends the kind.
    fn sent_by(&self, entry: &RouteEntry) -> Option<TokenUse> {
        if !entry.is_described() {
            // Its driver is not there, and what waits for it waits as it is.
            return Some(match self.purpose {
                Some(_) => TokenUse::Own,
                None => TokenUse::Device,
            });
        }
        entry.info.sends(self.kind)
    }

    /// What a channel's devices show in the kind's place, for whoever sent it.
    pub fn stand_in_text(&self, entry: &RouteEntry) -> String {
        let title = &entry.info.title;
        match (self.sent_by(entry), self.kind) {
            (None, Kind::Voip) => format!("is an ordinary alert: {title} has no calls"),
            (None, Kind::LiveActivity) => {
                format!("is an ordinary alert: {title} has no Live Activities")
            }
            (None, _) => format!("is not sent: {title} has no background messages"),
            (Some(_), Kind::Voip) => {
                "is an ordinary alert on devices without a token for calls".to_owned()
            }
            (Some(_), _) => match (self.purpose, self.activity) {
                (Some(Purpose::LiveActivity), None) => {
                    "is an ordinary alert: live_activity.id is missing, by which devices report \
                     the activity's token"
                }
                (Some(Purpose::LiveActivityStart), _) => {
                    "is an ordinary alert on devices without a token to start Live Activities"
                }
                _ => "is an ordinary alert on devices without a token of this Live Activity",
            }
            .to_owned(),
        }
    }
}

/// A kind as drivers call it.
pub fn kind(name: KindName) -> Kind {
    match name {
        KindName::Alert => Kind::Alert,
        KindName::Background => Kind::Background,
        KindName::Voip => Kind::Voip,
        KindName::LiveActivity => Kind::LiveActivity,
    }
}

#[cfg(test)]
mod tests;
