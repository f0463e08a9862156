//! One channel's task: lease, encode, send, decode, judge, settle, around and around.
//!
//! In: the channel's lane. Out: settlements. It shares nothing with other channels, so a
//! vendor that hangs, slows down or refuses costs the others nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use nudged_plugin_api::info::RateUnit;
use nudged_plugin_api::{Grant, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::alike::Alike;
use super::batch::{Group, may_join};
use super::blame::locked;
use super::breaker::{Breaker, Hold};
use super::flight::Landing;
use super::grant::{GrantCell, Trouble};
use super::presence::Presence;
use super::rate::Rate;
use super::route::Route;
use super::suspicion::Suspicions;
use super::window::Window;
use crate::model::{OutcomeKind, now};
use crate::outcome::{Decision, Outcomes, Settlement, Stats};
use crate::queue::{HeldChannels, Lane, Lease, LeaseLimit};
use crate::quota::{Account, Ledger};
use crate::store::StoreError;
use crate::sync::Mutex;

/// Requests that are encoded in one call.
const ENCODE: usize = 64;
/// Deliveries that a channel may have under way, however large its batches are.
const MOST_IN_MEMORY: usize = 20_000;
/// How long a request that is not full waits for others to join it.
const LINGER: Duration = Duration::from_millis(5);
/// How often it is looked, in milliseconds, whether outcomes can be written again.
const DISK_AGAIN: u64 = 100;

/// One channel's task.
pub struct Channel {
    pub(super) route: Arc<Route>,
    lane: Arc<Lane>,
    pub(super) outcomes: Arc<Outcomes>,
    presence: Arc<Presence>,
    holds: Arc<HeldChannels>,
    pub(super) stats: Arc<Stats>,
    pub(super) grants: Option<Arc<GrantCell>>,
    pub(super) held: Arc<Mutex<Option<Hold>>>,
    wishes: Arc<Wishes>,
    pub(super) breaker: Breaker,
    pub(super) suspicions: Arc<Mutex<Suspicions>>,
    /// Whether an accepted message would change nothing about them.
    pub(super) at_rest: bool,
    rate: Rate,
    pub(super) window: Window,
    pub(super) flights: FuturesUnordered<BoxFuture<'static, Landing>>,
    /// Deliveries of the requests that are under way.
    pub(super) aloft: usize,
    /// Batches that were refused for what may be one device's fault, to be sent in halves.
    pub(super) halves: Vec<Group>,
    /// What each class of messages has used of its quota.
    pub(super) accounts: HashMap<String, Arc<Account>>,
    /// The account of what is in no class.
    pub(super) whole: Arc<Account>,
    pub(super) ledger: Arc<Ledger>,
    /// Contents that were refused for their own sake.
    pub(super) alike: Alike,
    fetching: Option<BoxFuture<'static, Result<Arc<Grant>, Trouble>>>,
    pub(super) settling: JoinSet<()>,
}

/// What a channel works with.
pub struct With {
    /// Its way to the vendor.
    pub route: Arc<Route>,
    /// Its deliveries.
    pub lane: Arc<Lane>,
    /// Where their outcomes go.
    pub outcomes: Arc<Outcomes>,
    /// Whether they still may be sent.
    pub presence: Arc<Presence>,
    /// Whether the operator has stopped it.
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
pub struct Wishes {
    /// It tries at once, unless its vendor holds it.
    pub flush: AtomicBool,
    /// It tries at once, whoever holds it.
    pub release: AtomicBool,
}

/// When there may be something to do again.
enum Next {
    /// When something lands or is added.
    Woken,
    /// Then at the latest.
    At(Timestamp),
}

impl Channel {
    /// A task for a channel; `held` is the hold that it begins with, and shows others
    /// whether it is held, as `suspicions` show what stands against it; `wishes` are the
    /// operator's.
    pub fn new(
        with: With,
        held: Arc<Mutex<Option<Hold>>>,
        suspicions: Arc<Mutex<Suspicions>>,
        wishes: Arc<Wishes>,
    ) -> Self {
        let With {
            route,
            lane,
            outcomes,
            presence,
            holds,
            stats,
            ledger,
            grants,
        } = with;
        let channel = route.certificate_id;
        let at_rest = locked(&suspicions).is_at_rest();
        let inherited = held.lock().clone();
        Self {
            breaker: Breaker::new(route.patience, inherited),
            at_rest,
            suspicions,
            rate: Rate::new(route.rate, now()),
            window: Window::new(route.concurrency),
            flights: FuturesUnordered::new(),
            aloft: 0,
            halves: Vec::new(),
            accounts: ledger.set_limits(channel, &route.name, &route.terms),
            whole: ledger.whole(channel),
            ledger,
            alike: Alike::default(),
            fetching: None,
            settling: JoinSet::new(),
            route,
            lane,
            outcomes,
            presence,
            holds,
            stats,
            grants,
            held,
            wishes,
        }
    }

    /// Runs until told to stop, then until what is under way has landed and is settled.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let stopping = *stop.borrow_and_update();
            if stopping && self.flights.is_empty() {
                break;
            }
            let next = if stopping {
                Next::Woken
            } else {
                self.fill().await
            };
            let timer = async {
                match next {
                    Next::At(at) => {
                        let wait = at.millis_after(now()).max(1);
                        tokio::time::sleep(Duration::from_millis(wait)).await;
                    }
                    Next::Woken => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(landing) = self.flights.next() => self.landed(landing).await,
                Some(_) = self.settling.join_next() => {}
                result = fetched(&mut self.fetching) => self.granted(result),
                _ = stop.changed() => {}
                () = self.lane.woken(), if !stopping => {}
                () = timer => {}
            }
        }
        while self.settling.join_next().await.is_some() {}
    }

    /// Sends as much as may be sent now.
    async fn fill(&mut self) -> Next {
        loop {
            let time = now();
            if !self.outcomes.can_be_written() {
                return Next::At(time.plus_millis(DISK_AGAIN));
            }
            if self.wishes.flush.swap(false, Ordering::Relaxed) {
                self.breaker.probe(time);
                self.alike.hasten(time);
                if let Some(cell) = &self.grants {
                    cell.hasten();
                }
                self.show_hold();
            }
            if self.wishes.release.swap(false, Ordering::Relaxed) {
                self.breaker.release(time);
                self.alike = Alike::default();
                if let Some(cell) = &self.grants {
                    cell.forgive();
                }
                self.show_hold();
            }
            if self.holds.since(self.route.certificate_id).is_some() {
                // Back to the lane, where the operator can see and remove them.
                self.halves.clear();
                return Next::Woken;
            }
            let at_once = self.at_once();
            let under_way = self.under_way(at_once);
            let most = self.breaker.permits(time, under_way, at_once);
            if most == 0 {
                return match self.breaker.hold() {
                    Some(hold) if hold.until > time => Next::At(hold.until),
                    _ => Next::Woken,
                };
            }
            let grant = match self.grants.clone() {
                None => None,
                Some(cell) => match cell.at_hand(time) {
                    Some(at_hand) => {
                        if at_hand.stale {
                            self.fetch_grant(cell);
                        }
                        Some(at_hand.grant)
                    }
                    // With nothing to send there is no need to ask the vendor for anything.
                    None if self.lane.is_empty(time) && self.halves.is_empty() => {
                        return self.lane.next_due().map_or(Next::Woken, Next::At);
                    }
                    None => {
                        self.fetch_grant(cell);
                        return Next::Woken;
                    }
                },
            };
            let batch = self.route.info.batch as usize;
            let in_memory = MOST_IN_MEMORY.saturating_sub(self.lane.in_flight());
            if in_memory == 0 && self.halves.is_empty() {
                return Next::Woken;
            }
            let requests = most.min(ENCODE);
            let by_device = self.route.info.rate_unit == RateUnit::Devices;
            let wanted = if by_device {
                requests * batch
            } else {
                requests
            };
            let (allowed, wait) = self.rate.take(wanted, time);
            if allowed == 0 {
                return Next::At(time.plus_millis(wait));
            }
            let room = LeaseLimit {
                requests: allowed.min(requests),
                batch,
                devices: in_memory.min(if by_device { allowed } else { allowed * batch }),
                linger: LINGER,
            };
            let groups = match self.next_groups(time, room) {
                Ok(groups) => groups,
                Err(error) => {
                    tracing::error!(channel = self.route.name, %error, "the queue cannot be read");
                    return Next::At(time.plus_seconds(1));
                }
            };
            if groups.is_empty() {
                self.rate.give_back(allowed);
                return self.lane.next_due().map_or(Next::Woken, Next::At);
            }
            let (groups, expired) = alive(groups, time);
            let mut ended: Vec<_> = expired.into_iter().map(expire).collect();
            let (groups, silent) = self.presence.sift(groups, time);
            ended.extend(silent);
            let groups = match self.alike.is_empty() {
                true => groups,
                false => self.spared(groups, time, &mut ended),
            };
            self.settle(ended).await;
            let used = match by_device {
                true => groups.iter().map(Vec::len).sum(),
                false => groups.len(),
            };
            self.rate.give_back(allowed.saturating_sub(used));
            self.send(groups, grant, time).await;
        }
    }

    /// What to send: first the halves of refused batches, else what the lane has.
    fn next_groups(&mut self, time: Timestamp, room: LeaseLimit) -> Result<Vec<Group>, StoreError> {
        if self.halves.is_empty() {
            return self.lane.lease_batches(time, room, may_join);
        }
        let mut devices = 0;
        let fit = self.halves.iter().take(room.requests).take_while(|half| {
            let first = devices == 0;
            devices += half.len();
            first || devices <= room.devices
        });
        let count = fit.count();
        Ok(self.halves.drain(..count).collect())
    }

    /// Requests that may be under way: what the vendor keeps up with, and has streams for.
    pub(super) fn at_once(&self) -> usize {
        let streams = self.route.client.capacity().unwrap_or(usize::MAX);
        self.window.size().min(streams)
    }

    /// Requests under way. What is not settled counts too, as it is what a crash would send
    /// twice; but for half of what may be under way, or the disk would keep streams empty.
    pub(super) fn under_way(&self, at_once: usize) -> usize {
        let halves: usize = self.halves.iter().map(Vec::len).sum();
        let unsettled = self.lane.in_flight().saturating_sub(self.aloft + halves);
        let unsettled = unsettled.div_ceil(self.route.info.batch as usize);
        self.flights.len() + unsettled.saturating_sub(at_once / 2)
    }

    fn fetch_grant(&mut self, cell: Arc<GrantCell>) {
        if self.fetching.is_none() {
            let route = self.route.clone();
            self.fetching = Some(async move { cell.fetched(&route).await }.boxed());
        }
    }

    fn granted(&mut self, result: Result<Arc<Grant>, Trouble>) {
        self.fetching = None;
        if let Err(trouble) = result {
            let hold = match trouble.asked {
                true => Hold::asked(trouble.until, trouble.reason),
                false => Hold::ours(trouble.until, trouble.reason),
            };
            if self.breaker.hold_until(hold) {
                self.log_hold();
            }
            self.show_hold();
        }
    }
}

/// The grant that is being fetched; never, where none is.
async fn fetched(
    fetching: &mut Option<BoxFuture<'static, Result<Arc<Grant>, Trouble>>>,
) -> Result<Arc<Grant>, Trouble> {
    match fetching {
        Some(fetching) => fetching.await,
        None => std::future::pending().await,
    }
}

/// Takes out what has expired.
fn alive(mut groups: Vec<Group>, time: Timestamp) -> (Vec<Group>, Vec<Lease>) {
    let expired = |lease: &mut Lease| lease.delivery().content.expires_at <= time;
    let mut out = Vec::new();
    for group in &mut groups {
        // Hardly ever is there one.
        if group.iter_mut().any(expired) {
            out.extend(group.extract_if(.., expired));
        }
    }
    groups.retain(|group| !group.is_empty());
    (groups, out)
}

fn expire(lease: Lease) -> Settlement {
    Settlement::new(lease, None, Decision::End(OutcomeKind::Expired))
}
