//! What tests say of a batching vendor's customers, and what the vendor then asks:
//! the condition of their device tokens, how much they may send, the grants they hold.
//!
//! Accounts differ too much between vendors: each vendor keeps its own.

mod grants;
mod limits;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use grants::{GrantState, Issued};
pub(crate) use limits::Rate;

use grants::Grants;
use limits::Quota;

/// The state of one vendor; every method takes `&self`.
#[derive(Debug, Default)]
pub(crate) struct Customers {
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    /// By device token, in the vendor's own code or word.
    conditions: HashMap<String, String>,
    quota: Quota,
    rate: Rate,
    grants: Grants,
}

impl Customers {
    pub(crate) fn set_condition(&self, token: &str, condition: &str) {
        self.lock()
            .conditions
            .insert(token.to_owned(), condition.to_owned());
    }

    pub(crate) fn clear_condition(&self, token: &str) {
        self.lock().conditions.remove(token);
    }

    /// What is wrong with a token, if anything.
    pub(crate) fn condition(&self, token: &str) -> Option<String> {
        self.lock().conditions.get(token).cloned()
    }

    pub(crate) fn set_daily_quota(&self, most_messages: Option<u64>) {
        self.lock().quota = Quota::of(most_messages);
    }

    /// Takes so many messages from the day's quota, or none when they are more than is left.
    pub(crate) fn take_quota(&self, messages: u64, now_ms: u64) -> bool {
        self.lock().quota.take(messages, now_ms)
    }

    pub(crate) fn set_rate(&self, requests_per_second: Option<u64>) {
        self.lock().rate = Rate::of(requests_per_second);
    }

    /// Whether one more request is within the rate; a refused one does not count.
    pub(crate) fn take_rate(&self, now_ms: u64) -> bool {
        self.lock().rate.take(now_ms)
    }

    /// Grants from now on live so long: the vendor says its own number once, tests others.
    pub(crate) fn set_grant_lifetime(&self, secs: u64) {
        self.lock().grants.set_lifetime(secs);
    }

    /// A new grant for an account.
    pub(crate) fn issue(&self, account: &str, now_secs: i64) -> Issued {
        self.lock().grants.issue(account, now_secs)
    }

    /// What a grant turns out to be.
    pub(crate) fn grant_state(&self, grant: &str, now_secs: i64) -> GrantState {
        self.lock().grants.grant_state(grant, now_secs)
    }

    pub(crate) fn revoke_grants(&self) {
        self.lock().grants.revoke_all();
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
