//! What is counted of each vendor.
//!
//! In: what was accepted. Out: numbers. Keeps no message, and of tokens their keys only.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use serde::Serialize;

use crate::net::exchange::Acceptance;
use crate::vendors::Vendor;

/// Counts since the start, or since the last reset.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Requests accepted by the push vendors together.
    pub accepted: u64,
    /// Different device tokens among them.
    pub distinct_tokens: u64,
    /// APNs alone.
    pub apns: VendorCounts,
    /// FCM alone.
    pub fcm: VendorCounts,
    /// Google's token endpoint alone: `accepted` is the number of grants given.
    pub oauth: VendorCounts,
    /// Each of the batching vendors, by name.
    #[serde(flatten)]
    pub(super) batching: BTreeMap<Vendor, VendorCounts>,
    /// Median latency of messages whose `ext` carries `sent_us`, sink mode only.
    pub p50_ms: Option<f64>,
    /// 99th percentile of the same.
    pub p99_ms: Option<f64>,
    /// Requests to APNs whose late answers were awaited at once, sink mode only.
    pub max_in_flight: u64,
}

impl Counts {
    /// One vendor alone.
    pub fn of(&self, vendor: Vendor) -> &VendorCounts {
        static NONE: LazyLock<VendorCounts> = LazyLock::new(VendorCounts::default);
        match vendor {
            Vendor::Apns => &self.apns,
            Vendor::Fcm => &self.fcm,
            Vendor::Oauth => &self.oauth,
            vendor => self.batching.get(&vendor).unwrap_or(&NONE),
        }
    }
}

/// Counts of one vendor.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct VendorCounts {
    /// Requests read to their end.
    pub requests: u64,
    /// Pushes that the vendor took, whether for one device, for many or for none.
    pub accepted: u64,
    /// Device tokens accepted in them, the same one each time.
    pub messages: u64,
    /// Grants that the vendor's own token endpoint gave.
    pub grants: u64,
    /// Messages that were taken back, one for each device token.
    pub recalls: u64,
    /// Refusals by the vendor's reason, injected ones included.
    pub refused: BTreeMap<String, u64>,
    /// Device tokens that were sent to again sooner than the vendor had asked for in seconds.
    pub undercut: u64,
    /// Faults injected, by kind.
    pub faults: BTreeMap<String, u64>,
    /// TLS connections made.
    pub connections: u64,
    /// TLS connections open now.
    pub open_connections: u64,
    /// TLS records with data of clients.
    pub tls_records: u64,
    /// Different provider tokens (APNs) or grants (all others) seen on accepted requests.
    pub provider_tokens: u64,
    /// Different device tokens accepted.
    pub distinct_tokens: u64,
}

/// What is counted of one vendor.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) counts: VendorCounts,
    /// Counted by the connections themselves, without the lock.
    pub(super) tls_records: Arc<AtomicU64>,
    pub(super) tokens: DistinctSet,
    pub(super) provider_tokens: DistinctSet,
    /// Until when nothing should come for a device token, UNIX milliseconds.
    pub(super) waits: HashMap<u128, u64>,
}

impl Account {
    pub(super) fn accept(&mut self, acceptance: &Acceptance) {
        self.counts.requests += 1;
        self.counts.grants += u64::from(acceptance.is_grant);
        if let Some(credential) = &acceptance.credential {
            self.provider_tokens.insert(credential.as_bytes());
        }
        if acceptance.is_recall {
            self.counts.recalls += acceptance.targets.len() as u64;
            return;
        }
        if !acceptance.is_grant {
            self.counts.messages += acceptance.targets.len() as u64;
        }
        // Google's token endpoint has an account of its own, where grants are all there is.
        if !acceptance.is_grant || acceptance.vendor == Vendor::Oauth {
            self.counts.accepted += 1;
            for target in &acceptance.targets {
                self.tokens.insert(target.as_bytes());
            }
        }
    }

    pub(super) fn counts(&self) -> VendorCounts {
        let mut counts = self.counts.clone();
        counts.distinct_tokens = self.tokens.keys.len() as u64;
        counts.provider_tokens = self.provider_tokens.keys.len() as u64;
        counts.tls_records = self.tls_records.load(Ordering::Relaxed);
        counts
    }

    pub(super) fn restarted(&self) -> Account {
        let mut account = Account::default();
        account.counts.open_connections = self.counts.open_connections;
        account.tls_records = self.tls_records.clone();
        account.tls_records.store(0, Ordering::Relaxed);
        account
    }
}

/// A set of strings kept as 128-bit keys, so a million tokens cost some 20 MB.
#[derive(Debug, Default)]
pub(super) struct DistinctSet {
    pub(super) keys: HashSet<u128>,
}

impl DistinctSet {
    pub(super) fn insert(&mut self, text: &[u8]) {
        self.keys.insert(key_of(text));
    }
}

/// The key by which a set of distinct tokens knows one of them.
pub(crate) fn key_of(text: &[u8]) -> u128 {
    static SEEDS: std::sync::OnceLock<(RandomState, RandomState)> = std::sync::OnceLock::new();
    let (low, high) = SEEDS.get_or_init(Default::default);
    u128::from(low.hash_one(text)) | u128::from(high.hash_one(text)) << 64
}
