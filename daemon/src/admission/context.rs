//! One content: what all devices of a kind get, and what its driver makes of it.
//!
//! In: the notification, checked, and what makes one content differ from another. Out: the
//! [`Content`] that deliveries carry, and what its driver answers to a rehearsal.

use std::sync::Arc;
use std::time::Duration;

use nudged_plugin_api::call::Encoded;
use nudged_plugin_api::text::present;
use nudged_plugin_api::{
    ActivityEvent, Badge, Kind, Lifetime, LiveActivity, Message, Notice, Platform, Timestamp,
};
use serde_json::value::RawValue;

use super::compose::{ComposedMessage, Precedence};
use super::error::RefusedOptions;
use super::kind::{Address, RequestedKind};
use super::rehearsal_cache::{DeviceContent, RehearsalCache};
use super::relayed_options;
use super::resolve::Candidate;
use super::suppression;
use super::text::{self, Localization, Sender};
use crate::channels::{RehearsalDevice, Route, RouteEntry};
use crate::model::{CertificateId, Content, Rules, is_resource, written_at};
use nudged_wire::json::halves;
use nudged_wire::{
    AcceptedNotice, ActivityEventName, BadgeChange, LiveActivitySpec, NotificationSpec,
    TranslationSpec,
};

/// Now or never still has to be queued, and perhaps wait for a connection.
const NOW_OR_NEVER_LIFETIME: Duration = Duration::from_secs(60);
/// No attempt after this.
pub fn expiry(ttl: Duration, now: Timestamp) -> Timestamp {
    now.plus_seconds(if ttl.is_zero() {
        NOW_OR_NEVER_LIFETIME.as_secs()
    } else {
        ttl.as_secs()
    })
}

/// What all contents of a notification have in common.
#[derive(Clone, Copy)]
pub struct NotificationContext<'a> {
    pub spec: &'a NotificationSpec,
    pub app: &'a str,
    /// What the operator has set.
    pub rules: &'a Rules,
    /// How long delivery is tried.
    pub ttl: Duration,
    /// When it is accepted.
    pub now: Timestamp,
    /// Which contents need no rehearsal.
    pub rehearsals: &'a RehearsalCache,
    /// What kind of message is asked for.
    pub wanted: RequestedKind<'a>,
    /// Options are for a kind that not every device gets: what another has no use for is left out,
    /// and refuses no notification.
    pub spare_options: bool,
}

/// One content.
#[derive(Clone)]
pub struct BuiltContent {
    /// Its position among the notification's contents.
    pub number: u32,
    pub content: Arc<Content>,
    /// What the sender wants of the number on the icon.
    pub badge: Option<BadgeChange>,
    /// Why its channel cannot send the kind, which others of the driver can.
    pub unsendable: Option<Arc<AcceptedNotice>>,
}

/// What makes one content differ from another.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Variant<'a> {
    pub(super) channel: CertificateId,
    /// The phone's platform, where it makes a difference; else empty.
    pub(super) platform: &'static str,
    /// Whether the device gets the kind that was asked for.
    pub(super) as_asked: bool,
    pub(super) translation: Option<&'a str>,
    pub(super) localization: Localization,
    pub(super) sound: Option<String>,
}

impl NotificationContext<'_> {
    /// Whether devices of this platform get something else than others of the channel.
    pub(super) fn differs_by_platform(
        &self,
        phones: Platform,
        channel: &RouteEntry,
        device: &Candidate<'_>,
    ) -> bool {
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

    pub(super) fn compose(
        &self,
        channel: &RouteEntry,
        variant: &Variant<'_>,
        phones: Platform,
        translation: Option<&TranslationSpec>,
    ) -> Option<ComposedMessage> {
        let spec = self.spec;
        let name = spec.sender.as_ref().and_then(|it| present(&it.name));
        let group = spec.conversation.as_ref().and_then(|it| present(&it.name));
        let sender = Sender {
            name,
            kind: suppression::kind(spec),
            group,
        };
        let derived = text::derived(&spec.message.elements, sender, variant.localization);
        let platforms = &spec.message.platforms;
        let levels = Precedence {
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
        // req 62: a lifetime of 0 is for those who can be reached now.
        message.lifetime = if self.ttl.is_zero() {
            Lifetime::NowOrNever
        } else {
            Lifetime::Until(expiry(self.ttl, self.now))
        };
        if message.kind == Kind::LiveActivity {
            let activity = spec.message.live_activity.as_ref();
            message.live_activity = activity.map(|it| live_activity(it, self.now));
        }
        message.options = relayed_options::options(spec, &channel.info);
        Some(composed)
    }

    pub(super) fn content(&self, message: Message, notices: Vec<Notice>) -> Arc<Content> {
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
    pub(super) fn rehearse(
        &self,
        route: &Route,
        built: &mut BuiltContent,
        badge: Option<Badge>,
        address: &Address<'_>,
    ) -> Result<Vec<AcceptedNotice>, RefusedOptions> {
        let message = &built.content.message;
        let has_options = message.options.is_some();
        let vendor = &route.info.vendor;
        let notice = |field: &str, text: String| AcceptedNotice {
            channel: Some(route.name.clone()),
            field: written_at(field, vendor),
            text,
        };
        let device = RehearsalDevice {
            token: &address.binding.token,
            beside: address.beside.as_deref(),
            badge,
        };
        match route.rehearse(message, device, self.now) {
            Some(Encoded::Rendered(rendered)) => {
                // What the vendor will not show is reported before anything is sent.
                if rendered.notices.is_empty() {
                    let sample = DeviceContent {
                        message,
                        badge,
                        now: self.now,
                    };
                    self.rehearsals.learn(route, &sample);
                }
                let notices = rendered.notices.into_iter();
                Ok(notices.map(|it| notice(&it.field, it.text)).collect())
            }
            Some(Encoded::Refused(error)) if !error.is_about_token() => {
                let by_options = has_options
                    && (error.is_about_options()
                        || self.goes_without_options(route, message, device));
                let of_kind = error.field == "kind" && message.kind != Kind::Alert;
                // Others of the driver can: this one's credential is not good for it.
                if of_kind && (address.spare.is_some() || !by_options) {
                    let text = format!("{} ({})", error.problem, error.code);
                    built.unsendable = Some(Arc::new(notice(&error.field, text)));
                    return Ok(Vec::new());
                }
                if by_options {
                    return Err(RefusedOptions {
                        field: written_at(&error.field, vendor),
                        vendor: vendor.clone(),
                        error,
                    });
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
        device: RehearsalDevice<'_>,
    ) -> bool {
        let mut bare = message.clone();
        bare.options = None;
        let rehearsed = route.rehearse(&bare, device, self.now);
        matches!(rehearsed, Some(Encoded::Rendered(_)))
    }
}

/// The translation for a reader: into the language itself, else into its base
/// (`de` for `de-AT`).
pub(super) fn translation<'a>(
    spec: &'a NotificationSpec,
    language: &str,
) -> Option<(&'a str, &'a TranslationSpec)> {
    // req 51: each reader gets the text of the own language.
    let translations = &spec.message.translations;
    let same = |wanted: &str| {
        let mut all = translations.iter();
        all.find(|(it, _)| it.replace('_', "-").eq_ignore_ascii_case(wanted))
    };
    let language = language.replace('_', "-");
    let base = language.split('-').next().unwrap_or_default();
    same(&language)
        .or_else(|| same(base))
        .map(|(language, localization)| (language.as_str(), localization))
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
