//! What a driver says of itself before any channel is opened.
//!
//! In: the driver's words. Out: data for the loader, the config check, pacing and docs. A channel's
//! settings are declared in `setting`, what the vendor allows in `limits`.

mod limits;
mod setting;

pub use limits::{MessageClass, TextLimit, Window};
pub use setting::{Kind, Setting};

use crate::frame::{frame, numbered};
use crate::kinds::{KindInfo, TokenUse};

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
    /// Most requests in flight at once over all connections, 1 to 10,000; the vendor's own
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{from_bytes, to_bytes};

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
