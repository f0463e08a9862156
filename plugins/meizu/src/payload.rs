//! `messageJson` of a notification, as Meizu's PushAPI writes it down.
//!
//! In: what `encode` decided. Out: compact JSON; the request's sign covers it byte for byte.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::options::{CallbackType, MessageType, NoticeExpandInfo, VipInfo};

/// The whole.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageJson<'a> {
    pub notice_bar_info: NoticeBarInfo<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_expand_info: Option<&'a NoticeExpandInfo>,
    pub click_type_info: ClickTypeInfo<'a>,
    pub push_time_info: PushTimeInfo,
    pub advance_info: AdvanceInfo<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vip_info: Option<&'a VipInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<Extra<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub restricted_package_names: &'a [String],
}

impl MessageJson<'_> {
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers make JSON")
    }
}

/// Title, text and class.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoticeBarInfo<'a> {
    pub notice_bar_type: u8,
    pub notice_msg_type: MessageType,
    pub title: Cow<'a, str>,
    pub content: Cow<'a, str>,
}

/// What a tap does.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClickTypeInfo<'a> {
    pub click_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activity: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_attribute: Option<&'a str>,
    /// Extras of the Intent that the tap sends.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<&'a str, &'a str>,
}

/// How long Meizu keeps the message for a phone that is offline.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PushTimeInfo {
    pub off_line: u8,
    /// Hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_time: Option<u64>,
}

/// How it behaves.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AdvanceInfo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspend: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clear_notice_bar: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix_display: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix_start_display_time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix_end_display_time: Option<&'a str>,
    pub notification_type: NotificationType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_key: Option<Cow<'a, str>>,
}

/// What is felt, seen and heard: 0 or 1 each.
#[derive(Serialize)]
pub(crate) struct NotificationType {
    pub vibrate: u8,
    pub lights: u8,
    pub sound: u8,
}

/// Receipts.
#[derive(Serialize)]
pub(crate) struct Extra<'a> {
    pub callback: &'a str,
    #[serde(rename = "callback.param", skip_serializing_if = "Option::is_none")]
    pub callback_param: Option<&'a str>,
    #[serde(rename = "callback.type")]
    pub callback_type: CallbackType,
}
