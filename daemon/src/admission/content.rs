//! What is shown: the contents of one notification, one for each kind of device.
//!
//! In: the notification, checked, and the device. Out: the [`Content`] that its delivery
//! carries; devices that are shown the same share one.

use std::collections::{BTreeMap, BTreeSet};

use nudged_plugin_api::{Badge, Kind, Notice};

use super::badge;
use super::compose::ComposedMessage;
use super::context::{BuiltContent, NotificationContext, Variant, translation};
use super::error::RefusedOptions;
use super::kind::Address;
use super::rehearsal_cache::DeviceContent;
use super::resolve::Candidate;
use super::text::Localization;
use crate::channels::RouteEntry;
use crate::model::{CertificateId, written_at};
use nudged_wire::AcceptedNotice;

/// What a notice of something in the place of a kind speaks of.
pub const KIND: &str = "message.kind";
/// Notices that an answer has.
const MAX_NOTICES: usize = 256;
/// Contents of one notification that are rehearsed, besides the first of each channel that gets
/// options: they are the same in all.
const MAX_REHEARSALS: usize = 16;

/// The contents of one notification.
pub struct Contents<'a> {
    context: NotificationContext<'a>,
    built: BTreeMap<Variant<'a>, Option<BuiltContent>>,
    /// How many were rehearsed.
    rehearsed: usize,
    /// Channels whose drivers have seen their options.
    options_seen: BTreeSet<CertificateId>,
    notices: Vec<AcceptedNotice>,
    /// Channels whose devices get an alert in the kind's place, and why, as the notice says.
    stand_ins: BTreeSet<(CertificateId, Option<String>)>,
    /// Contents that were rehearsed, by their numbers, with each kind of badge.
    badges: BTreeSet<(u32, BadgeKind)>,
}

/// What vendors can do with a badge, or cannot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum BadgeKind {
    None,
    Set,
    Add,
}

impl<'a> Contents<'a> {
    pub fn new(context: NotificationContext<'a>) -> Self {
        Self {
            context,
            built: BTreeMap::new(),
            rehearsed: 0,
            options_seen: BTreeSet::new(),
            notices: Vec::new(),
            stand_ins: BTreeSet::new(),
            badges: BTreeSet::new(),
        }
    }

    /// What devices will show otherwise than asked, as far as it is known now.
    pub fn into_notices(self) -> Vec<AcceptedNotice> {
        self.notices
    }

    /// What a device gets by `channel`; none = there is nothing to show on it.
    pub fn of(
        &mut self,
        channel: &RouteEntry,
        device: &Candidate<'_>,
        address: &Address<'_>,
    ) -> Result<Option<BuiltContent>, RefusedOptions> {
        let context = self.context;
        let translation = device
            .language
            .as_deref()
            .and_then(|language| translation(context.spec, language));
        let language = device
            .language
            .as_deref()
            .unwrap_or(&context.rules.language);
        // Of what a service reaches, the device knows best which it is.
        let phones = device.platform.unwrap_or(channel.info.platform);
        let variant = Variant {
            channel: channel.certificate_id,
            platform: match context.differs_by_platform(phones, channel, device) {
                true => phones.as_str(),
                false => "",
            },
            as_asked: address.kind == context.wanted.kind,
            translation: translation.map(|(language, _)| language),
            localization: match context.spec.message.elements.is_empty() {
                true => Localization::English,
                false => Localization::of(language),
            },
            sound: device.sound.clone(),
        };
        if let Some(built) = self.built.get(&variant) {
            let built = built.clone();
            if let Some(built) = &built {
                self.with_badge(channel, built, device, address);
            }
            return Ok(built);
        }
        let translation = translation.map(|(_, spec)| spec);
        let composed = context.compose(channel, &variant, phones, translation);
        let built = match composed {
            None => None,
            Some(composed) => Some(self.make(channel, composed, &variant, device, address)?),
        };
        self.built.insert(variant, built.clone());
        Ok(built)
    }

    fn make(
        &mut self,
        channel: &RouteEntry,
        composed: ComposedMessage,
        variant: &Variant<'_>,
        device: &Candidate<'_>,
        address: &Address<'_>,
    ) -> Result<BuiltContent, RefusedOptions> {
        let context = self.context;
        let ComposedMessage {
            message,
            badge,
            sound_notice,
        } = composed;
        let notices: Vec<Notice> = sound_notice
            .map(|text| Notice::new("sound", text))
            .into_iter()
            .collect();
        let mut built = BuiltContent {
            number: self.built.len() as u32,
            content: context.content(message, notices),
            badge,
            unsendable: None,
        };
        let badge = built.badge_of(channel, device);
        self.badges.insert((built.number, BadgeKind::of(badge)));
        let rehearsed = match self.rehearse(channel, &mut built, badge, address) {
            Err(refused) if context.spare_options || !variant.as_asked => {
                let mut message = built.content.message.clone();
                message.options = None;
                built.content = context.content(message, built.content.notices.clone());
                self.add_notice(left_out(channel, &refused));
                self.rehearse(channel, &mut built, badge, address)?
            }
            rehearsed => rehearsed?,
        };
        for notice in rehearsed {
            self.add_notice(notice);
        }
        for notice in &built.content.notices {
            self.add_notice(AcceptedNotice {
                channel: Some(channel.name.clone()),
                field: written_at(&notice.field, &channel.info.vendor),
                text: notice.text.clone(),
            });
        }
        Ok(built)
    }

    /// Devices that are shown the same may differ in the number on their icons, and then in what
    /// their vendor makes of that.
    fn with_badge(
        &mut self,
        channel: &RouteEntry,
        built: &BuiltContent,
        device: &Candidate<'_>,
        address: &Address<'_>,
    ) {
        let badge = built.badge_of(channel, device);
        if self.badges.insert((built.number, BadgeKind::of(badge))) {
            let rehearsed = self.rehearse(channel, &mut built.clone(), badge, address);
            // What refuses the message was reported with its first device.
            for notice in rehearsed.unwrap_or_default() {
                self.add_notice(notice);
            }
        }
    }

    /// Adds the notice of what devices of a channel get in the place of the kind that was asked for; `why`
    /// where it is the channel's own reason.
    pub fn note_stand_in(&mut self, channel: &RouteEntry, why: Option<&AcceptedNotice>) {
        let why = why.map(|notice| notice.text.clone());
        let stand_in = (channel.certificate_id, why);
        if self.stand_ins.contains(&stand_in) {
            return;
        }
        self.add_notice(AcceptedNotice {
            channel: Some(channel.name.clone()),
            field: KIND.to_owned(),
            text: match &stand_in.1 {
                Some(why) => format!("is an ordinary alert: {why}"),
                None => self.context.wanted.stand_in_text(channel),
            },
        });
        self.stand_ins.insert(stand_in);
    }

    /// Adds a notice for the caller, once.
    pub fn add_notice(&mut self, notice: AcceptedNotice) {
        if self.notices.len() < MAX_NOTICES && !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// What the driver has to say of a content, where that is not known from others.
    fn rehearse(
        &mut self,
        channel: &RouteEntry,
        built: &mut BuiltContent,
        badge: Option<Badge>,
        address: &Address<'_>,
    ) -> Result<Vec<AcceptedNotice>, RefusedOptions> {
        let Some(route) = channel.route() else {
            return Ok(Vec::new());
        };
        let message = &built.content.message;
        let sample = DeviceContent {
            message,
            badge,
            now: self.context.now,
        };
        let is_special = message.options.is_some() || message.kind != Kind::Alert;
        let must = is_special && self.options_seen.insert(channel.certificate_id);
        let known =
            self.rehearsed >= MAX_REHEARSALS || self.context.rehearsals.knows(route, &sample);
        if known && !must {
            return Ok(Vec::new());
        }
        self.rehearsed += 1;
        self.context.rehearse(route, built, badge, address)
    }
}

impl BuiltContent {
    /// What the icon of a device is to show, as far as it is known before it is counted.
    fn badge_of(&self, channel: &RouteEntry, device: &Candidate<'_>) -> Option<Badge> {
        let kind = self.content.message.kind;
        let wanted = device.badge.or(self.badge);
        badge::foreseen(wanted, device.unread, kind, &channel.info)
    }
}

impl BadgeKind {
    fn of(badge: Option<Badge>) -> Self {
        match badge {
            Some(Badge::Set(_)) => Self::Set,
            Some(Badge::Add(_)) => Self::Add,
            _ => Self::None,
        }
    }
}

/// Options that refuse no message, as they were meant for another kind of it.
fn left_out(channel: &RouteEntry, refused: &RefusedOptions) -> AcceptedNotice {
    AcceptedNotice {
        channel: Some(channel.name.clone()),
        field: written_at("options", &channel.info.vendor),
        text: format!("were left out: {} {refused}", refused.field),
    }
}
