//! The sections of `nudged.toml`, with the defaults of their keys.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::given::SecretText;

/// The socket that services talk to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SocketSection {
    pub path: PathBuf,
    /// Its permission bits, as in `0o660`.
    pub mode: u32,
    /// Longest request body in bytes; of an NDJSON stream, its longest line.
    pub max_body: usize,
    /// Connections at once.
    pub max_connections: usize,
    /// Of one user; none = a quarter of them.
    pub max_connections_per_user: Option<usize>,
    /// Streams of events that one user may have open at once.
    pub max_event_streams: usize,
}

impl Default for SocketSection {
    fn default() -> Self {
        Self {
            path: nudged_wire::SOCKET.into(),
            mode: 0o660,
            // A thousand recipients by token, and room for the message.
            max_body: 1 << 20,
            max_connections: 1024,
            max_connections_per_user: None,
            max_event_streams: 8,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    pub path: PathBuf,
    /// With fewer MiB free on the file system, nothing new is accepted.
    pub min_free_mib: u64,
    /// While the database takes more MiB, nothing new is accepted; 0 = no limit.
    pub max_mib: u64,
    /// Most MiB of traces, the oldest of which are forgotten first; 0 = no limit.
    pub max_trace_mib: u64,
    /// How long it is remembered what became of a delivery.
    #[serde(with = "span")]
    pub retention: Duration,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self {
            path: "/var/lib/nudged".into(),
            min_free_mib: 64,
            max_mib: 0,
            max_trace_mib: 1024,
            retention: Duration::from_secs(7 * 86_400),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DriversSection {
    /// Every `*.so` in it is a driver.
    pub directory: PathBuf,
}

impl Default for DriversSection {
    fn default() -> Self {
        Self {
            directory: "/usr/lib/nudged/drivers".into(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelsSection {
    /// Where their files are; relative to the main file.
    pub directory: PathBuf,
    /// Whether they and the credentials that they name may be in files that others can read
    /// or change.
    pub allow_lax_permissions: bool,
    /// Whether a reload asks the vendors about new credentials before it takes them.
    pub probe: bool,
}

impl Default for ChannelsSection {
    fn default() -> Self {
        Self {
            directory: "channels.d".into(),
            allow_lax_permissions: false,
            probe: false,
        }
    }
}

/// How hard is tried.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeliverySection {
    /// Lifetime of a notification that names none.
    #[serde(with = "span")]
    pub default_ttl: Duration,
    /// Wait before the second attempt, when the vendor names none.
    #[serde(with = "span")]
    pub first_retry: Duration,
    /// Longest wait between two attempts, when the vendor names none.
    #[serde(with = "span")]
    pub longest_retry: Duration,
    /// Longest wait that a vendor is granted who asks for one; then one request finds out.
    #[serde(with = "span")]
    pub longest_hold: Duration,
}

impl Default for DeliverySection {
    fn default() -> Self {
        Self {
            default_ttl: Duration::from_secs(3 * 86_400),
            first_retry: Duration::from_secs(1),
            longest_retry: Duration::from_secs(600),
            longest_hold: Duration::from_secs(3600),
        }
    }
}

/// What is shown where a message does not say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextSection {
    /// Title of a message that has none; `""` = it stays without.
    pub default_title: String,
    /// Language of the words that stand for pictures and the like, when the device's is
    /// not known.
    pub language: String,
}

impl Default for TextSection {
    fn default() -> Self {
        Self {
            // req 24: the title of a message without one
            default_title: "a new message".into(),
            language: "en".into(),
        }
    }
}

/// Which devices are pushed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DevicesSection {
    /// One that reports its state is not pushed after so long without a sign of life.
    #[serde(with = "span")]
    pub dormant_after: Duration,
    /// Past this share of a channel's devices, in percent, whose token is called dead within
    /// a minute, no more are removed.
    pub brake_share: u64,
    /// With fewer in that minute all are removed.
    pub brake_least: u32,
    /// The same share of those that are removed within a day.
    pub brake_day_share: u64,
    /// With fewer in that day all are removed.
    pub brake_day_least: u32,
}

impl Default for DevicesSection {
    fn default() -> Self {
        Self {
            // req 20: after 7 days without a sign of life no more push
            dormant_after: Duration::from_secs(7 * 86_400),
            brake_share: 5,
            brake_least: 100,
            brake_day_share: 25,
            brake_day_least: 10,
        }
    }
}

/// How vendors are reached.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TransportSection {
    /// PEM files of certificate authorities that are trusted besides the public ones.
    pub extra_roots: Vec<PathBuf>,
    pub proxy: Option<SecretText>,
    /// Longest time to reach a vendor.
    #[serde(with = "span")]
    pub connect_timeout: Duration,
    /// Longest time that a vendor may take to answer.
    #[serde(with = "span")]
    pub request_timeout: Duration,
    /// Connections to one vendor for one channel.
    pub max_connections: usize,
}

impl Default for TransportSection {
    fn default() -> Self {
        Self {
            extra_roots: Vec::new(),
            proxy: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            max_connections: 4,
        }
    }
}

/// How the daemon stops.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShutdownSection {
    /// How long requests in flight may take before the daemon ends without their answers.
    #[serde(with = "span")]
    pub grace: Duration,
}

impl Default for ShutdownSection {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(20),
        }
    }
}

/// Lets some peers do some things.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessRule {
    /// Users by name or number.
    pub users: Vec<String>,
    /// Groups by name or number.
    pub groups: Vec<String>,
    /// Apps; `*` is all.
    pub apps: Vec<String>,
    pub verbs: Vec<Verb>,
}

/// What a peer may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Send notifications.
    Send,
    /// Report, list and delete devices; read and change settings of users.
    Devices,
    /// Read status, traces and events.
    Observe,
    /// Reload; export devices with whole tokens, and put back what was removed.
    Admin,
}

/// A length of time as in `90s`, `10m`, `3days`.
mod span {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, de::Error};

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(from)?;
        humantime::parse_duration(&text).map_err(|error| {
            D::Error::custom(format!(
                "`{text}` is not a duration such as \"90s\" or \"3days\": {error}"
            ))
        })
    }
}
