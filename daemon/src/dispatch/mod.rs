//! Dispatch: one task per channel, started, replaced and stopped by the reload.
//!
//! In: routes from the reload, deliveries from the queue. Out: settlements to outcome.

mod alike;
mod batch;
mod blame;
mod breaker;
mod broken;
mod channel;
mod flight;
mod form;
mod grant;
mod landing;
mod operator;
mod presence;
mod probe;
mod quota;
mod rate;
mod recall;
mod route;
mod routes;
mod suspicion;
mod takeoff;
mod told;
mod window;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use nudged_plugin_api::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::model::{CertificateId, now};
use crate::outcome::{Outcomes, Stats};
use crate::queue::{HeldChannels, Queue};
use crate::quota::Ledger;
use crate::sync::{Mutex, MutexGuard};

use channel::{Channel, Wishes, With};
use grant::{GrantCell, Grants};
use suspicion::Suspicions;

pub use batch::share_a_request;
pub use breaker::Hold;
pub use broken::BrokenChannel;
pub use form::{Form, LONGEST_TOKEN};
pub use operator::{Filter, Flushed, Operator, Overridden, Released, Removed};
pub use presence::Presence;
pub use probe::Probed;
pub use recall::{Answer, Revoker};
pub use route::{REHEARSED_GRANT, Rehearsed, Route};
pub use routes::{Entry, Routes, Table, Way};
pub use suspicion::{About, Suspicion};

/// The channels' tasks.
pub struct Dispatch {
    queue: Arc<Queue>,
    outcomes: Arc<Outcomes>,
    presence: Arc<Presence>,
    holds: Arc<HeldChannels>,
    stats: Arc<Stats>,
    ledger: Arc<Ledger>,
    grants: Grants,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    channels: HashMap<CertificateId, Handle>,
    tasks: JoinSet<()>,
    stopped: bool,
}

struct Handle {
    route: Arc<Route>,
    stop: watch::Sender<bool>,
    held: Arc<Mutex<Option<Hold>>>,
    suspicions: Arc<Mutex<Suspicions>>,
    wishes: Arc<Wishes>,
}

impl Handle {
    fn hold(&self) -> Option<Hold> {
        self.held.lock().clone()
    }

    fn suspicions(&self) -> MutexGuard<'_, Suspicions> {
        self.suspicions.lock()
    }
}

/// What a change of routes did, by name.
#[derive(Debug, Default)]
pub struct Changes {
    /// New channels.
    pub started: Vec<String>,
    /// Channels that go on as they are.
    pub kept: Vec<String>,
    /// Channels that were replaced.
    pub replaced: Vec<String>,
    /// Channels that end.
    pub stopped: Vec<String>,
}

impl Dispatch {
    /// No channels yet.
    pub fn new(
        queue: Arc<Queue>,
        outcomes: Arc<Outcomes>,
        presence: Presence,
        holds: Arc<HeldChannels>,
        stats: Arc<Stats>,
        ledger: Arc<Ledger>,
    ) -> Self {
        Self {
            queue,
            outcomes,
            presence: Arc::new(presence),
            holds,
            stats,
            ledger,
            grants: Grants::default(),
            running: Mutex::default(),
        }
    }

    /// Makes these the channels. What did not change keeps its connections; of the others,
    /// requests under way finish on the old route while the new one already sends.
    pub fn apply(&self, routes: &[Arc<Route>]) -> Changes {
        let mut running = self.running.lock();
        let mut changes = Changes::default();
        if running.stopped {
            return changes;
        }
        let mut before = std::mem::take(&mut running.channels);
        for route in routes {
            let old = before.remove(&route.certificate_id);
            let name = route.name.clone();
            let (mut inherited, mut proven) = (None, false);
            match old {
                Some(handle) if handle.route.fingerprint == route.fingerprint => {
                    changes.kept.push(name);
                    // Whoever reloads has put something right: what is held of our own accord
                    // is tried at once.
                    self.ledger.retry_now(route.certificate_id);
                    handle.wishes.flush.store(true, Ordering::Relaxed);
                    self.queue.lane(route.certificate_id).wake();
                    running.channels.insert(route.certificate_id, handle);
                    continue;
                }
                Some(handle) => {
                    handle.stop.send_replace(true);
                    changes.replaced.push(name);
                    inherited = handle.hold().filter(|hold| hold.asked);
                    proven =
                        handle.route.settings == route.settings && handle.suspicions().is_proven();
                    if let Some(cell) = self.grants_of(route) {
                        cell.hasten();
                    }
                    self.ledger.retry_now(route.certificate_id);
                    self.hasten(route.certificate_id);
                }
                None => changes.started.push(name),
            }
            let handle = self.start(&mut running.tasks, route.clone(), inherited, proven);
            running.channels.insert(route.certificate_id, handle);
        }
        for handle in before.into_values() {
            handle.stop.send_replace(true);
            changes.stopped.push(handle.route.name.clone());
        }
        while running.tasks.try_join_next().is_some() {}
        changes
    }

    /// Has what waits of our own accord tried at once by the new way.
    fn hasten(&self, channel: CertificateId) {
        let (lane, outcomes) = (self.queue.lane(channel), self.outcomes.clone());
        tokio::spawn(async move {
            if let Err(error) = operator::hasten(&lane, &outcomes, channel, |asked| asked).await {
                tracing::error!(certificate_id = %channel, %error, "what waits for its next try waits on");
            }
        });
    }

    fn start(
        &self,
        tasks: &mut JoinSet<()>,
        route: Arc<Route>,
        hold: Option<Hold>,
        proven: bool,
    ) -> Handle {
        let hold = hold.or_else(|| self.remembered(route.certificate_id));
        let held = Arc::new(Mutex::new(hold));
        let (stop, stopped) = watch::channel(false);
        let wishes = Arc::<Wishes>::default();
        let suspicions = Arc::new(Mutex::new(Suspicions::new(proven)));
        let with = With {
            route: route.clone(),
            lane: self.queue.lane(route.certificate_id),
            outcomes: self.outcomes.clone(),
            presence: self.presence.clone(),
            holds: self.holds.clone(),
            stats: self.stats.clone(),
            ledger: self.ledger.clone(),
            grants: self.grants_of(&route),
        };
        let channel = Channel::new(with, held.clone(), suspicions.clone(), wishes.clone());
        tasks.spawn(channel.run(stopped));
        Handle {
            route,
            stop,
            held,
            suspicions,
            wishes,
        }
    }

    /// What stands against a channel since its last accepted message.
    pub fn suspicions(&self, channel: CertificateId) -> Vec<Suspicion> {
        let running = self.running.lock();
        let handle = running.channels.get(&channel);
        handle.map_or_else(Vec::new, |handle| handle.suspicions().standing().to_vec())
    }

    /// That the vendor takes nothing more of a channel, as it said before a restart.
    fn remembered(&self, channel: CertificateId) -> Option<Hold> {
        let refusal = self.ledger.whole(channel).refusal(now())?;
        let reason = format!("{} ({})", refusal.text, refusal.remedy);
        Some(Hold::asked(refusal.until, reason))
    }

    /// Where the grants of a channel are, if it has any.
    fn grants_of(&self, route: &Route) -> Option<Arc<GrantCell>> {
        let scope = route.driver.grant_scope()?;
        Some(self.grants.cell(&route.info.vendor, scope))
    }

    /// The route of a channel, and why it is held if it is.
    pub fn view(&self, channel: CertificateId) -> Option<(Arc<Route>, Option<Hold>)> {
        let running = self.running.lock();
        let handle = running.channels.get(&channel)?;
        Some((handle.route.clone(), handle.hold()))
    }

    /// Has a channel try at once, unless its vendor or the operator holds it.
    pub fn flush(&self, channel: CertificateId) {
        let running = self.running.lock();
        self.ledger.retry_now(channel);
        if let Some(handle) = running.channels.get(&channel) {
            handle.wishes.flush.store(true, Ordering::Relaxed);
        }
        drop(running);
        self.queue.lane(channel).wake();
    }

    /// Has a channel try at once, though its vendor asked to wait; that hold, if there was one.
    pub fn release(&self, channel: CertificateId, now: Timestamp) -> Option<Hold> {
        let running = self.running.lock();
        let handle = running.channels.get(&channel)?;
        let mut held = handle.held.lock();
        let over = held.clone().filter(|hold| hold.until > now);
        if let (Some(hold), Some(_)) = (held.as_mut(), &over) {
            hold.until = now;
        }
        drop(held);
        handle.wishes.release.store(true, Ordering::Relaxed);
        drop(running);
        self.queue.lane(channel).wake();
        over
    }

    /// Leases nothing more, and returns when all that is under way is settled.
    pub async fn drain(&self) {
        let mut tasks = {
            let mut running = self.running.lock();
            running.stopped = true;
            for handle in running.channels.values() {
                handle.stop.send_replace(true);
            }
            std::mem::take(&mut running.tasks)
        };
        while tasks.join_next().await.is_some() {}
    }
}
