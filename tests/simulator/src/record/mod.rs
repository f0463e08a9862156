//! What arrived: the accepted messages in order, and counts of everything.
//!
//! Judges and the server write here; tests read, or wait until the counts say enough.

mod counts;
mod latency;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::Notify;

use crate::net::exchange::Acceptance;
use crate::vendors::Vendor;
use latency::Latency;

use counts::Account;
pub(crate) use counts::key_of;
pub use counts::{Counts, VendorCounts};

/// One request that a vendor accepted: a message to one device or to many.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Received {
    /// `apns`, `fcm`, `xiaomi`, ...
    pub vendor: String,
    /// Device token, the first of several, or the FCM topic or condition.
    pub token: String,
    /// Every device token that was accepted, in the order of the request.
    pub tokens: Vec<String>,
    /// When it arrived, UNIX milliseconds.
    pub at_ms: u64,
    /// The same by the machine's clock, which no test sets ahead, UNIX microseconds.
    pub at_us: u64,
    /// HTTP method.
    pub method: String,
    /// Request path.
    pub path: String,
    /// Request headers in order; of `authorization` only the scheme.
    pub headers: Vec<(String, String)>,
    /// The JSON body, or the fields of a form as an object.
    pub body: Value,
    /// The vendor's id: `apns-id`, the FCM message name, or what the vendor calls it.
    pub vendor_id: String,
    /// APNs key id of the provider token, when one was used.
    pub provider_token_kid: Option<String>,
    /// Serial number of the TLS client certificate, when one was used.
    pub client_certificate: Option<String>,
}

/// A request that a vendor took, as it came: a message, or the first half of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Raw {
    /// `apns`, `fcm`, `xiaomi`, ...
    pub vendor: String,
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Request headers in order; of `authorization` only the scheme.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// The shared record; every method takes `&self`.
#[derive(Debug)]
pub(crate) struct Record {
    keep: bool,
    book: Mutex<Book>,
    changed: Notify,
    in_flight: AtomicU64,
    max_in_flight: AtomicU64,
}

#[derive(Debug, Default)]
struct Book {
    received: Vec<Received>,
    raw: Vec<Raw>,
    /// Device tokens that a message was taken back from, by its place in `received`.
    recalled: HashSet<(usize, String)>,
    /// By the number of the vendor.
    accounts: [Account; Vendor::ALL.len()],
    latency: Latency,
}

impl Record {
    /// `keep` false counts only, and holds no messages.
    pub(crate) fn new(keep: bool) -> Record {
        Record {
            keep,
            book: Mutex::default(),
            changed: Notify::new(),
            in_flight: AtomicU64::new(0),
            max_in_flight: AtomicU64::new(0),
        }
    }

    pub(crate) fn connection_opened(&self, vendor: Vendor) {
        let mut book = self.lock();
        let counts = &mut book.account(vendor).counts;
        counts.connections += 1;
        counts.open_connections += 1;
        drop(book);
        self.changed.notify_waiters();
    }

    pub(crate) fn connection_closed(&self, vendor: Vendor) {
        let mut book = self.lock();
        let counts = &mut book.account(vendor).counts;
        counts.open_connections = counts.open_connections.saturating_sub(1);
        drop(book);
        self.changed.notify_waiters();
    }

    /// Where the connections of a vendor count their records.
    pub(crate) fn tls_records(&self, vendor: Vendor) -> Arc<AtomicU64> {
        self.lock().account(vendor).tls_records.clone()
    }

    pub(crate) fn refuse(&self, vendor: Vendor, reason: &str) {
        let mut book = self.lock();
        let counts = &mut book.account(vendor).counts;
        counts.requests += 1;
        *counts.refused.entry(reason.to_owned()).or_default() += 1;
        drop(book);
        self.changed.notify_waiters();
    }

    /// Notes that the vendor asked to be sent nothing for these tokens until then.
    pub(crate) fn note_retry_after(&self, vendor: Vendor, tokens: &[String], until_ms: u64) {
        let waits = tokens.iter().map(|it| (key_of(it.as_bytes()), until_ms));
        self.lock().account(vendor).waits.extend(waits);
    }

    /// Counts the tokens of a request that came sooner than it was asked for.
    pub(crate) fn count_early_retries(&self, vendor: Vendor, tokens: &[String], now_ms: u64) {
        let mut book = self.lock();
        let account = book.account(vendor);
        if account.waits.is_empty() {
            return;
        }
        for token in tokens {
            let until_ms = account.waits.remove(&key_of(token.as_bytes()));
            account.counts.undercut += u64::from(until_ms.is_some_and(|until| now_ms < until));
        }
    }

    /// A fault happened to a good request; `as_request` false when it is accepted all the same.
    pub(crate) fn fault(&self, vendor: Vendor, kind: &str, as_request: bool) {
        let mut book = self.lock();
        let counts = &mut book.account(vendor).counts;
        counts.requests += u64::from(as_request);
        *counts.faults.entry(kind.to_owned()).or_default() += 1;
        drop(book);
        self.changed.notify_waiters();
    }

    /// An accepted request, and what to keep of it.
    pub(crate) fn accept(
        &self,
        acceptance: &Acceptance,
        received: Option<Received>,
        raw: Option<Raw>,
    ) {
        let mut book = self.lock();
        book.account(acceptance.vendor).accept(acceptance);
        if self.keep {
            book.received.extend(received);
            book.raw.extend(raw);
        }
        drop(book);
        self.changed.notify_waiters();
    }

    /// Many accepted APNs requests at once: the sink's bulk path.
    pub(crate) fn accept_bulk(&self, tally: &mut Tally) {
        if tally.tokens.is_empty() {
            return;
        }
        let mut guard = self.lock();
        let book = &mut *guard;
        let account = book.account(Vendor::Apns);
        let count = tally.tokens.len() as u64;
        account.counts.requests += count;
        account.counts.accepted += count;
        account.counts.messages += count;
        account.tokens.keys.extend(tally.tokens.drain(..));
        for us in tally.latencies_us.drain(..) {
            book.latency.add(us);
        }
        drop(guard);
        self.changed.notify_waiters();
    }

    /// An answer is to be late.
    pub(crate) fn reply_delayed(&self) {
        let now = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        self.max_in_flight.fetch_max(now, Ordering::Relaxed);
    }

    /// So many late answers were given, or will not be.
    pub(crate) fn replies_sent(&self, count: usize) {
        self.in_flight.fetch_sub(count as u64, Ordering::Relaxed);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// The messages so far, which are held no longer.
    pub(crate) fn take_received(&self) -> Vec<Received> {
        let mut book = self.lock();
        book.raw.clear();
        book.recalled.clear();
        std::mem::take(&mut book.received)
    }

    pub(crate) fn raw(&self) -> Vec<Raw> {
        self.lock().raw.clone()
    }

    /// Whether messages are held at all.
    pub(crate) fn keeps(&self) -> bool {
        self.keep
    }

    /// Takes messages of a vendor back from these tokens.
    pub(crate) fn take_back(
        &self,
        vendor: Vendor,
        tokens: &[String],
        is_it: impl Fn(&Received) -> bool,
    ) {
        let mut guard = self.lock();
        let book = &mut *guard;
        for (place, received) in book.received.iter().enumerate() {
            if received.vendor != vendor.name() || !is_it(received) {
                continue;
            }
            let theirs = received.tokens.iter().filter(|it| tokens.contains(it));
            book.recalled
                .extend(theirs.map(|token| (place, token.clone())));
        }
    }

    /// The messages that reached a token and were not taken back.
    pub(crate) fn shown(&self, vendor: Vendor, token: &str) -> Vec<Received> {
        let book = self.lock();
        let all = book.received.iter().enumerate();
        all.filter(|(place, received)| {
            let reached = received.tokens.iter().any(|it| it == token);
            let is_gone = book.recalled.contains(&(*place, token.to_owned()));
            received.vendor == vendor.name() && reached && !is_gone
        })
        .map(|(_, received)| received.clone())
        .collect()
    }

    pub(crate) fn counts(&self) -> Counts {
        let book = self.lock();
        let of = |vendor: Vendor| book.accounts[vendor as usize].counts();
        let mut counts = Counts {
            apns: of(Vendor::Apns),
            fcm: of(Vendor::Fcm),
            oauth: of(Vendor::Oauth),
            batching: Vendor::BATCHING.map(|vendor| (vendor, of(vendor))).into(),
            p50_ms: book.latency.percentile_ms(0.50),
            p99_ms: book.latency.percentile_ms(0.99),
            max_in_flight: self.max_in_flight.load(Ordering::Relaxed),
            ..Counts::default()
        };
        drop(book);
        let pushing = [&counts.apns, &counts.fcm]
            .into_iter()
            .chain(counts.batching.values());
        (counts.accepted, counts.distinct_tokens) = pushing
            .map(|one| (one.accepted, one.distinct_tokens))
            .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        counts
    }

    /// Forgets everything but the connections that are open.
    pub(crate) fn reset(&self) {
        let mut book = self.lock();
        let fresh = Book {
            accounts: std::array::from_fn(|index| book.accounts[index].restarted()),
            ..Book::default()
        };
        *book = fresh;
        self.max_in_flight.store(0, Ordering::Relaxed);
        drop(book);
        self.changed.notify_waiters();
    }

    pub(crate) async fn wait_for(
        &self,
        deadline: Duration,
        condition: impl Fn(&Counts) -> bool,
    ) -> bool {
        let reached = async {
            loop {
                // Enlist before looking, or a change in between is missed.
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if condition(&self.counts()) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(deadline, reached).await.is_ok()
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn account(&mut self, vendor: Vendor) -> &mut Account {
        &mut self.accounts[vendor as usize]
    }
}

/// What the sink gathers while it empties a connection's inbox.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) tokens: Vec<u128>,
    pub(crate) latencies_us: Vec<u64>,
}
