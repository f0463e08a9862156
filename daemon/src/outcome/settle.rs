//! The stage's one writer: settlements, what is suppressed with its admission, and what came of
//! taking messages back, each in one transaction with queue, registry, trace and events.
//!
//! In: settlements, whose decisions `retry` has made. Out: commits; leases are released once they are
//! written. A write that fails is tried again, or what the vendor has taken would be sent twice.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use nudged_plugin_api::Timestamp;
use nudged_plugin_api::frame::to_bytes;

use super::brakes::Brakes;
use super::ending::{Ending, Suppressed};
use super::events::Events;
use super::retry::Decision;
use super::settlement::Settlement;
use super::stats::Stats;
use crate::model::{Attempt, CertificateId, DeliveryId, Trace};
use crate::queue::{Lease, Queue, Revocations};
use crate::quota::{self, Account, Reservation};
use crate::registry::{Registry, RegistryView};
use crate::store::{Commit, Keyspace, Store, StoreError, Write};

/// Writes what became of deliveries.
pub struct Outcomes {
    pub(super) store: Store,
    pub(super) queue: Arc<Queue>,
    pub(super) registry: Arc<Registry>,
    pub(super) stats: Arc<Stats>,
    pub(super) events: Arc<Events>,
    revocations: Arc<Revocations>,
    pub(super) brakes: Arc<Brakes>,
    pub(super) canonicalize: OnceLock<Canonicalize>,
}

/// The canonical form of a channel's token.
type Canonicalize = Box<dyn Fn(CertificateId, &str) -> String + Send + Sync>;

/// A failed write is tried again, this often when the database as a whole is well: the lease
/// must not be given out anew, or what the vendor has taken is sent again.
const WRITE_RETRY_DELAY: Duration = Duration::from_secs(1);

impl Outcomes {
    /// Writes to these.
    pub fn new(
        store: Store,
        queue: Arc<Queue>,
        registry: Arc<Registry>,
        stats: Arc<Stats>,
        events: Arc<Events>,
        revocations: Arc<Revocations>,
        brakes: Arc<Brakes>,
    ) -> Self {
        Self {
            store,
            queue,
            registry,
            stats,
            events,
            revocations,
            brakes,
            canonicalize: OnceLock::new(),
        }
    }

    /// Sets who knows the canonical form of tokens; once.
    pub fn canonicalize_by(
        &self,
        canonicalize: impl Fn(CertificateId, &str) -> String + Send + Sync + 'static,
    ) {
        // A second one would give the same.
        let _ = self.canonicalize.set(Box::new(canonicalize));
    }

    /// Adds to the commit of an admission what ends with it.
    pub fn suppress(&self, commit: &mut Commit, suppressed: Vec<Suppressed>) {
        if suppressed.is_empty() {
            return;
        }
        let mut ending = Ending::with(std::mem::take(commit));
        for Suppressed { id, trace } in suppressed {
            ending.end(id, &trace);
        }
        *commit = ending.into_commit(&self.events, &self.stats);
    }

    /// Whether what is sent now could be remembered; if not, a restart would send it again.
    pub fn can_be_written(&self) -> bool {
        !self.store.has_failed()
    }

    /// Settles deliveries together. Returns once it is written.
    pub async fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) {
        let removes = settlements.iter().any(Settlement::removes_device);
        let accounts = quota::count(reservations(&settlements), now, |channel| {
            self.registry.devices_of(channel)
        });
        let accounts = Arc::new(accounts);
        loop {
            let written = if removes {
                let build = |view: &mut RegistryView<'_>| {
                    self.commit(&settlements, now, Some(view))
                        .map(|commit| (with_accounts(commit, &accounts), ()))
                };
                self.registry.transact(build).await
            } else {
                match self.commit(&settlements, now, None) {
                    Ok(commit) => self.store.commit(with_accounts(commit, &accounts)).await,
                    Err(error) => Err(error),
                }
            };
            match written {
                Ok(()) => break,
                // The daemon is going; what is not written will be there after the restart.
                Err(StoreError::Closed) => return,
                // Logged once by the store, not by everybody who waits for the disk.
                Err(_) if self.store.has_failed() => self.store.wait_until_writable().await,
                Err(error) => {
                    tracing::error!(
                        %error,
                        deliveries = settlements.len(),
                        "outcomes cannot be written; trying again"
                    );
                    tokio::time::sleep(WRITE_RETRY_DELAY).await;
                }
            }
        }
        for settlement in settlements {
            if let Decision::Retry { at, counts, .. } = settlement.decision {
                settlement.lease.deferred(at, counts);
                continue;
            }
            if settlement.is_accepted() {
                let id = settlement.lease.delivery().id;
                self.revocations.accepted(id.notification);
            }
            settlement.lease.ended();
        }
    }

    /// Writes the traces of ended deliveries anew, with what came of taking them back.
    pub async fn recalled(&self, traces: &[(DeliveryId, Trace)]) -> Result<(), StoreError> {
        let writes = traces
            .iter()
            .map(|(id, trace)| Write::put(Keyspace::Trace, id.to_bytes(), to_bytes(trace)));
        let commit = Commit::of(writes.collect());
        self.store.commit(commit).await
    }

    /// The writes of these settlements. Devices are removed in the view, which is there when there
    /// are any to remove.
    fn commit(
        &self,
        settlements: &[Settlement],
        now: Timestamp,
        mut registry: Option<&mut RegistryView<'_>>,
    ) -> Result<Commit, StoreError> {
        let mut ending = Ending::with(Commit::default());
        for settlement in settlements {
            if let Some(view) = &mut registry
                && settlement.removes_device()
            {
                self.remove_device(settlement, view, now)?;
            }
            let mut trace = self.trace(&settlement.lease)?;
            let id = settlement.lease.delivery().id;
            if let Some(kind) = settlement.decision.end() {
                ending.commit.writes.push(settlement.lease.removal());
                trace.outcome = Some(settlement.outcome(kind, now));
                trace.attempts.extend(settlement.attempt.clone());
                ending.end(id, &trace);
            } else {
                ending
                    .commit
                    .writes
                    .extend(deferral(settlement, &mut trace));
                let trace = Write::put(Keyspace::Trace, id.to_bytes(), to_bytes(&trace));
                ending.commit.writes.push(trace);
            }
        }
        Ok(ending.into_commit(&self.events, &self.stats))
    }

    /// What is known so far; of a first try that is in memory.
    fn trace(&self, lease: &Lease) -> Result<Trace, StoreError> {
        let delivery = lease.delivery();
        if lease.is_first() {
            return Ok(Trace::of(delivery));
        }
        Ok(self
            .queue
            .trace(delivery.id)?
            .unwrap_or_else(|| Trace::of(delivery)))
    }
}

/// The writes that defer a delivery, whose attempt is added to its trace.
fn deferral(settlement: &Settlement, trace: &mut Trace) -> Vec<Write> {
    let Decision::Retry {
        at,
        counts,
        hold,
        asked,
    } = settlement.decision
    else {
        return Vec::new();
    };
    if let Some(attempt) = settlement.attempt.clone() {
        trace.tried(Attempt {
            retry_at: hold.max(Some(at)),
            ..attempt
        });
    }
    settlement.lease.deferral(at, counts, asked)
}

/// What was set aside of quotas for these, and whether they were accepted.
fn reservations(settlements: &[Settlement]) -> impl Iterator<Item = (&Arc<Reservation>, bool)> {
    settlements
        .iter()
        .filter_map(|it| Some((it.reservation.as_ref()?, it.is_accepted())))
}

/// The same with the accounts as they are when it is written: another one may be on its way.
fn with_accounts(mut commit: Commit, accounts: &Arc<Vec<Arc<Account>>>) -> Commit {
    if !accounts.is_empty() {
        let accounts = accounts.clone();
        commit.lazy = Some(Box::new(move || {
            accounts.iter().map(|account| account.record()).collect()
        }));
    }
    commit
}
