//! What is shown: the contents of one notification, one for each kind of device.
//!
//! In: the notification, checked, and the device. Out: the [`Content`] that its delivery
//! carries; devices that are told the same share one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use nudged_plugin_api::call::Encoded;
use nudged_plugin_api::text::present;
use nudged_plugin_api::{ActivityEvent, Kind, Lifetime, LiveActivity, Message, Timestamp};
use serde_json::value::RawValue;

use super::behind;
use super::check::is_platform;
use super::compose::{Composed, Levels};
use super::preference;
use super::quiet::Quiet;
use super::resolve::Candidate;
use super::text::{self, Speaker, Words};
use crate::api::halves;
use crate::api::problem::{Code, Problem};
use crate::api::schema::{
    AcceptedNotice, ActivityEventName, BadgeChange, LiveActivitySpec, NotificationSpec,
    TranslationSpec,
};
use crate::dispatch::{Entry, Route};
use crate::model::{CertificateId, Content, Rules, written_at};

/// Now or never still has to be queued, and perhaps wait for a connection.
const NOW: Duration = Duration::from_secs(60);
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
}

/// What makes one content differ from another.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Variant<'a> {
    channel: CertificateId,
    platform: Option<String>,
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
        token: &str,
    ) -> Result<Option<Made>, Problem> {
        let asked = self.asked;
        let translation = device
            .language
            .as_deref()
            .and_then(|language| translation(asked.spec, language));
        let language = device.language.as_deref().unwrap_or(&asked.rules.language);
        // Of what a service reaches, the device knows best which it is.
        let reported = device.platform.clone().filter(|it| is_platform(it));
        let platform = reported.unwrap_or_else(|| channel.info.platform.as_str().to_owned());
        let variant = Variant {
            channel: channel.certificate_id,
            platform: Some(platform).filter(|it| asked.spec.message.platforms.contains_key(it)),
            translation: translation.map(|(language, _)| language),
            words: match asked.spec.message.elements.is_empty() {
                true => Words::English,
                false => Words::of(language),
            },
            sound: device.sound.clone(),
        };
        if let Some(made) = self.made.get(&variant) {
            return Ok(made.clone());
        }
        let composed = asked.compose(channel, &variant, translation.map(|(_, words)| words));
        let made = match composed {
            None => None,
            Some(Composed {
                message,
                badge,
                sound_notice,
            }) => {
                let made = Made {
                    number: self.made.len() as u32,
                    content: asked.content(message),
                    badge,
                };
                let mut notices = self.rehearse(channel, &made.content.message, token)?;
                notices.extend(sound_notice.map(|text| AcceptedNotice {
                    channel: Some(channel.name.clone()),
                    field: written_at("sound", &channel.info.vendor),
                    text: text.to_owned(),
                }));
                for notice in notices {
                    if self.notices.len() < MOST_NOTICES && !self.notices.contains(&notice) {
                        self.notices.push(notice);
                    }
                }
                Some(made)
            }
        };
        self.made.insert(variant, made.clone());
        Ok(made)
    }

    /// What the driver has to say of a content, where that is not known from others.
    fn rehearse(
        &mut self,
        channel: &Entry,
        message: &Message,
        token: &str,
    ) -> Result<Vec<AcceptedNotice>, Problem> {
        let Some(route) = channel.route() else {
            return Ok(Vec::new());
        };
        let must = message.options.is_some() && self.heard.insert(channel.certificate_id);
        let known = self.rehearsed >= MOST_REHEARSED || self.asked.quiet.knows(route, message);
        if known && !must {
            return Ok(Vec::new());
        }
        self.rehearsed += 1;
        self.asked.rehearse(route, message, token)
    }
}

impl Asked<'_> {
    fn compose(
        &self,
        channel: &Entry,
        variant: &Variant<'_>,
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
            platform: variant.platform.as_ref().and_then(|it| platforms.get(it)),
            translation,
            message: Some(&spec.message),
            derived: derived.as_deref(),
            user_sound: variant.sound.as_deref(),
            channel: Some(&channel.defaults),
            default_title: self.rules.default_title.as_deref(),
            phones: channel.info.platform,
        };
        let mut composed = levels.compose()?;
        let message = &mut composed.message;
        message.test = spec.test;
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

    fn content(&self, message: Message) -> Arc<Content> {
        Arc::new(Content {
            app: self.app.to_owned(),
            accepted_at: self.now,
            expires_at: expiry(self.ttl, self.now),
            message,
        })
    }

    /// What the driver makes of it. Options are the driver's to understand; the caller should
    /// hear at once when it does not. Those of a broken channel are looked at when it sends again.
    fn rehearse(
        &self,
        route: &Route,
        message: &Message,
        token: &str,
    ) -> Result<Vec<AcceptedNotice>, Problem> {
        let has_options = message.options.is_some();
        let vendor = &route.info.vendor;
        let notice = |field: &str, text: String| AcceptedNotice {
            channel: Some(route.name.clone()),
            field: written_at(field, vendor),
            text,
        };
        match route.rehearse(message, token, self.now) {
            Some(Encoded::Refused(error)) if !error.field.starts_with("token") => {
                if has_options {
                    return Err(Problem::new(Code::Invalid, error.problem)
                        .field(written_at(&error.field, vendor))
                        .hint(format!("the {vendor} driver refuses it ({})", error.code)));
                }
                let text = format!("will not be delivered: {} ({})", error.problem, error.code);
                Ok(vec![notice(&error.field, text)])
            }
            Some(Encoded::Rendered(rendered)) => {
                if rendered.notices.is_empty() {
                    self.quiet.learn(route, message);
                }
                let told = rendered.notices.into_iter();
                Ok(told.map(|it| notice(&it.field, it.text)).collect())
            }
            // A bad token or a failing driver is found, and explained, at delivery.
            _ => Ok(Vec::new()),
        }
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
