//! The sender's own TPNS fields: `Message.options`, a JSON object.
//!
//! Its keys are those of the Push API, without what nudged's message says itself (title,
//! text, sound, badge, lifetime). Unknown ones are refused; `""` and `null` are as good as
//! absent. Fields of the other platform do no harm.

pub(crate) mod behind;
mod check;

use std::collections::BTreeMap;

use nudged_driver_kit::fit::spare;
use nudged_driver_kit::options;
use nudged_driver_kit::text::present;
use nudged_plugin_api::{EncodeError, Message, Notice};
use serde::{Deserialize, Deserializer, Serialize};

pub use behind::Behind;

/// Everything a sender may add.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// Which of Apple's two worlds; beats the setting.
    #[serde(deserialize_with = "environment")]
    pub environment: Option<Environment>,
    /// To all packages of the application.
    pub multi_pkg: Option<bool>,
    /// Push plan that the statistics count it in.
    pub plan_id: Option<String>,
    /// Vendors that this message may or may not go through.
    pub channel_rules: Vec<ChannelRule>,
    /// 1: not over TPNS's own connection first, even where the phone is online.
    pub tpns_online_push_type: Option<u8>,
    /// More of `message`.
    pub message: MessageOptions,
    /// `message.android`.
    pub android: Android,
    /// `message.ios.aps`.
    pub aps: Aps,
    /// More keys of `custom_content`, beside `ext`.
    pub custom_content: BTreeMap<String, String>,
    /// What the message says for the vendors behind TPNS; written by the daemon.
    pub behind: Behind,
}

/// Which of Apple's two worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// App Store and TestFlight.
    Product,
    /// Installed by Xcode.
    Dev,
}

/// One of `channel_rules`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelRule {
    /// `xg` (TPNS itself), `hw`, `honor`, `xm`, `mz`, `vivo`, `oppo`, `fcm`, `apns`.
    pub channel: String,
    /// true: not through it.
    pub disable: bool,
}

/// More of `message`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MessageOptions {
    /// Times of the day in which phones get it; what TPNS brings itself only.
    pub accept_time: Vec<AcceptTime>,
    /// Summary of a folded thread; what TPNS brings itself only.
    pub thread_sumtext: Option<String>,
    /// MP3 to play; what TPNS brings itself only.
    pub xg_media_audio_resources: Option<String>,
    /// 1: not shown while the app is in front. 2: shown.
    pub show_type: Option<u8>,
}

/// One of `accept_time`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptTime {
    /// From here.
    pub start: Clock,
    /// To there.
    pub end: Clock,
}

/// A time of the day, as texts: `{"hour": "09", "min": "30"}`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// 0 to 23.
    pub hour: String,
    /// 0 to 59.
    pub min: String,
}

/// `message.android`. What the driver merges is not written from here.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Android {
    /// TPNS's channel; beats the message's.
    #[serde(skip_serializing)]
    pub n_ch_id: Option<String>,
    /// Its name, where the app has not made it.
    #[serde(skip_serializing_if = "empty")]
    pub n_ch_name: Option<String>,
    /// Xiaomi's channel; beats the setting, as the five below.
    #[serde(skip_serializing)]
    pub xm_ch_id: Option<String>,
    /// Huawei's channel.
    #[serde(skip_serializing)]
    pub hw_ch_id: Option<String>,
    /// Huawei's category; beats the message's.
    #[serde(skip_serializing)]
    pub hw_category: Option<String>,
    /// OPPO's channel.
    #[serde(skip_serializing)]
    pub oppo_ch_id: Option<String>,
    /// vivo's class: `0` operation, `1` system.
    #[serde(skip_serializing)]
    pub vivo_ch_id: Option<String>,
    /// FCM's channel.
    #[serde(skip_serializing)]
    pub fcm_ch_id: Option<String>,
    /// 1: Huawei's quick notification, by agreement with Huawei.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hw_biz_type: Option<u8>,
    /// How Huawei shows it. 1: quietly. 2: with sound and vibration.
    #[serde(skip_serializing)]
    pub hw_importance: Option<u8>,
    /// Number of the notification; beats the message's collapse key.
    #[serde(skip_serializing)]
    pub n_id: Option<i32>,
    /// Style that the app made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub builder_id: Option<u32>,
    /// Whether it replaces the style of that number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style_id: Option<u8>,
    /// -2: one more. -1: as it is. 0 to 99: this. Beats the message's badge.
    #[serde(skip_serializing)]
    pub badge_type: Option<i32>,
    /// 0: no sound; beats the message's, as the two below.
    #[serde(skip_serializing)]
    pub ring: Option<u8>,
    /// Sound file of the app, without suffix.
    #[serde(skip_serializing)]
    pub ring_raw: Option<String>,
    /// 0: no vibration.
    #[serde(skip_serializing)]
    pub vibrate: Option<u8>,
    /// 0: no light.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lights: Option<u8>,
    /// 0: cannot be wiped away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clearable: Option<u8>,
    /// 0: `icon_res` is a file of the app. 1: it is a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_type: Option<u8>,
    /// Picture beside the text.
    #[serde(skip_serializing_if = "empty")]
    pub icon_res: Option<String>,
    /// Icon in the status bar.
    #[serde(skip_serializing_if = "empty")]
    pub small_icon: Option<String>,
    /// Its colour as a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_color: Option<u32>,
    /// More of what a tap does.
    #[serde(skip_serializing)]
    pub action: Action,
}

/// `message.android.action` beyond the message's click.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Action {
    /// How an Activity starts.
    pub aty_attr: Option<ActivityFlags>,
    /// How a web page opens.
    pub browser: Browser,
}

/// `aty_attr`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ActivityFlags {
    /// Flags of the Intent.
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub intent: Option<u32>,
    /// Flags of the PendingIntent.
    #[serde(rename = "pf", skip_serializing_if = "Option::is_none")]
    pub pending: Option<u32>,
}

/// `browser`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Browser {
    /// 1: the user is asked first.
    pub confirm: Option<u8>,
}

/// `message.ios.aps`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct Aps {
    /// -2: one more. -1: as it is. From 0: this. Beats the message's badge.
    #[serde(rename = "badge_type")]
    pub badge_type: Option<i32>,
    /// Buttons below the notification; beats the message's category.
    pub category: Option<String>,
    /// 1: the app's extension may change it. TPNS assumes 1.
    pub mutable_content: Option<u8>,
    /// passive, active, time-sensitive, critical.
    pub interruption_level: Option<String>,
}

impl Options {
    /// The options of `message`, in range.
    pub fn read(message: &Message) -> Result<Self, EncodeError> {
        let options: Self = options::read(message)?;
        options.check()?;
        Ok(options)
    }

    /// Leaves out what takes room and can be spared, and says so.
    pub(crate) fn leave_out(&mut self, notices: &mut Vec<Notice>) {
        const MAX_ID: usize = 128;
        let mut gone = |name: &str| spare(name, true, notices);
        if !std::mem::take(&mut self.custom_content).is_empty() {
            gone("custom_content");
        }
        if !std::mem::take(&mut self.message.accept_time).is_empty() {
            gone("message.accept_time");
        }
        let (message, android) = (&mut self.message, &mut self.android);
        for (name, option, most) in [
            ("message.thread_sumtext", &mut message.thread_sumtext, 0),
            (
                "message.xg_media_audio_resources",
                &mut message.xg_media_audio_resources,
                0,
            ),
            ("android.icon_res", &mut android.icon_res, 0),
            ("android.small_icon", &mut android.small_icon, 0),
            ("android.n_ch_name", &mut android.n_ch_name, 0),
            ("android.n_ch_id", &mut android.n_ch_id, MAX_ID),
            ("android.xm_ch_id", &mut android.xm_ch_id, MAX_ID),
            ("android.hw_ch_id", &mut android.hw_ch_id, MAX_ID),
            ("android.hw_category", &mut android.hw_category, MAX_ID),
            ("android.oppo_ch_id", &mut android.oppo_ch_id, MAX_ID),
            ("android.fcm_ch_id", &mut android.fcm_ch_id, MAX_ID),
            ("android.ring_raw", &mut android.ring_raw, MAX_ID),
            ("aps.category", &mut self.aps.category, MAX_ID),
        ] {
            if present(option).is_some_and(|text| text.len() > most) {
                *option = None;
                gone(name);
            }
        }
    }
}

fn environment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Environment>, D::Error> {
    match Option::<String>::deserialize(from)?.as_deref() {
        None | Some("") => Ok(None),
        Some("product") => Ok(Some(Environment::Product)),
        Some("dev") => Ok(Some(Environment::Dev)),
        Some(_) => Err(serde::de::Error::custom("expected product or dev")),
    }
}

fn empty(text: &Option<String>) -> bool {
    present(text).is_none()
}
