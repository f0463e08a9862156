//! The keys of a Live Activity inside `aps`, which differ by its event.

use nudged_plugin_api::{ActivityEvent, EncodeError, LiveActivity, Message, Sound};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::{one, put};
use crate::options::Options;

/// Code of every refusal of a Live Activity's content.
const BAD_LIVE_ACTIVITY: &str = "BadLiveActivity";

/// What is written for one event.
pub(crate) struct Activity<'a> {
    event: &'static str,
    content: &'a LiveActivity,
    content_state: Option<&'a RawValue>,
    attributes: Option<&'a RawValue>,
    alert: Option<ActivityAlert<'a>>,
    options: &'a Options<'a>,
}

impl<'a> Activity<'a> {
    /// Checks that the event has what it needs.
    pub(crate) fn new(message: &'a Message, options: &'a Options<'a>) -> Result<Self, EncodeError> {
        let Some(content) = &message.live_activity else {
            return Err(missing("live_activity", "push type liveactivity"));
        };
        // Updates overtake each other, and the phone sorts them out by this alone.
        if content.timestamp.seconds() == 0 {
            return Err(missing("live_activity.timestamp", "each event"));
        }
        let activity = Self {
            event: match content.event {
                ActivityEvent::Start => "start",
                ActivityEvent::End => "end",
                _ => "update",
            },
            content,
            content_state: object("live_activity.content_state", &content.content_state)?,
            attributes: object("live_activity.attributes", &content.attributes)?,
            alert: ActivityAlert::new(message, options),
            options,
        };
        activity.check()?;
        Ok(activity)
    }

    fn check(&self) -> Result<(), EncodeError> {
        let given = match self.content.event {
            ActivityEvent::Start => vec![
                (
                    "live_activity.attributes_type",
                    self.content.attributes_type.is_some(),
                ),
                ("live_activity.attributes", self.attributes.is_some()),
                ("title", self.alert.is_some()),
            ],
            // The last state may be left as it is.
            ActivityEvent::End => vec![],
            _ => vec![("live_activity.content_state", self.content_state.is_some())],
        };
        match given.iter().find(|(_, given)| !given) {
            Some((field, _)) => Err(missing(field, &format!("event {}", self.event))),
            None => Ok(()),
        }
    }

    /// Writes the keys into `aps`.
    pub(crate) fn put<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let content = self.content;
        let seconds = |moment: nudged_plugin_api::Timestamp| moment.seconds();
        put(map, "timestamp", &Some(content.timestamp.seconds()))?;
        put(map, "event", &Some(self.event))?;
        put(map, "content-state", &self.content_state)?;
        put(map, "stale-date", &content.stale_at.map(seconds))?;
        put(map, "dismissal-date", &content.dismiss_at.map(seconds))?;
        put(map, "attributes-type", &content.attributes_type)?;
        put(map, "attributes", &self.attributes)?;
        put(map, "alert", &self.alert)?;
        let token = one(self.options.input_push_token == Some(true));
        put(map, "input-push-token", &token)?;
        put(map, "input-push-channel", &self.options.input_push_channel)
    }
}

/// An activity's alert has its sound inside, and its localized texts in place of the plain.
struct ActivityAlert<'a> {
    title: Option<Words<'a>>,
    body: Option<Words<'a>>,
    sound: Option<&'a str>,
}

impl<'a> ActivityAlert<'a> {
    fn new(message: &'a Message, options: &'a Options<'a>) -> Option<Self> {
        let title = Words::new(
            &message.title,
            &options.title_loc_key,
            &options.title_loc_args,
        );
        let body = Words::new(&message.body, &options.loc_key, &options.loc_args);
        if title.is_none() && body.is_none() {
            return None;
        }
        let sound = match &message.sound {
            Sound::Silent => None,
            Sound::Named(name) => Some(name.as_str()),
            _ => Some("default"),
        };
        Some(Self { title, body, sound })
    }
}

impl Serialize for ActivityAlert<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        put(&mut map, "title", &self.title)?;
        put(&mut map, "body", &self.body)?;
        put(&mut map, "sound", &self.sound)?;
        map.end()
    }
}

enum Words<'a> {
    Plain(&'a str),
    Localized {
        key: &'a str,
        arguments: &'a Option<Vec<String>>,
    },
}

impl<'a> Words<'a> {
    fn new(
        plain: &'a Option<String>,
        key: &'a Option<String>,
        arguments: &'a Option<Vec<String>>,
    ) -> Option<Self> {
        match (key, plain) {
            (Some(key), _) => Some(Self::Localized { key, arguments }),
            (None, Some(plain)) => Some(Self::Plain(plain)),
            (None, None) => None,
        }
    }
}

impl Serialize for Words<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(text) => to.serialize_str(text),
            Self::Localized { key, arguments } => {
                let mut map = to.serialize_map(None)?;
                map.serialize_entry("loc-key", key)?;
                put(&mut map, "loc-args", arguments)?;
                map.end()
            }
        }
    }
}

/// The app's own object, kept as it was written.
fn object<'a>(field: &str, text: &'a Option<String>) -> Result<Option<&'a RawValue>, EncodeError> {
    let Some(text) = text else {
        return Ok(None);
    };
    let refuse = |problem: String| EncodeError::new(BAD_LIVE_ACTIVITY, field, problem);
    let value: &RawValue =
        serde_json::from_str(text).map_err(|error| refuse(format!("is not JSON: {error}")))?;
    if value.get().starts_with('{') {
        Ok(Some(value))
    } else {
        Err(refuse("is not a JSON object".to_owned()))
    }
}

fn missing(field: &str, needed_by: &str) -> EncodeError {
    EncodeError::new(
        BAD_LIVE_ACTIVITY,
        field,
        format!("is missing; {needed_by} needs it"),
    )
}
