//! Grants: one per vendor account, shared by its channels and kept across reloads; one
//! refresh in flight, and never a new one earlier than the vendor likes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nudged_plugin_api::{Authorize, Class, Grant, Timestamp, Verdict};

use crate::channels::Route;
use crate::clock::now;
use crate::driver;
use crate::outcome::{DAY, bounded, bounded_grant};

/// All grants.
#[derive(Default)]
pub struct Grants {
    cells: Mutex<HashMap<(String, String), Arc<GrantCell>>>,
}

impl Grants {
    /// The grant of a vendor's account.
    pub fn cell(&self, vendor: &str, scope: &str) -> Arc<GrantCell> {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        cells
            .entry((vendor.to_owned(), scope.to_owned()))
            .or_default()
            .clone()
    }
}

/// The grant of one account.
#[derive(Default)]
pub struct GrantCell {
    state: Mutex<State>,
    refreshing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    grant: Option<Arc<Grant>>,
    trouble: Option<Trouble>,
    /// Grants that were refused since one last worked.
    refusals: u32,
    /// Fetches that failed since one last worked.
    failures: u32,
    /// When the grant was fetched.
    fetched_at: Timestamp,
    /// The grant was refused and is too young to renew: it is tried now and then.
    doubted: bool,
}

impl State {
    fn trouble(&self, now: Timestamp) -> Option<&Trouble> {
        // What began later is of a clock that has been set right since.
        let stands = |trouble: &&Trouble| {
            trouble.since <= now && (1..=DAY).contains(&trouble.until.millis_after(now))
        };
        self.trouble.as_ref().filter(stands)
    }

    fn renew(&mut self, grant: Arc<Grant>, now: Timestamp) {
        self.grant = Some(grant);
        self.fetched_at = now;
        self.doubted = false;
        self.trouble = None;
        self.failures = 0;
    }
}

/// A grant that works.
pub struct AtHand {
    /// The grant.
    pub grant: Arc<Grant>,
    /// Whether it is time to fetch the next.
    pub stale: bool,
}

/// Why there is no grant.
#[derive(Clone, Debug)]
pub struct Trouble {
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
const FIRST_WAIT: u64 = 1_000;
const LONGEST_WAIT: u64 = 60_000;
/// A fresh grant that is refused too is no matter of time.
const MOST_REFUSALS: u32 = 2;

impl GrantCell {
    /// The grant, where one can be had without asking anybody.
    pub fn at_hand(&self, now: Timestamp) -> Option<AtHand> {
        let state = self.lock();
        let grant = state.grant.clone().filter(|grant| grant.expires_at > now)?;
        if state.doubted && state.trouble(now).is_some() {
            return None;
        }
        // One of a clock that was far ahead may be over for long, or not be valid yet.
        if now < state.fetched_at || grant.expires_at > now.plus_millis(DAY) {
            return None;
        }
        // After a failed refresh it carries on for a while, through the vendor's bad hour.
        let young = grant.not_again_before > now;
        let due = grant.refresh_at <= now || (state.doubted && !young);
        let stale = due && state.trouble(now).is_none();
        Some(AtHand { grant, stale })
    }

    /// A fresh grant; an old one that still works, if no other can be had. Whoever comes
    /// while it is being fetched waits for that.
    pub async fn fetched(&self, route: &Route) -> Result<Arc<Grant>, Trouble> {
        let _refreshing = self.refreshing.lock().await;
        let began = now();
        let old = match self.at_hand(began) {
            Some(AtHand {
                grant,
                stale: false,
            }) => return Ok(grant),
            Some(AtHand { grant, .. }) => Some(grant),
            None => None,
        };
        if let Some(trouble) = self.lock().trouble(began) {
            return Err(trouble.clone());
        }
        match fetch(route).await {
            Ok(grant) => {
                let grant = Arc::new(grant);
                self.lock().renew(grant.clone(), now());
                Ok(grant)
            }
            Err(verdict) => {
                let trouble = self.troubled(&verdict, now());
                old.ok_or(trouble)
            }
        }
    }

    /// A fetch, or another try, is worth it at once, unless the vendor named a time.
    pub fn hasten(&self) {
        self.lock().trouble.take_if(|trouble| !trouble.asked);
    }

    /// A fetch is worth trying at once, whatever the vendor said, as the operator wants it so.
    pub fn forgive(&self) {
        self.lock().trouble = None;
    }

    /// A grant for a probe, and whether the vendor or the key gave it just now: then it proves
    /// the credential by itself where it was fetched. What the vendor refuses is told, and not
    /// remembered: nobody sends with this credential yet.
    pub async fn probed(&self, route: &Route) -> Result<(Arc<Grant>, bool), Box<Verdict>> {
        let _refreshing = self.refreshing.lock().await;
        if let Some(AtHand {
            grant,
            stale: false,
        }) = self.at_hand(now())
        {
            return Ok((grant, false));
        }
        let grant = Arc::new(fetch(route).await?);
        self.lock().renew(grant.clone(), now());
        Ok((grant, true))
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
        if state.doubted && state.trouble(now).is_some() {
            return;
        }
        state.refusals = state.refusals.saturating_add(1);
        // One of a clock that was ahead is not young.
        let young = grant.not_again_before > now && state.fetched_at <= now;
        if young || state.refusals >= MOST_REFUSALS {
            let why = match young {
                true => "the vendor refuses a grant that is too young to renew",
                false => "the vendor refuses fresh grants too",
            };
            let until = now.plus_millis(LONGEST_WAIT);
            state.trouble = Some(Trouble {
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

    fn troubled(&self, verdict: &Verdict, now: Timestamp) -> Trouble {
        let mut state = self.lock();
        let doubled = FIRST_WAIT << state.failures.min(16);
        state.failures = state.failures.saturating_add(1);
        let wait = verdict
            .retry_after_millis
            .unwrap_or(0)
            .max(doubled.min(LONGEST_WAIT));
        let words = if verdict.text.is_empty() {
            String::new()
        } else {
            format!(": {}", verdict.text)
        };
        let trouble = Trouble {
            since: now,
            until: now.plus_millis(wait),
            asked: verdict.retry_after_millis.is_some(),
            reason: format!("no grant: {}{words} ({})", verdict.code, verdict.remedy),
        };
        state.trouble = Some(trouble.clone());
        trouble
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(route: &Route) -> Result<Grant, Box<Verdict>> {
    let failed = |code: &str, text: String, remedy: &str| {
        Err(Box::new(
            Verdict::refused(Class::Unavailable, code, remedy).text(text),
        ))
    };
    let request = match route.driver.authorize(now()) {
        Ok(Authorize::Ready(grant)) => return Ok(bounded_grant(grant, now())),
        Ok(Authorize::Fetch(request)) => request,
        Ok(_) => {
            return failed(
                "no_grant",
                "the driver has a grant scope but no grant".into(),
                driver::FAILED_REMEDY,
            );
        }
        Err(error) => return failed(driver::FAILED, error.to_string(), driver::FAILED_REMEDY),
    };
    let uri = match route.hosts.check(&request.url) {
        Ok(uri) => uri,
        Err(error) => return failed("host_refused", error.to_string(), driver::FAILED_REMEDY),
    };
    let answer = match route.client.send_to(uri, request).await {
        Ok(answer) => answer,
        Err(error) => return failed(error.code(), error.to_string(), error.remedy()),
    };
    match route.driver.authorized(answer.response, now()) {
        Ok(Ok(grant)) => Ok(bounded_grant(grant, now())),
        Ok(Err(verdict)) => Err(Box::new(bounded(verdict, route.patience, now()))),
        Err(error) => failed(driver::FAILED, error.to_string(), driver::FAILED_REMEDY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn cell(grant: Grant, trouble: Option<Timestamp>) -> (GrantCell, Arc<Grant>) {
        let grant = Arc::new(grant);
        let trouble = trouble.map(|until| Trouble {
            since: NOW,
            until,
            asked: false,
            reason: "down".to_owned(),
        });
        let state = State {
            grant: Some(grant.clone()),
            trouble,
            ..State::default()
        };
        (
            GrantCell {
                state: Mutex::new(state),
                ..GrantCell::default()
            },
            grant,
        )
    }

    fn at(cell: &GrantCell, seconds: u64) -> Option<bool> {
        cell.at_hand(NOW.plus_seconds(seconds))
            .map(|at_hand| at_hand.stale)
    }

    #[test]
    fn a_grant_is_renewed_while_it_still_works() {
        let (cell, _) = cell(Grant::new("g", NOW, 3600), None);
        assert_eq!(at(&cell, 3299), Some(false));
        assert_eq!(at(&cell, 3300), Some(true));
        assert_eq!(at(&cell, 3600), None);
    }

    #[test]
    fn a_failed_refresh_leaves_the_old_grant_in_use_until_the_next_try() {
        let (cell, _) = cell(Grant::new("g", NOW, 3600), Some(NOW.plus_seconds(3400)));
        assert_eq!(at(&cell, 3350), Some(false));
        assert_eq!(at(&cell, 3400), Some(true));
    }

    #[test]
    fn a_refused_grant_is_dropped_once_and_by_its_own_refusal_only() {
        let (cell, grant) = cell(Grant::new("g", NOW, 3600), None);
        cell.refused(&Arc::new(Grant::new("older", NOW, 60)), "expired", NOW);
        assert_eq!(at(&cell, 1), Some(false));
        cell.refused(&grant, "expired", NOW);
        cell.refused(&grant, "expired", NOW);
        assert_eq!(at(&cell, 1), None);
        assert!(
            cell.lock().trouble(NOW).is_none(),
            "the next may be fetched at once"
        );
    }

    #[test]
    fn a_grant_too_young_to_renew_is_tried_every_minute_and_then_renewed() {
        let (cell, grant) = cell(Grant::new("g", NOW, 3600).not_again_for(1200), None);
        for minute in 1..20 {
            let refused = minute * 60;
            cell.refused(&grant, "expired", NOW.plus_seconds(refused));
            // Others that were under way say nothing new.
            cell.refused(&grant, "expired", NOW.plus_seconds(refused + 1));
            assert_eq!(at(&cell, refused + 59), None);
            let due = minute == 19;
            assert_eq!(at(&cell, refused + 60), Some(due), "{minute}");
        }
        cell.worked();
        assert_eq!(at(&cell, 1_300), Some(false));
    }

    #[test]
    fn the_operator_has_a_refused_grant_tried_at_once() {
        let (cell, grant) = cell(Grant::new("g", NOW, 3600).not_again_for(1200), None);
        cell.refused(&grant, "expired", NOW);
        assert_eq!(at(&cell, 1), None);
        cell.hasten();
        assert_eq!(at(&cell, 1), Some(false));
    }

    #[test]
    fn a_time_that_the_vendor_named_is_not_cut_short_by_a_flush() {
        let (cell, _) = cell(Grant::new("g", NOW, 3600), Some(NOW.plus_seconds(60)));
        if let Some(trouble) = &mut cell.lock().trouble {
            trouble.asked = true;
        }
        cell.hasten();
        assert!(cell.lock().trouble(NOW).is_some());
        cell.forgive();
        assert!(cell.lock().trouble(NOW).is_none());
    }

    #[test]
    fn a_grant_of_a_clock_that_was_ahead_is_renewed_once_that_is_set_right() {
        let (cell, grant) = cell(Grant::new("g", NOW, 3600).not_again_for(1200), None);
        cell.lock().fetched_at = NOW;
        let right = Timestamp(NOW.0 - 7_200_000);
        cell.refused(&grant, "expired", NOW);
        assert!(cell.lock().trouble(right).is_none());
        assert!(cell.at_hand(right).is_none(), "the next is fetched");
    }

    #[test]
    fn grants_and_troubles_of_a_clock_that_was_years_ahead_are_not_believed() {
        let years = NOW.plus_seconds(3650 * 86_400);
        let (ahead, _) = cell(Grant::new("g", years, 3600), Some(years));
        assert!(ahead.lock().trouble(NOW).is_none());
        assert_eq!(at(&ahead, 0), None, "the next is fetched");
    }

    #[test]
    fn a_second_refusal_in_a_row_is_no_matter_of_time() {
        let (cell, first) = cell(Grant::new("first", NOW, 3600), None);
        cell.refused(&first, "expired", NOW);
        let second = Arc::new(Grant::new("second", NOW, 3600));
        cell.lock().grant = Some(second.clone());
        cell.refused(&second, "expired", NOW);
        assert!(cell.lock().trouble(NOW).is_some());
    }
}
