//! The sender's own Xiaomi fields: `Message.options`, a JSON object.
//!
//! Names are those of the API, without its prefix `extra.`. Unknown fields are refused; `""`
//! and `null` are as good as absent. An option beats the message's field, and that the
//! channel's setting.

use std::collections::BTreeMap;

use nudged_driver_kit::options;
use nudged_driver_kit::text::{Unit, present};
use nudged_plugin_api::{EncodeError, Message, bad_option};
use serde::Deserialize;

use crate::settings::{ChannelClass, MAX_TEMPLATE_PARAMS, OpenApp};
use crate::template;

/// Longest `payload`: less than 4 KB.
pub(crate) const MAX_PAYLOAD: usize = 4095;
/// Longest `jobkey`.
pub(crate) const MAX_JOBKEY: usize = 20;
/// Longest `callback.param` of the newest document; older ones say 64.
const MAX_CALLBACK_PARAM: usize = 256;
/// Numbers of notifications are Java's `int`s that are not negative.
pub(crate) const MAX_NOTIFY_ID: u32 = i32::MAX as u32;
/// How far ahead Xiaomi schedules, in milliseconds: a week by every edition of the document.
pub(crate) const MAX_SCHEDULE: u64 = 7 * 86_400_000;

/// Everything a sender may add.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// Notification channel; beats the message's.
    pub channel_id: Option<String>,
    /// What this message's channel was approved for; beats the channel's setting.
    pub channel_class: Option<ChannelClass>,
    /// Template of a private message.
    pub template_id: Option<String>,
    /// The template's variables.
    pub template_param: Option<BTreeMap<String, String>>,
    /// What a tap that opens the app does; beats the channel's setting.
    pub open_app: Option<OpenApp>,
    /// Flags of the Intent, beside an in-app page that is a class name.
    pub intent_flag: Option<u32>,
    /// -1 for all, or 1 sound + 2 vibration + 4 light; 0 for none.
    pub notify_type: Option<i64>,
    /// Number of the notification; replaces the one of the same number.
    pub notify_id: Option<u32>,
    /// Whether it shows while the app is on the screen.
    pub notify_foreground: Option<bool>,
    /// Sound, `android.resource://PACKAGE/raw/NAME`.
    pub sound_uri: Option<String>,
    /// Text of the status bar.
    pub ticker: Option<String>,
    /// Name that the phone drops repeats by.
    pub jobkey: Option<String>,
    /// Deliver to devices that are online and forget the others.
    pub only_send_once: Option<bool>,
    /// Messages a second that Xiaomi spreads a big send over.
    pub flow_control: Option<u32>,
    /// Moment to deliver at, in milliseconds since 1970.
    pub time_to_send: Option<u64>,
    /// What `MiPushMessage.getContent()` gives the app.
    pub payload: Option<String>,
    /// Data that comes back with every report.
    pub callback_param: Option<String>,
    /// Name of a notification channel that this message creates on the phone.
    pub channel_name: Option<String>,
    /// Description of that channel.
    pub channel_description: Option<String>,
    /// Only devices of these locales.
    pub locale: Option<String>,
    /// No devices of these locales.
    pub locale_not_in: Option<String>,
    /// Only these models.
    pub model: Option<String>,
    /// None of these models.
    pub model_not_in: Option<String>,
    /// Only these versions of the app.
    pub app_version: Option<String>,
    /// None of these versions of the app.
    pub app_version_not_in: Option<String>,
    /// `wifi`: only devices in a wireless network.
    pub connpt: Option<String>,
    /// More keys beside `ext`.
    pub extra: BTreeMap<String, String>,
}

impl Options {
    /// The options of `message`, in the ranges that Xiaomi documents.
    pub fn read(message: &Message) -> Result<Self, EncodeError> {
        let options: Self = options::read(message)?;
        options.check()?;
        Ok(options)
    }

    fn check(&self) -> Result<(), EncodeError> {
        if let Some(notify_type) = self.notify_type.filter(|n| !(-1..=7).contains(n)) {
            let problem = format!(
                "is {notify_type}, expected -1 for all, or a sum of 1 sound, 2 vibration and 4 light"
            );
            return Err(bad_option("notify_type", problem));
        }
        if let Some(id) = self.notify_id.filter(|id| *id > MAX_NOTIFY_ID) {
            let problem = format!("is {id}, expected 0 to {MAX_NOTIFY_ID}");
            return Err(bad_option("notify_id", problem));
        }
        if self.flow_control == Some(0) {
            let problem = "is 0, expected a number of messages a second";
            return Err(bad_option("flow_control", problem));
        }
        if present(&self.connpt).is_some_and(|connpt| connpt != "wifi") {
            return Err(bad_option("connpt", "is not wifi, the only known value"));
        }
        let uri = present(&self.sound_uri);
        if uri.is_some_and(|uri| !is_sound_uri(uri)) {
            let problem = "is not a URI of the form android.resource://PACKAGE/raw/NAME";
            return Err(bad_option("sound_uri", problem));
        }
        if present(&self.jobkey).is_some_and(|jobkey| !is_jobkey(jobkey)) {
            let problem = format!(
                "is not of 1 to {MAX_JOBKEY} letters, digits, _ and -, beginning with no _"
            );
            return Err(bad_option("jobkey", problem));
        }
        at_most("payload", &self.payload, MAX_PAYLOAD)?;
        at_most("callback_param", &self.callback_param, MAX_CALLBACK_PARAM)?;
        self.check_template()?;
        self.extra.keys().try_for_each(|key| check_key(key))
    }

    fn check_template(&self) -> Result<(), EncodeError> {
        let Some(params) = &self.template_param else {
            return Ok(());
        };
        if params.len() > MAX_TEMPLATE_PARAMS {
            let problem = format!(
                "has {} variables, at most {MAX_TEMPLATE_PARAMS} pass",
                params.len()
            );
            return Err(bad_option("template_param", problem));
        }
        for (name, value) in params {
            if template::fits(value) {
                continue;
            }
            let problem = format!(
                "is {} UTF-16 units long; expected 1 to 128, not only blanks, no emoji or other \
                 symbols",
                Unit::Utf16.length(value)
            );
            return Err(bad_option(
                &format!("template_param.{}", shown(name)),
                problem,
            ));
        }
        Ok(())
    }
}

fn at_most(key: &str, value: &Option<String>, max: usize) -> Result<(), EncodeError> {
    match value.as_ref().map(String::len).filter(|size| *size > max) {
        None => Ok(()),
        Some(size) => Err(bad_option(
            key,
            format!("is {size} bytes long, at most {max} pass"),
        )),
    }
}

fn is_sound_uri(uri: &str) -> bool {
    let path = uri.strip_prefix("android.resource://").unwrap_or_default();
    path.contains('/') && path.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_jobkey(jobkey: &str) -> bool {
    jobkey.len() <= MAX_JOBKEY
        && !jobkey.starts_with('_')
        && jobkey
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// Keys that Xiaomi reads itself; the driver or an option of the same name writes them.
const RESERVED: [&str; 26] = [
    "ext",
    "notify_effect",
    "intent_uri",
    "class_name",
    "intent_flag",
    "web_uri",
    "notify_foreground",
    "sound_uri",
    "channel_id",
    "channel_name",
    "channel_description",
    "template_id",
    "template_param",
    "ticker",
    "jobkey",
    "only_send_once",
    "flow_control",
    "callback",
    "locale",
    "locale_not_in",
    "model",
    "model_not_in",
    "app_version",
    "app_version_not_in",
    "connpt",
    "",
];

fn check_key(key: &str) -> Result<(), EncodeError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let problem = if RESERVED.contains(&key) || key.starts_with("callback.") {
        "is empty or a key that Xiaomi reads itself; expected one of your own"
    } else if key.len() > 64 || !key.chars().all(plain) {
        "is not a key of at most 64 letters, digits, _, - and ."
    } else {
        return Ok(());
    };
    Err(bad_option(&format!("extra.{}", shown(key)), problem))
}

/// A key of the sender's in an error's path: printable, and not endless.
fn shown(key: &str) -> String {
    let key: String = key.chars().filter(|c| !c.is_control()).take(64).collect();
    if key.is_empty() { "?".to_owned() } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> String {
        let options: Options = serde_json::from_str(json).unwrap();
        options.check().unwrap_err().field
    }

    #[test]
    fn each_range_is_checked_at_its_edge() {
        let long = |key: &str, size| format!(r#"{{"{key}":"{}"}}"#, "x".repeat(size));
        for (good, bad, field) in [
            (
                r#"{"notify_type":-1}"#.to_owned(),
                r#"{"notify_type":-2}"#.to_owned(),
                "notify_type",
            ),
            (
                r#"{"notify_type":7}"#.to_owned(),
                r#"{"notify_type":8}"#.to_owned(),
                "notify_type",
            ),
            (
                r#"{"notify_id":2147483647}"#.to_owned(),
                r#"{"notify_id":2147483648}"#.to_owned(),
                "notify_id",
            ),
            (
                r#"{"flow_control":1}"#.to_owned(),
                r#"{"flow_control":0}"#.to_owned(),
                "flow_control",
            ),
            (
                r#"{"connpt":"wifi"}"#.to_owned(),
                r#"{"connpt":"4g"}"#.to_owned(),
                "connpt",
            ),
            (
                r#"{"jobkey":"a_b-C1"}"#.to_owned(),
                r#"{"jobkey":"_a"}"#.to_owned(),
                "jobkey",
            ),
            (long("jobkey", 20), long("jobkey", 21), "jobkey"),
            (long("payload", 4095), long("payload", 4096), "payload"),
            (
                long("callback_param", 256),
                long("callback_param", 257),
                "callback_param",
            ),
            (
                r#"{"sound_uri":"android.resource://a.b/raw/c"}"#.to_owned(),
                r#"{"sound_uri":"https://a.b/c.mp3"}"#.to_owned(),
                "sound_uri",
            ),
        ] {
            let options: Options = serde_json::from_str(&good).unwrap();
            assert_eq!(options.check(), Ok(()), "{good}");
            assert_eq!(refused(&bad), format!("options.{field}"), "{bad}");
        }
    }

    #[test]
    fn a_template_takes_nine_plain_values() {
        let nine: Vec<_> = (0..9).map(|n| format!(r#""k{n}":"v""#)).collect();
        let options = format!(r#"{{"template_param":{{{}}}}}"#, nine.join(","));
        let options: Options = serde_json::from_str(&options).unwrap();
        assert_eq!(options.check(), Ok(()));
        let ten = format!(r#"{{"template_param":{{{},"k9":"v"}}}}"#, nine.join(","));
        assert_eq!(refused(&ten), "options.template_param");
        for value in ["", "  ", "hi 🎉", &"x".repeat(129)] {
            let json = format!(r#"{{"template_param":{{"name":"{value}"}}}}"#);
            assert_eq!(refused(&json), "options.template_param.name", "{value}");
        }
    }

    #[test]
    fn a_key_that_xiaomi_reads_is_no_key_of_the_senders() {
        for key in [
            "ext",
            "notify_effect",
            "callback.type",
            "",
            "a b",
            "a=b",
            "ü",
        ] {
            let json = format!(r#"{{"extra":{{"{key}":"v"}}}}"#);
            assert!(refused(&json).starts_with("options.extra."), "{key}");
        }
        let fine = r#"{"extra":{"room":"1","notification_style_type":"1","a.b-c":"2"}}"#;
        let options: Options = serde_json::from_str(fine).unwrap();
        assert_eq!(options.check(), Ok(()));
    }
}
