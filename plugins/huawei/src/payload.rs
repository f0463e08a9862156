//! The body of `messages:send`, field by field as Push Kit names them.
//!
//! What stays absent is left out. The order is fixed, so equal messages make equal bytes.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::options::Options;

/// The whole body.
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    /// Push Kit checks the form and delivers nothing.
    pub validate_only: bool,
    pub message: Message<'a>,
}

/// `Message`.
#[derive(Serialize)]
pub(crate) struct Message<'a> {
    /// Pass-through text of a transparent message; beside a notification, what the app gets on
    /// the tap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Cow<'a, str>>,
    pub android: Android<'a>,
    /// 1 to 1000.
    pub token: &'a [&'a str],
}

/// `AndroidConfig`.
#[derive(Serialize)]
pub(crate) struct Android<'a> {
    /// -1 keeps everything that waits for an offline phone, 0 only the newest, 1 to 100 the
    /// newest of that group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collapse_key: Option<i64>,
    /// Of a transparent message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'a str>,
    #[serde(serialize_with = "seconds")]
    pub ttl: u64,
    /// Comes back in receipts.
    pub bi_tag: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast_app_target: Option<i64>,
    /// 1 is a test message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_user_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification: Option<Notification<'a>>,
}

/// `AndroidNotification`.
#[derive(Serialize)]
pub(crate) struct Notification<'a> {
    pub title: Cow<'a, str>,
    pub body: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<&'a str>,
    pub click_action: ClickAction<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_sound: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub importance: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<Badge<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_id: Option<i64>,
    pub foreground_show: bool,
    /// Of big text, style 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub big_title: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub big_body: Option<Cow<'a, str>>,
    /// What only the sender's options say.
    #[serde(flatten)]
    pub options: &'a Options,
}

/// `ClickAction`: exactly one of the texts, none for opening the app.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(crate) struct ClickAction<'a> {
    #[serde(rename = "type")]
    pub kind: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Cow<'a, str>>,
}

/// `BadgeNotification`: `set_num` beats `add_num`, so only one is sent.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Badge<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_num: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_num: Option<u32>,
    pub class: &'a str,
}

/// A number of seconds as text: `86400s`.
fn seconds<S: Serializer>(seconds: &u64, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{seconds}s"))
}
