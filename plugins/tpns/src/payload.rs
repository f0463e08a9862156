//! The body of `POST /v3/push/app`, as the Push API writes it down.
//!
//! In: what `encode` decided. Out: JSON; the request's sign covers it byte for byte.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::options::{self, AcceptTime, ActivityFlags, ChannelRule, Environment};

/// The whole.
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    pub audience_type: &'static str,
    pub token_list: &'a [&'a str],
    /// 1: tokens that TPNS does not know are told, and the others get the message.
    pub ignore_invalid_token: u8,
    pub message_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Seconds.
    pub expire_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multi_pkg: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub channel_rules: &'a [ChannelRule],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpns_online_push_type: Option<u8>,
    /// A [`Message`], written already, since TPNS limits its size.
    pub message: &'a RawValue,
}

/// What the phone gets.
#[derive(Default, Serialize)]
pub(crate) struct Message<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub accept_time: &'a [AcceptTime],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_sumtext: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xg_media_resources: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xg_media_audio_resources: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub android: Option<Android<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ios: Option<Ios<'a>>,
}

/// On Android.
#[derive(Default, Serialize)]
pub(crate) struct Android<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_ch_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xm_ch_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hw_ch_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hw_category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hw_importance: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oppo_ch_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vivo_ch_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fcm_ch_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge_type: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ring: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ring_raw: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vibrate: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action<'a>>,
    /// JSON in a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_content: Option<String>,
    #[serde(flatten)]
    pub options: Option<&'a options::Android>,
}

/// What a tap does.
#[derive(Serialize)]
pub(crate) struct Action<'a> {
    pub action_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aty_attr: Option<&'a ActivityFlags>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<Browser<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<String>,
}

/// A web page.
#[derive(Serialize)]
pub(crate) struct Browser<'a> {
    pub url: &'a str,
    /// Whether the user is asked first.
    pub confirm: u8,
}

/// On iOS.
#[derive(Serialize)]
pub(crate) struct Ios<'a> {
    pub aps: Aps<'a>,
    /// JSON in a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_content: Option<String>,
}

/// Apple's part, with TPNS's own `badge_type`.
#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Aps<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert<'a>>,
    #[serde(rename = "badge_type", skip_serializing_if = "Option::is_none")]
    pub badge_type: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutable_content: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interruption_level: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_available: Option<u8>,
}

/// TPNS puts the message's title and content beside it.
#[derive(Serialize)]
pub(crate) struct Alert<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<&'a str>,
}
