//! One channel: what it works with and what it knows of its vendor. It shares nothing with other
//! channels, so a vendor that hangs, slows down or refuses costs the others nothing.
//!
//! Its work is in the files beside: `task` goes around, `send` and `complete` begin and end requests,
//! `blame` learns from answers, `withhold` keeps back what would be refused.

use crate::sync::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use nudged_plugin_api::Grant;
use tokio::task::JoinSet;

use super::batch::Batch;
use super::breaker::{Breaker, Hold};
use super::grant::{GrantCell, GrantError};
use super::in_flight::Completion;
use super::log;
use super::rate::Rate;
use super::refused_contents::RefusedContents;
use super::send_check::SendCheck;
use super::suspicion::Suspicions;
use super::window::Window;
use crate::channels::Route;
use crate::clock::now;
use crate::outcome::{Outcomes, RetryContext, Settlement, Stats};
use crate::queue::{HeldChannels, Lane, Lease};
use crate::quota::{Account, Ledger};

/// Commits of settlements that may wait for the disk before the channel does.
const MAX_SETTLING: usize = 32;

/// One channel.
pub struct ChannelTask {
    pub(super) route: Arc<Route>,
    pub(super) lane: Arc<Lane>,
    pub(super) outcomes: Arc<Outcomes>,
    pub(super) send_check: Arc<SendCheck>,
    pub(super) holds: Arc<HeldChannels>,
    pub(super) stats: Arc<Stats>,
    pub(super) grants: Option<Arc<GrantCell>>,
    held: Arc<Mutex<Option<Hold>>>,
    pub(super) command: Arc<ChannelCommand>,
    pub(super) breaker: Breaker,
    suspicions: Arc<Mutex<Suspicions>>,
    /// Whether an accepted message would change nothing about them.
    pub(super) unsuspected: bool,
    pub(super) rate: Rate,
    pub(super) window: Window,
    pub(super) requests: FuturesUnordered<BoxFuture<'static, Completion>>,
    /// Deliveries of the requests in flight.
    pub(super) deliveries_in_flight: usize,
    /// Batches that were refused for what may be one device's fault, to be sent in halves.
    pub(super) halves: Vec<Batch>,
    /// What each class of messages has used of its quota.
    pub(super) accounts: HashMap<String, Arc<Account>>,
    /// The account of what is in no class.
    pub(super) channel_account: Arc<Account>,
    pub(super) ledger: Arc<Ledger>,
    /// Contents that were refused for their own sake.
    pub(super) refused_contents: RefusedContents,
    pub(super) fetching: Option<BoxFuture<'static, Result<Arc<Grant>, GrantError>>>,
    pub(super) settling: JoinSet<()>,
}

/// What a channel works with.
pub struct ChannelContext {
    /// Its driver and connections.
    pub route: Arc<Route>,
    /// Its deliveries.
    pub lane: Arc<Lane>,
    /// Where their outcomes go.
    pub outcomes: Arc<Outcomes>,
    /// Whether they still may be sent.
    pub send_check: Arc<SendCheck>,
    /// Whether the operator holds it.
    pub holds: Arc<HeldChannels>,
    /// What is counted.
    pub stats: Arc<Stats>,
    /// What is used of its quotas.
    pub ledger: Arc<Ledger>,
    /// Its grants, if it has any.
    pub grants: Option<Arc<GrantCell>>,
}

/// What the operator wants of a channel that runs.
#[derive(Debug, Default)]
pub struct ChannelCommand {
    /// It tries at once, unless its vendor holds it.
    pub flush: AtomicBool,
    /// It tries at once, whoever holds it.
    pub release: AtomicBool,
}

impl ChannelTask {
    /// A channel; `held` is the hold that it begins with, and shows others whether it is held, as
    /// `suspicions` show what stands against it.
    pub fn new(
        context: ChannelContext,
        held: Arc<Mutex<Option<Hold>>>,
        suspicions: Arc<Mutex<Suspicions>>,
        command: Arc<ChannelCommand>,
    ) -> Self {
        let ChannelContext {
            route,
            lane,
            outcomes,
            send_check,
            holds,
            stats,
            ledger,
            grants,
        } = context;
        let channel = route.certificate_id;
        let unsuspected = locked(&suspicions).is_unsuspected();
        let inherited = locked(&held).clone();
        Self {
            breaker: Breaker::new(route.backoff, inherited),
            unsuspected,
            suspicions,
            rate: Rate::new(route.rate, now()),
            window: Window::new(route.concurrency),
            requests: FuturesUnordered::new(),
            deliveries_in_flight: 0,
            halves: Vec::new(),
            accounts: ledger.set_limits(channel, &route.name, &route.terms),
            channel_account: ledger.channel_account(channel),
            ledger,
            refused_contents: RefusedContents::default(),
            fetching: None,
            settling: JoinSet::new(),
            route,
            lane,
            outcomes,
            send_check,
            holds,
            stats,
            grants,
            held,
            command,
        }
    }

    /// Requests that may be in flight: what the vendor keeps up with, and has streams for.
    pub(super) fn max_in_flight(&self) -> usize {
        let streams = self.route.client.capacity().unwrap_or(usize::MAX);
        self.window.size().min(streams)
    }

    /// Requests in flight. What is not settled counts too, as it is what a crash would send
    /// twice; but for half of what may be in flight, or the disk would keep streams empty.
    pub(super) fn in_flight(&self, max_in_flight: usize) -> usize {
        let halves: usize = self.halves.iter().map(Vec::len).sum();
        let leased = self.lane.in_flight();
        let unsettled = leased.saturating_sub(self.deliveries_in_flight + halves);
        let unsettled = unsettled.div_ceil(self.route.info.batch as usize);
        self.requests.len() + unsettled.saturating_sub(max_in_flight / 2)
    }

    /// The account of a class of messages.
    pub(super) fn account_of(&self, class: &str) -> Arc<Account> {
        let Self { ledger, route, .. } = self;
        ledger.of_class(route.certificate_id, &route.name, class)
    }

    /// What stands against the channel.
    pub(super) fn suspicions(&self) -> MutexGuard<'_, Suspicions> {
        locked(&self.suspicions)
    }

    /// Holds the channel, unless a longer hold is on.
    pub(super) fn hold(&mut self, hold: Hold) {
        if self.breaker.hold_until(hold) {
            self.log_hold();
        }
    }

    pub(super) fn log_hold(&self) {
        if let Some(hold) = self.breaker.hold() {
            log::held(&self.route.name, &hold.reason, hold.until);
        }
    }

    /// Shows others whether it is held.
    pub(super) fn show_hold(&self) {
        let mut held = locked(&self.held);
        if held.as_ref() != self.breaker.hold() {
            *held = self.breaker.hold().cloned();
        }
    }

    /// Has settlements written, without waiting for it.
    pub(super) async fn settle(&mut self, settlements: Vec<Settlement>) {
        if settlements.is_empty() {
            return;
        }
        while self.settling.len() >= MAX_SETTLING {
            self.settling.join_next().await;
        }
        while self.settling.try_join_next().is_some() {}
        let outcomes = self.outcomes.clone();
        self.settling
            .spawn(async move { outcomes.settle(settlements, now()).await });
    }
}

/// What is known of a delivery for a decision on it, with chance for the pause.
pub(super) fn retry_context(lease: &Lease) -> RetryContext {
    RetryContext::of(lease.delivery(), fastrand::u16(0..=1000))
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock()
}
