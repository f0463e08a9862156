//! Grants: one per vendor account, shared by its channels and kept across reloads; one
//! refresh in flight, and never a new one earlier than the vendor likes.
//!
//! In: what the vendor says of a grant, and the time. Out: a grant to send with, or why there is none
//! and until when. The asking itself is in `fetch`.

mod fetch;

use crate::sync::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use nudged_plugin_api::{Grant, Timestamp, Verdict};

use crate::channels::Route;
use crate::clock::now;
use crate::model::{MAX_WAIT, TimestampExt, code_and_text};
use crate::outcome::MAX_GRANT_LIFETIME;

use fetch::fetch;

/// All grants.
#[derive(Default)]
pub struct Grants {
    cells: Mutex<HashMap<(String, String), Arc<GrantCell>>>,
}

impl Grants {
    /// The grant of a vendor's account.
    pub fn cell(&self, vendor: &str, scope: &str) -> Arc<GrantCell> {
        let mut cells = self.cells.lock();
        cells
            .entry((vendor.to_owned(), scope.to_owned()))
            .or_default()
            .clone()
    }
}

/// The grant of one account.
#[derive(Default)]
pub struct GrantCell {
    state: Mutex<GrantState>,
    refreshing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct GrantState {
    grant: Option<Arc<Grant>>,
    error: Option<GrantError>,
    /// Grants that were refused since one last worked.
    refusals: u32,
    /// Fetches that failed since one last worked.
    failures: u32,
    /// When the grant was fetched.
    fetched_at: Timestamp,
    /// The grant was refused and is too young to renew: it is tried now and then.
    doubted: bool,
}

impl GrantState {
    fn error(&self, now: Timestamp) -> Option<&GrantError> {
        // What began later is of a clock that has been set right since.
        let stands = |error: &&GrantError| {
            error.since <= now && error.until > now && error.until.since(now) <= MAX_WAIT
        };
        self.error.as_ref().filter(stands)
    }

    fn renew(&mut self, grant: Arc<Grant>, now: Timestamp) {
        self.grant = Some(grant);
        self.fetched_at = now;
        self.doubted = false;
        self.error = None;
        self.failures = 0;
    }
}

/// A grant that works.
pub struct ValidGrant {
    /// The grant.
    pub grant: Arc<Grant>,
    /// Whether it is time to fetch the next.
    pub stale: bool,
}

/// Whether a grant was there already, or was made just now by the vendor or the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantAge {
    Old,
    New,
}

/// Why there is no grant.
#[derive(Clone, Debug)]
pub struct GrantError {
    /// Since when.
    pub since: Timestamp,
    /// When it is worth trying again.
    pub until: Timestamp,
    /// Whether the vendor named that time.
    pub asked: bool,
    /// For the operator.
    pub reason: String,
}

/// Wait after a fetch failed, doubled each time.
const FETCH_DELAY: Duration = Duration::from_secs(1);
const MAX_FETCH_DELAY: Duration = Duration::from_secs(60);
/// A fresh grant that is refused too is no matter of time.
const MAX_REFUSALS: u32 = 2;

impl GrantCell {
    /// The grant, where one can be had without asking anybody.
    pub fn valid(&self, now: Timestamp) -> Option<ValidGrant> {
        let state = self.lock();
        let grant = state.grant.clone().filter(|grant| grant.expires_at > now)?;
        if state.doubted && state.error(now).is_some() {
            return None;
        }
        // One of a clock that was far ahead may be over for long, or not be valid yet.
        if now < state.fetched_at || grant.expires_at > now.plus(MAX_GRANT_LIFETIME) {
            return None;
        }
        // After a failed refresh it carries on for a while, through the vendor's bad hour.
        let young = grant.not_again_before > now;
        let due = grant.refresh_at <= now || (state.doubted && !young);
        let stale = due && state.error(now).is_none();
        Some(ValidGrant { grant, stale })
    }

    /// A fresh grant; an old one that still works, if no other can be had. Whoever comes
    /// while it is being fetched waits for that.
    pub async fn fetched(&self, route: &Route) -> Result<Arc<Grant>, GrantError> {
        let _refreshing = self.refreshing.lock().await;
        let began = now();
        let old = match self.valid(began) {
            Some(ValidGrant {
                grant,
                stale: false,
            }) => return Ok(grant),
            Some(ValidGrant { grant, .. }) => Some(grant),
            None => None,
        };
        if let Some(error) = self.lock().error(began) {
            return Err(error.clone());
        }
        match fetch(route).await {
            Ok(grant) => {
                let grant = Arc::new(grant);
                self.lock().renew(grant.clone(), now());
                Ok(grant)
            }
            Err(verdict) => {
                let error = self.failed(&verdict, now());
                old.ok_or(error)
            }
        }
    }

    /// A fetch, or another try, is worth it at once, unless the vendor named a time.
    pub fn retry_now(&self) {
        self.lock().error.take_if(|error| !error.asked);
    }

    /// A fetch is worth trying at once, whatever the vendor asked for, as the operator wants it so.
    pub fn release(&self) {
        self.lock().error = None;
    }

    /// A grant for a probe, and whether it was made just now: then it proves
    /// the credential by itself where it was fetched. What the vendor refuses is returned, and not
    /// remembered: nobody sends with this credential yet.
    pub async fn probed(&self, route: &Route) -> Result<(Arc<Grant>, GrantAge), Box<Verdict>> {
        let _refreshing = self.refreshing.lock().await;
        if let Some(ValidGrant {
            grant,
            stale: false,
        }) = self.valid(now())
        {
            return Ok((grant, GrantAge::Old));
        }
        let grant = Arc::new(fetch(route).await?);
        self.lock().renew(grant.clone(), now());
        Ok((grant, GrantAge::New))
    }

    /// The vendor took a request with this grant.
    pub fn worked(&self) {
        let mut state = self.lock();
        state.refusals = 0;
        state.doubted = false;
    }

    /// The vendor no longer takes `grant`: the next one is fetched, unless that would be
    /// too early or the one before was refused as well.
    pub fn refused(&self, grant: &Arc<Grant>, reason: &str, now: Timestamp) {
        let mut state = self.lock();
        // Many requests learn of one refusal; only the first is about the current grant.
        if state
            .grant
            .as_ref()
            .is_none_or(|current| !Arc::ptr_eq(current, grant))
        {
            return;
        }
        if state.doubted && state.error(now).is_some() {
            return;
        }
        state.refusals = state.refusals.saturating_add(1);
        // One of a clock that was ahead is not young.
        let young = grant.not_again_before > now && state.fetched_at <= now;
        if young || state.refusals >= MAX_REFUSALS {
            let why = match young {
                true => "the vendor refuses a grant that is too young to renew",
                false => "the vendor refuses fresh grants too",
            };
            let until = now.plus(MAX_FETCH_DELAY);
            state.error = Some(GrantError {
                since: now,
                until: match young {
                    true => until.min(grant.not_again_before),
                    false => until,
                },
                asked: false,
                reason: format!("{why}: {reason}"),
            });
            // The young one is tried again: where a clock was wrong, it may be good by then.
            state.doubted = young;
            if !young {
                state.grant = None;
            }
        } else {
            state.grant = None;
        }
    }

    fn failed(&self, verdict: &Verdict, now: Timestamp) -> GrantError {
        let mut state = self.lock();
        let doubled = FETCH_DELAY * (1 << state.failures.min(16));
        state.failures = state.failures.saturating_add(1);
        let asked = verdict.retry_after_millis.map(Duration::from_millis);
        let wait = asked.unwrap_or_default().max(doubled.min(MAX_FETCH_DELAY));
        let error = GrantError {
            since: now,
            until: now.plus(wait),
            asked: asked.is_some(),
            reason: format!(
                "no grant: {} ({})",
                code_and_text(&verdict.code, &verdict.text),
                verdict.remedy
            ),
        };
        state.error = Some(error.clone());
        error
    }

    fn lock(&self) -> MutexGuard<'_, GrantState> {
        self.state.lock()
    }
}

#[cfg(test)]
mod tests;
