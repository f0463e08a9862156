//! The bodies of Tencent's REST calls, as far as they matter to a push.
//!
//! In: JSON. Out: what was said, nothing checked but its form. Everything may be absent. Of the
//! body what is not named here is not read; of `OfflinePushInfo` it is kept for [`super::sdk`].
//! One extension is ours: `nudged`, which is strict.

use serde::Deserialize;

use super::info::Info;
use super::tolerant::{Anything, Flag, ImAccounts, List, Number, Object, Text};
use nudged_wire::absent;

/// The body of any of the calls.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Body {
    #[serde(rename = "From_Account")]
    pub from_account: Text,
    #[serde(rename = "To_Account")]
    pub to_account: ImAccounts,
    #[serde(rename = "GroupId")]
    pub group_id: Text,
    #[serde(rename = "TopicId")]
    pub topic_id: Text,
    #[serde(rename = "GroupAtInfo")]
    pub group_at_info: List<Object<At>>,
    #[serde(rename = "MsgLifeTime")]
    pub msg_life_time: Number,
    #[serde(rename = "OnlineOnlyFlag")]
    pub online_only_flag: Flag,
    #[serde(rename = "SendMsgControl")]
    pub send_msg_control: List<Text>,
    #[serde(rename = "Random")]
    pub random: Number,
    #[serde(rename = "MsgRandom")]
    pub msg_random: Number,
    #[serde(rename = "MsgBody")]
    pub msg_body: List<Object<Element>>,
    #[serde(rename = "OfflinePushInfo")]
    pub offline: Info<Offline>,
    /// As the JS SDK names it.
    #[serde(rename = "offlinePushInfo")]
    pub js_offline: Info<Offline>,
    pub nudged: Option<Extension>,
}

/// What a group message has to say that Tencent looks up and nudged cannot.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Extension {
    /// The members of the group.
    #[serde(deserialize_with = "absent::or_default")]
    pub members: Vec<String>,
    /// The sender's nickname.
    pub sender_name: Option<String>,
    /// The group's name.
    pub group_name: Option<String>,
}

/// One of `GroupAtInfo`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct At {
    #[serde(rename = "GroupAtAllFlag")]
    pub all: Flag,
    #[serde(rename = "GroupAt_Account")]
    pub account: Text,
}

/// One of `MsgBody`. Its content depends on its type, and one of an unknown type may hold
/// anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Element {
    #[serde(rename = "MsgType")]
    pub kind: Option<String>,
    #[serde(rename = "MsgContent")]
    pub content: Option<Box<serde_json::value::RawValue>>,
}

/// `MsgContent` of the two types whose words are shown.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct TextContent {
    #[serde(rename = "Text")]
    pub text: Text,
}

/// `MsgContent` of `TIMCustomElem`; `Data` is the app's.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CustomContent {
    #[serde(rename = "Desc")]
    pub desc: Text,
    #[serde(rename = "Ext")]
    pub ext: Anything,
    #[serde(rename = "Sound")]
    pub sound: Text,
}

/// `OfflinePushInfo`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Offline {
    #[serde(rename = "PushFlag")]
    pub push_flag: Flag,
    #[serde(rename = "Title")]
    pub title: Text,
    #[serde(rename = "Desc")]
    pub desc: Text,
    #[serde(rename = "Ext")]
    pub ext: Anything,
    #[serde(rename = "MultiLanguageContent")]
    pub languages: List<Object<Language>>,
    #[serde(rename = "BadgeAddNum")]
    pub badge_add: Number,
    #[serde(rename = "BadgeSetNum")]
    pub badge_set: Number,
    #[serde(rename = "PushTemplateId")]
    pub template: Text,
    #[serde(rename = "AndroidInfo")]
    pub android: Info<Android>,
    #[serde(rename = "ApnsInfo")]
    pub apns: Info<Apns>,
    #[serde(rename = "HarmonyInfo")]
    pub harmony: Info<Harmony>,
}

/// One of `MultiLanguageContent`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Language {
    #[serde(rename = "Language")]
    pub language: Text,
    #[serde(rename = "Title")]
    pub title: Text,
    #[serde(rename = "Desc")]
    pub desc: Text,
}

/// `AndroidInfo`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Android {
    #[serde(rename = "Sound")]
    pub sound: Text,
    #[serde(rename = "PushStyle")]
    pub push_style: Flag,
    #[serde(rename = "HuaWeiChannelID")]
    pub huawei_channel: Text,
    #[serde(rename = "XiaoMiChannelID")]
    pub xiaomi_channel: Text,
    #[serde(rename = "OPPOChannelID")]
    pub oppo_channel: Text,
    #[serde(rename = "GoogleChannelID")]
    pub google_channel: Text,
    #[serde(rename = "HuaWeiImportance")]
    pub huawei_importance: Text,
    #[serde(rename = "HonorImportance")]
    pub honor_importance: Text,
    #[serde(rename = "HuaWeiCategory")]
    pub huawei_category: Text,
    #[serde(rename = "VIVOCategory")]
    pub vivo_category: Text,
    #[serde(rename = "OPPOCategory")]
    pub oppo_category: Text,
    #[serde(rename = "HuaWeiImage")]
    pub huawei_image: Text,
    #[serde(rename = "HonorImage")]
    pub honor_image: Text,
    #[serde(rename = "GoogleImage")]
    pub google_image: Text,
    #[serde(rename = "VIVOClassification")]
    pub vivo_classification: Flag,
    #[serde(rename = "VIVONotifyType")]
    pub vivo_notify_type: Number,
    #[serde(rename = "OPPONotifyLevel")]
    pub oppo_notify_level: Number,
    #[serde(rename = "OPPOPrivateMsgTemplateId")]
    pub oppo_template: Text,
    #[serde(rename = "OPPOPrivateTitleParameters")]
    pub oppo_title_parameters: Anything,
    #[serde(rename = "OPPOPrivateContentParameters")]
    pub oppo_content_parameters: Anything,
    #[serde(rename = "MeiZuNoticeMsgType")]
    pub meizu_message_type: Flag,
    #[serde(rename = "GooglePriority")]
    pub google_priority: Text,
    /// Of the old SDK; beats the common one.
    #[serde(skip)]
    pub title: Text,
    /// Of the old SDK; beats the common one.
    #[serde(skip)]
    pub desc: Text,
}

/// `ApnsInfo`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Apns {
    #[serde(rename = "Sound")]
    pub sound: Text,
    #[serde(rename = "BadgeMode")]
    pub badge_mode: Flag,
    #[serde(rename = "Title")]
    pub title: Text,
    #[serde(rename = "SubTitle")]
    pub subtitle: Text,
    #[serde(rename = "Image")]
    pub image: Text,
    #[serde(rename = "MutableContent")]
    pub mutable_content: Flag,
    #[serde(rename = "InterruptionLevel")]
    pub interruption_level: Text,
    #[serde(rename = "ContentAvailable")]
    pub content_available: Flag,
    #[serde(rename = "IsVoipPush")]
    pub voip: Flag,
    #[serde(rename = "LiveActivity")]
    pub live_activity: Anything,
    /// Of the old SDK; beats the common one.
    #[serde(skip)]
    pub desc: Text,
}

/// `HarmonyInfo`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Harmony {
    #[serde(rename = "Title")]
    pub title: Text,
    #[serde(rename = "Category")]
    pub category: Text,
    #[serde(rename = "Image")]
    pub image: Text,
    #[serde(rename = "Sound")]
    pub sound: Text,
    #[serde(rename = "SoundDuration")]
    pub sound_duration: Number,
    /// Of the SDK: this push is not counted.
    #[serde(skip)]
    pub keeps_badge: bool,
}
