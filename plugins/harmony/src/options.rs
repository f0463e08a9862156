//! The sender's own Push Kit fields: `Message.options`, a JSON object.
//!
//! Its keys are those of Push Kit's `payload` and `pushOptions`. Unknown ones are refused;
//! `""` and `null` are as good as absent.

use nudged_driver_kit::fit::spare;
use nudged_driver_kit::forms::{Https, maybe};
use nudged_driver_kit::options;
use nudged_driver_kit::text::present;
use nudged_plugin_api::{EncodeError, Message, Notice, bad_option};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Most lines of a notification of style 3, and most bytes of each.
const MAX_LINES: usize = 3;
const MAX_LINE: usize = 1024;
/// Longest id or tag.
const MAX_NAME: usize = 64;

/// Everything a sender may add.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// Push Kit's class of message; beats the message's and the setting.
    pub category: Option<String>,
    /// More keys for the page that a tap opens, beside `ext`.
    pub data: Map<String, Value>,
    /// Picture; beats the message's.
    #[serde(deserialize_with = "maybe")]
    pub image: Option<Https>,
    /// 0: plain. 1: long text. 3: lines.
    pub style: Option<u8>,
    /// Title of a notification of style 1.
    pub big_title: Option<String>,
    /// Text of a notification of style 1.
    pub big_body: Option<String>,
    /// Lines of a notification of style 3.
    pub inbox_content: Vec<String>,
    /// Number of the notification; a later one with the same replaces it.
    pub notify_id: Option<u32>,
    /// The phone shows an id once in 24 hours; beats the driver's own.
    pub app_message_id: Option<String>,
    /// The phone shows it only while this account is bound.
    pub profile_id: Option<String>,
    /// Seconds that the message's own sound lasts.
    pub sound_duration: Option<u8>,
    /// Whether it is shown while the app is open.
    pub foreground_show: Option<bool>,
    /// Of messages that wait for the phone with the same number only the last stays; -1: all.
    pub collapse_key: Option<i32>,
    /// Comes back in receipts; beats the driver's own.
    pub bi_tag: Option<String>,
    /// Beats the setting `receipt_id`.
    pub receipt_id: Option<String>,
    /// How a background message reaches the app.
    pub background_mode: Option<u8>,
    /// For background messages: `ENABLE`.
    pub proxy_data: Option<String>,
}

impl Options {
    /// Leaves out what a notification can do without, for one that is too long.
    pub(crate) fn leave_out_extras(&mut self, notices: &mut Vec<Notice>) {
        let mut left_out = |option: &str, there: bool| spare(option, there, notices);
        left_out("bigTitle", self.big_title.take().is_some());
        left_out("bigBody", self.big_body.take().is_some());
        let lines = std::mem::take(&mut self.inbox_content);
        left_out("inboxContent", !lines.is_empty());
        left_out("image", self.image.take().is_some());
        left_out("data", !std::mem::take(&mut self.data).is_empty());
        // Without its lines or its longer text a style shows the plain notification.
        self.style = None;
    }

    /// The options of `message`, in range.
    pub fn read(message: &Message) -> Result<Self, EncodeError> {
        let options: Self = options::read(message)?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<(), EncodeError> {
        for (key, text) in [
            ("appMessageId", &self.app_message_id),
            ("profileId", &self.profile_id),
            ("biTag", &self.bi_tag),
        ] {
            let length = present(text).map_or(0, str::len);
            if length > MAX_NAME {
                return Err(bad_option(
                    key,
                    format!("is {length} bytes long, the limit is 64"),
                ));
            }
        }
        let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if present(&self.category).is_some_and(|category| !category.chars().all(word)) {
            return Err(bad_option(
                "category",
                "is not a word of capital letters such as IM or MISS_CALL",
            ));
        }
        if self.notify_id.is_some_and(|id| id > i32::MAX as u32) {
            return Err(bad_option("notifyId", "is over 2147483647"));
        }
        within("soundDuration", self.sound_duration, 1, 60)?;
        within("collapseKey", self.collapse_key, -1, 100)?;
        within("backgroundMode", self.background_mode, 0, 1)?;
        if present(&self.proxy_data).is_some_and(|word| word != "ENABLE") {
            return Err(bad_option("proxyData", "is not ENABLE"));
        }
        self.check_style()
    }

    fn check_style(&self) -> Result<(), EncodeError> {
        if !matches!(self.style, None | Some(0 | 1 | 3)) {
            return Err(bad_option(
                "style",
                "is none of 0 (plain), 1 (long text), 3 (lines)",
            ));
        }
        let lines = &self.inbox_content;
        if self.style == Some(3) && lines.is_empty() {
            return Err(bad_option(
                "inboxContent",
                "is missing, expected up to three lines for style 3",
            ));
        }
        if lines.len() > MAX_LINES {
            let problem = format!("has {} lines, the limit is 3", lines.len());
            return Err(bad_option("inboxContent", problem));
        }
        match lines.iter().map(String::len).max() {
            Some(longest) if longest > MAX_LINE => Err(bad_option(
                "inboxContent",
                format!("has a line of {longest} bytes, the limit is {MAX_LINE}"),
            )),
            _ => Ok(()),
        }
    }
}

fn within<N: Into<i64>>(
    key: &str,
    number: Option<N>,
    min: i64,
    max: i64,
) -> Result<(), EncodeError> {
    match number.map(Into::into) {
        Some(number) if !(min..=max).contains(&number) => Err(bad_option(
            key,
            format!("is {number}, expected {min} to {max}"),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
