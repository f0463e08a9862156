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

#[cfg(test)]
mod tests {
    use super::*;

    /// Databases hold it: with another one, the settings of every channel would look changed.
    #[test]
    fn the_number_of_the_same_settings_is_the_same_in_every_build() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        std::fs::create_dir(at("channels.d")).expect("created");
        for (name, text) in [
            ("nudged.toml", ""),
            ("channels.d/key.p8", "secret"),
            (
                "channels.d/ios.toml",
                "driver = \"apns\"\ncertificate_id = 1\n[settings]\nteam_id = \"TEAM\"\nkey = \"key.p8\"\n",
            ),
        ] {
            std::fs::write(at(name), text).expect("written");
        }
        let config = crate::config::read(&at("nudged.toml")).expect("good");
        let channel = &config.channels[0];
        let mut files = FileSnapshot::of(channel.named_paths());
        assert_eq!(of_settings(channel, &mut files), 0x9a2e_6821_fa62_5dbd);
    }
}
