//! What must be done now and then: tell the watchdog, sweep, end what nobody will send.

use std::sync::Arc;
use std::time::Duration;

use nudged_plugin_api::{Scope, Timestamp};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::notify;
use crate::api::Api;
use crate::credential::expiry::{self, ExpiryStage, ReportedExpiry};
use crate::model::{CertificateId, Delivery, OutcomeKind, now, rfc3339};
use crate::outcome::{Decision, Outcomes, Settlement};
use crate::queue::Scan;
use crate::store::{Commit, StoreError, budget, sweep};

const SWEEP: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);
const STATUS: Duration = Duration::from_secs(10);
/// Deliveries of a channel that does not send that are looked at in one go.
const MAX_CLAIMED: usize = 1000;

/// How much of the past is kept.
pub struct Retention {
    /// How long.
    pub retention: Duration,
    /// Most bytes of traces; none = as many as fit.
    pub traces: Option<u64>,
}

/// Runs until stopped. What takes its time never keeps the watchdog waiting.
pub async fn run(
    api: Arc<Api>,
    outcomes: Arc<Outcomes>,
    keep: Retention,
    stopped: watch::Receiver<bool>,
) {
    tokio::join!(
        report_status(&api, stopped.clone()),
        report_expiry(&api, stopped.clone()),
        tidy(&api, &outcomes, &keep, stopped)
    );
}

/// Tells systemd that the daemon is alive, and how it is.
async fn report_status(api: &Api, mut stopped: watch::Receiver<bool>) {
    let watchdog = notify::watchdog_interval();
    let mut alive = every(watchdog.unwrap_or(SWEEP));
    let mut failure = api.store.failure();
    let mut status = every(STATUS);
    loop {
        tokio::select! {
            () = until_stopped(&mut stopped) => return,
            _ = alive.tick(), if watchdog.is_some() => {
                // Alive is whose committer still answers: an empty commit goes all the way
                // round. A no is an answer; a restart brings no room to the disk.
                if let Err(error) = api.store.commit(Commit::default()).await {
                    tracing::debug!(%error, "the database cannot be written");
                }
                notify::watchdog();
            }
            Ok(()) = failure.changed() => notify::status(&in_one_line(api)),
            _ = status.tick() => {
                api.brakes.calm(now());
                notify::status(&in_one_line(api));
            }
        }
    }
}

/// Sweeps, and ends what nobody will send.
async fn tidy(
    api: &Api,
    outcomes: &Outcomes,
    keep: &Retention,
    mut stopped: watch::Receiver<bool>,
) {
    let (mut sweeping, mut minute) = (every(SWEEP), every(MINUTE));
    loop {
        tokio::select! {
            () = until_stopped(&mut stopped) => return,
            _ = minute.tick() => {
                if let Err(error) = expire_orphans(api, outcomes).await {
                    tracing::error!(%error, "cannot read deliveries of channels that do not send");
                }
                let within = async {
                    budget::forget_early(&api.store, keep.traces).await?;
                    budget::shrink(&api.store).await
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
                    let tombstones = api.registry.sweep(before).await?;
                    Ok::<_, StoreError>(tombstones + sweep(&api.store, before, time).await?)
                };
                match swept.await {
                    Ok(removed) => {
                        api.revocations.forget(before, time);
                        tracing::debug!(removed, "swept");
                    }
                    Err(error) => tracing::error!(%error, "cannot sweep"),
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
pub fn count(api: Arc<Api>, stopped: watch::Receiver<bool>) {
    tokio::task::spawn_blocking(move || match api.registry.count(|| !*stopped.borrow()) {
        Ok(()) if !*stopped.borrow() => {
            for warning in api.reload.left_alone() {
                tracing::warn!("{warning}");
            }
        }
        Ok(()) => {}
        Err(error) => tracing::error!(%error, "cannot count devices"),
    });
}

/// Tells of client certificates that are about to expire, and of the moment when they do.
async fn report_expiry(api: &Api, mut stopped: watch::Receiver<bool>) {
    let mut reported = ReportedExpiry::default();
    loop {
        let certificates: Vec<_> = (api.routes.now().routes())
            .filter_map(|route| Some((route.certificate_id, route.credential_expires_at?)))
            .collect();
        let time = now();
        log_expiry(api, reported.due(&certificates, time), time);
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

fn log_expiry(api: &Api, due: Vec<(CertificateId, ExpiryStage)>, time: Timestamp) {
    let table = api.routes.now();
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
                "the certificate has expired: what is for this channel waits; renew it and reload"
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
pub fn channels(api: &Api) -> String {
    let table = api.routes.now();
    let count = table.routes().count();
    match table.broken().len() {
        0 => format!("{count} channels"),
        broken => format!("{count} channels, {broken} BROKEN"),
    }
}

fn in_one_line(api: &Api) -> String {
    let depth = api.depth();
    let waiting = match &*api.store.failure().borrow() {
        Some(error) => format!("waiting for the disk: {error}; "),
        None => String::new(),
    };
    format!(
        "{waiting}{}; queue: {}{} ready, {} waiting, {} under way",
        channels(api),
        if depth.counting { "at least " } else { "" },
        depth.ready,
        depth.waiting,
        depth.in_flight
    )
}

/// A channel that is broken or whose file is gone, or that the operator has stopped, sends nothing; its
/// deliveries wait for it to go on, and end when their time is over.
async fn expire_orphans(api: &Api, outcomes: &Outcomes) -> Result<(), StoreError> {
    let table = api.routes.now();
    for channel in api.queue.occupied()? {
        let route = table.by_id(channel).and_then(|entry| entry.route());
        if route.is_some() && api.operator.held_since(channel).is_none() {
            continue;
        }
        let time = now();
        let lane = api.queue.lane(channel);
        for mut scan in [Scan::ready(channel), Scan::waiting(channel, Timestamp(0))] {
            let over = |delivery: &Delivery| delivery.content.expires_at <= time;
            let claimed = lane.claim(&mut scan, MAX_CLAIMED, over)?;
            let expired: Vec<Settlement> = claimed
                .leases
                .into_iter()
                .map(|(lease, _)| Settlement {
                    lease,
                    attempt: None,
                    decision: Decision::End(OutcomeKind::Expired),
                    vendor_id: None,
                    dead_since: None,
                    scope: Scope::Unsaid,
                    spared: false,
                    settings: 0,
                    recall_key: String::new(),
                    ticket: None,
                })
                .collect();
            if !expired.is_empty() {
                tracing::warn!(certificate_id = %channel, count = expired.len(), "deliveries of a channel that does not send expired");
                outcomes.settle(expired, time).await;
            }
        }
    }
    Ok(())
}
