//! The bodies of vivo's requests, field by field in the vendor's names.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

/// `message/auth`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Auth<'a> {
    pub app_id: u64,
    pub app_key: &'a str,
    pub timestamp: u64,
    pub sign: String,
}

/// `message/send`, and without `regId` and `pushMode` `message/saveListPayload`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message<'a> {
    pub app_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reg_id: Option<&'a str>,
    pub notify_type: u8,
    pub title: Cow<'a, str>,
    pub content: Cow<'a, str>,
    pub time_to_live: u64,
    pub skip_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_content: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_type: Option<i8>,
    pub classification: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub client_custom_map: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<Extra<'a>>,
    pub request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push_mode: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_online: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreground_show: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_badge: Option<bool>,
}

/// Where vivo reports what became of a message.
#[derive(Serialize)]
pub(crate) struct Extra<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<&'a str>,
    #[serde(rename = "callback.id", skip_serializing_if = "Option::is_none")]
    pub callback_id: Option<&'a str>,
    #[serde(rename = "callback.param")]
    pub callback_param: &'a str,
}

/// `message/pushToList`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PushToList<'a> {
    pub app_id: u64,
    pub reg_ids: Vec<&'a str>,
    pub task_id: &'a str,
    pub request_id: &'a str,
    pub push_mode: u8,
}

/// As JSON.
pub(crate) fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("texts, numbers and maps of texts always make JSON")
}
