//! The members of one platform or vendor.
//!
//! In: a member of `AndroidInfo`, `ApnsInfo`, `HarmonyInfo` or of an SDK's object of that kind,
//! in small letters. Out: the REST field, filled, or a notice.

use serde::Deserialize;

use super::super::body::{Android, Apns, Harmony};
use super::super::info::Info;
use super::super::problem::within;
use super::super::tolerant::{Anything, Flag, Number, Text};
use super::names::{JsonMember, SdkNames, lower};
use nudged_wire::Problem;

impl SdkNames {
    /// A member of `AndroidInfo`, or `Android...` without that word.
    pub(super) fn android(
        &mut self,
        to: &mut Android,
        name: &str,
        from: JsonMember<'_>,
    ) -> Result<(), Problem> {
        let (field, rest) = match name {
            "sound" => (&mut to.sound, "Sound"),
            "huaweichannelid" => (&mut to.huawei_channel, "HuaWeiChannelID"),
            "xiaomichannelid" => (&mut to.xiaomi_channel, "XiaoMiChannelID"),
            "oppochannelid" => (&mut to.oppo_channel, "OPPOChannelID"),
            "googlechannelid" | "fcmchannelid" => (&mut to.google_channel, "GoogleChannelID"),
            "huaweiimportance" => (&mut to.huawei_importance, "HuaWeiImportance"),
            "honorimportance" => (&mut to.honor_importance, "HonorImportance"),
            "huaweicategory" => (&mut to.huawei_category, "HuaWeiCategory"),
            "vivocategory" => (&mut to.vivo_category, "VIVOCategory"),
            "oppocategory" => (&mut to.oppo_category, "OPPOCategory"),
            "huaweiimage" => (&mut to.huawei_image, "HuaWeiImage"),
            "honorimage" => (&mut to.honor_image, "HonorImage"),
            "googleimage" | "fcmimage" => (&mut to.google_image, "GoogleImage"),
            "googlepriority" | "fcmpriority" => (&mut to.google_priority, "GooglePriority"),
            "oppoprivatemsgtemplateid" => (&mut to.oppo_template, "OPPOPrivateMsgTemplateId"),
            _ => return self.android_number(to, name, from),
        };
        self.fill(field, &format!("AndroidInfo.{rest}"), from)
    }

    fn android_number(
        &mut self,
        to: &mut Android,
        name: &str,
        from: JsonMember<'_>,
    ) -> Result<(), Problem> {
        match name {
            "vivoclassification" => {
                let rest = "AndroidInfo.VIVOClassification";
                self.fill(&mut to.vivo_classification, rest, from)
            }
            "vivonotifytype" => {
                let rest = "AndroidInfo.VIVONotifyType";
                self.number(&mut to.vivo_notify_type, rest, from)
            }
            "opponotifylevel" => {
                let rest = "AndroidInfo.OPPONotifyLevel";
                self.number(&mut to.oppo_notify_level, rest, from)
            }
            "meizunotifytype" | "meizunoticemsgtype" => {
                let rest = "AndroidInfo.MeiZuNoticeMsgType";
                self.set(&mut to.meizu_message_type, rest, from)
            }
            "pushstyle" => self.set(&mut to.push_style, "AndroidInfo.PushStyle", from),
            name => {
                self.not_understood(from, name);
                Ok(())
            }
        }
    }

    /// A number of which 0 says nothing.
    fn number(&mut self, to: &mut Number, rest: &str, from: JsonMember<'_>) -> Result<(), Problem> {
        let number: Number = from.read()?;
        if number.0 != Some(0) {
            self.put(to, rest, number, from);
        }
        Ok(())
    }

    /// A member of `ApnsInfo`, or `iOS...` without that word.
    pub(super) fn apns(
        &mut self,
        to: &mut Apns,
        name: &str,
        from: JsonMember<'_>,
    ) -> Result<(), Problem> {
        let (field, rest) = match name {
            "sound" => (&mut to.sound, "Sound"),
            "title" => (&mut to.title, "Title"),
            "subtitle" => (&mut to.subtitle, "SubTitle"),
            "image" => (&mut to.image, "Image"),
            "interruptionlevel" => (&mut to.interruption_level, "InterruptionLevel"),
            _ => return self.apns_flag(to, name, from),
        };
        self.fill(field, &format!("ApnsInfo.{rest}"), from)
    }

    fn apns_flag(
        &mut self,
        to: &mut Apns,
        name: &str,
        from: JsonMember<'_>,
    ) -> Result<(), Problem> {
        let (field, rest) = match name {
            "badgemode" | "ignoreiosbadge" => (&mut to.badge_mode, "BadgeMode"),
            "mutablecontent" => (&mut to.mutable_content, "MutableContent"),
            "contentavailable" => (&mut to.content_available, "ContentAvailable"),
            // 0 = an alert, 1 = a call.
            "isvoippush" | "pushtype" => (&mut to.voip, "IsVoipPush"),
            "disablevoippush" => {
                let disabled: Flag = from.read()?;
                if disabled == Flag(Some(false)) {
                    let rest = "ApnsInfo.IsVoipPush";
                    self.put(&mut to.voip, rest, Flag(Some(true)), from);
                }
                return Ok(());
            }
            name => {
                self.not_understood(from, name);
                return Ok(());
            }
        };
        self.set(field, &format!("ApnsInfo.{rest}"), from)
    }

    /// A member of `HarmonyInfo`, or `Harmony...` without that word.
    pub(super) fn harmony(
        &mut self,
        to: &mut Harmony,
        name: &str,
        from: JsonMember<'_>,
    ) -> Result<(), Problem> {
        let (field, rest) = match name {
            "title" => (&mut to.title, "Title"),
            "category" => (&mut to.category, "Category"),
            "image" => (&mut to.image, "Image"),
            "sound" => (&mut to.sound, "Sound"),
            "soundduration" => {
                let rest = "HarmonyInfo.SoundDuration";
                return self.number(&mut to.sound_duration, rest, from);
            }
            name => {
                self.not_understood(from, name);
                return Ok(());
            }
        };
        self.fill(field, &format!("HarmonyInfo.{rest}"), from)
    }

    /// `vendorParams`: an object, or the text of one.
    pub(super) fn vendor_params(
        &mut self,
        to: &mut Android,
        from: JsonMember<'_>,
    ) -> Result<(), Problem> {
        let Anything(Some(text)) = from.read()? else {
            return Ok(());
        };
        let params: Info<VendorParams> = nudged_wire::json::read(text.as_bytes())
            .map_err(|problem| within(problem, &from.field))?;
        let VendorParams {
            priority,
            notify_type,
            template,
            title,
            content,
        } = params.fields;
        let at = |name: &'static str| JsonMember {
            field: format!("{}.{name}", from.field),
            ..from
        };
        let rest = "AndroidInfo.GooglePriority";
        self.put(&mut to.google_priority, rest, priority, at("fcmPriority"));
        let rest = "AndroidInfo.VIVONotifyType";
        let place = at("vivoNotifyType");
        self.put(&mut to.vivo_notify_type, rest, notify_type, place);
        let rest = "AndroidInfo.OPPOPrivateMsgTemplateId";
        self.put(&mut to.oppo_template, rest, template, at("oppoTemplateId"));
        let rest = "AndroidInfo.OPPOPrivateTitleParameters";
        let place = at("oppoTitleParam");
        self.put(&mut to.oppo_title_parameters, rest, title, place);
        let rest = "AndroidInfo.OPPOPrivateContentParameters";
        let place = at("oppoContentParam");
        self.put(&mut to.oppo_content_parameters, rest, content, place);
        for (name, raw) in &params.more {
            self.not_understood(JsonMember::new(&from.field, name, raw), &lower(name));
        }
        Ok(())
    }

    pub(super) fn old_android(
        &mut self,
        to: &mut Android,
        old: Info<OldAndroid>,
        place: &str,
    ) -> Result<(), Problem> {
        let Info { fields, more } = old;
        to.title = fields.title;
        to.desc = fields.desc;
        for (name, raw) in &more {
            self.android(to, &lower(name), JsonMember::new(place, name, raw))?;
        }
        Ok(())
    }

    pub(super) fn old_ios(
        &mut self,
        to: &mut Apns,
        old: Info<OldIos>,
        place: &str,
    ) -> Result<(), Problem> {
        let Info { fields, more } = old;
        to.desc = fields.desc;
        if fields.badge_enabled == Flag(Some(false)) && to.badge_mode == Flag::default() {
            to.badge_mode = Flag(Some(true));
        }
        for (name, raw) in &more {
            self.apns(to, &lower(name), JsonMember::new(place, name, raw))?;
        }
        Ok(())
    }
}

/// What `vendorParams` says of single vendors.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct VendorParams {
    #[serde(rename = "fcmPriority")]
    priority: Text,
    #[serde(rename = "vivoNotifyType")]
    notify_type: Number,
    #[serde(rename = "oppoTemplateId")]
    template: Text,
    #[serde(rename = "oppoTitleParam")]
    title: Anything,
    #[serde(rename = "oppoContentParam")]
    content: Anything,
}

/// `androidSettings` of `TIMMessageOfflinePushSettings`; the sound is as everywhere.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct OldAndroid {
    title: Text,
    desc: Text,
}

/// `iosSettings` of `TIMMessageOfflinePushSettings`; title and sound are as everywhere.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct OldIos {
    desc: Text,
    #[serde(rename = "badgeEnabled")]
    badge_enabled: Flag,
}
