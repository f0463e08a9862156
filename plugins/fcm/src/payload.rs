//! The body of `messages:send`, borrowed from the message and written straight to JSON.
//!
//! Field names and their order are those of the API's `Message` resource.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::options;

/// The request's body.
#[derive(Serialize)]
pub(crate) struct Body<'a> {
    #[serde(skip_serializing_if = "is_false")]
    pub validate_only: bool,
    pub message: Message<'a>,
}

/// `Message`: one target, what to show, and what each platform should do with it.
#[derive(Default, Serialize)]
pub(crate) struct Message<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification: Option<Notification<'a>>,
    #[serde(skip_serializing_if = "Data::is_empty")]
    pub data: Data<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub android: Option<Android<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apns: Option<Apns<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webpush: Option<Webpush<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fcm_options: Option<&'a options::FcmOptions>,
}

/// `Notification`: what the system draws.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Notification<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<&'a str>,
}

/// `data`: texts only. Its first three keys stand in for a notification.
#[derive(Default, Serialize)]
pub(crate) struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext: Option<&'a str>,
    #[serde(flatten)]
    pub more: Option<&'a BTreeMap<String, String>>,
}

/// `AndroidConfig`.
#[derive(Serialize)]
pub(crate) struct Android<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collapse_key: Option<Cow<'a, str>>,
    pub priority: &'static str,
    #[serde(serialize_with = "duration")]
    pub ttl: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification: Option<AndroidNotification<'a>>,
    #[serde(flatten)]
    pub options: &'a options::Android,
}

/// `AndroidNotification`.
#[derive(Serialize)]
pub(crate) struct AndroidNotification<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification_count: Option<u32>,
    #[serde(flatten)]
    pub options: &'a options::AndroidNotification,
}

/// `ApnsConfig`.
#[derive(Serialize)]
pub(crate) struct Apns<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_activity_token: Option<&'a str>,
    pub headers: ApnsHeaders<'a>,
    #[serde(skip_serializing_if = "ApnsPayload::is_empty")]
    pub payload: ApnsPayload<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fcm_options: Option<&'a options::ApnsFcmOptions>,
}

/// Headers that FCM passes on to APNs: texts only.
#[derive(Serialize)]
pub(crate) struct ApnsHeaders<'a> {
    #[serde(rename = "apns-push-type", skip_serializing_if = "Option::is_none")]
    pub push_type: Option<&'static str>,
    #[serde(rename = "apns-priority", skip_serializing_if = "Option::is_none")]
    pub priority: Option<&'static str>,
    #[serde(
        rename = "apns-expiration",
        serialize_with = "number_as_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub expiration: Option<u64>,
    #[serde(rename = "apns-collapse-id", skip_serializing_if = "Option::is_none")]
    pub collapse_id: Option<Cow<'a, str>>,
    #[serde(flatten)]
    pub options: &'a BTreeMap<String, String>,
}

/// The APNs payload.
#[derive(Serialize)]
pub(crate) struct ApnsPayload<'a> {
    #[serde(skip_serializing_if = "Aps::is_empty")]
    pub aps: Aps<'a>,
    #[serde(flatten)]
    pub rest: Option<&'a Map<String, Value>>,
}

/// Apple's keys.
#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Aps<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_available: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mutable_content: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_state: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_date: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dismissal_date: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<&'a RawValue>,
    #[serde(flatten)]
    pub options: Option<&'a Map<String, Value>>,
}

/// `aps.alert`, where `Notification` has no field for it.
#[derive(Serialize)]
pub(crate) struct Alert<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
}

/// `WebpushConfig`.
#[derive(Serialize)]
pub(crate) struct Webpush<'a> {
    pub headers: WebpushHeaders<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<&'a BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fcm_options: Option<&'a options::WebpushFcmOptions>,
}

/// Headers of the Web Push request: texts only.
#[derive(Serialize)]
pub(crate) struct WebpushHeaders<'a> {
    #[serde(
        rename = "TTL",
        serialize_with = "number_as_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub ttl: Option<u64>,
    #[serde(rename = "Urgency", skip_serializing_if = "Option::is_none")]
    pub urgency: Option<&'static str>,
    #[serde(flatten)]
    pub options: &'a BTreeMap<String, String>,
}

impl Data<'_> {
    fn is_empty(&self) -> bool {
        let texts = [self.title, self.body, self.image, self.ext];
        texts.iter().all(Option::is_none) && self.more.is_none_or(BTreeMap::is_empty)
    }
}

impl ApnsPayload<'_> {
    fn is_empty(&self) -> bool {
        self.aps.is_empty() && self.rest.is_none_or(Map::is_empty)
    }
}

impl Aps<'_> {
    /// Nothing that an alert or a background push would carry. (A Live Activity's keys
    /// always come with `event`.)
    fn is_empty(&self) -> bool {
        self.alert.is_none()
            && self.badge.is_none()
            && self.sound.is_none()
            && self.thread_id.is_none()
            && self.content_available.is_none()
            && self.mutable_content.is_none()
            && self.timestamp.is_none()
            && self.event.is_none()
            && self.options.is_none_or(Map::is_empty)
    }
}

impl Message<'_> {
    /// Bytes that FCM counts for an Android phone: keys and values of notification and data.
    pub(crate) fn android_size(&self) -> usize {
        let android = self.android.as_ref();
        let own = android.and_then(|android| android.notification.as_ref());
        counted(&tree(&self.notification)) + counted(&tree(&own)) + counted(&tree(&self.data))
    }

    /// Bytes of the payload that FCM makes for APNs: the sender's and the driver's, with the
    /// notification for its alert and the data beside `aps`.
    pub(crate) fn apple_size(&self) -> usize {
        let payload = self.apns.as_ref().map(|apns| &apns.payload);
        let mut payload = match tree(&payload) {
            Value::Object(payload) => payload,
            _ => Map::new(),
        };
        let aps = payload.entry("aps").or_insert_with(|| Map::new().into());
        if let (Value::Object(aps), Some(shown)) = (aps, self.notification) {
            let alert = Notification {
                image: None,
                ..shown
            };
            aps.entry("alert").or_insert_with(|| tree(&alert));
        }
        if let Value::Object(data) = tree(&self.data) {
            for (key, value) in data {
                payload.entry(key).or_insert(value);
            }
        }
        Value::Object(payload).to_string().len()
    }
}

/// What is counted is what is written.
fn tree(part: &impl Serialize) -> Value {
    serde_json::to_value(part).expect("texts, numbers and JSON make JSON")
}

/// Bytes of keys and values.
fn counted(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::String(text) => text.len(),
        Value::Object(map) => map.iter().map(|(key, it)| key.len() + counted(it)).sum(),
        other => other.to_string().len(),
    }
}

/// A protocol buffers duration: `86400s`.
fn duration<S: Serializer>(seconds: &u64, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{seconds}s"))
}

fn number_as_text<S: Serializer>(number: &Option<u64>, to: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => to.collect_str(number),
        None => to.serialize_none(),
    }
}

fn is_false(flag: &bool) -> bool {
    !*flag
}
