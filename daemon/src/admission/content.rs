//! What is shown: the contents of one notification, one for each kind of device.
//!
//! In: the notification, checked, and the device. Out: the [`Content`] that its delivery
//! carries; devices that are told the same share one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use nudged_plugin_api::call::Encoded;
use nudged_plugin_api::text::present;
use nudged_plugin_api::{
    ActivityEvent, Badge, Kind, Lifetime, LiveActivity, Message, Notice, Platform, Timestamp,
};
use serde_json::value::RawValue;

use super::badge;
use super::behind;
use super::compose::{Composed, Levels};
use super::kind::{Address, Wanted};
use super::preference;
use super::quiet::{Quiet, Told};
use super::resolve::Candidate;
use super::text::{self, Speaker, Words};
use crate::api::halves;
use crate::api::problem::{Code, Problem};
use crate::api::schema::{
    AcceptedNotice, ActivityEventName, BadgeChange, LiveActivitySpec, NotificationSpec,
    TranslationSpec,
};
use crate::dispatch::{Entry, Rehearsed, Route};
use crate::model::{CertificateId, Content, Rules, is_resource, written_at};

/// Now or never still has to be queued, and perhaps wait for a connection.
const NOW: Duration = Duration::from_secs(60);
/// What a notice of something in the place of a kind speaks of.
pub const KIND: &str = "message.kind";
/// Notices that an answer has.
const MOST_NOTICES: usize = 256;
/// Contents of one notification that are rehearsed, besides the first of each channel that gets
/// options: they are the same in all.
const MOST_REHEARSED: usize = 16;

/// No attempt after this.
pub fn expiry(ttl: Duration, now: Timestamp) -> Timestamp {
    now.plus_seconds(if ttl.is_zero() {
        NOW.as_secs()
    } else {
        ttl.as_secs()
    })
}

/// What all contents of a notification have in common.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The notification.
    pub spec: &'a NotificationSpec,
    /// The tenant.
    pub app: &'a str,
    /// What the operator has set.
    pub rules: &'a Rules,
    /// How long delivery is tried.
    pub ttl: Duration,
    /// When it is accepted.
    pub now: Timestamp,
    /// What needs no rehearsal.
    pub quiet: &'a Quiet,
    /// What kind of message is asked for.
    pub wanted: Wanted<'a>,
    /// Options are for a kind that not every device is told: what another has no use for is left
    /// out, and refuses no notification.
    pub spare_options: bool,
}

/// The contents of one notification.
pub struct Contents<'a> {
    asked: Asked<'a>,
    made: BTreeMap<Variant<'a>, Option<Made>>,
    /// How many were rehearsed.
    rehearsed: usize,
    /// Channels whose drivers have seen their options.
    heard: BTreeSet<CertificateId>,
    notices: Vec<AcceptedNotice>,
    /// Channels whose devices are told something in the kind's place, and why, as it was said.
    told: BTreeSet<(CertificateId, Option<String>)>,
    /// Contents that were rehearsed, by their numbers, with each form of badge.
    badges: BTreeSet<(u32, Form)>,
}

/// What vendors can do with a badge, or cannot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    None,
    Set,
    Add,
}

/// One content.
#[derive(Clone)]
pub struct Made {
    /// Its place among the notification's contents.
    pub number: u32,
    /// The content.
    pub content: Arc<Content>,
    /// What the sender wants of the number on the icon.
    pub badge: Option<BadgeChange>,
    /// Why its channel cannot send the kind, which others of the driver can.
    pub unsendable: Option<Arc<AcceptedNotice>>,
}

/// What makes one content differ from another.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Variant<'a> {
    channel: CertificateId,
    /// The phone's platform, where it makes a difference; else empty.
    platform: &'static str,
    /// Whether the device is told the kind that was asked for.
    as_asked: bool,
    translation: Option<&'a str>,
    words: Words,
    sound: Option<String>,
}

impl<'a> Contents<'a> {
    /// None yet.
    pub fn new(asked: Asked<'a>) -> Self {
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
        channel: &Entry,
        device: &Candidate,
        address: &Address,
    ) -> Result<Option<Made>, Problem> {
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
                true => Words::English,
                false => Words::of(language),
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
        channel: &Entry,
        composed: Composed,
        variant: &Variant<'_>,
        device: &Candidate,
        address: &Address,
    ) -> Result<Made, Problem> {
        let asked = self.asked;
        let Composed {
            message,
            badge,
            sound_notice,
        } = composed;
        let notices: Vec<Notice> = sound_notice
            .map(|text| Notice::new("sound", text))
            .into_iter()
            .collect();
        let mut made = Made {
            number: self.made.len() as u32,
            content: asked.content(message, notices),
            badge,
            unsendable: None,
        };
        let badge = made.badge_of(channel, device);
        self.badges.insert((made.number, Form::of(badge)));
        let rehearsed = match self.rehearse(channel, &mut made, badge, address) {
            Err(problem) if asked.spare_options || !variant.as_asked => {
                let mut message = made.content.message.clone();
                message.options = None;
                made.content = asked.content(message, made.content.notices.clone());
                self.tell(left_out(channel, problem));
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
    fn with_badge(&mut self, channel: &Entry, made: &Made, device: &Candidate, address: &Address) {
        let badge = made.badge_of(channel, device);
        if self.badges.insert((made.number, Form::of(badge))) {
            let rehearsed = self.rehearse(channel, &mut made.clone(), badge, address);
            // What refuses the message, its first device was told.
            for notice in rehearsed.unwrap_or_default() {
                self.tell(notice);
            }
        }
    }

    /// Says what devices of a channel are told in the place of the kind that was asked for; `why`
    /// where it is the channel's own reason.
    pub fn stands_in(&mut self, channel: &Entry, why: Option<&AcceptedNotice>) {
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
        channel: &Entry,
        made: &mut Made,
        badge: Option<Badge>,
        address: &Address,
    ) -> Result<Vec<AcceptedNotice>, Problem> {
        let Some(route) = channel.route() else {
            return Ok(Vec::new());
        };
        let message = &made.content.message;
        let told = Told {
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

impl Made {
    /// What the icon of a device is to show, as far as it is known before it is counted.
    fn badge_of(&self, channel: &Entry, device: &Candidate) -> Option<Badge> {
        let kind = self.content.message.kind;
        let wanted = device.badge.or(self.badge);
        badge::foreseen(wanted, device.unread, kind, &channel.info)
    }
}

impl Form {
    fn of(badge: Option<Badge>) -> Self {
        match badge {
            Some(Badge::Set(_)) => Self::Set,
            Some(Badge::Add(_)) => Self::Add,
            _ => Self::None,
        }
    }
}

/// Options that refuse no message, as they were meant for another kind of it.
fn left_out(channel: &Entry, problem: Problem) -> AcceptedNotice {
    AcceptedNotice {
        channel: Some(channel.name.clone()),
        field: written_at("options", &channel.info.vendor),
        text: format!(
            "were left out: {} {}",
            problem.field.as_deref().unwrap_or_default(),
            problem.detail
        ),
    }
}

impl Asked<'_> {
    /// Whether phones of this platform are told something else than others of the channel.
    fn tells_apart(&self, phones: Platform, channel: &Entry, device: &Candidate) -> bool {
        let message = &self.spec.message;
        let vendor = message.platforms.get(&channel.info.vendor);
        let sounds = [
            vendor.and_then(|it| it.sound.as_ref()),
            message.sound.as_ref(),
            device.sound.as_ref(),
            channel.defaults.sound.as_ref(),
        ];
        message.platforms.contains_key(phones.as_str())
            || sounds.into_iter().flatten().any(|it| is_resource(it))
    }

    fn compose(
        &self,
        channel: &Entry,
        variant: &Variant<'_>,
        phones: Platform,
        translation: Option<&TranslationSpec>,
    ) -> Option<Composed> {
        let spec = self.spec;
        let name = spec.sender.as_ref().and_then(|it| present(&it.name));
        let group = spec.conversation.as_ref().and_then(|it| present(&it.name));
        let speaker = Speaker {
            name,
            kind: preference::kind(spec),
            group,
        };
        let derived = text::derived(&spec.message.elements, speaker, variant.words);
        let platforms = &spec.message.platforms;
        let levels = Levels {
            vendor: platforms.get(&channel.info.vendor),
            platform: platforms.get(variant.platform),
            translation,
            message: Some(&spec.message),
            derived: derived.as_deref(),
            user_sound: variant.sound.as_deref(),
            channel: Some(&channel.defaults),
            default_title: self.rules.default_title.as_deref(),
            phones,
            instead: (!variant.as_asked).then_some(Kind::Alert),
        };
        let mut composed = levels.compose()?;
        let message = &mut composed.message;
        message.test = spec.test;
        message.sender = name.map(str::to_owned);
        message.lifetime = if self.ttl.is_zero() {
            Lifetime::NowOrNever
        } else {
            Lifetime::Until(expiry(self.ttl, self.now))
        };
        if message.kind == Kind::LiveActivity {
            let activity = spec.message.live_activity.as_ref();
            message.live_activity = activity.map(|it| live_activity(it, self.now));
        }
        message.options = behind::options(spec, &channel.info);
        Some(composed)
    }

    fn content(&self, message: Message, notices: Vec<Notice>) -> Arc<Content> {
        Arc::new(Content {
            app: self.app.to_owned(),
            accepted_at: self.now,
            expires_at: expiry(self.ttl, self.now),
            message,
            asked: self.wanted.kind,
            activity: self.wanted.activity.map(str::to_owned),
            notices,
        })
    }

    /// What the driver makes of it. Options are the driver's to understand; the caller should
    /// hear at once when it does not. What it refuses without them too is no fault of theirs, and
    /// costs its own devices only. Those of a broken channel are looked at when it sends again.
    fn rehearse(
        &self,
        route: &Route,
        made: &mut Made,
        badge: Option<Badge>,
        address: &Address,
    ) -> Result<Vec<AcceptedNotice>, Problem> {
        let message = &made.content.message;
        let has_options = message.options.is_some();
        let vendor = &route.info.vendor;
        let notice = |field: &str, text: String| AcceptedNotice {
            channel: Some(route.name.clone()),
            field: written_at(field, vendor),
            text,
        };
        let device = Rehearsed {
            token: &address.binding.token,
            beside: address.beside.as_deref(),
            badge,
        };
        match route.rehearse(message, device, self.now) {
            Some(Encoded::Rendered(rendered)) => {
                if rendered.notices.is_empty() {
                    let told = Told {
                        message,
                        badge,
                        now: self.now,
                    };
                    self.quiet.learn(route, &told);
                }
                let told = rendered.notices.into_iter();
                Ok(told.map(|it| notice(&it.field, it.text)).collect())
            }
            Some(Encoded::Refused(error)) if !error.field.starts_with("token") => {
                let by_options = has_options
                    && (error.field.starts_with("options")
                        || self.goes_without_options(route, message, device));
                let of_kind = error.field == "kind" && message.kind != Kind::Alert;
                // Others of the driver can: this one's credential is not good for it.
                if of_kind && (address.spare.is_some() || !by_options) {
                    let text = format!("{} ({})", error.problem, error.code);
                    made.unsendable = Some(Arc::new(notice(&error.field, text)));
                    return Ok(Vec::new());
                }
                if by_options {
                    return Err(Problem::new(Code::Invalid, error.problem)
                        .field(written_at(&error.field, vendor))
                        .hint(format!("the {vendor} driver refuses it ({})", error.code)));
                }
                let text = format!("will not be delivered: {} ({})", error.problem, error.code);
                Ok(vec![notice(&error.field, text)])
            }
            // A bad token or a failing driver is found, and explained, at delivery.
            _ => Ok(Vec::new()),
        }
    }

    fn goes_without_options(
        &self,
        route: &Route,
        message: &Message,
        device: Rehearsed<'_>,
    ) -> bool {
        let mut bare = message.clone();
        bare.options = None;
        let rehearsed = route.rehearse(&bare, device, self.now);
        matches!(rehearsed, Some(Encoded::Rendered(_)))
    }
}

/// The translation for a reader: into the language itself, else into its base
/// (`de` for `de-AT`).
fn translation<'a>(
    spec: &'a NotificationSpec,
    language: &str,
) -> Option<(&'a str, &'a TranslationSpec)> {
    let translations = &spec.message.translations;
    let same = |wanted: &str| {
        let mut all = translations.iter();
        all.find(|(it, _)| it.replace('_', "-").eq_ignore_ascii_case(wanted))
    };
    let language = language.replace('_', "-");
    let base = language.split('-').next().unwrap_or_default();
    same(&language)
        .or_else(|| same(base))
        .map(|(language, words)| (language.as_str(), words))
}

fn live_activity(spec: &LiveActivitySpec, now: Timestamp) -> LiveActivity {
    let mut activity = LiveActivity::default();
    activity.event = match spec.event {
        ActivityEventName::Start => ActivityEvent::Start,
        ActivityEventName::Update => ActivityEvent::Update,
        ActivityEventName::End => ActivityEvent::End,
    };
    // They are kept as they were written, halves of characters too.
    let written = |json: &Option<Box<RawValue>>| {
        let json = json.as_ref()?.get().to_owned();
        Some(halves::mended(json))
    };
    activity.content_state = written(&spec.content_state);
    activity.timestamp = spec.timestamp.map_or(now, Timestamp::from_seconds);
    activity.stale_at = spec.stale_at.map(Timestamp::from_seconds);
    activity.dismiss_at = spec.dismiss_at.map(Timestamp::from_seconds);
    activity.attributes_type = present(&spec.attributes_type).map(str::to_owned);
    activity.attributes = written(&spec.attributes);
    activity
}
