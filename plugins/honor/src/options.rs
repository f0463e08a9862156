//! The sender's own Honor fields: `Message.options`, a JSON object.
//!
//! Its keys are those of Honor's `android` and `android.notification` objects. Unknown ones
//! are refused; `""` and `null` are as good as absent.

use nudged_driver_kit::fit::spare;
use nudged_driver_kit::forms::{Https, is_instant, maybe};
use nudged_driver_kit::options;
use nudged_driver_kit::text::present;
use nudged_plugin_api::{EncodeError, Message, Notice, bad_option};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Most buttons below a notification.
const MAX_BUTTONS: usize = 3;

/// Everything a sender may add.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// Honor's class of message; beats category and setting.
    #[serde(deserialize_with = "importance")]
    pub importance: Option<Importance>,
    /// Action of the intent that a tap sends; beats the message's click.
    pub action: Option<String>,
    /// 0: plain. 1: unfolds to `bigTitle` and `bigBody`.
    pub style: Option<u8>,
    /// Title of the unfolded notification, which Honor wants equal to the title: the title goes.
    pub big_title: Option<String>,
    /// Text of the unfolded notification, which Honor wants equal to the text: the text goes.
    pub big_body: Option<String>,
    /// Picture; beats the message's.
    #[serde(deserialize_with = "maybe")]
    pub image: Option<Https>,
    /// When it happened, UTC, such as `2026-01-02T15:04:05.000000000Z`.
    pub when: Option<String>,
    /// Up to three buttons, in Honor's form.
    pub buttons: Vec<Map<String, Value>>,
    /// Class that badges are counted for; beats the setting `launcher_activity`.
    pub badge_class: Option<String>,
    /// Number of the notification; a later one with the same replaces it.
    pub notify_id: Option<u32>,
    /// With a tag, only a notification with the same tag is replaced.
    pub tag: Option<String>,
    /// Of the notifications of one group the phone shows the newest only.
    pub group: Option<String>,
    /// Comes back in receipts; beats the driver's own.
    pub bi_tag: Option<String>,
}

/// Honor's class of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Importance {
    /// Service and communication.
    Normal,
    /// Marketing.
    Low,
}

impl Importance {
    /// From Honor's word for it.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "NORMAL" => Some(Self::Normal),
            "LOW" => Some(Self::Low),
            _ => None,
        }
    }
}

fn importance<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Importance>, D::Error> {
    match Option::<String>::deserialize(from)?.as_deref() {
        None | Some("") => Ok(None),
        Some(word) => match Importance::parse(word) {
            Some(importance) => Ok(Some(importance)),
            None => Err(serde::de::Error::custom("expected NORMAL or LOW")),
        },
    }
}

impl Options {
    /// Leaves out what a notification can do without, for one that is too long.
    pub(crate) fn leave_out_extras(&mut self, notices: &mut Vec<Notice>) {
        let mut left_out = |option: &str, there: bool| spare(option, there, notices);
        left_out("style", self.style.take() == Some(1));
        left_out("image", self.image.take().is_some());
        left_out("buttons", !std::mem::take(&mut self.buttons).is_empty());
    }

    /// The options of `message`, in range.
    pub fn read(message: &Message) -> Result<Self, EncodeError> {
        let options: Self = options::read(message)?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<(), EncodeError> {
        if self.style.is_some_and(|style| style > 1) {
            return Err(bad_option(
                "style",
                "is neither 0 (plain) nor 1 (long text)",
            ));
        }
        if self.notify_id.is_some_and(|id| id > i32::MAX as u32) {
            return Err(bad_option("notifyId", "is over 2147483647"));
        }
        if self.buttons.len() > MAX_BUTTONS {
            return Err(bad_option(
                "buttons",
                format!("has {} buttons, the limit is 3", self.buttons.len()),
            ));
        }
        if present(&self.when).is_some_and(|when| !is_instant(when)) {
            return Err(bad_option(
                "when",
                "is not a UTC time such as 2026-01-02T15:04:05.000000000Z",
            ));
        }
        let odd = |c: char| c.is_whitespace() || c.is_control();
        if present(&self.action).is_some_and(|action| action.contains(odd)) {
            return Err(bad_option(
                "action",
                "has a space, which no intent's action has",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(options: &str) -> (String, String) {
        let mut message = Message::new("t", "b");
        message.options = Some(options.to_owned());
        let error = Options::read(&message).unwrap_err();
        assert_eq!(error.code, "BadOption", "{options}");
        (error.field, error.problem)
    }

    #[test]
    fn a_value_out_of_range_names_its_key_and_its_range() {
        for (options, field, says) in [
            (r#"{"importance":"HIGH"}"#, "options.importance", "LOW"),
            (r#"{"style":2}"#, "options.style", "1 (long text)"),
            (
                r#"{"notifyId":2147483648}"#,
                "options.notifyId",
                "2147483647",
            ),
            (r#"{"buttons":[{},{},{},{}]}"#, "options.buttons", "3"),
            (r#"{"buttons":["x"]}"#, "options.buttons[0]", "map"),
            (r#"{"when":"today"}"#, "options.when", "UTC"),
            (r#"{"when":"2026-01-02T15:04:05"}"#, "options.when", "UTC"),
            (r#"{"when":"2026-01-02T15:04:05.Z"}"#, "options.when", "UTC"),
            (r#"{"action":"a b"}"#, "options.action", "space"),
            (r#"{"image":"http://x/"}"#, "options.image", "https"),
            (
                r#"{"notify_id":1}"#,
                "options.notify_id",
                "expected one of `importance`",
            ),
        ] {
            let (at, problem) = refused(options);
            assert_eq!(at, field, "{options}");
            assert!(problem.contains(says), "{options}: {problem}");
        }
    }

    #[test]
    fn nothing_at_all_is_absent() {
        let mut message = Message::new("t", "b");
        message.options = Some(r#"{"importance":"","when":"","image":null}"#.to_owned());
        let options = Options::read(&message).unwrap();
        assert_eq!(options.importance, None);
        assert_eq!(present(&options.when), None);
    }
}
