//! What devices in flight have set aside of their class's quota. It is given back when the last of
//! them is settled, however that came about; so is the turn of the one that is tried first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use nudged_plugin_api::Timestamp;

use super::account::Account;
use super::class_closed::ClassClosed;

/// What is set aside for devices that are in flight.
#[derive(Debug)]
pub struct Reservation {
    account: Arc<Account>,
    devices: u64,
    /// Of which so many were accepted.
    accepted: AtomicU64,
    /// Since when they are the ones that find out whether the vendor takes their class again.
    probe: Option<Timestamp>,
}

impl Account {
    /// Reserves up to `wanted` devices, at least one; or why there is none. After a refusal of
    /// the vendor's the first to come find out for all; what would be over `before` it is known
    /// does not wait for them.
    pub fn take(
        self: &Arc<Self>,
        wanted: usize,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<Reservation, ClassClosed> {
        let (devices, probe) = self.reserve_devices(wanted, before, now)?;
        Ok(Reservation::new(self.clone(), devices, probe))
    }

    /// A reservation for nobody, that has the account written with a settlement.
    pub fn note(self: &Arc<Self>) -> Reservation {
        Reservation::new(self.clone(), 0, None)
    }
}

impl Reservation {
    fn new(account: Arc<Account>, devices: u64, probe: Option<Timestamp>) -> Self {
        Self {
            account,
            devices,
            accepted: AtomicU64::new(0),
            probe,
        }
    }

    /// The vendor took them for what they are. Says whether that is news of their class.
    pub fn got_through(&self) -> bool {
        self.probe.is_some_and(|since| self.account.probed(since))
    }

    /// How many devices it is for.
    pub fn devices(&self) -> usize {
        usize::try_from(self.devices).unwrap_or(usize::MAX)
    }

    /// Whose quota it is.
    pub fn account(&self) -> &Arc<Account> {
        &self.account
    }

    /// These are no longer in flight but used.
    pub(super) fn accept(&self, devices: u64) {
        self.accepted.fetch_add(devices, Ordering::Relaxed);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let accepted = self.accepted.load(Ordering::Relaxed);
        let left = self.devices.saturating_sub(accepted);
        self.account.release(left, self.probe);
    }
}
