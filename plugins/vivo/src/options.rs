//! The sender's own vivo fields: `Message.options`, a JSON object with vivo's names.
//!
//! Unknown fields are refused; `""` and `null` are as good as absent. An option beats the
//! message's own field, and that beats the channel's setting.

use std::collections::BTreeMap;

use nudged_driver_kit::options;
use nudged_driver_kit::text::{Unit, present};
use nudged_plugin_api::{EncodeError, Message, bad_option};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::classification::Classification;
use crate::settings::MAX_CALLBACK_PARAM;

/// Longest `profileId`.
const MAX_PROFILE_ID: usize = 64;

/// Everything a sender may add.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// 0 operational, 1 system.
    #[serde(deserialize_with = "classification")]
    pub classification: Option<Classification>,
    /// Beats the message's category.
    category: Option<String>,
    /// 1 nothing, 2 rings, 3 vibrates, 4 both; beats the message's sound.
    #[serde(deserialize_with = "notify_type")]
    pub notify_type: Option<u8>,
    /// -1 any network, 1 Wi-Fi only.
    pub network_type: Option<i8>,
    /// A later message with the same number replaces an earlier one; beats the collapse key.
    pub notify_id: Option<u32>,
    /// Whether it is shown while the app is in the foreground.
    pub foreground_show: Option<bool>,
    /// Whether the badge grows by one; beats the message's badge.
    pub add_badge: Option<bool>,
    /// Whether only phones that are online now get it; beats the message's lifetime.
    pub send_online: Option<bool>,
    /// Account on the phone that it is for.
    profile_id: Option<String>,
    /// Comes back in receipts, in place of the request's id.
    callback_param: Option<String>,
    /// More keys beside `ext`.
    pub client_custom_map: Option<BTreeMap<String, String>>,
}

impl Options {
    /// The options of `message`, in range.
    pub fn read(message: &Message) -> Result<Self, EncodeError> {
        let options: Self = options::read(message)?;
        if !matches!(options.network_type, None | Some(-1 | 1)) {
            return Err(bad_option("networkType", "is neither -1 nor 1"));
        }
        if !matches!(options.notify_id, None | Some(1..=0x7fff_ffff)) {
            return Err(bad_option("notifyId", "is not 1 to 2147483647"));
        }
        for (key, text, most) in [
            ("profileId", options.profile_id(), MAX_PROFILE_ID),
            (
                "callbackParam",
                options.callback_param(),
                MAX_CALLBACK_PARAM,
            ),
        ] {
            let length = text.map_or(0, |text| Unit::Utf16.length(text));
            if length > most {
                let problem = format!("has {length} characters, at most {most} pass");
                return Err(bad_option(key, problem));
            }
        }
        let keys = options.client_custom_map.iter().flat_map(BTreeMap::keys);
        if keys.into_iter().any(String::is_empty) {
            return Err(bad_option("clientCustomMap", "has an empty key"));
        }
        Ok(options)
    }

    /// The category, when there is one.
    pub fn category(&self) -> Option<&str> {
        present(&self.category)
    }

    /// The account, when there is one.
    pub fn profile_id(&self) -> Option<&str> {
        present(&self.profile_id)
    }

    /// What comes back in receipts, when it is said.
    pub fn callback_param(&self) -> Option<&str> {
        present(&self.callback_param)
    }
}

/// A number, or the text of one: chat servers write `vivoNotifyType` both ways.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(u64),
    Text(String),
}

fn number<'de, D: Deserializer<'de>>(from: D, expected: &str) -> Result<Option<u64>, D::Error> {
    let wrong = || D::Error::custom(format!("expected {expected}"));
    match Option::<Number>::deserialize(from).map_err(|_| wrong())? {
        None => Ok(None),
        Some(Number::Text(text)) if text.is_empty() => Ok(None),
        Some(Number::Text(text)) => text.parse().map(Some).map_err(|_| wrong()),
        Some(Number::Number(number)) => Ok(Some(number)),
    }
}

fn classification<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Classification>, D::Error> {
    const EXPECTED: &str = "0 (operational) or 1 (system)";
    number(from, EXPECTED)?
        .map(|number| {
            Classification::from_number(number)
                .ok_or_else(|| D::Error::custom(format!("{number}, expected {EXPECTED}")))
        })
        .transpose()
}

fn notify_type<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
    const EXPECTED: &str = "1, 2, 3 or 4";
    number(from, EXPECTED)?
        .map(|number| match number {
            1..=4 => Ok(number as u8),
            _ => Err(D::Error::custom(format!("{number}, expected {EXPECTED}"))),
        })
        .transpose()
}
