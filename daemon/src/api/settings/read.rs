//! Settings as they come to settings as the registry keeps them, and back.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::{ConversationMute, QuietHours, Sounds, UserSettings};
use crate::registry::{AllSettings, DeviceKey, MAX_CONVERSATIONS};
use nudged_wire::{Code, Problem};
use nudged_wire::{PlatformSettings, PlatformSounds, QuietHoursSpec, Settings};

/// The name of the system's sound.
const SYSTEM: &str = "default";
/// Longest name of a sound, in bytes.
const MAX_SOUND_NAME: usize = 256;
const DAY: u32 = 86_400;
/// The members that are sounds, at whatever level.
const SOUNDS: [&str; 2] = ["c2c_sound", "group_sound"];

/// Settings as the registry keeps them.
pub fn settings(from: Settings) -> Result<AllSettings, Problem> {
    let platforms = from.platforms.unwrap_or_default();
    Ok(AllSettings {
        user: UserSettings {
            disabled: !from.enabled,
            c2c_sound: sound(from.c2c_sound, "c2c_sound")?,
            group_sound: sound(from.group_sound, "group_sound")?,
            quiet_hours: from.quiet_hours.map(quiet_hours).transpose()?,
            ios: sounds(platforms.ios, "ios")?,
            android: sounds(platforms.android, "android")?,
            harmony: sounds(platforms.harmony, "harmony")?,
        },
        conversations: conversations(from.do_not_disturb)?,
    })
}

/// Settings as they are shown.
pub fn shown(settings: AllSettings) -> Settings {
    let sound = |sound: Option<String>| sound.map(|name| Some(name).filter(|name| name != SYSTEM));
    let sounds = |of: Sounds| {
        (of != Sounds::default()).then(|| PlatformSounds {
            c2c_sound: sound(of.c2c),
            group_sound: sound(of.group),
        })
    };
    let user = settings.user;
    let platforms = PlatformSettings {
        ios: sounds(user.ios),
        android: sounds(user.android),
        harmony: sounds(user.harmony),
    };
    Settings {
        enabled: !user.disabled,
        c2c_sound: sound(user.c2c_sound),
        group_sound: sound(user.group_sound),
        platforms: Some(platforms).filter(|it| *it != PlatformSettings::default()),
        quiet_hours: user.quiet_hours.map(|it| QuietHoursSpec {
            start: clock(it.start),
            duration: it.duration,
            time_zone: it.time_zone,
        }),
        do_not_disturb: settings
            .conversations
            .into_iter()
            .map(|(name, value)| (name, value.value()))
            .collect(),
    }
}

/// Settings changed as RFC 7396 says, but for the sounds: their null is a value, and `""` removes.
pub fn merged(before: Settings, change: Value) -> Result<Vec<u8>, Problem> {
    if !change.is_object() {
        return Err(Problem::new(
            Code::BadRequest,
            "a change of settings is a JSON object",
        ));
    }
    let mut settings = serde_json::to_value(before).unwrap_or_default();
    merge(&mut settings, change);
    Ok(settings.to_string().into_bytes())
}

fn merge(into: &mut Value, change: Value) {
    let Value::Object(change) = change else {
        *into = change;
        return;
    };
    if !into.is_object() {
        *into = Value::Object(serde_json::Map::new());
    }
    let Some(members) = into.as_object_mut() else {
        return;
    };
    for (name, value) in change {
        let is_sound = SOUNDS.contains(&name.as_str());
        if (value.is_null() && !is_sound) || (value == "" && is_sound) {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

fn sounds(from: Option<PlatformSounds>, platform: &str) -> Result<Sounds, Problem> {
    let from = from.unwrap_or_default();
    let field = |name: &str| format!("platforms.{platform}.{name}");
    Ok(Sounds {
        c2c: sound(from.c2c_sound, &field("c2c_sound"))?,
        group: sound(from.group_sound, &field("group_sound"))?,
    })
}

fn sound(sound: Option<Option<String>>, field: &str) -> Result<Option<String>, Problem> {
    let name = match sound {
        None => return Ok(None),
        // req 30: null is the system's sound.
        Some(None) => return Ok(Some(SYSTEM.to_owned())),
        Some(Some(name)) if name.is_empty() => return Ok(None),
        Some(Some(name)) => name,
    };
    let problem = |detail: &str| Err(Problem::new(Code::Invalid, detail).field(field));
    if name.len() > MAX_SOUND_NAME {
        return problem("longer than 256 bytes");
    }
    if name.chars().any(char::is_control) {
        return problem("must not contain control characters");
    }
    Ok(Some(name))
}

fn quiet_hours(from: QuietHoursSpec) -> Result<QuietHours, Problem> {
    let problem = |field: &str, detail: String| {
        Err(Problem::new(Code::Invalid, detail).field(format!("quiet_hours.{field}")))
    };
    let Some(start) = second(&from.start) else {
        let detail = format!("{:?} is no time of a day", from.start);
        return problem("start", detail)
            .map_err(|it| it.hint("write 22:00 or 22:00:00, on the user's clock"));
    };
    if from.duration > DAY {
        let detail = format!("is {}, expected 0 to 86400 seconds", from.duration);
        return problem("duration", detail);
    }
    let zone = match from.time_zone.as_str() {
        "" => "UTC",
        zone => zone,
    };
    if jiff::tz::TimeZone::get(zone).is_err() {
        let detail = format!("there is no time zone {zone:?}");
        return problem("time_zone", detail)
            .map_err(|it| it.hint("an IANA name, such as Europe/Berlin or Asia/Shanghai"));
    }
    Ok(QuietHours {
        start,
        duration: from.duration,
        time_zone: zone.to_owned(),
    })
}

/// The second of the day of `22:00` or `22:00:00`.
fn second(text: &str) -> Option<u32> {
    let time = jiff::civil::Time::strptime("%H:%M:%S", text)
        .or_else(|_| jiff::civil::Time::strptime("%H:%M", text))
        .ok()?;
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    u32::try_from(i32::from(hour) * 3600 + i32::from(minute) * 60 + i32::from(second)).ok()
}

fn clock(second: u32) -> String {
    let (hour, minute) = (second / 3600, second / 60 % 60);
    match second % 60 {
        0 => format!("{hour:02}:{minute:02}"),
        second => format!("{hour:02}:{minute:02}:{second:02}"),
    }
}

fn conversations(
    from: BTreeMap<String, u8>,
) -> Result<BTreeMap<String, ConversationMute>, Problem> {
    if from.len() > MAX_CONVERSATIONS {
        let detail = format!(
            "{} conversations are too many, at most {MAX_CONVERSATIONS} are allowed",
            from.len()
        );
        return Err(Problem::new(Code::Invalid, detail).field("do_not_disturb"));
    }
    let mut conversations = BTreeMap::new();
    for (name, value) in from {
        let field = format!("do_not_disturb[{name:?}]");
        let problem = |detail: String| Problem::new(Code::Invalid, detail).field(field);
        let id = name
            .strip_prefix("c2c:")
            .or_else(|| name.strip_prefix("group:"));
        let Some(id) = id else {
            return Err(
                problem("names no conversation".to_owned()).hint("write c2c:USER or group:GROUP")
            );
        };
        if let Err(error) = DeviceKey::check(id) {
            return Err(problem(format!("the name of the conversation {error}")));
        }
        // req 36: do-not-disturb has the values 0 to 4.
        let Some(value) = ConversationMute::of(value) else {
            return Err(problem(format!("is {value}, expected 0 to 4")));
        };
        if value != ConversationMute::default() {
            conversations.insert(name, value);
        }
    }
    Ok(conversations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<AllSettings, Problem> {
        settings(serde_json::from_value(value).expect("of the right form"))
    }

    #[test]
    fn what_was_set_is_shown_again() {
        for value in [
            json!({"enabled": true, "do_not_disturb": {}}),
            json!({
                "enabled": false,
                "c2c_sound": null,
                "group_sound": "drum.caf",
                "platforms": {
                    "ios": {"c2c_sound": "ping.caf", "group_sound": null},
                    "android": {"c2c_sound": "android.resource://com.example/raw/ping"},
                },
                "quiet_hours": {"start": "22:00", "duration": 28800, "time_zone": "Asia/Shanghai"},
                "do_not_disturb": {"c2c:alice": 2, "group:g1": 4},
            }),
            json!({
                "enabled": true,
                "quiet_hours": {"start": "00:00:01", "duration": 0, "time_zone": "UTC"},
                "do_not_disturb": {},
            }),
        ] {
            let again = shown(read(value.clone()).expect("possible"));
            assert_eq!(serde_json::to_value(again).expect("JSON"), value);
        }
    }

    #[test]
    fn what_says_nothing_of_a_platform_is_not_kept() {
        for platforms in [
            json!(null),
            json!({}),
            json!({"ios": null, "android": {}}),
            json!({"harmony": {"c2c_sound": "", "group_sound": ""}}),
        ] {
            let all = read(json!({"platforms": platforms})).expect("possible");
            assert_eq!(all, AllSettings::default(), "{platforms}");
        }
    }

    #[test]
    fn what_cannot_be_is_named() {
        let hours = |start: &str, duration: u32, zone: &str| json!({"quiet_hours": {"start": start, "duration": duration, "time_zone": zone}});
        for (value, field) in [
            (hours("24:00", 1, "UTC"), "quiet_hours.start"),
            (hours("", 1, "UTC"), "quiet_hours.start"),
            (hours("22:00", 86_401, "UTC"), "quiet_hours.duration"),
            (hours("22:00", 1, "Mars/Base"), "quiet_hours.time_zone"),
            (json!({"c2c_sound": "x".repeat(257)}), "c2c_sound"),
            (json!({"group_sound": "a\nb"}), "group_sound"),
            (
                json!({"platforms": {"ios": {"c2c_sound": "x".repeat(257)}}}),
                "platforms.ios.c2c_sound",
            ),
            (
                json!({"platforms": {"harmony": {"group_sound": "a\nb"}}}),
                "platforms.harmony.group_sound",
            ),
            (
                json!({"do_not_disturb": {"c2c:a": 5}}),
                "do_not_disturb[\"c2c:a\"]",
            ),
            (
                json!({"do_not_disturb": {"alice": 2}}),
                "do_not_disturb[\"alice\"]",
            ),
            (
                json!({"do_not_disturb": {"group:": 2}}),
                "do_not_disturb[\"group:\"]",
            ),
        ] {
            let problem = read(value).expect_err("impossible");
            assert_eq!(problem.field.as_deref(), Some(field), "{problem:?}");
        }
        let many = (0..=MAX_CONVERSATIONS).map(|n| (format!("c2c:{n}"), 2_u8));
        let many: BTreeMap<_, _> = many.collect();
        assert!(read(json!({"do_not_disturb": many})).is_err());
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let before = json!({
            "enabled": false,
            "c2c_sound": "ping",
            "quiet_hours": {"start": "22:00", "duration": 60, "time_zone": "UTC"},
            "do_not_disturb": {"c2c:alice": 2, "group:g1": 3},
        });
        let change = |change: Value| {
            let before = serde_json::from_value(before.clone()).expect("settings");
            let merged = merged(before, change).expect("an object");
            serde_json::from_slice::<Value>(&merged).expect("JSON")
        };
        assert_eq!(change(json!({})), before);
        let after = change(json!({
            "c2c_sound": null,
            "group_sound": "",
            "quiet_hours": {"duration": 90},
            "do_not_disturb": {"c2c:alice": null, "c2c:eve": 1},
        }));
        assert_eq!(
            after,
            json!({
                "enabled": false,
                "c2c_sound": null,
                "quiet_hours": {"start": "22:00", "duration": 90, "time_zone": "UTC"},
                "do_not_disturb": {"group:g1": 3, "c2c:eve": 1},
            })
        );
        let after = change(json!({"c2c_sound": ""}));
        assert_eq!(after.get("c2c_sound"), None);
        let after = change(json!({"enabled": null, "quiet_hours": null}));
        let after: Settings = serde_json::from_value(after).expect("settings");
        assert!(after.enabled && after.quiet_hours.is_none());
        assert!(merged(Settings::default(), json!([])).is_err());
    }

    #[test]
    fn the_sounds_of_a_platform_change_as_the_common_ones_do() {
        let before = json!({"platforms": {
            "ios": {"c2c_sound": "one.caf", "group_sound": "many.caf"},
            "android": {"c2c_sound": "one"},
        }});
        let change = |change: Value| {
            let before = serde_json::from_value(before.clone()).expect("settings");
            let merged = merged(before, json!({"platforms": change})).expect("an object");
            let after = serde_json::from_slice(&merged).expect("settings");
            let after = shown(settings(after).expect("possible"));
            serde_json::to_value(after.platforms).expect("JSON")
        };
        let before = &before["platforms"];
        assert_eq!(change(json!({})), *before);
        assert_eq!(
            change(json!({"ios": {"c2c_sound": null, "group_sound": ""}, "android": null})),
            json!({"ios": {"c2c_sound": null}})
        );
        assert_eq!(
            change(json!({"android": {"c2c_sound": ""}, "harmony": {"group_sound": "many"}})),
            json!({"ios": before["ios"], "harmony": {"group_sound": "many"}})
        );
        assert_eq!(change(json!(null)), json!(null));
    }
}
