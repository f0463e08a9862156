//! The names of Tencent's SDKs in `OfflinePushInfo`: an object that an app's SDK filled in, and
//! that its chat server hands on as it is.
//!
//! In: members that Tencent's REST API does not have, as `V2TIMOfflinePushInfo` (native and
//! Flutter), TUICallKit, the JS SDK and the old `TIMMessageOfflinePushSettings` name them;
//! capitals do not matter. Out: the REST fields, filled; and a notice for each name that says
//! nothing here. What a REST field says, it says alone. Refuses to know vendors.

mod parts;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use parts::{OldAndroid, OldIos};

use super::body::{Body, Offline};
use super::info::Info;
use super::problem::within;
use super::tolerant::Flag;
use nudged_wire::NoticeView;
use nudged_wire::Problem;

/// The REST API's name of the object, by which places in it are told.
const INFO: &str = "OfflinePushInfo";
/// The JS SDK's.
const JS_INFO: &str = "offlinePushInfo";
/// Most notices of names that say nothing.
const MAX_NOTICES: usize = 16;

/// Known to the REST API and needless here: the driver passes ext in its own way, and of a
/// template its id is told.
const NEEDLESS: [&str; 2] = ["extashuaweiintentparam", "pushtemplateparam"];

/// What came of the names.
#[derive(Debug, Default)]
pub struct Names {
    /// Which place in the REST API's words is which in the caller's.
    places: Vec<(String, String)>,
    notices: Vec<NoticeView>,
    /// Names beyond those that are told.
    unlisted: usize,
}

/// Understands the names of SDKs in a body, and takes the JS SDK's object for the REST API's.
pub fn understand(body: &mut Body) -> Result<Names, Problem> {
    let mut names = Names::default();
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

impl Names {
    /// A problem with its place in the caller's words.
    pub fn own(&self, mut problem: Problem) -> Problem {
        if let Some(field) = problem.field.take() {
            problem.field = Some(self.place(&field));
        }
        problem
    }

    /// The notices, with these of other stages, whose places are the REST API's.
    pub fn notices(mut self, others: Vec<NoticeView>) -> Vec<NoticeView> {
        let mut all: Vec<_> = others
            .into_iter()
            .map(|notice| NoticeView {
                field: self.place(&notice.field),
                ..notice
            })
            .collect();
        all.append(&mut self.notices);
        if self.unlisted > 0 {
            let more = self.unlisted;
            all.push(NoticeView {
                field: self.place(INFO),
                text: format!("has {more} more names that are not understood here"),
            });
        }
        all
    }

    /// The longest known beginning decides.
    fn place(&self, field: &str) -> String {
        let known = self.places.iter().filter_map(|(rest, own)| {
            let inner = field.strip_prefix(rest.as_str())?;
            let whole = inner.is_empty() || inner.starts_with(['.', '[']);
            whole.then(|| (rest.len(), format!("{own}{inner}")))
        });
        known
            .max_by_key(|(length, _)| *length)
            .map_or_else(|| field.to_owned(), |(_, own)| own)
    }

    fn is(&mut self, rest: impl Into<String>, own: impl Into<String>) {
        self.places.push((rest.into(), own.into()));
    }

    fn notice(&mut self, field: String, text: impl Into<String>) {
        if self.notices.len() == MAX_NOTICES {
            self.unlisted += 1;
            return;
        }
        let text = text.into();
        self.notices.push(NoticeView { field, text });
    }

    /// A zero is what clients write that can leave nothing out.
    fn not_understood(&mut self, from: From<'_>, name: &str) {
        let says_nothing = matches!(from.raw.get(), "false" | "0");
        if !says_nothing && !NEEDLESS.contains(&name) {
            self.notice(from.field, "is not understood here, and left out");
        }
    }

    /// Fills a REST field, unless it says something itself.
    fn fill<T>(&mut self, to: &mut T, rest: &str, from: From<'_>) -> Result<(), Problem>
    where
        T: DeserializeOwned + Default + PartialEq,
    {
        let value: T = from.read()?;
        self.put(to, rest, value, from);
        Ok(())
    }

    /// As [`Self::fill`] with a flag; one that is not set is what an SDK writes for nothing.
    fn set(&mut self, to: &mut Flag, rest: &str, from: From<'_>) -> Result<(), Problem> {
        let flag: Flag = from.read()?;
        if flag.is_set() {
            self.put(to, rest, flag, from);
        }
        Ok(())
    }

    fn put<T: Default + PartialEq>(&mut self, to: &mut T, rest: &str, value: T, from: From<'_>) {
        if value == T::default() || value == *to {
            return;
        }
        if *to != T::default() {
            return self.notice(from.field, format!("is not heeded beside {rest}"));
        }
        *to = value;
        self.is(format!("{INFO}.{rest}"), from.field);
    }

    fn offline(&mut self, info: &mut Info<Offline>) -> Result<(), Problem> {
        // Most bodies have the REST API's names only, and cost nothing here.
        if !info.more.is_empty() {
            let root = self.place(INFO);
            for (name, raw) in std::mem::take(&mut info.more) {
                self.member(&mut info.fields, From::new(&root, &name, &raw))?;
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
                self.android(android, &lower(&name), From::new(&place, &name, &raw))?;
            }
        }
        if !apns.more.is_empty() {
            let place = self.place("OfflinePushInfo.ApnsInfo");
            for (name, raw) in std::mem::take(&mut apns.more) {
                self.apns(apns, &lower(&name), From::new(&place, &name, &raw))?;
            }
        }
        if !harmony.more.is_empty() {
            let place = self.place("OfflinePushInfo.HarmonyInfo");
            for (name, raw) in std::mem::take(&mut harmony.more) {
                self.harmony(harmony, &lower(&name), From::new(&place, &name, &raw))?;
            }
        }
        Ok(())
    }

    /// A member of the object itself.
    fn member(&mut self, to: &mut Offline, from: From<'_>) -> Result<(), Problem> {
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
    fn part<T>(&mut self, to: &mut Info<T>, rest: &str, from: From<'_>) -> Result<(), Problem>
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

/// A member, and its place in the caller's words.
#[derive(Clone)]
struct From<'a> {
    name: &'a str,
    raw: &'a RawValue,
    field: String,
}

impl<'a> From<'a> {
    fn new(place: &str, name: &'a str, raw: &'a RawValue) -> Self {
        Self {
            name,
            raw,
            field: format!("{place}.{name}"),
        }
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        nudged_wire::json::read(self.raw.get().as_bytes())
            .map_err(|problem| within(problem, &self.field))
    }
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}
