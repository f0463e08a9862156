//! What a driver says of itself before any channel is opened.

use crate::frame::{frame, numbered};

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
    /// Most tokens in one request, at least 1; 1 = the vendor has no batches.
    pub batch: u32,
    /// Longest request body in bytes, at least 1.
    pub max_body: u32,
    /// Requests a second that the vendor allows an account, at least 1; none = no
    /// published limit.
    pub rate: Option<u32>,
    /// Most requests under way at once over all connections, at least 1; the vendor's own
    /// stream limit is obeyed besides.
    pub concurrency: u32,
    /// What a channel is configured with.
    pub settings: Vec<Setting>,
    /// Titles of the vendor documents that the driver's facts come from.
    pub sources: Vec<String>,
}
frame!(Info {
    0 vendor, 1 title, 2 version, 3 hosts, 4 protocol, 5 batch, 6 max_body, 7 rate,
    8 concurrency, 9 settings, 10 sources,
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

    /// Declares the settings.
    pub fn settings<const N: usize>(mut self, settings: [Setting; N]) -> Self {
        self.settings = settings.to_vec();
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
}
frame!(Setting { 0 key, 1 kind, 2 required, 3 secret, 4 default, 5 choices, 6 help });

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
