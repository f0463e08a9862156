use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::channel::{self, ChannelFile};
use super::problem::{Problem, Problems, line};
use crate::model::{BrakeLimits, Rules, is_language};

/// What the files say.
#[derive(Clone, Debug)]
pub struct Config {
    /// The main file.
    pub file: PathBuf,
    /// The socket.
    pub socket: Socket,
    /// The database.
    pub store: StoreSection,
    /// The drivers.
    pub drivers: DriversSection,
    /// How hard is tried.
    pub delivery: Delivery,
    /// What is shown where a message does not say.
    pub text: TextSection,
    /// Which devices are pushed, and which are removed.
    pub devices: DevicesSection,
    /// How vendors are reached.
    pub transport: TransportSection,
    /// How the daemon stops.
    pub shutdown: Shutdown,
    /// Who may do what; none = whoever may open the socket may do everything.
    pub access: Vec<AccessRule>,
    /// Where their files are.
    pub channels_directory: PathBuf,
    /// The channels.
    pub channels: Vec<ChannelFile>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Main {
    socket: Socket,
    store: StoreSection,
    drivers: DriversSection,
    channels: ChannelsSection,
    delivery: Delivery,
    text: TextSection,
    devices: DevicesSection,
    transport: TransportSection,
    shutdown: Shutdown,
    access: Vec<AccessRule>,
}

/// The socket that services talk to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Socket {
    /// Where it is.
    pub path: PathBuf,
    /// Its permission bits, as in `0o660`.
    pub mode: u32,
    /// Longest request body in bytes; of an NDJSON stream, its longest line.
    pub max_body: usize,
    /// Connections at once.
    pub max_connections: usize,
}

impl Default for Socket {
    fn default() -> Self {
        Self {
            path: "/run/nudged/nudged.sock".into(),
            mode: 0o660,
            // A thousand recipients by token, and room for the message.
            max_body: 1 << 20,
            max_connections: 1024,
        }
    }
}

/// The database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSection {
    /// Its directory.
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

/// The drivers.
#[derive(Clone, Debug, Deserialize)]
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

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ChannelsSection {
    directory: PathBuf,
}

impl Default for ChannelsSection {
    fn default() -> Self {
        Self {
            directory: "channels.d".into(),
        }
    }
}

/// How hard is tried.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// Lifetime of a notification that names none.
    #[serde(with = "span")]
    pub default_ttl: Duration,
    /// Wait before the second attempt, when the vendor names none.
    #[serde(with = "span")]
    pub first_retry: Duration,
    /// Longest wait between two attempts, when the vendor names none.
    #[serde(with = "span")]
    pub longest_retry: Duration,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            default_ttl: Duration::from_secs(3 * 86_400),
            first_retry: Duration::from_secs(1),
            longest_retry: Duration::from_secs(600),
        }
    }
}

/// What is shown where a message does not say.
#[derive(Clone, Debug, Deserialize)]
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
            default_title: "a new message".into(),
            language: "en".into(),
        }
    }
}

/// Which devices are pushed.
#[derive(Clone, Debug, Deserialize)]
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
}

impl Default for DevicesSection {
    fn default() -> Self {
        Self {
            dormant_after: Duration::from_secs(7 * 86_400),
            brake_share: 5,
            brake_least: 100,
        }
    }
}

/// How vendors are reached.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TransportSection {
    /// PEM files of certificate authorities that are trusted besides the public ones.
    pub extra_roots: Vec<PathBuf>,
    /// HTTP proxy.
    pub proxy: Option<String>,
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shutdown {
    /// How long requests under way may take before the daemon ends without their answers.
    #[serde(with = "span")]
    pub grace: Duration,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(20),
        }
    }
}

/// Lets some peers do some things.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessRule {
    /// Users by name or number.
    pub users: Vec<String>,
    /// Groups by name or number.
    pub groups: Vec<String>,
    /// Apps; `*` is all.
    pub apps: Vec<String>,
    /// What they may do.
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

/// Reads `nudged.toml` and the channel files that it points to.
pub fn read(file: &Path) -> Result<Config, Problems> {
    let text = read_text(file)?;
    let main: Main = parse(file, &text)?;
    let base = file.parent().unwrap_or(Path::new("."));
    let mut problems = Vec::new();
    check(file, &main, &mut problems);
    let mut transport = main.transport;
    for root in &mut transport.extra_roots {
        *root = base.join(&root);
    }
    let directory = base.join(&main.channels.directory);
    let channels = channel::read_all(&directory, &mut problems);
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    Ok(Config {
        file: file.to_owned(),
        socket: main.socket,
        store: main.store,
        drivers: main.drivers,
        delivery: main.delivery,
        text: main.text,
        devices: main.devices,
        transport,
        shutdown: main.shutdown,
        access: main.access,
        channels_directory: directory,
        channels,
    })
}

impl Config {
    /// What holds for every notification that does not say otherwise.
    pub fn rules(&self) -> Rules {
        let dormant_after = self.devices.dormant_after.as_millis();
        Rules {
            default_ttl: self.delivery.default_ttl,
            default_title: Some(self.text.default_title.clone()).filter(|text| !text.is_empty()),
            language: self.text.language.clone(),
            dormant_after: u64::try_from(dormant_after).unwrap_or(u64::MAX),
            brake: BrakeLimits {
                share: self.devices.brake_share,
                least: self.devices.brake_least,
            },
        }
    }
}

fn check(file: &Path, main: &Main, problems: &mut Vec<Problem>) {
    let (delivery, socket) = (&main.delivery, &main.socket);
    let mut wrong = |key: &str, problem: &str| {
        problems.push(Problem::new(file, problem).key(key));
    };
    if delivery.first_retry.is_zero() {
        wrong("delivery.first_retry", "must be more than 0s");
    }
    if delivery.longest_retry < delivery.first_retry {
        wrong(
            "delivery.longest_retry",
            "must not be shorter than delivery.first_retry",
        );
    }
    if delivery.default_ttl > MAX_TTL {
        wrong("delivery.default_ttl", "must not be longer than 28 days");
    }
    if !is_language(&main.text.language) {
        wrong(
            "text.language",
            "must be a language tag such as \"en\" or \"zh-Hant\"",
        );
    }
    if main.devices.dormant_after.is_zero() {
        wrong("devices.dormant_after", "must be more than 0s");
    }
    if main.devices.brake_share > 100 {
        wrong("devices.brake_share", "must be 0 to 100 percent");
    }
    if main.devices.brake_least == 0 {
        wrong("devices.brake_least", "must be at least 1");
    }
    if socket.max_body < 4096 {
        wrong("socket.max_body", "must be at least 4096 bytes");
    }
    if socket.max_connections == 0 {
        wrong("socket.max_connections", "must be at least 1");
    }
    if socket.mode > 0o777 {
        wrong("socket.mode", "must be permission bits such as 0o660");
    }
}

/// No vendor keeps a message longer.
pub const MAX_TTL: Duration = Duration::from_secs(28 * 86_400);

pub(super) fn read_text(file: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(file)
        .map_err(|error| Problem::new(file, format!("cannot read: {error}")))
}

/// Parses TOML; a mistake is told with its line and key.
pub(super) fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, Problem> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map(|span| line(text, span.start));
        let message = error.message().replace('\n', "; ");
        Problem::new(file, message).at(at)
    })
}

/// Lines of the keys of a table in a file, for problems that are found later.
pub(super) type Lines = BTreeMap<String, usize>;

/// A length of time as in `90s`, `10m`, `3days`.
mod span {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, de::Error};

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(from)?;
        humantime::parse_duration(&text).map_err(|error| {
            D::Error::custom(format!(
                "`{text}` is no length of time such as \"90s\" or \"3days\": {error}"
            ))
        })
    }
}

#[cfg(test)]
mod tests;
