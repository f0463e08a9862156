//! Channels of one vendor account.
//!
//! In: the account of each channel. Out: what a token of one channel is called in the others of its
//! account. Pure; refuses to know accounts and devices.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Binding, CertificateId};

/// Which channels are one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorAccounts(HashMap<CertificateId, Vec<CertificateId>>);

impl VendorAccounts {
    /// From the account of each channel, whatever it is called.
    pub fn of<A: Ord>(channels: impl IntoIterator<Item = (CertificateId, A)>) -> Self {
        let mut accounts: BTreeMap<A, Vec<CertificateId>> = BTreeMap::new();
        for (channel, account) in channels {
            accounts.entry(account).or_default().push(channel);
        }
        let shared = accounts.into_values().filter(|it| it.len() > 1);
        let others = shared.flat_map(|all| {
            let others = |one: CertificateId| all.iter().copied().filter(move |it| *it != one);
            let each = all.iter().map(|one| (*one, others(*one).collect()));
            each.collect::<Vec<_>>()
        });
        Self(others.collect())
    }

    /// The token as the other channels of its account would have it.
    pub(super) fn elsewhere<'a>(
        &'a self,
        bound: &'a Binding,
    ) -> impl Iterator<Item = Binding> + 'a {
        let others = self.0.get(&bound.channel).into_iter().flatten();
        others.map(|channel| Binding {
            channel: *channel,
            token: bound.token.clone(),
        })
    }

    /// As it is written down: each channel, how many others there are of its account, and those.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_unstable();
        let mut bytes = Vec::new();
        for (channel, others) in all {
            let mut others: Vec<u32> = others.iter().map(|it| it.0).collect();
            others.sort_unstable();
            let count = others.len() as u32;
            let numbers = [channel.0, count].into_iter().chain(others);
            bytes.extend(numbers.flat_map(u32::to_be_bytes));
        }
        bytes
    }

    /// Whether no two channels are one account.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether another channel is of the same account.
    pub(super) fn has(&self, channel: CertificateId) -> bool {
        self.0.contains_key(&channel)
    }
}
