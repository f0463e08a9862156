//! What a sender may ask of APNs beyond the common message: `Message::options`.
//!
//! In: a JSON object as the sender wrote it. Out: typed options, or the path of the one
//! that is unknown, malformed, or without meaning for the push type. Names are those of
//! "Generating a remote notification" with `_` for `-`.

use std::collections::BTreeMap;

use nudged_driver_kit::fit::spare;
use nudged_driver_kit::options;
use nudged_driver_kit::text::{Unit, cut, present};
use nudged_plugin_api::{EncodeError, Message, Notice, bad_option};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::push_type::PushType;

/// The options. Where the common message has the field too, the option wins.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options<'a> {
    /// A push type that `Message::kind` has no word for.
    pub(crate) push_type: Option<PushType>,
    pub(crate) priority: Option<u8>,
    #[serde(deserialize_with = "filled")]
    pub(crate) collapse_id: Option<String>,
    #[serde(deserialize_with = "filled")]
    pub(crate) subtitle: Option<String>,
    #[serde(deserialize_with = "filled")]
    pub(crate) launch_image: Option<String>,
    #[serde(deserialize_with = "filled")]
    pub(crate) title_loc_key: Option<String>,
    pub(crate) title_loc_args: Option<Vec<String>>,
    #[serde(deserialize_with = "filled")]
    pub(crate) subtitle_loc_key: Option<String>,
    pub(crate) subtitle_loc_args: Option<Vec<String>>,
    #[serde(deserialize_with = "filled")]
    pub(crate) loc_key: Option<String>,
    pub(crate) loc_args: Option<Vec<String>>,
    pub(crate) interruption_level: Option<InterruptionLevel>,
    pub(crate) relevance_score: Option<f64>,
    #[serde(deserialize_with = "filled")]
    pub(crate) filter_criteria: Option<String>,
    #[serde(deserialize_with = "filled")]
    pub(crate) target_content_id: Option<String>,
    pub(crate) mutable_content: Option<bool>,
    pub(crate) content_available: Option<bool>,
    #[serde(deserialize_with = "filled")]
    pub(crate) thread_id: Option<String>,
    #[serde(deserialize_with = "filled")]
    pub(crate) category: Option<String>,
    pub(crate) critical_sound: Option<CriticalSound>,
    /// Ask the phone for a token to update the Live Activity that this push starts.
    pub(crate) input_push_token: Option<bool>,
    /// Subscribe the Live Activity that this push starts to this broadcast channel.
    #[serde(deserialize_with = "filled")]
    pub(crate) input_push_channel: Option<String>,
    /// PushMagic of the managed device.
    #[serde(deserialize_with = "filled")]
    pub(crate) mdm: Option<String>,
    /// Keys of the app's own that stand beside `aps`, each as it was written.
    #[serde(borrow)]
    pub(crate) custom: Option<BTreeMap<String, &'a RawValue>>,
}

/// How an alert may interrupt.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum InterruptionLevel {
    Passive,
    Active,
    TimeSensitive,
    Critical,
}

/// A sound that is heard through mute and focus; the app needs Apple's entitlement.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CriticalSound {
    #[serde(default = "system_sound")]
    pub(crate) name: String,
    #[serde(default = "full_volume")]
    pub(crate) volume: f64,
}

impl<'a> Options<'a> {
    /// Reads the options; none are the default.
    pub(crate) fn read(message: &'a Message) -> Result<Self, EncodeError> {
        options::read(message)
    }

    /// Refuses what has no meaning for `push_type` or is out of its range.
    pub(crate) fn check(&self, push_type: PushType) -> Result<(), EncodeError> {
        for (name, present, fits) in self.uses(push_type) {
            if present && !fits {
                let problem = format!("has no meaning for push type {}", push_type.as_str());
                return Err(bad_option(name, problem));
            }
        }
        let priorities = push_type.priorities();
        match self.priority {
            Some(priority) if !priorities.contains(&priority) => {
                let name = push_type.as_str();
                return Err(EncodeError::new(
                    "BadPriority",
                    "options.priority",
                    format!("is {priority}; push type {name} takes {priorities:?}"),
                ));
            }
            _ => {}
        }
        let is_share = |number: f64| (0.0..=1.0).contains(&number);
        match self.relevance_score {
            Some(score) if push_type == PushType::Alert && !is_share(score) => {
                let problem = format!("is {score}; an alert's lies between 0 and 1");
                return Err(bad_option("relevance_score", problem));
            }
            _ => {}
        }
        match &self.critical_sound {
            Some(sound) if !is_share(sound.volume) => {
                let problem = format!("is {}; it lies between 0 and 1", sound.volume);
                return Err(bad_option("critical_sound.volume", problem));
            }
            _ => {}
        }
        self.check_custom()
    }

    /// Leaves out what takes room in a payload and can be spared, and says so. A localized text goes
    /// where a plain one says the same; where it is all that there is, its arguments are cut.
    pub(crate) fn leave_out(&mut self, message: &Message, notices: &mut Vec<Notice>) {
        let mut gone = |name: &str| spare(name, true, notices);
        if self.custom.take().is_some() {
            gone("custom");
        }
        for (name, option) in [
            ("subtitle", &mut self.subtitle),
            ("launch_image", &mut self.launch_image),
            ("filter_criteria", &mut self.filter_criteria),
            ("target_content_id", &mut self.target_content_id),
            ("thread_id", &mut self.thread_id),
            ("category", &mut self.category),
        ] {
            if option.take().is_some() {
                gone(name);
            }
        }
        let title = (&mut self.title_loc_key, &mut self.title_loc_args);
        let subtitle = (&mut self.subtitle_loc_key, &mut self.subtitle_loc_args);
        let body = (&mut self.loc_key, &mut self.loc_args);
        for (names, (key, arguments), plain) in [
            (["title_loc_key", "title_loc_args"], title, &message.title),
            (["subtitle_loc_key", "subtitle_loc_args"], subtitle, &None),
            (["loc_key", "loc_args"], body, &message.body),
        ] {
            let spare = present(plain).is_some() || names[0].starts_with("sub");
            if spare && (key.take().is_some() | arguments.take().is_some()) {
                gone(names[0]);
            }
            for argument in arguments.iter_mut().flatten() {
                *argument = cut(argument, MAX_ARGUMENT, Unit::Characters).into_owned();
            }
        }
        if let Some(sound) = self.critical_sound.as_mut()
            && sound.name != system_sound()
        {
            sound.name = system_sound();
            gone("critical_sound.name");
        }
        if self.loc_args.is_some() || self.title_loc_args.is_some() {
            let what = format!(
                "has {MAX_ARGUMENT} characters of each at most: the payload would be too long"
            );
            notices.push(Notice::new("options.loc_args", what));
        }
    }

    /// Whether a localized text is asked for.
    pub(crate) fn has_localized_text(&self) -> bool {
        self.title_loc_key.is_some() || self.subtitle_loc_key.is_some() || self.loc_key.is_some()
    }

    /// Options by name: whether given, and whether they go with `push_type`.
    fn uses(&self, push_type: PushType) -> [(&'static str, bool, bool); 20] {
        let alert = push_type == PushType::Alert;
        let activity = push_type == PushType::LiveActivity;
        let text = push_type.shows_text();
        // A Live Activity's alert has a title and a body only.
        let long_text = text && !activity;
        [
            ("subtitle", self.subtitle.is_some(), long_text),
            ("launch_image", self.launch_image.is_some(), long_text),
            ("title_loc_key", self.title_loc_key.is_some(), text),
            ("title_loc_args", self.title_loc_args.is_some(), text),
            (
                "subtitle_loc_key",
                self.subtitle_loc_key.is_some(),
                long_text,
            ),
            (
                "subtitle_loc_args",
                self.subtitle_loc_args.is_some(),
                long_text,
            ),
            ("loc_key", self.loc_key.is_some(), text),
            ("loc_args", self.loc_args.is_some(), text),
            (
                "interruption_level",
                self.interruption_level.is_some(),
                alert,
            ),
            (
                "relevance_score",
                self.relevance_score.is_some(),
                alert || activity,
            ),
            ("filter_criteria", self.filter_criteria.is_some(), alert),
            ("target_content_id", self.target_content_id.is_some(), alert),
            ("mutable_content", self.mutable_content.is_some(), alert),
            (
                "content_available",
                self.content_available.is_some(),
                alert || push_type == PushType::Background,
            ),
            ("thread_id", self.thread_id.is_some(), alert),
            ("category", self.category.is_some(), alert),
            ("critical_sound", self.critical_sound.is_some(), alert),
            (
                "input_push_token",
                self.input_push_token.is_some(),
                activity,
            ),
            (
                "input_push_channel",
                self.input_push_channel.is_some(),
                activity,
            ),
            ("mdm", self.mdm.is_some(), push_type == PushType::Mdm),
        ]
    }

    fn check_custom(&self) -> Result<(), EncodeError> {
        let reserved = self
            .custom
            .iter()
            .flatten()
            .find(|(key, _)| RESERVED.contains(&key.as_str()));
        match reserved {
            Some((key, _)) => Err(bad_option(
                &format!("custom.{key}"),
                "is a key that the driver writes itself",
            )),
            None => Ok(()),
        }
    }
}

/// Longest argument of a localized text that is too long as a whole, in characters.
const MAX_ARGUMENT: usize = 20;

/// Top-level keys of a payload that are not the app's to choose.
const RESERVED: [&str; 4] = ["aps", "ext", "image", "mdm"];

/// `""` is as good as absent.
fn filled<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::deserialize(from)?.filter(|text: &String| !text.is_empty()))
}

fn system_sound() -> String {
    "default".to_owned()
}

fn full_volume() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(options: &str) -> Message {
        let mut message = Message::default();
        message.options = Some(options.to_owned());
        message
    }

    fn refusal(text: &str) -> EncodeError {
        Options::read(&with(text))
            .and_then(|options| options.check(options.push_type.unwrap_or(PushType::Alert)))
            .expect_err("these options are wrong")
    }

    #[test]
    fn a_wrong_option_is_named_by_its_path() {
        for (text, field) in [
            ("[]", "options"),
            ("{", "options"),
            ("{} {}", "options"),
            (r#"{"prioritty": 5}"#, "options.prioritty"),
            (r#"{"priority": "5"}"#, "options.priority"),
            (r#"{"priority": 7}"#, "options.priority"),
            (r#"{"push_type": "carrier_pigeon"}"#, "options.push_type"),
            (
                r#"{"critical_sound": {"loudness": 1}}"#,
                "options.critical_sound.loudness",
            ),
            (
                r#"{"critical_sound": {"volume": 1.5}}"#,
                "options.critical_sound.volume",
            ),
            (
                r#"{"title_loc_args": ["a", 2]}"#,
                "options.title_loc_args[1]",
            ),
            (r#"{"relevance_score": 25}"#, "options.relevance_score"),
            (r#"{"custom": {"aps": {}}}"#, "options.custom.aps"),
            (r#"{"custom": {"ext": "x"}}"#, "options.custom.ext"),
            (r#"{"mdm": "magic"}"#, "options.mdm"),
            (
                r#"{"push_type": "background", "subtitle": "s"}"#,
                "options.subtitle",
            ),
            (
                r#"{"push_type": "background", "priority": 10}"#,
                "options.priority",
            ),
            (
                r#"{"push_type": "liveactivity", "priority": 1}"#,
                "options.priority",
            ),
        ] {
            let error = refusal(text);
            assert_eq!(error.field, field, "{text}: {error}");
        }
    }

    #[test]
    fn empty_texts_and_null_are_absent() {
        let text = r#"{"subtitle": "", "priority": null, "custom": null}"#;
        let message = with(text);
        let options = Options::read(&message).unwrap();
        assert!(options.subtitle.is_none() && options.priority.is_none());
        assert!(options.custom.is_none());
    }

    #[test]
    fn a_live_activity_takes_any_relevance_score() {
        let message = with(r#"{"relevance_score": 75}"#);
        let options = Options::read(&message).unwrap();
        assert_eq!(options.check(PushType::LiveActivity), Ok(()));
    }
}
