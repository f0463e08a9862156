//! The sender's own OPPO fields: `Message.options`, a JSON object.
//!
//! The names are OPPO's. Unknown fields are refused; `""` and `null` are as good as absent.
//! What is said here beats the message's own fields, and those beat the settings.

use std::collections::BTreeMap;

use nudged_driver_kit::address::is_web_page;
use nudged_driver_kit::options;
use nudged_driver_kit::text::Unit;
use nudged_plugin_api::{EncodeError, Message, bad_option};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Levels of `notify_level`.
pub(crate) const NOTIFY_LEVELS: [u8; 3] = [1, 2, 16];
/// Longest `call_back_url`.
pub(crate) const MAX_CALL_BACK_URL: usize = 200;
/// Longest `call_back_parameter`; older documents say 50.
pub(crate) const MAX_CALL_BACK_PARAMETER: usize = 100;
/// Longest time in the notification bar: a day, for service messages.
const MAX_SHOW_TTL: u32 = 86_400;

/// Everything a sender may add.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// 1 normal, 2 long text, 3 big picture.
    pub style: Option<u8>,
    /// Id of an uploaded big picture; makes style 3.
    pub big_picture_id: Option<String>,
    /// Id of an uploaded small picture, the icon beside the text.
    pub small_picture_id: Option<String>,
    /// Android channel; beats the message's.
    pub channel_id: Option<String>,
    /// Message category; beats the message's.
    pub category: Option<String>,
    /// 1 bar, 2 bar and lock screen, 16 with banner and sound. Needs a category.
    pub notify_level: Option<u8>,
    /// A notification of the same number is replaced; beats the message's collapse key.
    pub notify_id: Option<u32>,
    /// How the click's page is meant: 1 intent action, 4 Activity class, 5 scheme URL.
    pub click_action_type: Option<u8>,
    /// More parameters beside those of `ext`; appended to the address of a web page.
    pub action_parameters: Option<BTreeMap<String, String>>,
    /// Seconds after which it leaves the notification bar.
    pub show_ttl: Option<u32>,
    /// Milliseconds since 1970 from which on it is shown; goes with `show_end_time`.
    pub show_start_time: Option<u64>,
    /// Milliseconds since 1970 until which it is shown.
    pub show_end_time: Option<u64>,
    /// 0 any network, 1 Wi-Fi only.
    pub network_type: Option<u8>,
    /// 0 sets the badge, 1 adds to it; goes with `badge_message_count`.
    pub badge_operation_type: Option<u8>,
    /// The badge, or what is added to it; beats the message's badge.
    pub badge_message_count: Option<u32>,
    /// Template that the console granted for the category.
    pub private_msg_template_id: Option<String>,
    /// Values of the template's title.
    pub private_title_parameters: Option<Map<String, Value>>,
    /// Values of the template's text.
    pub private_content_parameters: Option<Map<String, Value>>,
    /// Receipts of this message go there.
    pub call_back_url: Option<String>,
    /// Receipts of this message carry this.
    pub call_back_parameter: Option<String>,
}

/// `style`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// 1: one line.
    Normal,
    /// 2: several lines.
    LongText,
    /// 3: with a big picture.
    BigPicture,
}

impl Style {
    /// OPPO's number.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Normal => 1,
            Self::LongText => 2,
            Self::BigPicture => 3,
        }
    }
}

impl Options {
    /// The options of `message`, checked.
    pub fn read(message: &Message) -> Result<Self, EncodeError> {
        let mut options: Self = options::read(message)?;
        options.drop_empty();
        options.check()?;
        Ok(options)
    }

    /// The style that these options ask for.
    pub(crate) fn style(&self) -> Option<Style> {
        match self.style {
            Some(1) => Some(Style::Normal),
            Some(2) => Some(Style::LongText),
            Some(_) => Some(Style::BigPicture),
            None => self.big_picture_id.is_some().then_some(Style::BigPicture),
        }
    }

    fn drop_empty(&mut self) {
        for text in [
            &mut self.big_picture_id,
            &mut self.small_picture_id,
            &mut self.channel_id,
            &mut self.category,
            &mut self.private_msg_template_id,
            &mut self.call_back_url,
            &mut self.call_back_parameter,
        ] {
            text.take_if(|text| text.is_empty());
        }
    }

    fn check(&self) -> Result<(), EncodeError> {
        one_of("style", self.style, &[1, 2, 3])?;
        one_of("notify_level", self.notify_level, &NOTIFY_LEVELS)?;
        one_of("click_action_type", self.click_action_type, &[1, 4, 5])?;
        one_of("network_type", self.network_type, &[0, 1])?;
        one_of("badge_operation_type", self.badge_operation_type, &[0, 1])?;
        self.check_pictures()?;
        self.check_times()?;
        if self.badge_operation_type.is_some() != self.badge_message_count.is_some() {
            return Err(bad_option(
                "badge_operation_type",
                "goes with badge_message_count: give both or neither",
            ));
        }
        for (key, number) in [
            ("badge_message_count", self.badge_message_count),
            ("notify_id", self.notify_id),
        ] {
            if number.is_some_and(|number| i32::try_from(number).is_err()) {
                return Err(bad_option(key, "is over 2147483647"));
            }
        }
        if self.category.as_deref().is_some_and(|it| !is_category(it)) {
            return Err(bad_option("category", NO_CATEGORY));
        }
        let parameters = [
            ("private_title_parameters", &self.private_title_parameters),
            (
                "private_content_parameters",
                &self.private_content_parameters,
            ),
        ];
        for (key, parameters) in parameters {
            if parameters.is_some() && self.private_msg_template_id.is_none() {
                return Err(bad_option(key, "needs a private_msg_template_id"));
            }
        }
        if self
            .call_back_url
            .as_deref()
            .is_some_and(|url| !is_call_back_url(url))
        {
            let problem = format!(
                "is not an http:// or https:// address of at most {MAX_CALL_BACK_URL} characters"
            );
            return Err(bad_option("call_back_url", problem));
        }
        let length = Unit::Utf16.length(self.call_back_parameter.as_deref().unwrap_or_default());
        if length > MAX_CALL_BACK_PARAMETER {
            let problem =
                format!("is {length} characters long, the limit is {MAX_CALL_BACK_PARAMETER}");
            return Err(bad_option("call_back_parameter", problem));
        }
        Ok(())
    }

    fn check_pictures(&self) -> Result<(), EncodeError> {
        match (self.style, &self.big_picture_id) {
            (Some(3), None) => Err(bad_option("style", "3 needs a big_picture_id")),
            (Some(1 | 2), Some(_)) => Err(bad_option("big_picture_id", "needs style 3")),
            _ => Ok(()),
        }
    }

    fn check_times(&self) -> Result<(), EncodeError> {
        if let Some(seconds) = self.show_ttl.filter(|seconds| *seconds > MAX_SHOW_TTL) {
            let problem = format!("is {seconds} seconds, the limit is {MAX_SHOW_TTL}");
            return Err(bad_option("show_ttl", problem));
        }
        match (self.show_start_time, self.show_end_time) {
            (None, None) => Ok(()),
            (Some(start), Some(end)) if start < end => Ok(()),
            (Some(_), Some(_)) => Err(bad_option("show_end_time", "is not after show_start_time")),
            _ => Err(bad_option(
                "show_start_time",
                "goes with show_end_time: give both or neither",
            )),
        }
    }
}

/// What is wrong with a category that OPPO cannot know.
pub(crate) const NO_CATEGORY: &str =
    "is not a word of capital letters, digits and underscores, such as IM";

/// Whether a text can be a category of OPPO's; which ones there are, OPPO decides.
pub(crate) fn is_category(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// Whether OPPO can post receipts to this address.
pub(crate) fn is_call_back_url(url: &str) -> bool {
    is_web_page(url) && url.is_ascii() && url.len() <= MAX_CALL_BACK_URL
}

fn one_of(key: &str, number: Option<u8>, allowed: &[u8]) -> Result<(), EncodeError> {
    match number {
        Some(number) if !allowed.contains(&number) => {
            let allowed: Vec<String> = allowed.iter().map(u8::to_string).collect();
            let problem = format!("is {number}, expected one of {}", allowed.join(", "));
            Err(bad_option(key, problem))
        }
        _ => Ok(()),
    }
}
