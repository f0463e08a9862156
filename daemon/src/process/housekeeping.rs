//! What must be done now and then: tell the watchdog, sweep, end what nobody will send.

use std::sync::Arc;
use std::time::Duration;

use nudged_plugin_api::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::notify;
use super::reload::Reloader;
use crate::channels::Routes;
use crate::clock::now;
use crate::credential::expiry::{self, ExpiryStage, ReportedExpiry};
use crate::dispatch::Operator;
use crate::model::{CertificateId, rfc3339};
use crate::outcome::{Brakes, Outcomes};
use crate::queue::{Queue, Revocations};
use crate::registry::Registry;
use crate::store::{Commit, Store, StoreError, budget, sweep};

const SWEEP: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);
const STATUS: Duration = Duration::from_secs(10);

/// The stages that are looked after.
#[derive(Clone)]
pub struct HousekeepingStages {
    pub store: Store,
    pub queue: Arc<Queue>,
    pub routes: Arc<Routes>,
    pub registry: Arc<Registry>,
    pub operator: Arc<Operator>,
    pub revocations: Arc<Revocations>,
    pub brakes: Arc<Brakes>,
}

/// How much of the past is kept.
pub struct Retention {
    /// How long.
    pub retention: Duration,
    /// Most bytes of traces; none = as many as fit.
    pub traces: Option<u64>,
}

/// Runs until stopped. What takes its time never keeps the watchdog waiting.
pub async fn run(
    stages: HousekeepingStages,
    outcomes: Arc<Outcomes>,
    keep: Retention,
    stopped: watch::Receiver<bool>,
) {
    tokio::join!(
        report_status(&stages, stopped.clone()),
        report_expiry(&stages, stopped.clone()),
        tidy(&stages, &outcomes, &keep, stopped)
    );
}

/// Tells systemd that the daemon is alive, and how it is.
async fn report_status(stages: &HousekeepingStages, mut stopped: watch::Receiver<bool>) {
    let watchdog = notify::watchdog_interval();
    let mut alive = every(watchdog.unwrap_or(SWEEP));
    let mut failure = stages.store.failure();
    let mut status = every(STATUS);
    loop {
        tokio::select! {
            () = until_stopped(&mut stopped) => return,
            _ = alive.tick(), if watchdog.is_some() => {
                // Alive is whose committer still answers: an empty commit goes all the way
                // round. A no is an answer; a restart brings no room to the disk.
                if let Err(error) = stages.store.commit(Commit::default()).await {
                    tracing::debug!(%error, "the database cannot be written");
                }
                notify::watchdog();
            }
            Ok(()) = failure.changed() => notify::status(&in_one_line(stages)),
            _ = status.tick() => {
                stages.brakes.release_if_quiet(now());
                notify::status(&in_one_line(stages));
            }
        }
    }
}

/// Sweeps, and ends what nobody will send.
async fn tidy(
    stages: &HousekeepingStages,
    outcomes: &Outcomes,
    keep: &Retention,
    mut stopped: watch::Receiver<bool>,
) {
    let (mut sweeping, mut minute) = (every(SWEEP), every(MINUTE));
    loop {
        tokio::select! {
            () = until_stopped(&mut stopped) => return,
            _ = minute.tick() => {
                if let Err(error) = expire_orphans(stages, outcomes).await {
                    tracing::error!(%error, "cannot read deliveries of channels that do not send");
                }
                let within = async {
                    budget::trim_traces(&stages.store, keep.traces).await?;
                    budget::compact_if_over_budget(&stages.store).await
                };
                let within = tokio::select! {
                    () = until_stopped(&mut stopped) => return,
                    within = within => within,
                };
                if let Err(error) = within {
                    tracing::error!(%error, "cannot keep the database within its budget");
                }
            }
            _ = sweeping.tick() => {
                let time = now();
                let before = Timestamp(time.0.saturating_sub(keep.retention.as_millis() as u64));
                let swept = async {
                    let tombstones = stages.registry.sweep(before).await?;
                    Ok::<_, StoreError>(tombstones + sweep(&stages.store, before, time).await?)
                };
                match swept.await {
                    Ok(removed) => {
                        stages.revocations.forget(before, time);
                        tracing::debug!(removed, "swept");
                    }
                    Err(error) => tracing::error!(%error, "cannot delete expired records"),
                }
            }
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Counts the devices, for the brake. On a thread of its own: the start does not wait for it.
/// Then tells of those whose channel went while the daemon was down.
pub fn count(registry: Arc<Registry>, reload: Arc<Reloader>, stopped: watch::Receiver<bool>) {
    tokio::task::spawn_blocking(move || match registry.count(|| !*stopped.borrow()) {
        Ok(()) if !*stopped.borrow() => {
            for warning in reload.orphaned_devices() {
                tracing::warn!("{warning}");
            }
        }
        Ok(()) => {}
        Err(error) => tracing::error!(%error, "cannot count devices"),
    });
}

/// Tells of client certificates that are about to expire, and of the moment when they do.
async fn report_expiry(stages: &HousekeepingStages, mut stopped: watch::Receiver<bool>) {
    let mut reported = ReportedExpiry::default();
    loop {
        let certificates: Vec<_> = (stages.routes.current().routes())
            .filter_map(|route| Some((route.certificate_id, route.credential_expires_at?)))
            .collect();
        let time = now();
        log_expiry(stages, reported.due(&certificates, time), time);
        // The clock may be set, and a reload brings other certificates.
        let wait = expiry::next_stage_at(&certificates, time)
            .map(|next| Duration::from_millis(next.millis_after(time)))
            .map_or(MINUTE, |wait| wait.min(MINUTE));
        tokio::select! {
            () = until_stopped(&mut stopped) => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn log_expiry(
    stages: &HousekeepingStages,
    due: Vec<(CertificateId, ExpiryStage)>,
    time: Timestamp,
) {
    let table = stages.routes.current();
    for (id, stage) in due {
        let Some(route) = table.by_id(id).and_then(|entry| entry.route()) else {
            continue;
        };
        let file = route.file.display();
        let expires_at = route.credential_expires_at.unwrap_or_default();
        let at = rfc3339(expires_at);
        match stage {
            ExpiryStage::Over => tracing::error!(
                channel = route.name, %file, expired_at = at,
                "the certificate has expired: its deliveries wait; renew it and reload"
            ),
            ExpiryStage::Near(_) => tracing::warn!(
                channel = route.name, %file, expires_at = at,
                days = expires_at.seconds_after(time).div_ceil(86_400),
                "the certificate expires soon: renew it and reload"
            ),
        }
    }
}

/// Returns once told to stop, without holding on to the word.
async fn until_stopped(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// How many channels there are, for `systemctl status`.
pub fn channels(routes: &Routes) -> String {
    let table = routes.current();
    let count = table.routes().count();
    match table.broken().len() {
        0 => format!("{count} channels"),
        broken => format!("{count} channels, {broken} BROKEN"),
    }
}

fn in_one_line(stages: &HousekeepingStages) -> String {
    let table = stages.routes.current();
    let channels = table.all().iter().map(|entry| entry.certificate_id);
    let depth = stages.queue.depth(channels);
    let waiting = match &*stages.store.failure().borrow() {
        Some(error) => format!("waiting for the disk: {error}; "),
        None => String::new(),
    };
    format!(
        "{waiting}{}; queue: {}{} ready, {} waiting, {} in flight",
        self::channels(&stages.routes),
        if depth.counting { "at least " } else { "" },
        depth.ready,
        depth.waiting,
        depth.in_flight
    )
}

/// A channel that is broken or whose file is gone, or that the operator holds, sends nothing; its
/// deliveries wait for it to go on, and end when their time is over.
async fn expire_orphans(
    stages: &HousekeepingStages,
    outcomes: &Outcomes,
) -> Result<(), StoreError> {
    let table = stages.routes.current();
    for channel in stages.queue.occupied()? {
        let route = table.by_id(channel).and_then(|entry| entry.route());
        if route.is_some() && stages.operator.held_since(channel).is_none() {
            continue;
        }
        outcomes.expire(channel, now()).await?;
    }
    Ok(())
}
