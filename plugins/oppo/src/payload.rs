//! The notification as OPPO wants it: JSON in a form field of `unicast`, plain form fields
//! of `save_message_content`.
//!
//! In: values that are checked and cut. Out: bytes. Decides nothing.

use form_urlencoded::Serializer;
use serde::Serialize;
use serde_json::Value;

/// Longest `title`, in characters.
pub(crate) const MAX_TITLE: usize = 50;
/// Longest `sub_title`.
pub(crate) const MAX_SUB_TITLE: usize = 10;
/// Longest `content` of the styles 1 and 3.
pub(crate) const MAX_CONTENT: usize = 50;
/// Longest `content` of style 2.
pub(crate) const MAX_LONG_CONTENT: usize = 128;

/// `target_type` of registration ids.
pub(crate) const REGISTRATION_ID: u8 = 2;

/// The form field `message` of `unicast`.
#[derive(Serialize)]
pub(crate) struct Unicast<'a> {
    pub target_type: u8,
    pub target_value: &'a str,
    pub verify_registration_id: bool,
    pub notification: &'a Notification<'a>,
}

/// A notification; what is none is left out.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Notification<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_message_id: Option<&'a str>,
    pub style: u8,
    pub title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_title: Option<&'a str>,
    pub content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub big_picture_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub small_picture_id: Option<&'a str>,
    pub click_action_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_action_activity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_action_url: Option<&'a str>,
    /// A JSON object in a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_parameters: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_time_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_start_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_end_time: Option<u64>,
    pub off_line: bool,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off_line_ttl: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_ttl: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_level: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge_operation_type: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge_message_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_msg_template_id: Option<&'a str>,
    /// A JSON object in a text, as the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_title_parameters: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_content_parameters: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_back_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_back_parameter: Option<&'a str>,
}

/// The form of `unicast`.
pub(crate) fn unicast(auth_token: &str, target: &str, notification: &Notification<'_>) -> String {
    let message = Unicast {
        target_type: REGISTRATION_ID,
        target_value: target,
        verify_registration_id: false,
        notification,
    };
    let message = serde_json::to_string(&message).expect("texts and numbers always make JSON");
    Serializer::new(String::new())
        .append_pair("auth_token", auth_token)
        .append_pair("message", &message)
        .finish()
}

/// The form of `save_message_content`: the notification's fields by name.
pub(crate) fn save(auth_token: &str, notification: &Notification<'_>) -> String {
    let fields = serde_json::to_value(notification).expect("texts and numbers always make JSON");
    let mut form = Serializer::new(String::new());
    form.append_pair("auth_token", auth_token);
    for (name, value) in fields.as_object().into_iter().flatten() {
        match value {
            Value::String(text) => form.append_pair(name, text),
            number_or_flag => form.append_pair(name, &number_or_flag.to_string()),
        };
    }
    form.finish()
}

/// The form of `broadcast`.
pub(crate) fn broadcast(auth_token: &str, message_id: &str, targets: &str) -> String {
    Serializer::new(String::new())
        .append_pair("auth_token", auth_token)
        .append_pair("message_id", message_id)
        .append_pair("target_type", &REGISTRATION_ID.to_string())
        .append_pair("target_value", targets)
        .finish()
}
