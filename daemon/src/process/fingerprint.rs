//! Whether anything changed that a channel is made from, told without making it: a channel that
//! cannot be opened has a fingerprint too.
//!
//! In: a channel's file, its driver, the configuration. Out: a number that changes with what the
//! file says and who may read it, and with who may read the files that it names and what they
//! hold; one that changes with the driver and what concerns all channels too; and one that changes
//! with the settings and the files that they name alone. Files are looked at as they are; whether
//! they are any good is not asked here.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::config::{ChannelFile, Config, Given, UnreadableChannel, source};
use crate::driver::Driver;

/// What the operator makes a channel from: its file, and the files that it names. Not the driver: a
/// new one is nobody's change of the channel.
pub fn of_sources(channel: &ChannelFile) -> u64 {
    let mut hasher = DefaultHasher::new();
    (
        &channel.name,
        &channel.app,
        channel.certificate_id,
        &channel.driver,
        channel.permissions,
    )
        .hash(&mut hasher);
    channel.settings.hash(&mut hasher);
    format!("{:?}{:?}", channel.defaults, channel.limits).hash(&mut hasher);
    // Which settings are paths only the driver knows; a text that is none names no file.
    for path in channel.settings.values().filter_map(Given::as_str) {
        file(&channel.resolve(path), &mut hasher);
    }
    hasher.finish()
}

/// What a channel is made from whose file cannot be read.
pub fn of_unreadable(channel: &UnreadableChannel) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&channel.name, channel.digest).hash(&mut hasher);
    hasher.finish()
}

/// That, the driver, and what all channels are made from.
pub fn of_route(sources: u64, driver: &Driver, config: &Config) -> u64 {
    let mut hasher = DefaultHasher::new();
    sources.hash(&mut hasher);
    driver.identity.hash(&mut hasher);
    // It shows no secret, and so not the proxy's address with its password.
    format!("{:?}{:?}", config.transport, config.delivery).hash(&mut hasher);
    config.transport.proxy.hash(&mut hasher);
    for root in &config.transport.extra_roots {
        file(root, &mut hasher);
    }
    hasher.finish()
}

/// What the driver is opened with: the settings, and what the files hold that they name. Never 0,
/// and the same in every build, as it stands in the database for long.
pub fn of_settings(channel: &ChannelFile) -> u64 {
    let mut hasher = Lasting(Sha256::new());
    channel.driver.hash(&mut hasher);
    channel.settings.hash(&mut hasher);
    for path in channel.settings.values().filter_map(Given::as_str) {
        match source::read(&channel.resolve(path), source::MOST_ROOTS) {
            Ok(read) => read.contents.as_slice().hash(&mut hasher),
            // That it cannot be read is nothing that the vendor was told.
            Err(_) => 0_u64.hash(&mut hasher),
        }
    }
    hasher.finish().max(1)
}

/// What gives tokens their form: the driver, and what it is opened with. Never 0.
pub fn of_forms(settings: u64, driver: &Driver) -> u64 {
    let mut hasher = DefaultHasher::new();
    (settings, driver.identity).hash(&mut hasher);
    hasher.finish().max(1)
}

/// Whereas the hash of the standard library may be another one in its next version.
struct Lasting(Sha256);

impl Hasher for Lasting {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.first_chunk().copied().map_or(0, u64::from_be_bytes)
    }
}

fn file(path: &Path, hasher: &mut DefaultHasher) {
    match source::read(path, source::MOST_ROOTS) {
        Ok(read) => (read.permissions, read.contents.as_slice()).hash(hasher),
        Err(error) => error.to_string().hash(hasher),
    }
}
