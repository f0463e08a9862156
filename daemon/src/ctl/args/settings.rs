use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::AppArg;
use super::value::span;

/// What to do with the settings of users.
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// Show what a user wants of push
    Show {
        /// The user
        user: String,
        #[command(flatten)]
        app: AppArg,
    },
    /// Change what a user wants of push; what is not given stays
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
    /// Sound of messages of one person; default = the system's
    #[arg(long, value_name = "SOUND")]
    pub c2c_sound: Option<String>,
    /// Sound of messages in groups; default = the system's
    #[arg(long, value_name = "SOUND")]
    pub group_sound: Option<String>,
    /// No push at this time of every day, such as 22:00+8h; off = none such
    #[arg(long, value_name = "START+DURATION", value_parser = quiet)]
    pub quiet: Option<Quiet>,
    /// The user's time zone, such as Europe/Berlin [default: as before, or UTC]
    #[arg(long, value_name = "ZONE", requires = "quiet")]
    pub time_zone: Option<String>,
    /// What the user wants of a conversation, such as c2c:alice=2: 0 push, 1 do not receive,
    /// 2 receive without push, 3 push mentions only, 4 receive and push mentions only; repeatable
    #[arg(long, value_name = "CONVERSATION=N", value_parser = conversation)]
    pub dnd: Vec<(String, u8)>,
    #[command(flatten)]
    pub app: AppArg,
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
        let sound = |name: &Option<String>| name.as_deref().map(Value::from);
        put("enabled", self.enabled.map(Value::from));
        put("c2c_sound", sound(&self.c2c_sound));
        put("group_sound", sound(&self.group_sound));
        put("quiet_hours", self.quiet.as_ref().map(|it| self.hours(it)));
        let dnd: Map<String, Value> = self
            .dnd
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(*value)))
            .collect();
        put("do_not_disturb", (!dnd.is_empty()).then(|| dnd.into()));
        change.into()
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
