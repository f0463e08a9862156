//! The ranges of the sender's own fields.
//!
//! In: options of the right types. Out: nothing, or the path of the one that is out of range.

use nudged_driver_kit::text::present;
use nudged_plugin_api::{EncodeError, bad_option};

use super::{Clock, Options};

const CHANNELS: [&str; 9] = [
    "xg", "hw", "honor", "xm", "mz", "vivo", "oppo", "fcm", "apns",
];
const LEVELS: [&str; 4] = ["passive", "active", "time-sensitive", "critical"];
/// Longest plan id; TPNS's are numbers.
const MAX_PLAN_ID: usize = 64;

impl Options {
    /// Fails with the first value that TPNS would not take.
    pub(super) fn check(&self) -> Result<(), EncodeError> {
        self.check_numbers()?;
        if present(&self.plan_id).is_some_and(|id| id.len() > MAX_PLAN_ID) {
            return Err(bad_option("plan_id", "is longer than 64 bytes"));
        }
        if self.channel_rules.len() > CHANNELS.len() {
            return Err(bad_option(
                "channel_rules",
                "has more rules than there are channels",
            ));
        }
        for (index, rule) in self.channel_rules.iter().enumerate() {
            if !CHANNELS.contains(&rule.channel.as_str()) {
                let key = format!("channel_rules[{index}].channel");
                return Err(bad_option(
                    &key,
                    format!("is none of {}", CHANNELS.join(", ")),
                ));
            }
        }
        for (index, times) in self.message.accept_time.iter().enumerate() {
            for (name, clock) in [("start", &times.start), ("end", &times.end)] {
                check_clock(&format!("message.accept_time[{index}].{name}"), clock)?;
            }
        }
        let vivo = present(&self.android.vivo_ch_id);
        if vivo.is_some_and(|class| !["0", "1"].contains(&class)) {
            return Err(bad_option(
                "android.vivo_ch_id",
                "is neither \"0\" (operation) nor \"1\" (system)",
            ));
        }
        let level = present(&self.aps.interruption_level);
        if level.is_some_and(|level| !LEVELS.contains(&level)) {
            return Err(bad_option(
                "aps.interruption-level",
                format!("is none of {}", LEVELS.join(", ")),
            ));
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), EncodeError> {
        let android = &self.android;
        for (key, value, least, most) in [
            ("tpns_online_push_type", self.tpns_online_push_type, 0, 1),
            ("message.show_type", self.message.show_type, 1, 2),
            ("android.hw_biz_type", android.hw_biz_type, 0, 1),
            ("android.hw_importance", android.hw_importance, 1, 2),
            ("android.style_id", android.style_id, 0, 1),
            ("android.ring", android.ring, 0, 1),
            ("android.vibrate", android.vibrate, 0, 1),
            ("android.lights", android.lights, 0, 1),
            ("android.clearable", android.clearable, 0, 1),
            ("android.icon_type", android.icon_type, 0, 1),
            (
                "android.action.browser.confirm",
                android.action.browser.confirm,
                0,
                1,
            ),
            ("aps.mutable-content", self.aps.mutable_content, 0, 1),
        ] {
            if value.is_some_and(|value| !(least..=most).contains(&value)) {
                return Err(bad_option(key, format!("is not {least} or {most}")));
            }
        }
        for (key, value, least, most) in [
            ("android.badge_type", android.badge_type, -2, 99),
            ("android.n_id", android.n_id, -1, i32::MAX),
            ("aps.badge_type", self.aps.badge_type, -2, i32::MAX),
        ] {
            if value.is_some_and(|value| !(least..=most).contains(&value)) {
                return Err(bad_option(key, format!("is not {least} to {most}")));
            }
        }
        Ok(())
    }
}

fn check_clock(key: &str, clock: &Clock) -> Result<(), EncodeError> {
    for (name, text, most) in [("hour", &clock.hour, 23), ("min", &clock.min, 59)] {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if !digits || text.parse::<u8>().is_ok_and(|number| number > most) {
            return Err(bad_option(
                &format!("{key}.{name}"),
                format!("is not a text of 0 to {most}"),
            ));
        }
    }
    Ok(())
}
