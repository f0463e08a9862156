//! Whether anything changed that a channel is made from, told without making it: a channel that
//! cannot be opened has a fingerprint too.
//!
//! In: a channel's file and its driver. Out: a number that changes with what the file says, with
//! who may read the files that it names and what they hold, and with the driver. Files are looked
//! at as they are; whether they are any good is not asked here.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use nudged_plugin_api::info::Kind;

use crate::config::{ChannelFile, Config, UnreadableChannel, source};
use crate::driver::Driver;

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
    channel.settings.hash(&mut hasher);
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
    // It shows no secret, and so not the proxy's address with its password.
    format!("{:?}{:?}", config.transport, config.delivery).hash(&mut hasher);
    config.transport.proxy.hash(&mut hasher);
    for root in &config.transport.extra_roots {
        file(root, &mut hasher);
    }
    hasher.finish()
}

fn file(path: &Path, hasher: &mut DefaultHasher) {
    match source::read(path, source::MOST_ROOTS) {
        Ok(read) => (read.permissions, read.contents.as_slice()).hash(hasher),
        Err(error) => error.to_string().hash(hasher),
    }
}
