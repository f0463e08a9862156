//! How many devices each channel reaches, in memory, by whichever of their tokens: what is there
//! at the start is counted meanwhile, what changes is added. Off by no more than what was pending
//! when the count began.

use std::collections::HashMap;

use nudged_plugin_api::frame::{frame, from_bytes};

use super::Registry;
use super::tokens::channels;
use crate::model::{Binding, CertificateId, Device, KindToken};
use crate::store::{Keyspace, StoreError};
use crate::sync::{Mutex, MutexGuard};

/// Devices between two looks at whether the count is still wanted.
const STEP: usize = 10_000;

#[derive(Default)]
pub struct DeviceCensus {
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    devices: HashMap<CertificateId, i64>,
    whole: bool,
}

impl DeviceCensus {
    /// Devices came or went.
    pub fn changed(&self, by: &[(CertificateId, i64)]) {
        if by.is_empty() {
            return;
        }
        let mut counts = self.counts();
        for (channel, by) in by {
            *counts.devices.entry(*channel).or_default() += by;
        }
    }

    /// They did not after all.
    pub fn unchanged(&self, by: &[(CertificateId, i64)]) {
        let back: Vec<_> = by.iter().map(|(channel, by)| (*channel, -by)).collect();
        self.changed(&back);
    }

    /// Whether what was there at the start is counted.
    pub fn is_whole(&self) -> bool {
        self.counts().whole
    }

    fn of(&self, channel: CertificateId) -> Option<u64> {
        let counts = self.counts();
        let devices = counts.devices.get(&channel).copied().unwrap_or_default();
        counts.whole.then(|| u64::try_from(devices).unwrap_or(0))
    }

    fn found(&self, found: HashMap<CertificateId, i64>) {
        let mut counts = self.counts();
        for (channel, count) in found {
            *counts.devices.entry(channel).or_default() += count;
        }
        counts.whole = true;
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock()
    }
}

/// What is read of a [`Device`] to count it.
#[derive(Default)]
struct CountedDevice {
    binding: Option<Binding>,
    tokens: Vec<KindToken>,
}
frame!(CountedDevice { 0 binding, 9 tokens });

impl Registry {
    /// Counts the devices that are there; once, before anything changes or soon after. Takes
    /// seconds for millions: not for a task that others wait for.
    pub fn count(&self, wanted: impl Fn() -> bool) -> Result<(), StoreError> {
        let mut found = HashMap::new();
        for (at, record) in self.store.prefix(Keyspace::Devices, &[]).enumerate() {
            if at % STEP == 0 && !wanted() {
                return Ok(());
            }
            let (_, bytes) = record?;
            // One that cannot be read is pushed by nobody.
            let Ok(CountedDevice { binding, tokens }) = from_bytes(&bytes) else {
                continue;
            };
            let device = Device {
                binding,
                tokens,
                ..Device::default()
            };
            for channel in channels(&device) {
                *found.entry(channel).or_default() += 1;
            }
        }
        self.census.found(found);
        Ok(())
    }

    /// How many devices a channel reaches; none until they are counted.
    pub fn devices_of(&self, channel: CertificateId) -> Option<u64> {
        self.census.of(channel)
    }
}
