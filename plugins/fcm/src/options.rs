//! The sender's own FCM fields: `Message.options`, a JSON object.
//!
//! It mirrors the API's `Message` resource without what nudged's message says itself
//! (title, text, sound, priority, lifetime, collapse key). Unknown fields are refused;
//! `""` and `null` are as good as absent. What a field may hold is in [`forms`].

pub mod forms;

use std::collections::BTreeMap;

use nudged_driver_kit::apple;
use nudged_driver_kit::fit::spare;
use nudged_driver_kit::forms::{Brightness, Https, maybe, tidied};
use nudged_driver_kit::options;
use nudged_driver_kit::text::{Unit, cut, present};
use nudged_plugin_api::{EncodeError, Message, Notice, bad_option};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use forms::{AnalyticsLabel, Color, Duration, Instant, NotificationPriority, Proxy, Visibility};

/// Everything a sender may add.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// Who draws this message; beats the channel's setting.
    #[serde(deserialize_with = "maybe")]
    pub mode: Option<Mode>,
    /// The device's token is a Firebase Installation ID: it goes as `fid`.
    pub use_fid: Option<bool>,
    /// FCM checks the request and delivers nothing.
    pub validate_only: Option<bool>,
    /// More keys beside `ext`.
    pub data: BTreeMap<String, String>,
    /// For Android.
    pub android: Android,
    /// For iOS devices that registered through FCM.
    pub apns: Apns,
    /// For browsers.
    pub webpush: Option<Webpush>,
    /// For every platform.
    pub fcm_options: Option<FcmOptions>,
}

/// Who draws a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Android does.
    Notification,
    /// The app does, from the message's data.
    Data,
}

/// `AndroidConfig`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Android {
    /// Only this package may receive it.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub restricted_package_name: Option<String>,
    /// May be delivered before the first unlock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct_boot_ok: Option<bool>,
    /// May be delivered over a bandwidth-constrained network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth_constrained_ok: Option<bool>,
    /// May be delivered over a restricted satellite network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restricted_satellite_ok: Option<bool>,
    /// Label for the statistics of Android.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fcm_options: Option<FcmOptions>,
    /// How it looks; a data message has no use for it.
    #[serde(skip_serializing)]
    pub notification: AndroidNotification,
}

/// `AndroidNotification`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AndroidNotification {
    /// Android channel; beats the message's.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub channel_id: Option<String>,
    /// Replaces what is shown under the same tag; beats the message's collapse key.
    #[serde(deserialize_with = "maybe", skip_serializing)]
    pub tag: Option<String>,
    /// Beats the message's badge.
    #[serde(skip_serializing)]
    pub notification_count: Option<u32>,
    /// Drawable of the app.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Colour of the icon.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// Picture on Android only.
    #[serde(deserialize_with = "tidied", skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Intent filter that a tap looks for; without it the launcher Activity opens.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub click_action: Option<String>,
    /// String resource of the title.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub title_loc_key: Option<String>,
    /// What is put into that string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_loc_args: Option<Vec<String>>,
    /// String resource of the text.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub body_loc_key: Option<String>,
    /// What is put into that string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_loc_args: Option<Vec<String>>,
    /// Text for accessibility services.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub ticker: Option<String>,
    /// Stays after a tap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sticky: Option<bool>,
    /// When it happened.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub event_time: Option<Instant>,
    /// Not for a watch beside the phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_only: Option<bool>,
    /// How intrusive, before Android 8.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub notification_priority: Option<NotificationPriority>,
    /// The system's sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_sound: Option<bool>,
    /// The system's vibration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_vibrate_timings: Option<bool>,
    /// The system's light.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_light_settings: Option<bool>,
    /// Off and on in turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vibrate_timings: Option<Vec<Duration>>,
    /// What a locked screen shows.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// The phone's light.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub light_settings: Option<LightSettings>,
    /// Whether Google Play services may show it in the app's place.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
}

/// `LightSettings`: all three are needed.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LightSettings {
    /// Its colour.
    pub color: LightColor,
    /// How long on.
    pub light_on_duration: Duration,
    /// How long off.
    pub light_off_duration: Duration,
}

/// `google.type.Color`: each part from 0 to 1.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LightColor {
    /// Red.
    pub red: Brightness,
    /// Green.
    pub green: Brightness,
    /// Blue.
    pub blue: Brightness,
    /// Opacity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha: Option<Brightness>,
}

/// `ApnsConfig`; what stands here beats what the driver would write.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Apns {
    /// Headers of the APNs request.
    pub headers: BTreeMap<String, String>,
    /// The APNs payload; `aps` is merged key by key.
    pub payload: ApnsPayload,
    /// Push token of the Live Activity to change, or of its push-to-start.
    #[serde(deserialize_with = "maybe")]
    pub live_activity_token: Option<String>,
    /// Label and picture for iOS.
    pub fcm_options: Option<ApnsFcmOptions>,
}

/// An APNs payload, split where the driver has to merge.
#[derive(Debug, Default, Deserialize)]
pub struct ApnsPayload {
    /// Apple's own keys.
    #[serde(default)]
    pub aps: Map<String, Value>,
    /// The app's keys.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// `ApnsFcmOptions`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ApnsFcmOptions {
    /// Label for the statistics of iOS.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub analytics_label: Option<AnalyticsLabel>,
    /// Picture on iOS only.
    #[serde(deserialize_with = "tidied", skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// `WebpushConfig`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Webpush {
    /// Headers of the Web Push request; `TTL` and `Urgency` come from the message
    /// unless they stand here.
    pub headers: BTreeMap<String, String>,
    /// Replaces the message's data in browsers.
    pub data: Option<BTreeMap<String, String>>,
    /// A Web Notification object.
    pub notification: Option<Map<String, Value>>,
    /// Link and label for browsers.
    pub fcm_options: Option<WebpushFcmOptions>,
}

/// `WebpushFcmOptions`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WebpushFcmOptions {
    /// What a click opens.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub link: Option<Https>,
    /// Label for the statistics of browsers.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub analytics_label: Option<AnalyticsLabel>,
}

/// `FcmOptions`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FcmOptions {
    /// Label for the statistics.
    #[serde(deserialize_with = "maybe", skip_serializing_if = "Option::is_none")]
    pub analytics_label: Option<AnalyticsLabel>,
}

impl Options {
    /// Reads them, or says which field is wrong and what was expected there.
    pub fn read(message: &Message) -> Result<Self, EncodeError> {
        let mut options: Self = options::read(message)?;
        for key in options.data.keys() {
            check_data_key(key)?;
        }
        options.android.notification.check()?;
        if let Some(id) = options.apns.headers.get_mut("apns-collapse-id") {
            *id = apple::collapse_id(id).into_owned();
        }
        Ok(options)
    }

    /// Leaves out what takes room and can be spared, and says so. A localized text goes where a
    /// plain one says the same; where it is all that there is, its arguments are cut.
    pub(crate) fn leave_out(&mut self, message: &Message, notices: &mut Vec<Notice>) {
        let mut gone = |name: &str| spare(name, true, notices);
        if !std::mem::take(&mut self.data).is_empty() {
            gone("data");
        }
        let payload = std::mem::take(&mut self.apns.payload);
        if !payload.aps.is_empty() || !payload.rest.is_empty() {
            gone("apns.payload");
        }
        if let Some(webpush) = &mut self.webpush
            && (webpush.data.take().is_some() | webpush.notification.take().is_some())
        {
            gone("webpush");
        }
        let android = &mut self.android.notification;
        for (name, option) in [
            ("image", &mut android.image),
            ("ticker", &mut android.ticker),
        ] {
            if option.take().is_some() {
                gone(&format!("android.notification.{name}"));
            }
        }
        let title = (&mut android.title_loc_key, &mut android.title_loc_args);
        let body = (&mut android.body_loc_key, &mut android.body_loc_args);
        for (name, (key, arguments), plain) in [
            ("title_loc_key", title, &message.title),
            ("body_loc_key", body, &message.body),
        ] {
            if present(plain).is_some() && (key.take().is_some() | arguments.take().is_some()) {
                gone(&format!("android.notification.{name}"));
            }
            for argument in arguments.iter_mut().flatten() {
                *argument = cut(argument, MAX_ARGUMENT, Unit::Characters).into_owned();
            }
        }
    }
}

/// Longest argument of a localized text that is too long as a whole, in characters.
const MAX_ARGUMENT: usize = 20;

impl AndroidNotification {
    /// FCM refuses what is put into a string that is not named.
    fn check(&self) -> Result<(), EncodeError> {
        for (args, args_given, key, key_given) in [
            (
                "title_loc_args",
                self.title_loc_args.is_some(),
                "title_loc_key",
                self.title_loc_key.is_some(),
            ),
            (
                "body_loc_args",
                self.body_loc_args.is_some(),
                "body_loc_key",
                self.body_loc_key.is_some(),
            ),
        ] {
            if args_given && !key_given {
                return Err(bad_option(
                    &format!("android.notification.{key}"),
                    format!("is missing, expected beside {args}"),
                ));
            }
        }
        Ok(())
    }
}

/// FCM uses these keys itself.
fn check_data_key(key: &str) -> Result<(), EncodeError> {
    let reserved = matches!(key, "" | "from" | "message_type")
        || key.starts_with("google.")
        || key.starts_with("gcm.notification.");
    if !reserved {
        return Ok(());
    }
    Err(bad_option(
        &format!("data.{key}"),
        "is a key that FCM keeps for itself; expected one that is not empty, from or \
         message_type and does not start with google. or gcm.notification.",
    ))
}

#[cfg(test)]
mod tests;
