//! The room that devices under way have of their class's quota. It is given back when the last
//! of them is settled, however that came about.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::account::Account;

/// Room for devices that are under way.
#[derive(Debug)]
pub struct Ticket {
    account: Arc<Account>,
    devices: u64,
    /// Of which so many were accepted.
    accepted: AtomicU64,
}

impl Ticket {
    pub(super) fn new(account: Arc<Account>, devices: u64) -> Self {
        Self {
            account,
            devices,
            accepted: AtomicU64::new(0),
        }
    }

    /// How many devices there is room for.
    pub fn devices(&self) -> usize {
        usize::try_from(self.devices).unwrap_or(usize::MAX)
    }

    /// Whose room it is.
    pub fn account(&self) -> &Arc<Account> {
        &self.account
    }

    /// These are no longer under way but used.
    pub(super) fn accept(&self, devices: u64) {
        self.accepted.fetch_add(devices, Ordering::Relaxed);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let accepted = self.accepted.load(Ordering::Relaxed);
        self.account.release(self.devices.saturating_sub(accepted));
    }
}
