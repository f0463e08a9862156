//! What a user wants of push: on all devices, and of one conversation. Pure.

use nudged_plugin_api::{Platform, Timestamp, frame};

/// What a user wants of push, on all devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserSettings {
    /// No push at all.
    pub disabled: bool,
    /// Sound of messages of one person; none = not set, `default` = the system's.
    pub c2c_sound: Option<String>,
    /// Sound of messages in groups; none = not set, `default` = the system's.
    pub group_sound: Option<String>,
    /// No push at this time of every day.
    pub quiet_hours: Option<QuietHours>,
    /// What iPhones play instead: each SDK has sounds of its own.
    pub ios: Sounds,
    /// What Android phones play instead.
    pub android: Sounds,
    /// What HarmonyOS phones play instead.
    pub harmony: Sounds,
}
frame!(UserSettings {
    0 disabled, 1 c2c_sound, 2 group_sound, 3 quiet_hours, 4 ios, 5 android, 6 harmony,
});

impl UserSettings {
    /// What differs on phones of this platform.
    pub fn sounds_of(&self, phones: Platform) -> Option<&Sounds> {
        match phones {
            Platform::Ios => Some(&self.ios),
            Platform::Android => Some(&self.android),
            Platform::Harmony => Some(&self.harmony),
            _ => None,
        }
    }
}

/// Sounds of a user's phones of one platform; none = as on the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sounds {
    /// Of messages of one person, `default` = the system's.
    pub c2c: Option<String>,
    /// Of messages in groups, `default` = the system's.
    pub group: Option<String>,
}
frame!(Sounds { 0 c2c, 1 group });

/// A time of every day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuietHours {
    /// Second of the day on which it begins, 0 to 86399.
    pub start: u32,
    /// Its length in seconds, 0 to 86400.
    pub duration: u32,
    /// The user's time zone, an IANA name such as `Europe/Berlin`.
    pub time_zone: String,
}
frame!(QuietHours { 0 start, 1 duration, 2 time_zone });

impl QuietHours {
    /// Whether it is this time. An unknown time zone is UTC.
    pub fn holds(&self, now: Timestamp) -> bool {
        const DAY: i64 = 86_400;
        let zone = jiff::tz::TimeZone::get(&self.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let Ok(now) =
            jiff::Timestamp::from_second(i64::try_from(now.seconds()).unwrap_or(i64::MAX))
        else {
            return false;
        };
        let time = now.to_zoned(zone).time();
        let second = i64::from(time.hour()) * 3600
            + i64::from(time.minute()) * 60
            + i64::from(time.second());
        (second - i64::from(self.start)).rem_euclid(DAY) < i64::from(self.duration)
    }
}

/// What a user wants of one conversation: the values that Tencent IM gives them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ConversationMute {
    /// 0: receives and is pushed.
    #[default]
    Push,
    /// 1: does not receive.
    Refuse,
    /// 2: receives without push.
    Receive,
    /// 3: is pushed mentions only.
    Mentions,
    /// 4: receives mentions only, and is pushed those.
    ReceiveMentions,
}

impl ConversationMute {
    pub const fn of(value: u8) -> Option<Self> {
        match value {
            0 => Some(Self::Push),
            1 => Some(Self::Refuse),
            2 => Some(Self::Receive),
            3 => Some(Self::Mentions),
            4 => Some(Self::ReceiveMentions),
            _ => None,
        }
    }

    pub const fn value(self) -> u8 {
        match self {
            Self::Push => 0,
            Self::Refuse => 1,
            Self::Receive => 2,
            Self::Mentions => 3,
            Self::ReceiveMentions => 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nudged_plugin_api::frame::{from_bytes, to_bytes};

    #[test]
    fn quiet_hours_pass_midnight_and_follow_the_users_clock() {
        let night = QuietHours {
            start: 22 * 3600,
            duration: 8 * 3600,
            time_zone: "Asia/Shanghai".into(),
        };
        // 2026-01-01 15:30 UTC is 23:30 in Shanghai.
        let evening = Timestamp(1_767_281_400_000);
        assert!(night.holds(evening));
        assert!(night.holds(evening.plus_seconds(6 * 3600 + 1799)));
        assert!(!night.holds(evening.plus_seconds(6 * 3600 + 1800)));
        assert!(!night.holds(Timestamp(evening.0 - 90 * 60_000 - 1)));
        assert!(night.holds(Timestamp(evening.0 - 90 * 60_000)));
        let utc = QuietHours {
            time_zone: String::new(),
            ..night
        };
        assert!(!utc.holds(evening));
    }

    #[test]
    fn settings_of_before_there_were_platforms_are_read() {
        #[derive(Clone, Debug, Default, PartialEq)]
        struct LegacySettings {
            disabled: bool,
            c2c_sound: Option<String>,
            group_sound: Option<String>,
        }
        frame!(LegacySettings { 0 disabled, 1 c2c_sound, 2 group_sound });
        let legacy = LegacySettings {
            disabled: true,
            c2c_sound: Some("ping".into()),
            group_sound: None,
        };
        let stored = to_bytes(&legacy);
        let read = UserSettings {
            disabled: true,
            c2c_sound: Some("ping".into()),
            ..UserSettings::default()
        };
        assert_eq!(from_bytes::<UserSettings>(&stored).expect("settings"), read);
    }

    #[test]
    fn nothing_and_the_whole_day_are_quiet_hours_too() {
        let hours = |duration| QuietHours {
            start: 3600,
            duration,
            time_zone: "UTC".into(),
        };
        for hour in 0..24 {
            let at = Timestamp(hour * 3_600_000);
            assert!(!hours(0).holds(at));
            assert!(hours(86_400).holds(at));
        }
    }
}
