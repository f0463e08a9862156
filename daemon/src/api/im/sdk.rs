//! The names of Tencent's SDKs in `OfflinePushInfo`: an object that an app's SDK filled in, and
//! that its chat server hands on as it is.
//!
//! In: members that Tencent's REST API does not have, as `V2TIMOfflinePushInfo` (native and
//! Flutter), TUICallKit, the JS SDK and the old `TIMMessageOfflinePushSettings` name them;
//! capitals do not matter. Out: the REST fields, filled; and a notice for each name that says
//! nothing here. What a REST field says, it says alone. Refuses to know vendors.

mod names;
mod parts;

use serde::de::DeserializeOwned;

pub use names::SdkNames;

use names::{INFO, JsonMember, lower};
use parts::{OldAndroid, OldIos};

use super::body::{Body, Offline};
use super::info::Info;
use super::tolerant::Flag;
use nudged_wire::Problem;

/// The JS SDK's name of [`INFO`].
const JS_INFO: &str = "offlinePushInfo";

/// Understands the names of SDKs in a body, and takes the JS SDK's object for the REST API's.
pub fn understand(body: &mut Body) -> Result<SdkNames, Problem> {
    let mut names = SdkNames::default();
    let js = std::mem::take(&mut body.js_offline);
    if is_absent(&body.offline) {
        if !is_absent(&js) {
            names.is(INFO, JS_INFO);
        }
        body.offline = js;
    } else if !is_absent(&js) {
        names.notice(JS_INFO.to_owned(), format!("is not heeded beside {INFO}"));
    }
    names.offline(&mut body.offline)?;
    Ok(names)
}

fn is_absent(info: &Info<Offline>) -> bool {
    let inner = [
        info.android.more.len(),
        info.apns.more.len(),
        info.harmony.more.len(),
    ];
    info.fields == Offline::default() && info.more.is_empty() && inner == [0; 3]
}

impl SdkNames {
    fn offline(&mut self, info: &mut Info<Offline>) -> Result<(), Problem> {
        // Most bodies have the REST API's names only, and cost nothing here.
        if !info.more.is_empty() {
            let root = self.place(INFO);
            for (name, raw) in std::mem::take(&mut info.more) {
                self.member(&mut info.fields, JsonMember::new(&root, &name, &raw))?;
            }
        }
        let Offline {
            android,
            apns,
            harmony,
            ..
        } = &mut info.fields;
        if !android.more.is_empty() {
            let place = self.place("OfflinePushInfo.AndroidInfo");
            for (name, raw) in std::mem::take(&mut android.more) {
                self.android(android, &lower(&name), JsonMember::new(&place, &name, &raw))?;
            }
        }
        if !apns.more.is_empty() {
            let place = self.place("OfflinePushInfo.ApnsInfo");
            for (name, raw) in std::mem::take(&mut apns.more) {
                self.apns(apns, &lower(&name), JsonMember::new(&place, &name, &raw))?;
            }
        }
        if !harmony.more.is_empty() {
            let place = self.place("OfflinePushInfo.HarmonyInfo");
            for (name, raw) in std::mem::take(&mut harmony.more) {
                self.harmony(harmony, &lower(&name), JsonMember::new(&place, &name, &raw))?;
            }
        }
        Ok(())
    }

    /// A member of the object itself.
    fn member(&mut self, to: &mut Offline, from: JsonMember<'_>) -> Result<(), Problem> {
        let name = lower(from.name);
        match name.as_str() {
            "title" => self.fill(&mut to.title, "Title", from),
            "desc" | "description" | "descr" => self.fill(&mut to.desc, "Desc", from),
            "ext" | "extension" => self.fill(&mut to.ext, "Ext", from),
            "pushflag" | "disablepush" | "isdisablepush" => {
                self.set(&mut to.push_flag, "PushFlag", from)
            }
            "enabled" => {
                let enabled: Flag = from.read()?;
                if enabled == Flag(Some(false)) {
                    self.put(&mut to.push_flag, "PushFlag", Flag(Some(true)), from);
                }
                Ok(())
            }
            "androidinfo" => self.part(&mut to.android, "AndroidInfo", from),
            "apnsinfo" => self.part(&mut to.apns, "ApnsInfo", from),
            "harmonyinfo" => self.part(&mut to.harmony, "HarmonyInfo", from),
            "androidsettings" => {
                let old: Info<OldAndroid> = from.read()?;
                self.old_android(&mut to.android, old, &from.field)
            }
            "iossettings" => {
                let old: Info<OldIos> = from.read()?;
                self.old_ios(&mut to.apns, old, &from.field)
            }
            "disablevoippush" => self.apns(&mut to.apns, &name, from),
            "ignoreiosbadge" => self.set(&mut to.apns.badge_mode, "ApnsInfo.BadgeMode", from),
            "enableiosbackgroundnotification" => {
                let rest = "ApnsInfo.ContentAvailable";
                self.set(&mut to.apns.content_available, rest, from)
            }
            "ignoreharmonybadge" => {
                let keeps: Flag = from.read()?;
                to.harmony.keeps_badge = keeps.is_set();
                Ok(())
            }
            "vendorparams" => self.vendor_params(&mut to.android, from),
            flat => {
                if let Some(name) = flat.strip_prefix("android") {
                    self.android(&mut to.android, name, from)
                } else if let Some(name) = flat.strip_prefix("ios") {
                    self.apns(&mut to.apns, name, from)
                } else if let Some(name) = flat.strip_prefix("harmony") {
                    self.harmony(&mut to.harmony, name, from)
                } else {
                    self.not_understood(from, flat);
                    Ok(())
                }
            }
        }
    }

    /// An object of the REST API under another spelling of its name.
    fn part<T>(&mut self, to: &mut Info<T>, rest: &str, from: JsonMember<'_>) -> Result<(), Problem>
    where
        T: DeserializeOwned + Default + PartialEq,
    {
        let part: Info<T> = from.read()?;
        if to.fields != T::default() || !to.more.is_empty() {
            self.notice(from.field, format!("is not heeded beside {rest}"));
            return Ok(());
        }
        *to = part;
        self.is(format!("{INFO}.{rest}"), from.field);
        Ok(())
    }
}
