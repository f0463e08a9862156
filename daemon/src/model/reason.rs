//! The rules by which a device is not pushed: each with a code, a sentence and a remedy.

use nudged_plugin_api::numbered;

/// The rule by which a device is not pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The sender asked for no push.
    #[default]
    PushDisabled,
    /// Messages of the system are not pushed.
    SystemMessage,
    /// The user is the sender.
    OwnMessage,
    /// There is nothing to show.
    NoText,
    /// The user has no device.
    NoDevice,
    /// The user turned push off.
    UserDisabled,
    /// The user does not receive this conversation, or receives it without push.
    DoNotDisturb,
    /// The user is pushed mentions of this conversation only.
    NotMentioned,
    /// It is the user's quiet time.
    QuietHours,
    /// The app turned this device's push off.
    PushOff,
    /// The user logged out on it.
    LoggedOut,
    /// The user was logged out on it by a login elsewhere.
    Kicked,
    /// The app is in sight and connected.
    Foreground,
    /// It has not been heard of for long.
    Dormant,
    /// Its channel is not configured.
    NoChannel,
    /// The device was deleted, or its token is another user's now.
    DeviceGone,
    /// The device is reached by another channel now.
    DeviceMoved,
    /// The notification was revoked.
    Revoked,
    /// The operator removed it from the queue.
    Removed,
    /// The vendor called the device's token dead.
    TokenDead,
    /// The vendor takes such messages at other hours, and the channel does not wait for them.
    OutsideHours,
    /// The user has no device under exactly this name, but under one that looks the same.
    OtherSpelling,
    /// The device has no token of the Live Activity, and there is nothing to show instead.
    NoLiveActivity,
    /// Its vendor wakes no apps, and there is nothing to show.
    NoBackground,
}
numbered!(Reason {
    0 PushDisabled, 1 SystemMessage, 2 OwnMessage, 3 NoText, 4 NoDevice, 5 UserDisabled,
    6 DoNotDisturb, 7 NotMentioned, 8 QuietHours, 9 PushOff, 10 LoggedOut, 11 Kicked,
    12 Foreground, 13 Dormant, 14 NoChannel, 15 DeviceGone, 16 DeviceMoved, 17 Revoked,
    18 Removed, 19 TokenDead, 20 OutsideHours, 21 OtherSpelling,
    22 NoLiveActivity, 23 NoBackground,
} else PushDisabled);

impl Reason {
    /// Whether nothing is known that the user could be reached by.
    pub const fn is_absence(self) -> bool {
        matches!(self, Self::NoDevice | Self::TokenDead | Self::OtherSpelling)
    }

    /// Stable name.
    pub const fn code(self) -> &'static str {
        self.facts().0
    }

    /// The rule, one sentence.
    pub const fn text(self) -> &'static str {
        self.facts().1
    }

    /// What whoever wants a push would do.
    pub const fn remedy(self) -> &'static str {
        self.facts().2
    }

    const fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::PushDisabled => (
                "push_disabled",
                "the sender asked for no push of this message",
                "leave out push: false; in Tencent's format PushFlag 1, MsgLifeTime 0 and OnlineOnlyFlag 1",
            ),
            Self::SystemMessage => (
                "system_message",
                "messages of the system are not pushed",
                "send it in a c2c or group conversation if the user should be disturbed",
            ),
            Self::OwnMessage => (
                "own_message",
                "the user is the sender of the message",
                "nobody is pushed an own message; nothing to do",
            ),
            Self::NoText => (
                "no_text",
                "there is nothing to show: a custom element without a text",
                "give the message a body, or the custom element a text (desc)",
            ),
            Self::NoDevice => (
                "no_device",
                "the user has no device",
                "have the app report its certificate id and token after the login",
            ),
            Self::UserDisabled => (
                "user_disabled",
                "the user turned push off",
                "only the user can turn it on again (settings: enabled)",
            ),
            Self::DoNotDisturb => (
                "do_not_disturb",
                "the user wants no push of this conversation",
                "only the user can change that (settings: do_not_disturb)",
            ),
            Self::NotMentioned => (
                "not_mentioned",
                "the user wants a push of this conversation only when mentioned",
                "name the user in mentions if the message mentions the user",
            ),
            Self::QuietHours => (
                "quiet_hours",
                "it is the user's quiet time",
                "only the user can change that (settings: quiet_hours)",
            ),
            Self::PushOff => (
                "push_off",
                "the app turned the push of this device off",
                "have the app report its certificate id and token again",
            ),
            Self::LoggedOut => (
                "logged_out",
                "the user has logged out on this device",
                "report foreground or background once the user has logged in again",
            ),
            Self::Kicked => (
                "kicked",
                "the user was logged out on this device by a login elsewhere",
                "report foreground or background once the user has logged in again",
            ),
            Self::Foreground => (
                "foreground",
                "the app is in foreground and connected",
                "report background when the app leaves the screen",
            ),
            Self::Dormant => (
                "dormant",
                "the device has not been heard of for longer than devices.dormant_after",
                "it is pushed again after its next report of token or state",
            ),
            Self::NoChannel => (
                "no_channel",
                "no channel with the device's certificate id is configured",
                "configure the channel again, or have the app report another certificate id",
            ),
            Self::DeviceGone => (
                "device_gone",
                "the device or its token was deleted, or belongs to another user now",
                "nothing: the message must not show on another user's phone",
            ),
            Self::DeviceMoved => (
                "device_moved",
                "the device reported another certificate id after the message was accepted",
                "send the message again; it then goes through the new channel",
            ),
            Self::Revoked => (
                "revoked",
                "the notification was revoked before it was sent",
                "nothing, if that was meant",
            ),
            Self::Removed => (
                "removed",
                "the operator removed it from the queue before it was sent",
                "send the message again if it is still wanted",
            ),
            Self::TokenDead => (
                "token_dead",
                "the vendor said that the device's token is dead",
                "have the app report its token again; `nudgectl device tombstones` shows what the vendor said and when",
            ),
            Self::OutsideHours => (
                "outside_hours",
                "it is outside the hours in which messages of its class are sent, and the channel drops what comes then",
                "send it within the hours, or set limits.outside_hours to \"hold\" in the channel file",
            ),
            Self::OtherSpelling => (
                "other_spelling",
                "nobody has a device under exactly this name, but under one that differs only in its Unicode normalization",
                "names are compared byte for byte: write it as the app reported it, best in NFC everywhere",
            ),
            Self::NoLiveActivity => (
                "no_live_activity",
                "the device has no token of this Live Activity, and the message has no text to show instead",
                "have the app report the activity's token under the id in live_activity.id, or give the message a title or body",
            ),
            Self::NoBackground => (
                "no_background",
                "the device's vendor has no background messages",
                "send an alert if the user should see something; this vendor wakes no apps",
            ),
        }
    }
}
