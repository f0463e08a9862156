//! The channels' tasks: one per channel, started, replaced and stopped by the reload.
//!
//! In: routes from the reload, the operator's flush and release. Out: running channels, and how each
//! stands. What did not change goes on; of what did, the new one inherits what its vendor asked for.

use crate::sync::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use nudged_plugin_api::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::breaker::Hold;
use super::channel::{ChannelCommand, ChannelContext, ChannelTask};
use super::grant::{GrantCell, Grants};
use super::retry_now::retry_now;
use super::send_check::SendCheck;
use super::suspicion::{Suspicion, Suspicions};
use crate::channels::Route;
use crate::clock::now;
use crate::model::CertificateId;
use crate::outcome::{Outcomes, Stats};
use crate::queue::{HeldChannels, Queue};
use crate::quota::Ledger;

/// The channels' tasks.
pub struct Dispatch {
    queue: Arc<Queue>,
    outcomes: Arc<Outcomes>,
    send_check: Arc<SendCheck>,
    holds: Arc<HeldChannels>,
    stats: Arc<Stats>,
    ledger: Arc<Ledger>,
    grants: Grants,
    running: Mutex<RunningChannels>,
}

#[derive(Default)]
struct RunningChannels {
    channels: HashMap<CertificateId, ChannelHandle>,
    tasks: JoinSet<()>,
    stopped: bool,
}

struct ChannelHandle {
    route: Arc<Route>,
    stop: watch::Sender<bool>,
    held: Arc<Mutex<Option<Hold>>>,
    suspicions: Arc<Mutex<Suspicions>>,
    command: Arc<ChannelCommand>,
}

impl ChannelHandle {
    fn hold(&self) -> Option<Hold> {
        locked(&self.held).clone()
    }

    fn suspicions(&self) -> MutexGuard<'_, Suspicions> {
        locked(&self.suspicions)
    }
}

/// What a channel takes over from the one that it replaces.
#[derive(Default)]
struct Inherited {
    /// The hold that its vendor asked for.
    hold: Option<Hold>,
    /// A message was accepted with the same settings.
    proven: bool,
}

/// What a change of routes did, by name.
#[derive(Debug, Default)]
pub struct RouteChanges {
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
        send_check: SendCheck,
        holds: Arc<HeldChannels>,
        stats: Arc<Stats>,
        ledger: Arc<Ledger>,
    ) -> Self {
        Self {
            queue,
            outcomes,
            send_check: Arc::new(send_check),
            holds,
            stats,
            ledger,
            grants: Grants::default(),
            running: Mutex::default(),
        }
    }

    /// Makes these the channels. What did not change keeps its connections; of the others,
    /// requests in flight finish on the old route while the new one already sends.
    // req 4: a saved change is in force without a restart.
    pub fn apply(&self, routes: &[Arc<Route>]) -> RouteChanges {
        let mut running = self.running();
        let mut changes = RouteChanges::default();
        if running.stopped {
            return changes;
        }
        let mut before = std::mem::take(&mut running.channels);
        for route in routes {
            let name = route.name.clone();
            let handle = match before.remove(&route.certificate_id) {
                Some(handle) if handle.route.inputs == route.inputs => {
                    changes.kept.push(name);
                    self.keep(handle)
                }
                Some(handle) => {
                    changes.replaced.push(name);
                    self.replace(&mut running.tasks, &handle, route.clone())
                }
                None => {
                    changes.started.push(name);
                    self.start(&mut running.tasks, route.clone(), Inherited::default())
                }
            };
            running.channels.insert(route.certificate_id, handle);
        }
        for handle in before.into_values() {
            handle.stop.send_replace(true);
            changes.stopped.push(handle.route.name.clone());
        }
        while running.tasks.try_join_next().is_some() {}
        changes
    }

    /// A channel that goes on as it is. Whoever reloads has put something right: what is held of our
    /// own accord is tried at once.
    fn keep(&self, handle: ChannelHandle) -> ChannelHandle {
        let channel = handle.route.certificate_id;
        self.ledger.retry_now(channel);
        handle.command.flush.store(true, Ordering::Relaxed);
        self.queue.lane(channel).wake();
        handle
    }

    /// A channel in the place of another, which finishes what it has in flight.
    fn replace(
        &self,
        tasks: &mut JoinSet<()>,
        old: &ChannelHandle,
        route: Arc<Route>,
    ) -> ChannelHandle {
        old.stop.send_replace(true);
        let inherited = Inherited {
            hold: old.hold().filter(|hold| hold.asked),
            proven: old.route.settings == route.settings && old.suspicions().is_proven(),
        };
        if let Some(cell) = self.grants_of(&route) {
            cell.retry_now();
        }
        self.ledger.retry_now(route.certificate_id);
        self.retry_now(route.certificate_id);
        self.start(tasks, route, inherited)
    }

    /// Makes what is deferred of our own accord due at once, for the new route.
    fn retry_now(&self, channel: CertificateId) {
        let (lane, outcomes) = (self.queue.lane(channel), self.outcomes.clone());
        tokio::spawn(async move {
            if let Err(error) = retry_now(&lane, &outcomes, channel, |asked| asked).await {
                tracing::error!(
                    certificate_id = %channel,
                    %error,
                    "deferred deliveries cannot be read and are not retried earlier"
                );
            }
        });
    }

    fn start(
        &self,
        tasks: &mut JoinSet<()>,
        route: Arc<Route>,
        inherited: Inherited,
    ) -> ChannelHandle {
        let hold = inherited.hold;
        let hold = hold.or_else(|| self.remembered_hold(route.certificate_id));
        let held = Arc::new(Mutex::new(hold));
        let (stop, stopped) = watch::channel(false);
        let command = Arc::<ChannelCommand>::default();
        let suspicions = Arc::new(Mutex::new(Suspicions::new(inherited.proven)));
        let context = ChannelContext {
            route: route.clone(),
            lane: self.queue.lane(route.certificate_id),
            outcomes: self.outcomes.clone(),
            send_check: self.send_check.clone(),
            holds: self.holds.clone(),
            stats: self.stats.clone(),
            ledger: self.ledger.clone(),
            grants: self.grants_of(&route),
        };
        let channel = ChannelTask::new(context, held.clone(), suspicions.clone(), command.clone());
        tasks.spawn(channel.run(stopped));
        ChannelHandle {
            route,
            stop,
            held,
            suspicions,
            command,
        }
    }

    /// What stands against a channel since its last accepted message.
    pub fn suspicions(&self, channel: CertificateId) -> Vec<Suspicion> {
        let running = self.running();
        let handle = running.channels.get(&channel);
        handle.map_or_else(Vec::new, |handle| handle.suspicions().unresolved().to_vec())
    }

    /// That the vendor takes nothing more of a channel, as it asked before a restart.
    fn remembered_hold(&self, channel: CertificateId) -> Option<Hold> {
        let refusal = self.ledger.channel_account(channel).refusal(now())?;
        let reason = format!("{} ({})", refusal.text, refusal.remedy);
        Some(Hold::asked(refusal.until, reason))
    }

    /// Where the grants of a channel are, if it has any.
    pub(super) fn grants_of(&self, route: &Route) -> Option<Arc<GrantCell>> {
        let scope = route.driver.grant_scope()?;
        Some(self.grants.cell(&route.info.vendor, scope))
    }

    /// The route of a channel, and why it is held if it is.
    pub fn view(&self, channel: CertificateId) -> Option<(Arc<Route>, Option<Hold>)> {
        let running = self.running();
        let handle = running.channels.get(&channel)?;
        Some((handle.route.clone(), handle.hold()))
    }

    /// Has a channel try at once, unless its vendor or the operator holds it.
    pub fn flush(&self, channel: CertificateId) {
        let running = self.running();
        self.ledger.retry_now(channel);
        if let Some(handle) = running.channels.get(&channel) {
            handle.command.flush.store(true, Ordering::Relaxed);
        }
        drop(running);
        self.queue.lane(channel).wake();
    }

    /// Has a channel try at once, though its vendor asked to wait; that hold, if there was one.
    pub fn release(&self, channel: CertificateId, now: Timestamp) -> Option<Hold> {
        let running = self.running();
        let handle = running.channels.get(&channel)?;
        let mut held = locked(&handle.held);
        let over = held.clone().filter(|hold| hold.until > now);
        if let (Some(hold), Some(_)) = (held.as_mut(), &over) {
            hold.until = now;
        }
        drop(held);
        handle.command.release.store(true, Ordering::Relaxed);
        drop(running);
        self.queue.lane(channel).wake();
        over
    }

    /// Leases nothing more, and returns when all that is in flight is settled.
    pub async fn drain(&self) {
        let mut tasks = {
            let mut running = self.running();
            running.stopped = true;
            for handle in running.channels.values() {
                handle.stop.send_replace(true);
            }
            std::mem::take(&mut running.tasks)
        };
        while tasks.join_next().await.is_some() {}
    }

    fn running(&self) -> MutexGuard<'_, RunningChannels> {
        locked(&self.running)
    }
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock()
}
