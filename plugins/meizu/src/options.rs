//! The sender's own Meizu fields: `Message.options`, a JSON object.
//!
//! It mirrors Meizu's `messageJson` without what nudged's message says itself (title, text,
//! lifetime). Unknown fields are refused; `""` and `null` are as good as absent.

mod check;

use std::collections::BTreeMap;

use nudged_driver_kit::forms::tidied;
use nudged_driver_kit::options;
use nudged_driver_kit::text::present;
use nudged_plugin_api::{EncodeError, Message};
use serde::{Deserialize, Serialize, Serializer};

/// Longest link and custom attribute, in bytes.
pub(crate) const MAX_URL: usize = 1000;
/// Longest receipt address and parameter, in bytes.
pub(crate) const MAX_CALLBACK: usize = 128;
pub(crate) const MAX_CALLBACK_PARAM: usize = 64;
const MAX_NOTIFY_KEY: usize = 8;

/// Everything a sender may add.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// Class and style.
    pub notice_bar_info: NoticeBarInfo,
    /// What unfolds below the text.
    pub notice_expand_info: Option<NoticeExpandInfo>,
    /// More of what a tap does.
    pub click_type_info: ClickTypeInfo,
    /// How long Meizu keeps the message.
    pub push_time_info: PushTimeInfo,
    /// How it behaves.
    pub advance_info: AdvanceInfo,
    /// How it looks, for apps that Meizu gave these rights.
    pub vip_info: Option<VipInfo>,
    /// Receipts of this message.
    pub extra: Extra,
    /// Only these packages may get it.
    pub restricted_package_names: Vec<String>,
}

/// `noticeBarInfo` without title and text.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct NoticeBarInfo {
    /// 0: standard. 2: plain Android.
    pub notice_bar_type: Option<u8>,
    /// 0: public. 1: private. Beats the setting `message_type`.
    pub notice_msg_type: Option<u8>,
}

/// `noticeExpandInfo`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct NoticeExpandInfo {
    /// 0: standard. 1: text. 2: picture, for apps with that right.
    pub notice_expand_type: u8,
    /// The text.
    #[serde(skip_serializing_if = "empty")]
    pub notice_expand_content: Option<String>,
    /// The picture, as Meizu's upload named it.
    #[serde(skip_serializing_if = "empty")]
    pub notice_expand_img_url: Option<String>,
}

/// `clickTypeInfo` beyond the message's click.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct ClickTypeInfo {
    /// URI that a tap opens, such as an app's own link; beats the message's click.
    #[serde(deserialize_with = "tidied")]
    pub url: Option<String>,
    /// Text that the app's code gets (clickType 3); beats the message's click. Meizu has
    /// deprecated it with Android 12.
    pub custom_attribute: Option<String>,
    /// More Intent extras beside `ext`.
    pub parameters: BTreeMap<String, String>,
}

/// `pushTimeInfo`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct PushTimeInfo {
    /// 0: only phones that are online. 1: keep it.
    pub off_line: Option<u8>,
    /// Hours, 1 to 72; beats the message's lifetime.
    pub valid_time: Option<u8>,
}

/// `advanceInfo`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct AdvanceInfo {
    /// 0: not floating above other apps.
    pub suspend: Option<u8>,
    /// 0: cannot be wiped away.
    pub clear_notice_bar: Option<u8>,
    /// 1: shown between the two times only.
    pub fix_display: Option<u8>,
    /// `yyyy-MM-dd HH:mm:ss`, China's time.
    pub fix_start_display_time: Option<String>,
    /// `yyyy-MM-dd HH:mm:ss`, China's time.
    pub fix_end_display_time: Option<String>,
    /// What is heard, felt and seen; beats the message's sound.
    pub notification_type: NotificationType,
    /// Only the last message with the key stays; beats the message's collapse key.
    pub notify_key: Option<String>,
}

/// `advanceInfo.notificationType`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct NotificationType {
    /// 0: no vibration.
    pub vibrate: Option<u8>,
    /// 0: no light.
    pub lights: Option<u8>,
    /// 0: no sound.
    pub sound: Option<u8>,
}

/// `vipInfo`.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct VipInfo {
    /// Line below the title.
    #[serde(skip_serializing_if = "empty")]
    pub subtitle: Option<String>,
    /// 1: back to the top when the bar is pulled down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_down_top: Option<u8>,
    /// Seconds at the top, 1800 to 7200.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_top: Option<u32>,
    /// 1: not grouped with others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_group: Option<u8>,
    /// Colour of the title.
    #[serde(skip_serializing_if = "empty")]
    pub title_color: Option<String>,
    /// Background picture.
    #[serde(deserialize_with = "tidied", skip_serializing_if = "empty")]
    pub background_img_url: Option<String>,
    /// Small icon.
    #[serde(deserialize_with = "tidied", skip_serializing_if = "empty")]
    pub small_icon_url: Option<String>,
    /// Large icon.
    #[serde(deserialize_with = "tidied", skip_serializing_if = "empty")]
    pub big_icon_url: Option<String>,
}

/// `extra`: beats the settings `callback_…`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Extra {
    /// Address that receipts go to.
    pub callback: Option<String>,
    /// What comes back in them.
    #[serde(rename = "callback.param")]
    pub callback_param: Option<String>,
    /// 1: delivered. 2: clicked. 3: both.
    #[serde(rename = "callback.type")]
    pub callback_type: Option<u8>,
}

/// `noticeMsgType`: Meizu's class of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// Limited a device and day.
    Public,
    /// From people to people.
    Private,
}

impl MessageType {
    /// Its name among the declared classes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}

impl Serialize for MessageType {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u8(match self {
            Self::Public => 0,
            Self::Private => 1,
        })
    }
}

/// `extra["callback.type"]`: which receipts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackType {
    /// 1.
    Delivered,
    /// 2.
    Clicked,
    /// 3.
    Both,
}

impl Serialize for CallbackType {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u8(match self {
            Self::Delivered => 1,
            Self::Clicked => 2,
            Self::Both => 3,
        })
    }
}

impl Options {
    /// The options of `message`, in range.
    pub fn read(message: &Message) -> Result<Self, EncodeError> {
        let options: Self = options::read(message)?;
        options.check()?;
        Ok(options)
    }

    /// The class that the sender chose.
    pub fn message_type(&self) -> Option<MessageType> {
        Some(match self.notice_bar_info.notice_msg_type? {
            0 => MessageType::Public,
            _ => MessageType::Private,
        })
    }

    /// The receipts that the sender chose.
    pub fn callback_type(&self) -> Option<CallbackType> {
        Some(match self.extra.callback_type? {
            1 => CallbackType::Delivered,
            2 => CallbackType::Clicked,
            _ => CallbackType::Both,
        })
    }
}

/// Whether Meizu takes a text as `notifyKey`.
pub(crate) fn is_notify_key(key: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=MAX_NOTIFY_KEY).contains(&key.len()) && key.chars().all(fits)
}

fn empty(text: &Option<String>) -> bool {
    present(text).is_none()
}
