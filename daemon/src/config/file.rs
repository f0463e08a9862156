//! `nudged.toml`: its sections, checked, with the channels that it points to.
//!
//! In: the main file. Out: [`Config`], or every mistake in it; a mistake in a channel's file costs that
//! channel only. Refuses to know what the sections are used for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::channel::{self, ChannelFile};
use super::document::{parse, read_text};
use super::permissions::Permissions;
use super::sections::{
    AccessRule, ChannelsSection, DeliverySection, DevicesSection, DriversSection, ShutdownSection,
    SocketSection, StoreSection, TextSection, TransportSection,
};
use super::unreadable::UnreadableChannel;
use crate::model::{BrakeLimits, MAX_WAIT, Rules, is_language};
use nudged_wire::{ConfigProblem, ConfigProblems};

/// What the files say.
#[derive(Clone, Debug)]
pub struct Config {
    pub file: PathBuf,
    pub socket: SocketSection,
    pub store: StoreSection,
    pub drivers: DriversSection,
    /// How hard is tried.
    pub delivery: DeliverySection,
    /// What is shown where a message does not say.
    pub text: TextSection,
    /// Which devices are pushed, and which are removed.
    pub devices: DevicesSection,
    /// How vendors are reached.
    pub transport: TransportSection,
    /// How the daemon stops.
    pub shutdown: ShutdownSection,
    /// Who may do what; none = whoever may open the socket may do everything.
    pub access: Vec<AccessRule>,
    pub channels_directory: PathBuf,
    /// Whether credentials and channels may be in files that others can read or change.
    pub allow_lax_permissions: bool,
    /// Whose the main file was when it was read.
    pub permissions: Permissions,
    /// Whether a reload asks the vendors about new credentials before it takes them.
    pub probe: bool,
    pub channels: Vec<ChannelFile>,
    /// Those whose file is no channel file.
    pub unreadable: Vec<UnreadableChannel>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MainTable {
    socket: SocketSection,
    store: StoreSection,
    drivers: DriversSection,
    channels: ChannelsSection,
    delivery: DeliverySection,
    text: TextSection,
    devices: DevicesSection,
    transport: TransportSection,
    shutdown: ShutdownSection,
    access: Vec<AccessRule>,
}

/// Reads `nudged.toml` and the channel files that it points to. A mistake in one of these costs
/// that channel only.
pub fn read(file: &Path) -> Result<Config, ConfigProblems> {
    let (text, permissions) = read_text(file)?;
    let main: MainTable = parse(file, &text)?;
    let base = file.parent().unwrap_or(Path::new("."));
    let mut problems = Vec::new();
    check(file, &main, &mut problems);
    let mut transport = main.transport;
    for root in &mut transport.extra_roots {
        *root = base.join(&root);
    }
    let directory = base.join(&main.channels.directory);
    let read = channel::read_all(&directory).map_err(|problem| problems.push(problem));
    let (channels, unreadable) = read.unwrap_or_default();
    if !problems.is_empty() {
        return Err(ConfigProblems(problems));
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
        allow_lax_permissions: main.channels.allow_lax_permissions,
        permissions,
        probe: main.channels.probe,
        channels,
        unreadable,
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
                day_share: self.devices.brake_day_share,
                day_least: self.devices.brake_day_least,
            },
        }
    }
}

fn check(file: &Path, main: &MainTable, problems: &mut Vec<ConfigProblem>) {
    let (delivery, socket) = (&main.delivery, &main.socket);
    let mut wrong = |key: &str, problem: &str| {
        problems.push(ConfigProblem::new(file, problem).key(key));
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
    if delivery.longest_hold.is_zero() || delivery.longest_hold > MAX_WAIT {
        wrong(
            "delivery.longest_hold",
            "must be more than 0s, and at most 24h",
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
    if main.devices.brake_day_share > 100 {
        wrong("devices.brake_day_share", "must be 0 to 100 percent");
    }
    if main.devices.brake_day_least == 0 {
        wrong("devices.brake_day_least", "must be at least 1");
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
    if let Some(share) = socket.max_connections_per_user
        && !(1..=socket.max_connections).contains(&share)
    {
        wrong(
            "socket.max_connections_per_user",
            "must be at least 1, and no more than socket.max_connections",
        );
    }
    if socket.mode > 0o777 {
        wrong("socket.mode", "must be permission bits such as 0o660");
    }
}

/// No vendor keeps a message longer.
pub const MAX_TTL: Duration = Duration::from_secs(28 * 86_400);

#[cfg(test)]
mod tests;
