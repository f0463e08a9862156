//! What a driver says of itself before any channel is opened.

use crate::frame::{frame, numbered};
use crate::kinds::{KindInfo, TokenUse};
use crate::text::Unit;

/// A driver's self-description: data for the loader, the config check, pacing and docs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// Name of the driver in configuration, such as `apns`: lower-case letters, digits, `-`.
    pub vendor: String,
    /// The vendor's service in its own words.
    pub title: String,
    /// Version of the driver, for people; nothing is compared with it.
    pub version: String,
    /// Hosts that requests may go to, `host` or `host:port`.
    pub hosts: Vec<String>,
    /// Protocol that the vendor speaks.
    pub protocol: Protocol,
    /// Most tokens in one request, 1 to 10,000; 1 = the vendor has no batches.
    pub batch: u32,
    /// Longest request body in bytes, 1 to 64 MiB.
    pub max_body: u32,
    /// How many a second of what `rate_unit` says the vendor allows an account, at least 1;
    /// none = no published limit.
    pub rate: Option<u32>,
    /// Most requests under way at once over all connections, 1 to 10,000; the vendor's own
    /// stream limit is obeyed besides.
    pub concurrency: u32,
    /// What a channel is configured with.
    pub settings: Vec<Setting>,
    /// Titles of the vendor documents that the driver's facts come from.
    pub sources: Vec<String>,
    /// What `rate` counts.
    pub rate_unit: RateUnit,
    /// The classes that the vendor sorts messages into, each with its quotas and hours.
    pub classes: Vec<MessageClass>,
    /// How long the vendor lets texts be; `encode` cuts what is longer.
    pub texts: Vec<TextLimit>,
    /// Whose phones the service reaches, where a device does not report its platform.
    pub platform: Platform,
    /// Whether the vendor can take back what it accepted: then `recall` and `recalled` are there.
    pub recall: bool,
    /// Whether the vendor can change the number on the app's icon; only then the daemon
    /// counts a user's unread messages for it.
    pub badge: bool,
    /// Minutes that the clock by which the vendor counts its days is ahead of UTC, -720 to 840.
    pub day_ahead: i64,
    /// How the vendor can be asked whether a credential is good, with nobody pushed.
    pub probe: Probe,
    /// Drivers of the vendors that this one's service passes messages on to, such as `huawei`. What
    /// a sender says for them comes in the message's options too, as `behind`: an object for each
    /// of them, of its options and with its `channel_id` and `category`.
    pub behind: Vec<String>,
    /// The kinds of message that it sends besides alerts. What is of another kind reaches it as
    /// an alert.
    pub kinds: Vec<KindInfo>,
}
frame!(Info {
    0 vendor, 1 title, 2 version, 3 hosts, 4 protocol, 5 batch, 6 max_body, 7 rate,
    8 concurrency, 9 settings, 10 sources, 11 rate_unit, 12 classes, 13 texts, 14 platform,
    15 recall, 16 badge, 17 day_ahead, 18 probe,
    19 behind, 20 kinds,
});

impl Info {
    /// A driver for HTTP/1.1, one token a request, 4 KiB bodies, 100 requests at once.
    pub fn new(
        vendor: impl Into<String>,
        title: impl Into<String>,
        version: impl Into<String>,
    ) -> Self {
        Self {
            vendor: vendor.into(),
            title: title.into(),
            version: version.into(),
            batch: 1,
            max_body: 4096,
            concurrency: 100,
            ..Self::default()
        }
    }

    /// Declares the hosts.
    pub fn hosts<const N: usize>(mut self, hosts: [&str; N]) -> Self {
        self.hosts = hosts.map(str::to_owned).to_vec();
        self
    }

    /// Declares that the vendor can change the number on the app's icon.
    pub fn badge(mut self) -> Self {
        self.badge = true;
        self
    }

    /// Declares how a credential can be probed.
    pub fn probe(mut self, probe: Probe) -> Self {
        self.probe = probe;
        self
    }

    /// Declares that phones are of this platform unless they report another.
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = platform;
        self
    }

    /// Declares the settings.
    pub fn settings<const N: usize>(mut self, settings: [Setting; N]) -> Self {
        self.settings = settings.to_vec();
        self
    }

    /// Declares the classes of messages.
    pub fn classes<const N: usize>(mut self, classes: [MessageClass; N]) -> Self {
        self.classes = classes.to_vec();
        self
    }

    /// Declares that the vendor's days begin at midnight on a clock so many hours ahead of UTC.
    pub fn day_ahead(mut self, hours: i64) -> Self {
        self.day_ahead = hours * 60;
        self
    }

    /// Declares how long texts may be.
    pub fn texts<const N: usize>(mut self, texts: [TextLimit; N]) -> Self {
        self.texts = texts.to_vec();
        self
    }

    /// Declares the vendors that the service passes messages on to.
    pub fn behind<const N: usize>(mut self, drivers: [&str; N]) -> Self {
        self.behind = drivers.map(str::to_owned).to_vec();
        self
    }

    /// To which token it sends messages of this kind; none = it does not.
    pub fn sends(&self, kind: crate::message::Kind) -> Option<TokenUse> {
        if kind == crate::message::Kind::Alert {
            return Some(TokenUse::Device);
        }
        let mut kinds = self.kinds.iter();
        kinds.find(|it| it.kind == kind).map(|it| it.token)
    }

    /// Declares the kinds of message that it sends besides alerts.
    pub fn kinds<const N: usize>(mut self, kinds: [KindInfo; N]) -> Self {
        self.kinds = kinds.to_vec();
        self
    }

    /// Declares where the facts come from.
    pub fn sources<const N: usize>(mut self, titles: [&str; N]) -> Self {
        self.sources = titles.map(str::to_owned).to_vec();
        self
    }
}

/// Protocol that a vendor speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// HTTP/1.1, or whatever the server prefers.
    #[default]
    Http1,
    /// HTTP/2 only.
    Http2,
}
numbered!(Protocol { 0 Http1, 1 Http2 } else Http1);

/// How a vendor can be asked whether a credential is good, with nobody pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Probe {
    /// It cannot: the first message tells.
    #[default]
    None,
    /// By asking for a grant, as `authorize` does.
    Grant,
    /// By a request of its own: `probe` and `probed` of the driver.
    Request,
}
numbered!(Probe { 0 None, 1 Grant, 2 Request } else None);

/// What a phone is whose app does not report it. What a message says for one platform alone
/// goes by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Platform {
    /// Not known.
    #[default]
    Several,
    /// iPhones, iPads and the like.
    Ios,
    /// Android phones.
    Android,
    /// HarmonyOS phones.
    Harmony,
}
numbered!(Platform { 0 Several, 1 Ios, 2 Android, 3 Harmony } else Several);

impl Platform {
    /// Its name in a message, such as `android`; empty for several.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Several => "",
            Self::Ios => "ios",
            Self::Android => "android",
            Self::Harmony => "harmony",
        }
    }
}

/// What a vendor counts when it limits the rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateUnit {
    /// Requests, however many devices each is for.
    #[default]
    Requests,
    /// Devices.
    Devices,
}
numbered!(RateUnit { 0 Requests, 1 Devices } else Requests);

/// A class that the vendor sorts messages into, and what it allows of it. A limit that is
/// none is unlimited, or not published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageClass {
    /// Its name in [`Rendered::class`](crate::Rendered::class): lower-case letters, digits, `_`.
    pub name: String,
    /// What the vendor counts in it, one sentence.
    pub help: String,
    /// Messages that one device gets a day.
    pub daily_per_device: Option<u32>,
    /// Messages of the whole app a day, as a multiple of its users. The daemon cannot count those
    /// as the vendor does: it warns when the day's quota seems to run out, and holds nothing.
    pub daily_per_user: Option<u32>,
    /// Messages of the whole app a day, however few its users are. With `daily_per_user` absent or
    /// 0 it is the same number for every app, and the daemon keeps to it.
    pub daily_at_least: Option<u64>,
    /// Hours outside which the vendor refuses it.
    pub window: Option<Window>,
}
frame!(MessageClass {
    0 name, 1 help, 2 daily_per_device, 3 daily_per_user, 4 daily_at_least, 5 window,
});

impl MessageClass {
    /// A class without limits.
    pub fn new(name: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            help: help.into(),
            ..Self::default()
        }
    }

    /// Limits what one device gets a day.
    pub fn daily_per_device(mut self, messages: u32) -> Self {
        self.daily_per_device = Some(messages);
        self
    }

    /// Limits what the app sends a day: so many for each of its users, never less than `least`.
    /// With 0 for each user, `least` is the same for every app.
    pub fn daily(mut self, per_user: u32, least: u64) -> Self {
        self.daily_per_user = Some(per_user);
        self.daily_at_least = Some(least);
        self
    }

    /// Limits the hours.
    pub fn window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }
}

/// Hours of a day, in the vendor's time zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// Opens at this minute of the day, 0 to 1439.
    pub opens: u32,
    /// Closes at this minute of the day, 1 to 1440.
    pub closes: u32,
    /// Minutes that the vendor's clock is ahead of UTC, -720 to 840.
    pub ahead: i64,
}
frame!(Window { 0 opens, 1 closes, 2 ahead });

impl Window {
    /// From one full hour to another, 0 to 24, on a clock so many hours ahead of UTC.
    pub fn hours(opens: u32, closes: u32, ahead: i64) -> Self {
        Self {
            opens: opens * 60,
            closes: closes * 60,
            ahead: ahead * 60,
        }
    }
}

/// The longest that a vendor lets a text be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TextLimit {
    /// Field of the message, such as `title`.
    pub field: String,
    /// The limit, at least 1.
    pub most: u32,
    /// What it counts.
    pub unit: Unit,
}
frame!(TextLimit { 0 field, 1 most, 2 unit });

impl TextLimit {
    /// A limit of a field.
    pub fn new(field: impl Into<String>, most: usize, unit: Unit) -> Self {
        Self {
            field: field.into(),
            most: u32::try_from(most).unwrap_or(u32::MAX),
            unit,
        }
    }
}

/// One key of a channel's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// Key in the channel's table: lower-case letters, digits, `_`.
    pub key: String,
    /// What its value is.
    pub kind: Kind,
    /// Refuse a channel without it. Goes with no default.
    pub required: bool,
    /// Never show its value. Goes with no default.
    pub secret: bool,
    /// Value when absent, in TOML's notation.
    pub default: Option<String>,
    /// Allowed values, for `Kind::Choice`.
    pub choices: Vec<String>,
    /// One sentence: what it is and where the vendor's console shows it.
    pub help: String,
    /// Other names that the vendor or people have for the same value; the driver gets it by
    /// `key`.
    pub aliases: Vec<String>,
    /// A field of the vendor's console that a server does not need: taken, never handed to the
    /// driver, and warned of with `help`, which says why.
    pub unneeded: bool,
}
frame!(Setting {
    0 key, 1 kind, 2 required, 3 secret, 4 default, 5 choices, 6 help, 7 aliases, 8 unneeded,
});

impl Setting {
    /// An optional setting.
    pub fn new(key: impl Into<String>, kind: Kind, help: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            kind,
            help: help.into(),
            ..Self::default()
        }
    }

    /// A field of the vendor's console that a server does not need; `why` says what it is for,
    /// or what takes its place.
    pub fn unneeded(key: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            unneeded: true,
            ..Self::new(key, Kind::Text, why)
        }
    }

    /// Other names for the same value.
    pub fn aliases<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.aliases = names.map(str::to_owned).to_vec();
        self
    }

    /// Refuse a channel without it.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Never show its value.
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Value when absent, in TOML's notation: text in quotes.
    pub fn with_default(mut self, value: impl Into<String>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// Allowed values; makes it a choice.
    pub fn choices<const N: usize>(mut self, values: [&str; N]) -> Self {
        self.kind = Kind::Choice;
        self.choices = values.map(str::to_owned).to_vec();
        self
    }
}

/// What a setting's value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Text.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// true or false.
    Boolean,
    /// One of the setting's `choices`.
    Choice,
    /// An `https://` URL that replaces the vendor's own; its host becomes allowed.
    Url,
    /// Path of a file; the driver gets its contents.
    File,
    /// Path of a TLS client certificate with its key, PEM or PKCS#12; the daemon
    /// presents it to the vendor and the driver gets the certificates without the key.
    /// The password of a PKCS#12 file is the text setting `KEY_password`.
    Identity,
}
numbered!(Kind {
    0 Text, 1 Integer, 2 Boolean, 3 Choice, 4 Url, 5 File, 6 Identity,
} else Text);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{from_bytes, to_bytes};

    #[test]
    fn other_names_cross_the_boundary_and_an_older_driver_has_none() {
        let plain = Setting::new("app_id", Kind::Text, "Id.");
        let read: Setting = from_bytes(&to_bytes(&plain)).expect("readable");
        assert!(read.aliases.is_empty() && !read.unneeded);
        for setting in [
            plain.aliases(["client_id", "id"]),
            Setting::unneeded("app_key", "For phones."),
        ] {
            let read: Setting = from_bytes(&to_bytes(&setting)).expect("readable");
            assert_eq!(read, setting);
        }
    }

    #[test]
    fn a_platform_crosses_the_boundary_and_an_older_driver_reaches_several() {
        let info = Info::new("acme", "Acme", "1");
        let read: Info = from_bytes(&to_bytes(&info)).expect("readable");
        assert_eq!(read.platform, Platform::Several);
        for platform in [Platform::Ios, Platform::Android, Platform::Harmony] {
            let info = info.clone().platform(platform);
            let read: Info = from_bytes(&to_bytes(&info)).expect("readable");
            assert_eq!(read.platform, platform);
            assert!(!platform.as_str().is_empty());
        }
    }

    #[test]
    fn a_probe_crosses_the_boundary_and_an_older_driver_has_none() {
        let info = Info::new("acme", "Acme", "1");
        for probe in [Probe::None, Probe::Grant, Probe::Request] {
            let info = info.clone().probe(probe);
            let read: Info = from_bytes(&to_bytes(&info)).expect("readable");
            assert_eq!(read.probe, probe);
        }
        assert_eq!(info.probe, Probe::None);
    }
}
