//! Numbers that stand in the database for what a driver is opened with, and for what gives tokens
//! their form: they are compared across restarts, where values cannot be.
//!
//! In: a channel's file and the files that it names, its driver. Out: one number for each. What is
//! compared within the process is compared by value (`channels::RouteInputs`).

use std::hash::{DefaultHasher, Hash, Hasher};

use sha2::{Digest, Sha256};

use crate::config::{ChannelFile, ConfigValue, FileSnapshot};
use crate::driver::Driver;

/// What the driver is opened with: the settings, and what the files hold that they name. Never 0,
/// and the same in every build, as it stands in the database for long.
pub fn of_settings(channel: &ChannelFile, files: &mut FileSnapshot) -> u64 {
    let mut hasher = Lasting(Sha256::new());
    channel.driver.hash(&mut hasher);
    channel.settings.hash(&mut hasher);
    for path in channel.settings.values().filter_map(ConfigValue::as_str) {
        match files.file(channel.resolve(path)) {
            Ok(read) => read.contents.as_slice().hash(&mut hasher),
            // That it cannot be read is nothing that the vendor was told.
            Err(_) => 0_u64.hash(&mut hasher),
        }
    }
    hasher.finish().max(1)
}

/// What gives tokens their form: the driver, and what it is opened with. Never 0. Another number
/// costs one more look at all tokens, so the standard library's hash is good enough.
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
