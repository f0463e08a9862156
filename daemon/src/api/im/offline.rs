//! `OfflinePushInfo` to the fields of our message that every driver understands.
//!
//! In: what was said. Out: title, text, data, languages, badge, and what is different on one
//! platform or with one vendor. What only one driver understands is in [`super::options`].

use std::collections::BTreeMap;

use super::body::{Android, Apns, Harmony, Offline};
use super::problem::invalid;
use super::tolerant::{Number, Text};
use crate::model::MAX_BADGE;
use nudged_wire::{BadgeChange, MessageSpec, PlatformSpec, PriorityName, TranslationSpec};
use nudged_wire::{Code, Problem};

/// What the clients' constant for "no sound, no vibration" is.
const NO_SOUND: &str = "push.no_sound";

type Platforms = BTreeMap<String, PlatformSpec>;

/// Writes it into `message`. `counts` = a message without a word on badges counts on iPhones,
/// as chat messages do and bare pushes do not.
pub fn write(from: &Offline, counts: bool, message: &mut MessageSpec) -> Result<(), Problem> {
    message.title = from.title.0.clone();
    message.body = from.desc.0.clone();
    message.ext = from.ext.0.clone();
    message.translations = translations(from)?;
    let badge = badge(from)?;
    if badge.is_some() {
        message.badge = badge;
    }
    let platforms = &mut message.platforms;
    android(&from.android, platforms)?;
    apns(&from.apns, platforms);
    harmony(&from.harmony, platforms);
    // BadgeMode speaks of messages that name no number.
    // req 33: a push whose badge mode is off does not count.
    let keeps = from.apns.badge_mode.0.unwrap_or(!counts);
    if keeps && badge.is_none() {
        platforms.entry("ios".to_owned()).or_default().badge = Some(BadgeChange::Keep);
    }
    Ok(())
}

/// A sound in our words.
pub fn sound(name: &Text) -> Option<String> {
    name.as_deref().map(|name| match name {
        // req 34: no sound.
        NO_SOUND => "none".to_owned(),
        name => name.to_owned(),
    })
}

fn translations(from: &Offline) -> Result<BTreeMap<String, TranslationSpec>, Problem> {
    let mut translations = BTreeMap::new();
    for (at, one) in from.languages.iter().enumerate() {
        if one.title.is_none() && one.desc.is_none() {
            continue;
        }
        let Some(language) = one.language.0.clone() else {
            let detail = "missing, expected a language such as en or zh-Hans";
            let field = format!("OfflinePushInfo.MultiLanguageContent[{at}].Language");
            return Err(Problem::new(Code::BadRequest, detail).field(field));
        };
        let translation = TranslationSpec {
            title: one.title.0.clone(),
            body: one.desc.0.clone(),
        };
        // Java writes zh_CN for what others know as zh-CN.
        translations.insert(language.replace('_', "-"), translation);
    }
    Ok(translations)
}

fn badge(from: &Offline) -> Result<Option<BadgeChange>, Problem> {
    let set = count(from.badge_set, "BadgeSetNum")?;
    // Nothing to add is what clients write that cannot leave a number out.
    let add = count(from.badge_add, "BadgeAddNum")?.filter(|add| *add > 0);
    Ok(set.map(BadgeChange::Set).or(add.map(BadgeChange::Add)))
}

fn count(number: Number, name: &str) -> Result<Option<u32>, Problem> {
    match number.0 {
        None => Ok(None),
        Some(count) if (0..=i64::from(MAX_BADGE)).contains(&count) => Ok(Some(count as u32)),
        Some(other) => Err(invalid(
            format!("OfflinePushInfo.{name}"),
            format!("is {other}, expected 0 to {MAX_BADGE}"),
        )),
    }
}

fn android(from: &Android, to: &mut Platforms) -> Result<(), Problem> {
    put(to, "android", sound(&from.sound), |it| &mut it.sound);
    put(to, "android", from.title.0.clone(), |it| &mut it.title);
    put(to, "android", from.desc.0.clone(), |it| &mut it.body);
    for (driver, channel) in [
        ("huawei", &from.huawei_channel),
        ("xiaomi", &from.xiaomi_channel),
        ("oppo", &from.oppo_channel),
        ("fcm", &from.google_channel),
    ] {
        put(to, driver, channel.0.clone(), |it| &mut it.channel_id);
    }
    for (driver, category) in [
        ("huawei", &from.huawei_category),
        ("vivo", &from.vivo_category),
        ("oppo", &from.oppo_category),
    ] {
        put(to, driver, category.0.clone(), |it| &mut it.category);
    }
    for (driver, image) in [
        ("huawei", &from.huawei_image),
        ("honor", &from.honor_image),
        ("fcm", &from.google_image),
    ] {
        put(to, driver, image.0.clone(), |it| &mut it.image);
    }
    if let Some(word) = from.google_priority.as_deref() {
        let priority = match word.to_ascii_lowercase().as_str() {
            "high" => PriorityName::High,
            "normal" => PriorityName::Normal,
            _ => {
                return Err(invalid(
                    "OfflinePushInfo.AndroidInfo.GooglePriority",
                    format!("is {word:?}, expected normal or high"),
                ));
            }
        };
        to.entry("fcm".to_owned()).or_default().priority = Some(priority);
    }
    Ok(())
}

fn apns(from: &Apns, to: &mut Platforms) {
    put(to, "ios", from.title.0.clone(), |it| &mut it.title);
    put(to, "ios", from.desc.0.clone(), |it| &mut it.body);
    put(to, "ios", from.subtitle.0.clone(), |it| &mut it.subtitle);
    put(to, "ios", from.image.0.clone(), |it| &mut it.image);
    put(to, "ios", sound(&from.sound), |it| &mut it.sound);
}

fn harmony(from: &Harmony, to: &mut Platforms) {
    put(to, "harmony", from.title.0.clone(), |it| &mut it.title);
    put(to, "harmony", from.category.0.clone(), |it| {
        &mut it.category
    });
    put(to, "harmony", from.image.0.clone(), |it| &mut it.image);
    put(to, "harmony", sound(&from.sound), |it| &mut it.sound);
    if from.keeps_badge {
        to.entry("harmony".to_owned()).or_default().badge = Some(BadgeChange::Keep);
    }
}

fn put(
    to: &mut Platforms,
    name: &str,
    value: Option<String>,
    field: impl Fn(&mut PlatformSpec) -> &mut Option<String>,
) {
    if value.is_some() {
        *field(to.entry(name.to_owned()).or_default()) = value;
    }
}
