//! Drivers: which libraries there are, and which of them could be loaded.
//!
//! In: the driver directory. Out: a [`Catalog`] of drivers by vendor name. A file that is no
//! driver is refused in one sentence, and the others serve. Refuses to know channels.

mod description;
mod error;
mod failure;
mod load;
mod open_channel;
mod refusal;

use std::collections::BTreeMap;
use std::path::PathBuf;

use nudged_plugin_api::Info;
use nudged_plugin_api::host::Library;

pub use error::DriverError;
pub use failure::log_failure;
pub use load::{FileIdentity, Loader};
pub use open_channel::OpenChannel;
pub use refusal::{EncodeRefusal, FAILED, FAILED_REMEDY};

/// A driver that can be used.
#[derive(Clone)]
pub struct Driver {
    /// What it says of itself.
    pub info: Info,
    pub library: Library,
    /// Where it was found.
    pub file: PathBuf,
    /// Tells one build of a driver from the next.
    pub identity: FileIdentity,
}

/// A file in the driver directory that cannot be used.
#[derive(Clone, Debug)]
pub struct RefusedDriver {
    pub file: PathBuf,
    /// Why, in one sentence that names the file.
    pub problem: String,
}

/// What the driver directory holds.
#[derive(Clone, Default)]
pub struct Catalog {
    drivers: BTreeMap<String, Driver>,
    refused: Vec<RefusedDriver>,
}

impl Catalog {
    /// The driver of a vendor.
    pub fn driver(&self, vendor: &str) -> Option<&Driver> {
        self.drivers.get(vendor)
    }

    /// All usable drivers, by vendor.
    pub fn drivers(&self) -> impl Iterator<Item = &Driver> {
        self.drivers.values()
    }

    /// The files that were refused.
    pub fn refused(&self) -> &[RefusedDriver] {
        &self.refused
    }

    /// Keeps what is in memory of the drivers that are `used` and whose file has gone or does not
    /// load any more. Says which.
    pub fn keep(&mut self, before: &Self, used: impl Fn(&str) -> bool) -> Vec<String> {
        let mut kept = Vec::new();
        for (vendor, driver) in &before.drivers {
            if self.drivers.contains_key(vendor) || !used(vendor) {
                continue;
            }
            kept.push(format!(
                "{}: cannot be loaded any more, so driver {vendor} {} goes on as it is in memory, \
                 until the restart that ends it: install its package again",
                driver.file.display(),
                driver.info.version
            ));
            self.drivers.insert(vendor.clone(), driver.clone());
        }
        kept
    }

    fn refuse(&mut self, file: PathBuf, error: &DriverError) {
        let problem = error.to_string();
        self.refused.push(RefusedDriver { file, problem });
    }

    fn add(&mut self, driver: Driver) {
        if let Some(first) = self.drivers.get(&driver.info.vendor) {
            let error = DriverError::SecondOfVendor {
                path: driver.file.clone(),
                vendor: driver.info.vendor,
                first: first.file.clone(),
            };
            self.refuse(driver.file, &error);
        } else {
            self.drivers.insert(driver.info.vendor.clone(), driver);
        }
    }
}
