//! A channel whose file holds several certificates of its key: which one is meant.
//!
//! In: a driver, what was read for the channel. Out: the open channel, and with it the
//! certificate that the driver took. What makes a certificate fit (Apple's marks, a topic, an
//! environment) only the driver knows, and it says so by opening the channel or refusing to:
//! so it is asked with each certificate in turn, the one that expires last first. That needs
//! no word of its own in the ABI, and holds for drivers that never heard of it.

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::host::{Channel, OpenError};

use super::settings::ChannelSettings;
use crate::driver::Driver;

/// Opens the channel with the first certificate that the driver takes.
pub fn open(
    driver: &Driver,
    read: &mut ChannelSettings,
    time: Timestamp,
) -> Result<Channel, OpenError> {
    let mut nearest = match driver.library.open(read.settings.clone(), time) {
        Err(OpenError::Setting(error)) => error,
        answer => return answer,
    };
    for other in std::mem::take(&mut read.alternatives) {
        let key = other.key.as_str();
        let settings = read.settings.clone().with(key, other.public);
        match driver.library.open(settings.clone(), time) {
            Ok(channel) => {
                read.settings = settings;
                read.identity = Some(other.identity);
                return Ok(channel);
            }
            // A certificate that is of the right kind and misses by a setting is the nearest.
            Err(OpenError::Setting(error)) if nearest.setting == key && error.setting != key => {
                nearest = error;
            }
            Err(OpenError::Setting(_)) => {}
            Err(error) => return Err(error),
        }
    }
    if let Some(error) = &read.outdated
        && read.settings.identity(&nearest.setting).is_some()
    {
        // Perhaps that one was meant.
        nearest.problem.push_str(&format!("; besides, {error}"));
    }
    Err(OpenError::Setting(nearest))
}
