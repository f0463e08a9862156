//! A device: how it is reached, where its app is, and whether it may be pushed. Pure.

use nudged_plugin_api::{Timestamp, frame, numbered};

use super::{CertificateId, Evidence, Reason};

/// Largest number on an app's icon.
pub const MAX_BADGE: u32 = 99_999;

/// One login of a user on one phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// How it is reached; none = the app turned its push off.
    pub binding: Option<Binding>,
    /// The phone's system, as the app reported it: `ios`, `android`, `harmony` or another.
    pub platform: Option<String>,
    /// The language of the app on this phone (BCP 47), as the app reported it.
    pub language: Option<String>,
    /// Version of the app, as the app reported it.
    pub app_version: Option<String>,
    /// When the token was last reported.
    pub registered_at: Timestamp,
    /// Where the app is.
    pub state: AppState,
    /// When the state was last reported; 0 = never, then it counts as in background.
    pub state_at: Timestamp,
    /// For `Foreground`: until when that holds without another report.
    pub lease_until: Timestamp,
    /// What the app's icon shows: as last reported, and one more for each counted push.
    /// None = the app does not report it, and nothing is counted.
    pub unread: Option<u32>,
    /// What else it is reached by: tokens for one kind of message only.
    pub tokens: Vec<KindToken>,
}
frame!(Device {
    0 binding, 1 platform, 2 language, 3 app_version, 4 registered_at, 5 state, 6 state_at,
    7 lease_until, 8 unread, 9 tokens,
});

/// A token that takes one kind of message only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindToken {
    pub purpose: Purpose,
    /// For [`Purpose::LiveActivity`]: the id that the app gave the activity.
    pub activity: Option<String>,
    /// The channel and the vendor's token. The channel may be another than the device's: a VoIP
    /// Services certificate is one of its own.
    pub binding: Binding,
    /// When it was last reported.
    pub reported_at: Timestamp,
    /// The vendor called it dead: it is not used until it is reported or restored.
    pub dead: Option<Evidence>,
}
frame!(KindToken { 0 purpose, 1 activity, 2 binding, 3 reported_at, 4 dead });

/// What a token of one kind takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Incoming calls (PushKit).
    #[default]
    Voip,
    /// The start of Live Activities (push-to-start).
    LiveActivityStart,
    /// Updates, and the end, of one Live Activity.
    LiveActivity,
}
numbered!(Purpose { 0 Voip, 1 LiveActivityStart, 2 LiveActivity } else Voip);

impl Purpose {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Voip => "voip",
            Self::LiveActivityStart => "live_activity_start",
            Self::LiveActivity => "live_activity",
        }
    }
}

/// How a device is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Binding {
    pub channel: CertificateId,
    /// The vendor's token.
    pub token: String,
}
frame!(Binding { 0 channel, 1 token });

/// Where the app of a device is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AppState {
    /// Out of sight, or killed: it is pushed.
    #[default]
    Background,
    /// In sight and connected: the chat server reaches it itself.
    Foreground,
    /// The user logged out on it.
    LoggedOut,
    /// The user was logged out on it by a login elsewhere.
    Kicked,
}
numbered!(AppState { 0 Background, 1 Foreground, 2 LoggedOut, 3 Kicked } else Background);

impl AppState {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Background => "background",
            Self::Foreground => "foreground",
            Self::LoggedOut => "logged_out",
            Self::Kicked => "kicked",
        }
    }
}

impl Device {
    /// Whether a user is logged in on it.
    pub fn is_logged_in(&self) -> bool {
        !matches!(self.state, AppState::LoggedOut | AppState::Kicked)
    }

    /// How it may be pushed at `now`, or why not. `dormant_after` is the silence in
    /// milliseconds after which one that reports its state counts as gone for good.
    pub fn reach(&self, now: Timestamp, dormant_after: u64) -> Result<&Binding, Reason> {
        match self.state {
            // req 13: no push after a logout.
            AppState::LoggedOut => return Err(Reason::LoggedOut),
            // req 14: nor after a login elsewhere ended this one.
            AppState::Kicked => return Err(Reason::Kicked),
            // req 16: foreground stops the push; req 17: without renewal, only until its lease ends.
            AppState::Foreground if now < self.lease_until => return Err(Reason::Foreground),
            // req 15: an app that was killed or locked without a logout is pushed.
            AppState::Foreground | AppState::Background => {}
        }
        // req 12: a report without a token turns push off until the next.
        let binding = self.binding.as_ref().ok_or(Reason::PushOff)?;
        let heard = self
            .state_at
            .max(self.registered_at)
            .max(self.lease_until.min(now));
        // req 20: after a week of silence, no more push.
        if self.state_at.0 > 0 && now.millis_after(heard) >= dormant_after {
            return Err(Reason::Dormant);
        }
        Ok(binding)
    }

    /// All tokens that lead to it: its own, and those of one kind that are alive.
    pub fn live(&self) -> impl Iterator<Item = &Binding> {
        let kinds = self.tokens.iter().filter(|it| it.dead.is_none());
        self.binding.iter().chain(kinds.map(|it| &it.binding))
    }

    /// Its tokens of one kind that the vendor called dead.
    pub fn dead(&self) -> impl Iterator<Item = &KindToken> {
        self.tokens.iter().filter(|it| it.dead.is_some())
    }

    /// Its live token for one kind of message; for one of [`Purpose::LiveActivity`], of this
    /// activity.
    pub fn token_for(&self, purpose: Purpose, activity: Option<&str>) -> Option<&Binding> {
        self.tokens
            .iter()
            .find(|token| token.is(purpose, activity) && token.dead.is_none())
            .map(|token| &token.binding)
    }
}

impl KindToken {
    /// Whether it is what it is asked for: the kind, and the activity where there is one.
    pub fn is(&self, purpose: Purpose, activity: Option<&str>) -> bool {
        self.purpose == purpose
            && (purpose != Purpose::LiveActivity || self.activity.as_deref() == activity)
    }
}

/// A token as it may be shown: enough to recognise, too little to use.
pub fn masked(token: &str) -> String {
    if token.chars().nth(15).is_none() {
        return "…".to_owned();
    }
    // Where the fifth character begins, and the last but three. Each accepted notification is
    // masked several times, so the token is not read through.
    let head = token.char_indices().nth(4).map_or(0, |(at, _)| at);
    let tail = token.char_indices().nth_back(3).map_or(0, |(at, _)| at);
    [&token[..head], "…", &token[tail..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_shown_whole() {
        assert_eq!(masked("0123456789abcdef"), "0123…cdef");
        assert_eq!(masked("short"), "…");
        assert_eq!(masked("ключключключключ"), "ключ…ключ");
    }

    const NOW: Timestamp = Timestamp(1_000_000_000);
    const WEEK: u64 = 7 * 86_400_000;

    fn device(state: AppState, state_at: u64) -> Device {
        Device {
            binding: Some(Binding::default()),
            state,
            state_at: Timestamp(state_at),
            lease_until: Timestamp(state_at + 400_000),
            ..Device::default()
        }
    }

    #[test]
    fn a_state_decides_who_is_pushed() {
        let now = NOW.0;
        let reason = |device: Device| device.reach(NOW, WEEK).err();
        assert_eq!(reason(device(AppState::Background, now)), None);
        assert_eq!(reason(device(AppState::Background, 0)), None);
        assert_eq!(
            reason(device(AppState::LoggedOut, now)),
            Some(Reason::LoggedOut)
        );
        assert_eq!(reason(device(AppState::Kicked, now)), Some(Reason::Kicked));
        let fresh = device(AppState::Foreground, now - 399_999);
        assert_eq!(reason(fresh), Some(Reason::Foreground));
        // Whoever was killed in foreground stops to renew the lease.
        assert_eq!(reason(device(AppState::Foreground, now - 400_000)), None);
        let off = Device {
            binding: None,
            ..device(AppState::Background, now)
        };
        assert_eq!(reason(off), Some(Reason::PushOff));
    }

    #[test]
    fn a_device_that_was_written_before_has_its_own_token_only() {
        // {0: {0: 1, 1: "t"}, 4: 100}
        let bytes = [
            0xa2, 0x00, 0xa2, 0x00, 0x01, 0x01, 0x61, b't', 0x04, 0x18, 100,
        ];
        let device: Device = nudged_plugin_api::frame::from_bytes(&bytes).expect("a device");
        let own = Binding {
            channel: CertificateId(1),
            token: "t".to_owned(),
        };
        let live: Vec<_> = device.live().collect();
        assert_eq!(live, [&own]);
        assert_eq!(
            (device.registered_at, device.tokens.len()),
            (Timestamp(100), 0)
        );
    }

    #[test]
    fn a_kind_of_message_finds_the_live_token_of_its_kind() {
        let kind = |purpose, activity: Option<&str>, token: &str| KindToken {
            purpose,
            activity: activity.map(str::to_owned),
            binding: Binding {
                channel: CertificateId(7),
                token: token.to_owned(),
            },
            ..KindToken::default()
        };
        let device = Device {
            tokens: vec![
                KindToken {
                    dead: Some(Evidence::default()),
                    ..kind(Purpose::LiveActivityStart, None, "start")
                },
                kind(Purpose::LiveActivity, Some("taxi"), "of the taxi"),
                kind(Purpose::LiveActivity, Some("train"), "of the train"),
                kind(Purpose::Voip, None, "calls"),
            ],
            ..Device::default()
        };
        let found = |purpose, activity| {
            let found = device.token_for(purpose, activity);
            found.map(|binding| binding.token.as_str())
        };
        assert_eq!(found(Purpose::Voip, None), Some("calls"));
        // A call is of no activity, whatever the message says.
        assert_eq!(found(Purpose::Voip, Some("taxi")), Some("calls"));
        assert_eq!(
            found(Purpose::LiveActivity, Some("train")),
            Some("of the train")
        );
        assert_eq!(found(Purpose::LiveActivity, Some("bus")), None);
        assert_eq!(found(Purpose::LiveActivity, None), None);
        // Its token is dead.
        assert_eq!(found(Purpose::LiveActivityStart, None), None);
    }

    #[test]
    fn a_long_silence_ends_the_push_of_those_who_report_their_state() {
        let reason = |state_at| {
            device(AppState::Background, state_at)
                .reach(NOW, WEEK)
                .err()
        };
        assert_eq!(reason(NOW.0 - WEEK + 400_001), None);
        assert_eq!(reason(NOW.0 - WEEK - 400_000), Some(Reason::Dormant));
        assert_eq!(reason(0), None);
        // A new report of the token is a sign of life too.
        let reported = Device {
            registered_at: NOW,
            ..device(AppState::Background, 1)
        };
        assert!(reported.reach(NOW, WEEK).is_ok());
    }
}
