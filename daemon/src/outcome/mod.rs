//! The end of the flow, and the only stage that writes back: queue, registry, trace and
//! events, in one transaction.
//!
//! In: settlements from dispatch. Out: events, counts. Refuses to know HTTP.

mod brake;
mod brakes;
mod ceiling;
mod events;
mod hasten;
mod judge;
mod recall;
mod stats;
mod write_off;

use nudged_plugin_api::frame::to_bytes;
use nudged_plugin_api::{Scope, Timestamp};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::model::{
    Attempt, CertificateId, Delivery, DeliveryId, Evidence, Outcome, OutcomeKind, Purpose, Trace,
};
use crate::queue::{Lease, Queue, Revocations};
use crate::quota::{self, Account, Reservation};
use crate::registry::{Registry, RegistryView};
use crate::store::{Commit, Keyspace, NumberedWrite, Store, StoreError, Write};

pub use brake::Stopped;
pub use brakes::Brakes;
pub use ceiling::{DAY, bounded, bounded_grant};
pub use events::{Events, Happened};
pub use judge::{
    CREDENTIAL_WAIT, Case, Decision, Patience, QUOTA_WAIT, backoff, judge, judge_channel,
    judge_class, judge_driver_failure, judge_hold, judge_silence, speaks_of, suspicion_wait,
};
pub use recall::{Takeback, judge_recall};
pub use stats::Stats;

/// What is to be written of one delivery.
pub struct Settlement {
    /// The delivery.
    pub lease: Lease,
    /// The try that led here; none when there was none, as for one that expired waiting.
    pub attempt: Option<Attempt>,
    /// What is to be done.
    pub decision: Decision,
    /// The vendor's id of the accepted message.
    pub vendor_id: Option<String>,
    /// For an invalid token: since when it is dead.
    pub dead_since: Option<Timestamp>,
    /// For an invalid token: what the vendor's word speaks of.
    pub scope: Scope,
    /// Its device stays: the word may be the settings' fault, which have had no success yet.
    pub spared: bool,
    /// For an invalid token: the channel's settings at the time; 0 = none are to blame.
    pub settings: u64,
    /// What the driver needs to take the accepted message back.
    pub recall_key: String,
    /// Its room in the quota of its class of messages, where it has one.
    pub ticket: Option<Arc<Reservation>>,
}

impl Settlement {
    /// Without what only an answer of the vendor brings.
    pub fn new(lease: Lease, attempt: Option<Attempt>, decision: Decision) -> Self {
        Self {
            lease,
            attempt,
            decision,
            vendor_id: None,
            dead_since: None,
            scope: Scope::Unsaid,
            spared: false,
            settings: 0,
            recall_key: String::new(),
            ticket: None,
        }
    }
}

/// A delivery that ends with its admission.
pub struct Suppressed {
    /// Which.
    pub id: DeliveryId,
    /// What is remembered of it, with its outcome.
    pub trace: Trace,
}

/// Writes what became of deliveries.
pub struct Outcomes {
    store: Store,
    queue: Arc<Queue>,
    registry: Arc<Registry>,
    stats: Arc<Stats>,
    events: Arc<Events>,
    revocations: Arc<Revocations>,
    brakes: Arc<Brakes>,
    form: OnceLock<FormOf>,
}

/// The form of a channel's token.
type FormOf = Box<dyn Fn(CertificateId, &str) -> String + Send + Sync>;

/// A failed write is tried again, this often when the database as a whole is well: the lease
/// must not be given out anew, or what the vendor has taken is sent again.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

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
            form: OnceLock::new(),
        }
    }

    /// Says who knows the form of tokens; once.
    pub fn form_by(&self, form: impl Fn(CertificateId, &str) -> String + Send + Sync + 'static) {
        // A second one would say the same.
        let _ = self.form.set(Box::new(form));
    }

    /// The tokens that an answer speaks of: the one beside the device's, or the device's as it was
    /// sent to, and in its form where that is another. What is queued or under way may be older than
    /// the form, and the registry may be about to be brought into it.
    fn spoken_of<'a>(
        &self,
        delivery: &'a Delivery,
        scope: Scope,
    ) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let recipient = &delivery.recipient;
        let (sent, form) = match scope {
            // req 72: the Live Activity is over, and the phone is as good as before.
            Scope::Beside => (recipient.activity_token.as_deref(), None),
            _ => {
                let form = self.form.get();
                let form = form.map(|form| form(delivery.channel, &recipient.token));
                (Some(recipient.token.as_str()), form)
            }
        };
        let form = form.filter(|form| *form != recipient.token);
        let sent = sent.map(Cow::Borrowed);
        sent.into_iter().chain(form.map(Cow::Owned))
    }

    /// Adds to the commit of an admission what ends with it.
    pub fn suppress(&self, commit: &mut Commit, suppressed: Vec<Suppressed>) {
        if suppressed.is_empty() {
            return;
        }
        let ended = suppressed.len();
        for Suppressed { id, trace } in suppressed {
            let key = id.to_bytes();
            commit.numbered.push(NumberedWrite {
                keyspace: Keyspace::Events,
                prefix: Vec::new(),
                value: key.to_vec(),
            });
            commit
                .writes
                .push(Write::put(Keyspace::Trace, key, to_bytes(&trace)));
        }
        let (events, stats) = (self.events.clone(), self.stats.clone());
        let (queued, count) = (commit.on_commit.take(), commit.numbered.len() as u64);
        commit.on_commit = Some(Box::new(move |first| {
            if let Some(queued) = queued {
                queued(first);
            }
            for _ in 0..ended {
                stats.ended(OutcomeKind::Suppressed);
            }
            events.happened(first + count - 1);
        }));
    }

    /// Whether what is sent now could be remembered; if not, a restart would send it again.
    pub fn can_be_written(&self) -> bool {
        !self.store.has_failed()
    }

    /// Settles deliveries together. Returns once it is written.
    pub async fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) {
        let buries = settlements
            .iter()
            .any(|it| it.decision == Decision::End(OutcomeKind::InvalidToken) && !it.spared);
        let accounts = quota::count(tickets(&settlements), now, |channel| {
            self.registry.devices_of(channel)
        });
        let accounts = Arc::new(accounts);
        loop {
            let written = if buries {
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
                // Said once by the store, not by everybody who waits for the disk.
                Err(_) if self.store.has_failed() => self.store.working().await,
                Err(error) => {
                    tracing::error!(%error, deliveries = settlements.len(), "outcomes cannot be written");
                    tokio::time::sleep(WRITE_AGAIN).await;
                }
            }
        }
        for settlement in settlements {
            if let Decision::Retry { at, counts, .. } = settlement.decision {
                settlement.lease.deferred(at, counts);
                continue;
            }
            if let Some(kind) = settlement.decision.end() {
                self.stats.ended(kind);
                if kind == OutcomeKind::Accepted {
                    let id = settlement.lease.delivery().id;
                    self.revocations.accepted(id.notification);
                }
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

    /// The writes of these settlements. Dead tokens are buried in the view, which is there
    /// when there are any.
    fn commit(
        &self,
        settlements: &[Settlement],
        now: Timestamp,
        mut registry: Option<&mut RegistryView<'_>>,
    ) -> Result<Commit, StoreError> {
        let mut commit = Commit::default();
        for settlement in settlements {
            let mut trace = self.trace(&settlement.lease)?;
            let delivery = settlement.lease.delivery();
            let key = delivery.id.to_bytes();
            match &settlement.decision {
                decision @ (Decision::End(_) | Decision::Suppress(_)) => {
                    commit.writes.push(settlement.lease.removal());
                    if let Some(view) = &mut registry
                        && *decision == Decision::End(OutcomeKind::InvalidToken)
                        && !settlement.spared
                    {
                        for token in self.spoken_of(delivery, settlement.scope) {
                            view.remove_dead(
                                &delivery.content.app,
                                delivery.channel,
                                &token,
                                evidence(settlement, now),
                                |evidence, of, here| {
                                    if of == Some(Purpose::LiveActivity) {
                                        return self.brakes.may_forget(delivery.channel);
                                    }
                                    let devices = self.registry.devices_of(delivery.channel);
                                    let devices = devices.map(|it| it.saturating_add_signed(here));
                                    self.brakes.may_remove(delivery.channel, evidence, devices)
                                },
                            )?;
                        }
                    }
                    commit.numbered.push(NumberedWrite {
                        keyspace: Keyspace::Events,
                        prefix: Vec::new(),
                        value: key.to_vec(),
                    });
                    trace.outcome = Some(outcome(settlement, now));
                    trace.attempts.extend(settlement.attempt.clone());
                }
                Decision::Retry {
                    at,
                    counts,
                    hold,
                    asked,
                } => {
                    let (at, counts, asked) = (*at, *counts, *asked);
                    if let Some(attempt) = settlement.attempt.clone() {
                        trace.tried(Attempt {
                            retry_at: (*hold).max(Some(at)),
                            ..attempt
                        });
                    }
                    commit
                        .writes
                        .extend(settlement.lease.deferral(at, counts, asked));
                }
            }
            commit
                .writes
                .push(Write::put(Keyspace::Trace, key, to_bytes(&trace)));
        }
        if !commit.numbered.is_empty() {
            let (events, count) = (self.events.clone(), commit.numbered.len() as u64);
            commit.on_commit = Some(Box::new(move |first| events.happened(first + count - 1)));
        }
        Ok(commit)
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

/// Which of these have room in a quota, and whether they were accepted.
fn tickets(settlements: &[Settlement]) -> impl Iterator<Item = (&Arc<Reservation>, bool)> {
    settlements.iter().filter_map(|it| {
        let accepted = it.decision == Decision::End(OutcomeKind::Accepted);
        Some((it.ticket.as_ref()?, accepted))
    })
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

/// Why a device is removed.
fn evidence(settlement: &Settlement, now: Timestamp) -> Evidence {
    let attempt = settlement.attempt.clone().unwrap_or_default();
    Evidence {
        at: now,
        delivery: settlement.lease.delivery().id,
        code: attempt.code,
        text: attempt.text,
        dead_since: settlement.dead_since,
        scope: settlement.scope,
        settings: settlement.settings,
    }
}

fn outcome(settlement: &Settlement, now: Timestamp) -> Outcome {
    let kind = settlement.decision.end().unwrap_or_default();
    let mut outcome = Outcome {
        kind,
        vendor_id: settlement.vendor_id.clone(),
        at: now,
        ..Outcome::default()
    };
    match (&settlement.decision, &settlement.attempt) {
        (Decision::Suppress(reason), _) => {
            outcome.code = reason.code().to_owned();
            outcome.text = reason.text().to_owned();
            outcome.remedy = reason.remedy().to_owned();
        }
        (_, Some(attempt)) => {
            outcome.code.clone_from(&attempt.code);
            outcome.text.clone_from(&attempt.text);
            outcome.remedy.clone_from(&attempt.remedy);
        }
        (_, None) => {
            outcome.code = "lifetime_over".to_owned();
            outcome.text = "its time ran out before the next attempt".to_owned();
            outcome.remedy =
                "give it a longer ttl, or see in `nudgectl channel ls` why the channel was held"
                    .to_owned();
        }
    }
    if kind == OutcomeKind::Accepted {
        outcome.recall_key.clone_from(&settlement.recall_key);
    }
    outcome
}
