//! What is shown: the contents of one notification, one for each kind of device.
//!
//! In: the notification, checked, and the device. Out: the [`Content`] that its delivery
//! carries; devices that are told the same share one.

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
const MOST_NOTICES: usize = 256;
/// Contents of one notification that are rehearsed, besides the first of each channel that gets
/// options: they are the same in all.
const MOST_REHEARSED: usize = 16;

/// The contents of one notification.
pub struct Contents<'a> {
    asked: NotificationContext<'a>,
    made: BTreeMap<Variant<'a>, Option<BuiltContent>>,
    /// How many were rehearsed.
    rehearsed: usize,
    /// Channels whose drivers have seen their options.
    heard: BTreeSet<CertificateId>,
    notices: Vec<AcceptedNotice>,
    /// Channels whose devices are told something in the kind's place, and why, as it was said.
    told: BTreeSet<(CertificateId, Option<String>)>,
    /// Contents that were rehearsed, by their numbers, with each form of badge.
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
    /// None yet.
    pub fn new(asked: NotificationContext<'a>) -> Self {
        Self {
            asked,
            made: BTreeMap::new(),
            rehearsed: 0,
            heard: BTreeSet::new(),
            notices: Vec::new(),
            told: BTreeSet::new(),
            badges: BTreeSet::new(),
        }
    }

    /// What devices will show otherwise than asked, as far as it is known now.
    pub fn into_notices(self) -> Vec<AcceptedNotice> {
        self.notices
    }

    /// What a device is told by `channel`; none = there is nothing to show on it.
    pub fn of(
        &mut self,
        channel: &RouteEntry,
        device: &Candidate<'_>,
        address: &Address<'_>,
    ) -> Result<Option<BuiltContent>, RefusedOptions> {
        let asked = self.asked;
        let translation = device
            .language
            .as_deref()
            .and_then(|language| translation(asked.spec, language));
        let language = device.language.as_deref().unwrap_or(&asked.rules.language);
        // Of what a service reaches, the device knows best which it is.
        let phones = device.platform.unwrap_or(channel.info.platform);
        let variant = Variant {
            channel: channel.certificate_id,
            platform: match asked.tells_apart(phones, channel, device) {
                true => phones.as_str(),
                false => "",
            },
            as_asked: address.kind == asked.wanted.kind,
            translation: translation.map(|(language, _)| language),
            words: match asked.spec.message.elements.is_empty() {
                true => Localization::English,
                false => Localization::of(language),
            },
            sound: device.sound.clone(),
        };
        if let Some(made) = self.made.get(&variant) {
            let made = made.clone();
            if let Some(made) = &made {
                self.with_badge(channel, made, device, address);
            }
            return Ok(made);
        }
        let words = translation.map(|(_, words)| words);
        let composed = asked.compose(channel, &variant, phones, words);
        let made = match composed {
            None => None,
            Some(composed) => Some(self.make(channel, composed, &variant, device, address)?),
        };
        self.made.insert(variant, made.clone());
        Ok(made)
    }

    fn make(
        &mut self,
        channel: &RouteEntry,
        composed: ComposedMessage,
        variant: &Variant<'_>,
        device: &Candidate<'_>,
        address: &Address<'_>,
    ) -> Result<BuiltContent, RefusedOptions> {
        let asked = self.asked;
        let ComposedMessage {
            message,
            badge,
            sound_notice,
        } = composed;
        let notices: Vec<Notice> = sound_notice
            .map(|text| Notice::new("sound", text))
            .into_iter()
            .collect();
        let mut made = BuiltContent {
            number: self.made.len() as u32,
            content: asked.content(message, notices),
            badge,
            unsendable: None,
        };
        let badge = made.badge_of(channel, device);
        self.badges.insert((made.number, BadgeKind::of(badge)));
        let rehearsed = match self.rehearse(channel, &mut made, badge, address) {
            Err(refused) if asked.spare_options || !variant.as_asked => {
                let mut message = made.content.message.clone();
                message.options = None;
                made.content = asked.content(message, made.content.notices.clone());
                self.tell(left_out(channel, &refused));
                self.rehearse(channel, &mut made, badge, address)?
            }
            rehearsed => rehearsed?,
        };
        for notice in rehearsed {
            self.tell(notice);
        }
        for notice in &made.content.notices {
            self.tell(AcceptedNotice {
                channel: Some(channel.name.clone()),
                field: written_at(&notice.field, &channel.info.vendor),
                text: notice.text.clone(),
            });
        }
        Ok(made)
    }

    /// Devices that are told the same may differ in the number on their icons, and then in what
    /// their vendor makes of that.
    fn with_badge(
        &mut self,
        channel: &RouteEntry,
        made: &BuiltContent,
        device: &Candidate<'_>,
        address: &Address<'_>,
    ) {
        let badge = made.badge_of(channel, device);
        if self.badges.insert((made.number, BadgeKind::of(badge))) {
            let rehearsed = self.rehearse(channel, &mut made.clone(), badge, address);
            // What refuses the message, its first device was told.
            for notice in rehearsed.unwrap_or_default() {
                self.tell(notice);
            }
        }
    }

    /// Says what devices of a channel are told in the place of the kind that was asked for; `why`
    /// where it is the channel's own reason.
    pub fn stands_in(&mut self, channel: &RouteEntry, why: Option<&AcceptedNotice>) {
        let why = why.map(|notice| notice.text.clone());
        let told = (channel.certificate_id, why);
        if self.told.contains(&told) {
            return;
        }
        self.tell(AcceptedNotice {
            channel: Some(channel.name.clone()),
            field: KIND.to_owned(),
            text: match &told.1 {
                Some(why) => format!("is an ordinary alert: {why}"),
                None => self.asked.wanted.told(channel),
            },
        });
        self.told.insert(told);
    }

    /// Tells the caller, once.
    pub fn tell(&mut self, notice: AcceptedNotice) {
        if self.notices.len() < MOST_NOTICES && !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// What the driver has to say of a content, where that is not known from others.
    fn rehearse(
        &mut self,
        channel: &RouteEntry,
        made: &mut BuiltContent,
        badge: Option<Badge>,
        address: &Address<'_>,
    ) -> Result<Vec<AcceptedNotice>, RefusedOptions> {
        let Some(route) = channel.route() else {
            return Ok(Vec::new());
        };
        let message = &made.content.message;
        let told = DeviceContent {
            message,
            badge,
            now: self.asked.now,
        };
        let is_special = message.options.is_some() || message.kind != Kind::Alert;
        let must = is_special && self.heard.insert(channel.certificate_id);
        let known = self.rehearsed >= MOST_REHEARSED || self.asked.quiet.knows(route, &told);
        if known && !must {
            return Ok(Vec::new());
        }
        self.rehearsed += 1;
        self.asked.rehearse(route, made, badge, address)
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
