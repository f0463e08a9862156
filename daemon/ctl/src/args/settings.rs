use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::AppArg;
use super::value::span;

const PLATFORMS: [&str; 3] = ["ios", "android", "harmony"];

/// What to do with the settings of users.
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// Show a user's push settings
    Show {
        /// The user
        user: String,
        #[command(flatten)]
        app: AppArg,
    },
    /// Change a user's push settings; what is not given is unchanged
    Set(Box<SetArgs>),
}

/// What is changed.
#[derive(Debug, clap::Args)]
pub struct SetArgs {
    /// The user
    pub user: String,
    /// Whether the user is pushed at all
    #[arg(long, value_name = "true|false")]
    pub enabled: Option<bool>,
    /// Sound of messages from one person, such as ping, or on one platform, such as ios=ping.caf;
    /// default = the system's, empty = unset; repeatable
    #[arg(long, value_name = "[PLATFORM=]SOUND", value_parser = sound)]
    pub c2c_sound: Vec<SoundArg>,
    /// Sound of group messages; as --c2c-sound
    #[arg(long, value_name = "[PLATFORM=]SOUND", value_parser = sound)]
    pub group_sound: Vec<SoundArg>,
    /// No push at this time of day, such as 22:00+8h; off = none
    #[arg(long, value_name = "START+DURATION", value_parser = quiet)]
    pub quiet: Option<Quiet>,
    /// The user's time zone, such as Europe/Berlin [default: unchanged, or UTC]
    #[arg(long, value_name = "ZONE", requires = "quiet")]
    pub time_zone: Option<String>,
    /// Setting for a conversation, such as c2c:alice=2: 0 push, 1 do not receive,
    /// 2 receive without push, 3 push mentions only, 4 receive and push mentions only; repeatable
    #[arg(long, value_name = "CONVERSATION=N", value_parser = conversation)]
    pub dnd: Vec<(String, u8)>,
    #[command(flatten)]
    pub app: AppArg,
}

/// A sound, for all phones or for those of one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundArg {
    platform: Option<&'static str>,
    sound: String,
}

/// Quiet hours, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// None.
    Off,
    /// At this time.
    Hours {
        /// When they begin.
        start: String,
        /// Their length in seconds.
        duration: u64,
    },
}

impl SetArgs {
    /// The change in JSON; an empty one changes nothing.
    pub fn change(&self) -> Value {
        let mut change = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                change.insert(name.to_owned(), value);
            }
        };
        put("enabled", self.enabled.map(Value::from));
        put("quiet_hours", self.quiet.as_ref().map(|it| self.hours(it)));
        let dnd: Map<String, Value> = self
            .dnd
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(*value)))
            .collect();
        put("do_not_disturb", (!dnd.is_empty()).then(|| dnd.into()));
        let mut change = Value::from(change);
        for (member, sounds) in [
            ("c2c_sound", &self.c2c_sound),
            ("group_sound", &self.group_sound),
        ] {
            for SoundArg { platform, sound } in sounds {
                match platform {
                    None => change[member] = sound.as_str().into(),
                    Some(platform) => {
                        change["platforms"][platform][member] = sound.as_str().into();
                    }
                }
            }
        }
        change
    }

    fn hours(&self, quiet: &Quiet) -> Value {
        let Quiet::Hours { start, duration } = quiet else {
            return Value::Null;
        };
        let mut hours = json!({"start": start, "duration": duration});
        if let Some(zone) = &self.time_zone {
            hours["time_zone"] = zone.as_str().into();
        }
        hours
    }
}

/// `ios=ping.caf`, or `ping`.
fn sound(text: &str) -> Result<SoundArg, std::convert::Infallible> {
    let platforms = PLATFORMS.into_iter();
    let own = platforms.filter_map(|it| Some((it, text.strip_prefix(it)?.strip_prefix('=')?)));
    let own = own.map(|(platform, sound)| (Some(platform), sound)).next();
    let (platform, sound) = own.unwrap_or((None, text));
    Ok(SoundArg {
        platform,
        sound: sound.to_owned(),
    })
}

fn quiet(text: &str) -> Result<Quiet, String> {
    if text == "off" {
        return Ok(Quiet::Off);
    }
    let expected = "expected START+DURATION, such as 22:00+8h, or off";
    let (start, duration) = text.split_once('+').ok_or(expected)?;
    Ok(Quiet::Hours {
        start: start.to_owned(),
        duration: span(duration)?.as_secs(),
    })
}

fn conversation(text: &str) -> Result<(String, u8), String> {
    let expected = "expected CONVERSATION=N, such as c2c:alice=2 or group:g1=3";
    let (name, value) = text.rsplit_once('=').ok_or(expected)?;
    let value = value.parse().map_err(|_| expected)?;
    Ok((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_for_all_phones_or_for_those_of_one_platform() {
        let read = |text: &str| {
            let SoundArg { platform, sound } = sound(text).expect("any text");
            (platform, sound)
        };
        for (text, platform, sound) in [
            ("ping", None, "ping"),
            ("", None, ""),
            ("ios=ping.caf", Some("ios"), "ping.caf"),
            ("android=", Some("android"), ""),
            ("harmony=a=b", Some("harmony"), "a=b"),
            ("iOS=ping", None, "iOS=ping"),
            ("ios", None, "ios"),
        ] {
            assert_eq!(read(text), (platform, sound.to_owned()), "{text}");
        }
    }
}
