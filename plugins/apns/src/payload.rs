//! The body: `aps`, and beside it what is the app's own.
//!
//! In: a message, its options, the device's badge. Out: JSON bytes within APNs's limit.
//! Written straight from borrowed fields; no tree of values is built.
//! After "Generating a remote notification" and ActivityKit's "Starting and updating
//! Live Activities with ActivityKit push notifications".

use nudged_plugin_api::{Badge, EncodeError, Message, Sound, Target, bad_option, too_large};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::options::{CriticalSound, InterruptionLevel, Options};
use crate::push_type::PushType;

mod activity;

use activity::Activity;

/// The bytes of the body.
pub(crate) fn body(
    push_type: PushType,
    message: &Message,
    options: &Options<'_>,
    target: &Target,
    mutable_content: bool,
) -> Result<Vec<u8>, EncodeError> {
    let payload = match push_type {
        PushType::Alert => alert(message, options, target, mutable_content)?,
        PushType::Voip => Payload::new(message, options).aps(Aps {
            alert: text(message, options),
            ..Aps::default()
        }),
        PushType::LiveActivity => Payload::new(message, options).aps(Aps {
            activity: Some(Activity::new(message, options)?),
            relevance_score: options.relevance_score,
            ..Aps::default()
        }),
        PushType::Background => Payload::new(message, options).aps(Aps {
            content_available: true,
            ..Aps::default()
        }),
        PushType::Widgets | PushType::Controls => Payload::new(message, options).aps(Aps {
            content_changed: true,
            ..Aps::default()
        }),
        // An MDM command has no `aps` at all.
        PushType::Mdm => Payload {
            mdm: Some(push_magic(options)?),
            ..Payload::new(message, options)
        },
        // Whatever these mean to the app stands beside `aps`.
        PushType::Complication
        | PushType::FileProvider
        | PushType::Location
        | PushType::PushToTalk => Payload::new(message, options).aps(Aps::default()),
    };
    let bytes = payload.write()?;
    check_size(bytes.len(), push_type, message, options)?;
    Ok(bytes)
}

/// A payload: its keys in the order that they are written.
struct Payload<'a> {
    aps: Option<Aps<'a>>,
    mdm: Option<&'a str>,
    image: Option<&'a str>,
    ext: Option<&'a str>,
    options: &'a Options<'a>,
}

impl<'a> Payload<'a> {
    fn new(message: &'a Message, options: &'a Options<'a>) -> Self {
        Self {
            aps: None,
            mdm: None,
            image: None,
            ext: message.ext.as_deref(),
            options,
        }
    }

    fn aps(mut self, aps: Aps<'a>) -> Self {
        self.aps = Some(aps);
        self
    }

    fn write(&self) -> Result<Vec<u8>, EncodeError> {
        let mut bytes = Vec::with_capacity(512);
        serde_json::to_writer(&mut bytes, self)
            .map_err(|error| EncodeError::new("BadPayload", "message", error.to_string()))?;
        Ok(bytes)
    }
}

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        put(&mut map, "aps", &self.aps)?;
        put(&mut map, "mdm", &self.mdm)?;
        put(&mut map, "image", &self.image)?;
        put(&mut map, "ext", &self.ext)?;
        for (key, value) in self.options.custom.iter().flatten() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// Apple's own dictionary; what is absent is left out.
#[derive(Default)]
struct Aps<'a> {
    alert: Option<Alert<'a>>,
    badge: Option<u32>,
    sound: Option<AnySound<'a>>,
    thread_id: Option<&'a str>,
    category: Option<&'a str>,
    content_available: bool,
    mutable_content: bool,
    target_content_id: Option<&'a str>,
    interruption_level: Option<InterruptionLevel>,
    relevance_score: Option<f64>,
    filter_criteria: Option<&'a str>,
    content_changed: bool,
    activity: Option<Activity<'a>>,
}

impl Serialize for Aps<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        put(&mut map, "alert", &self.alert)?;
        put(&mut map, "badge", &self.badge)?;
        put(&mut map, "sound", &self.sound)?;
        put(&mut map, "thread-id", &self.thread_id)?;
        put(&mut map, "category", &self.category)?;
        put(&mut map, "content-available", &one(self.content_available))?;
        put(&mut map, "mutable-content", &one(self.mutable_content))?;
        put(&mut map, "target-content-id", &self.target_content_id)?;
        put(&mut map, "interruption-level", &self.interruption_level)?;
        put(&mut map, "relevance-score", &self.relevance_score)?;
        put(&mut map, "filter-criteria", &self.filter_criteria)?;
        put(
            &mut map,
            "content-changed",
            &self.content_changed.then_some(true),
        )?;
        if let Some(activity) = &self.activity {
            activity.put(&mut map)?;
        }
        map.end()
    }
}

/// The text that is shown.
struct Alert<'a> {
    message: &'a Message,
    options: &'a Options<'a>,
}

impl Serialize for Alert<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { message, options } = self;
        let mut map = to.serialize_map(None)?;
        put(&mut map, "title", &message.title)?;
        put(&mut map, "subtitle", &subtitle(message, options))?;
        put(&mut map, "body", &message.body)?;
        put(&mut map, "launch-image", &options.launch_image)?;
        put(&mut map, "title-loc-key", &options.title_loc_key)?;
        put(&mut map, "title-loc-args", &options.title_loc_args)?;
        put(&mut map, "subtitle-loc-key", &options.subtitle_loc_key)?;
        put(&mut map, "subtitle-loc-args", &options.subtitle_loc_args)?;
        put(&mut map, "loc-key", &options.loc_key)?;
        put(&mut map, "loc-args", &options.loc_args)?;
        map.end()
    }
}

/// A sound file by name, or a critical sound.
enum AnySound<'a> {
    Named(&'a str),
    Critical(&'a CriticalSound),
}

impl Serialize for AnySound<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Named(name) => to.serialize_str(name),
            Self::Critical(sound) => {
                let mut map = to.serialize_map(Some(3))?;
                map.serialize_entry("critical", &1)?;
                map.serialize_entry("name", &sound.name)?;
                map.serialize_entry("volume", &sound.volume)?;
                map.end()
            }
        }
    }
}

fn alert<'a>(
    message: &'a Message,
    options: &'a Options<'a>,
    target: &Target,
    mutable_content: bool,
) -> Result<Payload<'a>, EncodeError> {
    let alert = text(message, options);
    let badge = badge(message, target);
    // The default sound is what a message has when nobody spoke of sound, so alone it
    // is no sign that anything was meant to be noticed.
    let sounds = matches!(message.sound, Sound::Named(_)) || options.critical_sound.is_some();
    if alert.is_none() && badge.is_none() && !sounds {
        return Err(EncodeError::new(
            "MissingContent",
            "body",
            "an alert needs a title, a body, a localized text, a badge or a named sound",
        ));
    }
    let sound = match (&options.critical_sound, &message.sound) {
        (Some(critical), _) => Some(AnySound::Critical(critical)),
        (None, Sound::Named(name)) => Some(AnySound::Named(name)),
        (None, Sound::Silent) => None,
        (None, _) => Some(AnySound::Named("default")),
    };
    let image = message.image.as_deref();
    // The extension that changes an alert only runs where there is one.
    let mutable = alert.is_some()
        && options
            .mutable_content
            .unwrap_or(mutable_content || image.is_some());
    let aps = Aps {
        alert,
        badge,
        sound,
        thread_id: options.thread_id.as_deref().or(message.thread.as_deref()),
        category: options.category.as_deref().or(message.category.as_deref()),
        content_available: options.content_available.unwrap_or(false),
        mutable_content: mutable,
        target_content_id: options.target_content_id.as_deref(),
        interruption_level: options.interruption_level,
        relevance_score: options.relevance_score,
        filter_criteria: options.filter_criteria.as_deref(),
        ..Aps::default()
    };
    Ok(Payload {
        image,
        ..Payload::new(message, options).aps(aps)
    })
}

fn text<'a>(message: &'a Message, options: &'a Options<'a>) -> Option<Alert<'a>> {
    let shown = message.title.is_some()
        || message.body.is_some()
        || subtitle(message, options).is_some()
        || options.has_localized_text();
    shown.then_some(Alert { message, options })
}

fn subtitle<'a>(message: &'a Message, options: &'a Options<'a>) -> Option<&'a str> {
    options.subtitle.as_deref().or(message.subtitle.as_deref())
}

/// APNs cannot add to a badge: only a number that somebody else counted is sent.
fn badge(message: &Message, target: &Target) -> Option<u32> {
    match target.badge.unwrap_or(message.badge) {
        Badge::Set(number) => Some(number),
        _ => None,
    }
}

fn push_magic<'a>(options: &'a Options<'a>) -> Result<&'a str, EncodeError> {
    options.mdm.as_deref().ok_or_else(|| {
        bad_option(
            "mdm",
            "is missing; push type mdm carries the device's PushMagic there",
        )
    })
}

/// Code of a payload of data that is too long: half of it is worth nothing, so nothing is cut.
const DATA_TOO_LARGE: &str = "DataTooLarge";

/// The refusal of such a payload, under the code that all too long ones have.
pub(crate) fn too_large_data(error: EncodeError) -> EncodeError {
    match error.code.as_str() {
        DATA_TOO_LARGE => EncodeError::new("PayloadTooLarge", error.field, error.problem),
        _ => error,
    }
}

fn check_size(
    size: usize,
    push_type: PushType,
    message: &Message,
    options: &Options<'_>,
) -> Result<(), EncodeError> {
    let limit = push_type.payload_limit();
    if size <= limit {
        return Ok(());
    }
    if push_type.shows_text() && push_type != PushType::LiveActivity {
        return Err(too_large("message", size, limit, "bytes as APNs's payload"));
    }
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let custom = options.custom.iter().flatten();
    let activity = message.live_activity.as_ref();
    let mut parts = [
        ("title", length(&message.title)),
        ("body", length(&message.body)),
        ("ext", length(&message.ext)),
        (
            "live_activity.content_state",
            activity.map_or(0, |activity| length(&activity.content_state)),
        ),
        (
            "live_activity.attributes",
            activity.map_or(0, |activity| length(&activity.attributes)),
        ),
        (
            "options.custom",
            custom
                .map(|(key, value)| key.len() + value.get().len())
                .sum(),
        ),
    ];
    parts.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
    let room: Vec<_> = parts
        .iter()
        .take(3)
        .filter(|(_, length)| *length > 0)
        .map(|(name, length)| format!("{name} {length}"))
        .collect();
    Err(EncodeError::new(
        DATA_TOO_LARGE,
        parts[0].0,
        format!(
            "the payload is {size} bytes, APNs takes {limit} for push type {}; most room is taken by {}",
            push_type.as_str(),
            room.join(", ")
        ),
    ))
}

fn put<M: SerializeMap, T: Serialize>(
    map: &mut M,
    key: &'static str,
    value: &Option<T>,
) -> Result<(), M::Error> {
    match value {
        Some(value) => map.serialize_entry(key, value),
        None => Ok(()),
    }
}

/// Apple's flags are the number 1, or absent.
fn one(flag: bool) -> Option<u8> {
    flag.then_some(1)
}
