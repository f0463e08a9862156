//! `OfflinePushInfo` to the options of single drivers, under the drivers' own names.
//!
//! In: what was said, and which drivers the app has channels of. Out: options that those
//! drivers take, and notices of what goes no further. Values are checked whatever the app
//! has, so that a mistake is answered by the caller's name of the field and not by a driver's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use super::body::{Android, Apns, Offline};
use super::problem::invalid;
use super::tolerant::{Anything, Number, Text};
use nudged_wire::NoticeView;
use nudged_wire::Problem;
use nudged_wire::json::halves;

/// Options of single drivers.
#[derive(Default)]
pub struct Options {
    options: BTreeMap<&'static str, Map<String, Value>>,
    /// What goes no further, by driver; none = whatever the driver.
    notices: Vec<(Option<&'static str>, NoticeView)>,
}

impl Options {
    /// Reads them, or says which field is wrong.
    pub fn read(from: &Offline) -> Result<Self, Problem> {
        let mut read = Self::default();
        read.android(&from.android)?;
        read.apns(&from.apns)?;
        let duration = &from.harmony.sound_duration;
        if let Some(seconds) = number(duration, "HarmonyInfo.SoundDuration", 1..=60)? {
            read.put("harmony", "soundDuration", seconds);
        }
        if from.template.is_some() {
            read.notice(
                None,
                "PushTemplateId",
                "is not heeded, as there are no templates here; Title and Desc say what to show",
            );
        }
        Ok(read)
    }

    /// What concerns these drivers: the others would be refused, and a chat server always
    /// speaks to all.
    pub fn keep(
        self,
        drivers: &BTreeSet<&str>,
    ) -> (BTreeMap<String, Box<RawValue>>, Vec<NoticeView>) {
        let options = self
            .options
            .into_iter()
            .filter(|(driver, _)| drivers.contains(driver))
            .map(|(driver, options)| {
                let options = to_raw_value(&options).expect("a map of JSON values is JSON");
                (driver.to_owned(), options)
            })
            .collect();
        let notices = self
            .notices
            .into_iter()
            .filter(|(driver, _)| driver.is_none_or(|driver| drivers.contains(driver)))
            .map(|(_, notice)| notice)
            .collect();
        (options, notices)
    }

    fn android(&mut self, from: &Android) -> Result<(), Problem> {
        if from.push_style.is_set() {
            self.put("huawei", "style", 1);
            self.put("honor", "style", 1);
            self.put("oppo", "style", 2);
        }
        const IMPORTANCES: [&str; 2] = ["LOW", "NORMAL"];
        const HUAWEI: [&str; 3] = ["LOW", "NORMAL", "HIGH"];
        let path = "AndroidInfo.HuaWeiImportance";
        if let Some(word) = one_of(&from.huawei_importance, path, &HUAWEI)? {
            self.put("huawei", "importance", word);
        }
        let path = "AndroidInfo.HonorImportance";
        if let Some(word) = one_of(&from.honor_importance, path, &IMPORTANCES)? {
            self.put("honor", "importance", word);
        }
        // The category came after the classification and implies it; vivo refuses two that
        // do not agree.
        if let Some(system) = from.vivo_classification.0
            && from.vivo_category.is_none()
        {
            self.put("vivo", "classification", i32::from(system));
        }
        let path = "AndroidInfo.VIVONotifyType";
        if let Some(kind) = number(&from.vivo_notify_type, path, 1..=4)? {
            self.put("vivo", "notifyType", kind);
        }
        if let Some(private) = from.meizu_message_type.0 {
            let class = json!({"noticeMsgType": i32::from(private)});
            self.put("meizu", "noticeBarInfo", class);
        }
        self.oppo(from)
    }

    fn oppo(&mut self, from: &Android) -> Result<(), Problem> {
        const LEVELS: [i64; 3] = [1, 2, 16];
        let path = "AndroidInfo.OPPONotifyLevel";
        match (from.oppo_notify_level.0, &from.oppo_category.0) {
            (None | Some(0), _) => {}
            (Some(level), _) if !LEVELS.contains(&level) => {
                return Err(wrong(path, format!("is {level}, expected 1, 2 or 16")));
            }
            (Some(_), None) => self.notice(
                Some("oppo"),
                path,
                "was left out: OPPO takes it with an OPPOCategory only",
            ),
            (Some(level), Some(category)) => {
                let fits =
                    |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
                if category.len() > 64 || !category.bytes().all(fits) {
                    let problem = format!("is {category:?}, expected capitals such as IM");
                    return Err(wrong("AndroidInfo.OPPOCategory", problem));
                }
                // As an option the word goes on even if the driver does not know it, and the
                // level needs it.
                self.put("oppo", "category", category.as_str());
                self.put("oppo", "notify_level", level);
            }
        }
        let parameters = [
            (
                "private_title_parameters",
                object(
                    &from.oppo_title_parameters,
                    "AndroidInfo.OPPOPrivateTitleParameters",
                )?,
            ),
            (
                "private_content_parameters",
                object(
                    &from.oppo_content_parameters,
                    "AndroidInfo.OPPOPrivateContentParameters",
                )?,
            ),
        ];
        let template = from.oppo_template.0.as_deref();
        if let Some(id) = template {
            self.put("oppo", "private_msg_template_id", id);
        }
        for (key, values) in parameters {
            match (values, template) {
                (Some(values), Some(_)) => self.put("oppo", key, values),
                (Some(_), None) => self.notice(
                    Some("oppo"),
                    "AndroidInfo.OPPOPrivateMsgTemplateId",
                    "is missing, so the template's parameters are left out",
                ),
                (None, _) => {}
            }
        }
        Ok(())
    }

    fn apns(&mut self, from: &Apns) -> Result<(), Problem> {
        const LEVELS: [&str; 4] = ["passive", "active", "time-sensitive", "critical"];
        let path = "ApnsInfo.InterruptionLevel";
        if let Some(level) = one_of(&from.interruption_level, path, &LEVELS)? {
            self.put("apns", "interruption_level", level);
        }
        if from.mutable_content.is_set() {
            self.put("apns", "mutable_content", true);
        }
        if from.content_available.is_set() {
            self.put("apns", "content_available", true);
        }
        Ok(())
    }

    fn put(&mut self, driver: &'static str, key: &str, value: impl Into<Value>) {
        let options = self.options.entry(driver).or_default();
        options.insert(key.to_owned(), value.into());
    }

    fn notice(&mut self, driver: Option<&'static str>, path: &str, text: &str) {
        let notice = NoticeView {
            field: format!("OfflinePushInfo.{path}"),
            text: text.to_owned(),
        };
        let notice = (driver, notice);
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }
}

fn wrong(path: &str, detail: String) -> Problem {
    invalid(format!("OfflinePushInfo.{path}"), detail)
}

/// One of these words, whatever its case.
fn one_of(
    word: &Text,
    path: &str,
    words: &[&'static str],
) -> Result<Option<&'static str>, Problem> {
    let Some(word) = word.as_deref() else {
        return Ok(None);
    };
    let known = words.iter().find(|known| known.eq_ignore_ascii_case(word));
    known.copied().map(Some).ok_or_else(|| {
        let words = words.join(", ");
        wrong(path, format!("is {word:?}, expected one of {words}"))
    })
}

/// A number in its range; 0 is what clients write that cannot leave a number out.
fn number(
    number: &Number,
    path: &str,
    range: std::ops::RangeInclusive<i64>,
) -> Result<Option<i64>, Problem> {
    match number.0.filter(|number| *number != 0) {
        Some(number) if !range.contains(&number) => {
            let (least, most) = range.into_inner();
            let detail = format!("is {number}, expected {least} to {most}");
            Err(wrong(path, detail))
        }
        number => Ok(number),
    }
}

/// An object, or the text of one.
fn object(from: &Anything, path: &str) -> Result<Option<Map<String, Value>>, Problem> {
    let Some(text) = from.as_deref() else {
        return Ok(None);
    };
    match halves::read(text.as_bytes()) {
        Ok(Value::Object(object)) => Ok((!object.is_empty()).then_some(object)),
        Ok(Value::Array(list)) if list.is_empty() => Ok(None),
        _ => Err(wrong(path, format!("is {text}, expected an object"))),
    }
}
