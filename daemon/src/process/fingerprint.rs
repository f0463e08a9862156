//! Whether anything changed that a channel is made from, told without making it: a channel that
//! cannot be opened has a fingerprint too.
//!
//! In: a channel's file and its driver. Out: a number that changes with what the file says, with
//! who may read the files that it names and what they hold, and with the driver. Files are looked
//! at as they are; whether they are any good is not asked here.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use nudged_plugin_api::info::Kind;

use crate::config::{ChannelFile, Config, UnreadableChannel};
use crate::driver::Driver;

/// No credential is longer; of what is, the beginning and the length tell.
const LONGEST: u64 = 4 << 20;

/// What a channel itself is made from.
pub fn of_sources(channel: &ChannelFile, driver: Option<&Driver>) -> u64 {
    let mut hasher = DefaultHasher::new();
    (
        &channel.name,
        &channel.app,
        channel.certificate_id,
        &channel.driver,
    )
        .hash(&mut hasher);
    for (key, value) in &channel.settings {
        (key, value.to_string()).hash(&mut hasher);
    }
    format!("{:?}{:?}", channel.defaults, channel.limits).hash(&mut hasher);
    if let Some(driver) = driver {
        driver.identity.hash(&mut hasher);
        let files = driver.info.settings.iter();
        let files = files.filter(|it| matches!(it.kind, Kind::File | Kind::Identity));
        let named = files.filter_map(|it| channel.settings.get(&it.key)?.as_str());
        for path in named {
            file(&channel.resolve(path), &mut hasher);
        }
    }
    hasher.finish()
}

/// What a channel is made from whose file cannot be read.
pub fn of_unreadable(channel: &UnreadableChannel) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&channel.name, channel.digest).hash(&mut hasher);
    hasher.finish()
}

/// That, and what all channels are made from.
pub fn of_route(sources: u64, config: &Config) -> u64 {
    let mut hasher = DefaultHasher::new();
    sources.hash(&mut hasher);
    format!("{:?}{:?}", config.transport, config.delivery).hash(&mut hasher);
    for root in &config.transport.extra_roots {
        file(root, &mut hasher);
    }
    hasher.finish()
}

fn file(path: &Path, hasher: &mut DefaultHasher) {
    // What waits for a writer is not waited for.
    let opened = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NONBLOCK)
        .open(path);
    let Ok(opened) = opened else {
        return hasher.write_u8(0);
    };
    let Ok(metadata) = opened.metadata() else {
        return hasher.write_u8(1);
    };
    (metadata.mode(), metadata.uid(), metadata.gid()).hash(hasher);
    metadata.len().hash(hasher);
    if metadata.is_file() {
        let mut contents = Vec::new();
        let read = opened.take(LONGEST).read_to_end(&mut contents);
        (read.is_ok(), contents).hash(hasher);
    }
}
