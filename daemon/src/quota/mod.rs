//! The ledger of quotas: what each class of each channel has used of the vendor's day, what the
//! vendor refused, and in which hours it takes what.
//!
//! In: what dispatch wants to send, what outcome settled. Out: a reservation or why there is none,
//! records for the settlement's own commit, warnings. Refuses to know messages and vendors.

mod account;
mod class_closed;
mod clock;
mod hourly_usage;
mod hours;
mod limits;
mod reservation;
mod usage;
mod warning;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::from_bytes;

use crate::clock::now;
use crate::model::CertificateId;
use crate::store::{Keyspace, Store, StoreError, Write};
use crate::sync::{Mutex, MutexGuard};

pub use account::{Account, ClassStatus};
pub use class_closed::ClassClosed;
pub use clock::VendorClock;
pub use hours::{OutsideHours, SendingHours};
pub use limits::{ClassLimits, DailyLimit, UsageLevel};
pub use reservation::Reservation;
pub use usage::{UsageRecord, VendorRefusal};

/// The name of the class that stands for a channel as a whole.
const WHOLE_CHANNEL: &str = "";

/// All accounts.
#[derive(Default)]
pub struct Ledger {
    accounts: Mutex<HashMap<CertificateId, Classes>>,
}

type Classes = BTreeMap<String, Arc<Account>>;

impl Ledger {
    /// What is remembered in this database.
    pub fn open(store: &Store) -> Result<Self, StoreError> {
        let ledger = Self::default();
        for record in store.prefix(Keyspace::Quotas, &[]) {
            let (key, bytes) = record?;
            let Some((channel, class)) = key.split_first_chunk() else {
                continue;
            };
            let channel = CertificateId(u32::from_be_bytes(*channel));
            let class = String::from_utf8_lossy(class).into_owned();
            // What cannot be read is forgotten: the vendor will say it again.
            let usage: UsageRecord = from_bytes(&bytes).unwrap_or_default();
            let account = Account::new(channel, class.clone(), usage, now());
            let mut accounts = ledger.accounts();
            let classes = accounts.entry(channel).or_default();
            classes.insert(class, Arc::new(account));
        }
        Ok(ledger)
    }

    /// The accounts of a channel's classes, for which these terms hold from now on; and those of
    /// other classes that its vendor has refused.
    pub fn set_limits(
        &self,
        channel: CertificateId,
        name: &str,
        limits: &[ClassLimits],
    ) -> HashMap<String, Arc<Account>> {
        let agreed = limits.iter().map(|limits| {
            let account = self.account(channel, &limits.class);
            account.set_limits(name, limits.clone());
            (limits.class.clone(), account)
        });
        let mut agreed: HashMap<_, _> = agreed.collect();
        for class in self.classes(channel) {
            let account = self.account(channel, &class);
            if !agreed.contains_key(&class) && account.is_refused() {
                account.set_limits(
                    name,
                    ClassLimits {
                        class: class.clone(),
                        ..ClassLimits::default()
                    },
                );
                agreed.insert(class, account);
            }
        }
        agreed
    }

    /// The account of what is in no class, which has a refusal at most.
    pub fn channel_account(&self, channel: CertificateId) -> Arc<Account> {
        self.account(channel, WHOLE_CHANNEL)
    }

    /// The account of a class that a vendor spoke of; its driver need not have declared it.
    pub fn of_class(&self, channel: CertificateId, name: &str, class: &str) -> Arc<Account> {
        let account = self.account(channel, class);
        account.named(name);
        account
    }

    /// The classes of a channel that there are accounts of.
    pub fn classes(&self, channel: CertificateId) -> Vec<String> {
        let accounts = self.accounts();
        let classes = accounts.get(&channel).into_iter().flat_map(|it| it.keys());
        classes
            .filter(|class| *class != WHOLE_CHANNEL)
            .cloned()
            .collect()
    }

    /// What is refused of a channel without a time of the vendor's is tried at once.
    pub fn retry_now(&self, channel: CertificateId) {
        let accounts = self.accounts();
        let classes = accounts.get(&channel).into_iter().flatten();
        classes.for_each(|(_, account)| account.retry_now());
    }

    /// What a vendor refuses of a channel, or of one class of it, is tried again, as the operator
    /// wants it so: what it had said, by class, and the records to be written.
    pub fn reopen(
        &self,
        channel: CertificateId,
        only: Option<&str>,
        now: Timestamp,
    ) -> (Vec<(String, VendorRefusal)>, Vec<Write>) {
        let accounts = self.accounts();
        let classes = accounts.get(&channel).into_iter().flatten();
        let classes = classes.filter(|(class, _)| only.is_none_or(|only| only == *class));
        let reopened = classes.filter_map(|(class, account)| {
            let refusal = account.reopen(now)?;
            Some(((class.clone(), refusal), account.record()))
        });
        reopened.unzip()
    }

    /// How a class of a channel fares that has so many devices.
    pub fn status(
        &self,
        channel: CertificateId,
        class: &str,
        devices: Option<u64>,
        now: Timestamp,
    ) -> Option<ClassStatus> {
        let account = self.accounts().get(&channel)?.get(class)?.clone();
        Some(account.status(devices, now))
    }

    fn account(&self, channel: CertificateId, class: &str) -> Arc<Account> {
        let mut accounts = self.accounts();
        let classes = accounts.entry(channel).or_default();
        let account = classes.entry(class.to_owned()).or_insert_with(|| {
            let usage = UsageRecord::default();
            Arc::new(Account::new(channel, class.to_owned(), usage, now()))
        });
        account.clone()
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<CertificateId, Classes>> {
        self.accounts.lock()
    }
}

/// Counts accepted devices by their reservations, in whatever order they come; returns the accounts
/// that are to be written with their settlement. `counted` counts the devices of a channel.
pub fn count<'a>(
    reservations: impl IntoIterator<Item = (&'a Arc<Reservation>, bool)>,
    now: Timestamp,
    counted: impl Fn(CertificateId) -> Option<u64>,
) -> Vec<Arc<Account>> {
    let mut changed: Vec<(Arc<Account>, u64)> = Vec::new();
    for (reservation, accepted) in reservations {
        let devices = u64::from(accepted);
        reservation.accept(devices);
        let account = reservation.account();
        match changed.iter_mut().find(|it| Arc::ptr_eq(&it.0, account)) {
            Some((_, sum)) => *sum += devices,
            None => changed.push((account.clone(), devices)),
        }
    }
    let mut accounts = Vec::with_capacity(changed.len());
    for (account, devices) in changed {
        if devices > 0
            && let Some(warning) = account.accepted(devices, now, &counted)
        {
            warning.log();
        }
        accounts.push(account);
    }
    accounts
}
