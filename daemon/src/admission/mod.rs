//! Admission: decides what is accepted, for which devices, and puts it into the queue.
//!
//! In: a [`Submission`]. Out: a [`SubmissionResult`] after the fsync, or an [`AdmissionError`]. A
//! device that is not pushed gets its outcome at once, with the rule. Refuses to know HTTP, and
//! vendors, but for asking their drivers whether options are understood.
//!
//! | rule | decided in |
//! |---|---|
//! | a notification is refused | the variants of [`AdmissionError`]; its 422 is made in `api::refusal` |
//! | … for its form: click, badge, ttl, platforms, vendors | `check` |
//! | … for its recipients, a channel or a token | `resolve`, and the channel's driver |
//! | … for options that a driver refuses | `context` |
//! | … for its idempotency key | `duplicate` |
//! | a device is suppressed by the message's or the user's wish | `suppression` |
//! | … by its state | `model::Device::reach` |
//! | … as it has no token of the kind | `kind` |
//! | which text, sound, click and badge it gets | `compose`, `text`, `badge` |

mod badge;
mod bare_tokens;
mod budget;
mod check;
mod compose;
mod content;
mod context;
mod decide;
mod draft;
mod duplicate;
mod error;
mod kind;
mod name;
mod preview;
mod rehearsal_cache;
mod relayed_options;
mod resolve;
mod submission;
mod suppression;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arc_swap::ArcSwap;

use crate::channels::{RouteTable, Routes};
use crate::model::Rules;
use crate::outcome::{Outcomes, Stats};
use crate::queue::Queue;
use crate::registry::{Registry, RegistryView};
use crate::store::{Commit, Store, StoreError, Write};
use nudged_wire::PreviewView;

pub use error::{AdmissionError, RefusedOptions};
pub use name::{NameError, check_name};
pub use submission::{Dedupe, Submission, SubmissionResult};

use bare_tokens::BareTokens;
use decide::AdmissionDecision;
use draft::{DeliveryDraft, SuppressedDraft, counted};
use duplicate::{IdempotencyKeys, KeyedResult};
use rehearsal_cache::RehearsalCache;

pub struct Admission {
    store: Store,
    routes: Arc<Routes>,
    registry: Arc<Registry>,
    queue: Arc<Queue>,
    outcomes: Arc<Outcomes>,
    stats: Arc<Stats>,
    keys: IdempotencyKeys,
    rules: Arc<ArcSwap<Rules>>,
    rehearsals: RehearsalCache,
}

/// What is written for the notifications of one call.
#[derive(Default)]
struct AdmissionBatch {
    drafts: Vec<DeliveryDraft>,
    suppressed: Vec<SuppressedDraft>,
    writes: Vec<Write>,
}

impl Admission {
    /// Admits to this queue, by these rules.
    pub fn new(
        store: Store,
        routes: Arc<Routes>,
        registry: Arc<Registry>,
        queue: Arc<Queue>,
        outcomes: Arc<Outcomes>,
        stats: Arc<Stats>,
        rules: Arc<ArcSwap<Rules>>,
    ) -> Self {
        Self {
            keys: IdempotencyKeys::new(store.clone()),
            store,
            routes,
            registry,
            queue,
            outcomes,
            stats,
            rules,
            rehearsals: RehearsalCache::default(),
        }
    }

    /// Accepts a notification; durable on return.
    pub async fn admit(&self, submission: Submission) -> Result<SubmissionResult, AdmissionError> {
        let mut results = self.admit_all(vec![Ok(submission)]).await;
        results
            .pop()
            .unwrap_or_else(|| unreachable!("one result for one notification"))
    }

    /// Accepts notifications with one fsync for all. An error concerns its own notification only,
    /// and results stand in the order of the submissions; what is an error already stays in place.
    pub async fn admit_all<E>(
        &self,
        submissions: Vec<Result<Submission, E>>,
    ) -> Vec<Result<SubmissionResult, E>>
    where
        E: From<AdmissionError>,
    {
        let table = self.routes.current();
        let _keys = self.keys.lock(submissions.iter().flatten()).await;
        let mut keyed_here = BTreeMap::new();
        let mut batch = AdmissionBatch::default();
        let mut results = Vec::with_capacity(submissions.len());
        let bare_tokens = BareTokens::of_all(
            &table,
            submissions
                .iter()
                .map(|submission| submission.as_ref().ok()),
        );
        for (submission, bare_tokens) in submissions.into_iter().zip(bare_tokens) {
            let result = submission.and_then(|submission| {
                let prepared = self.prepare(
                    &table,
                    &submission,
                    bare_tokens,
                    &mut keyed_here,
                    &mut batch,
                );
                prepared.map_err(E::from)
            });
            results.push(result);
        }
        if batch.is_empty() {
            return results;
        }
        let count = batch.drafts.len() as u64;
        match self.write(&table, batch).await {
            Ok(()) => {
                let accepted = results.iter().flatten().count() as u64;
                self.stats
                    .notifications
                    .fetch_add(accepted, Ordering::Relaxed);
                self.stats.deliveries.fetch_add(count, Ordering::Relaxed);
                results
            }
            Err(error) => {
                let results = results.into_iter();
                results
                    .map(|result| {
                        result.and_then(|_| Err(AdmissionError::from(error.clone()).into()))
                    })
                    .collect()
            }
        }
    }

    /// What [`Self::admit`] would do with this now.
    pub fn preview(&self, submission: &Submission) -> Result<PreviewView, AdmissionError> {
        let table = self.routes.current();
        duplicate::key(submission)?;
        let bare_tokens = BareTokens::of_all(&table, std::iter::once(Some(submission))).pop();
        let bare_tokens = bare_tokens.unwrap_or_else(|| unreachable!("one for one notification"));
        let decision = self.decide(&table, submission, bare_tokens)?;
        let deliveries = self
            .registry
            .read_view(|registry| counted(&table, decision.drafts, Some(registry)))?;
        let notices = decision.notices;
        Ok(preview::preview(
            &table,
            deliveries,
            decision.suppressed,
            &notices,
        ))
    }

    /// The steps in order: accepted before, who gets what, remembered.
    fn prepare(
        &self,
        table: &RouteTable,
        submission: &Submission,
        bare_tokens: BareTokens<'_>,
        keyed_here: &mut BTreeMap<Vec<u8>, KeyedResult>,
        batch: &mut AdmissionBatch,
    ) -> Result<SubmissionResult, AdmissionError> {
        let key = duplicate::key(submission)?.map(|key| (key, duplicate::digest(submission)));
        if let Some((key, digest)) = &key
            && let Some(keyed) = self.keys.answered(key, keyed_here)?
        {
            return keyed.repeat(digest);
        }
        let decision = self.decide(table, submission, bare_tokens)?;
        let result = decision.result();
        if let Some((key, digest)) = key {
            let until =
                duplicate::remembered_until(submission, decision.expires_at, decision.accepted_at);
            let keyed = KeyedResult {
                result: result.clone(),
                digest,
            };
            let remembered = duplicate::remember(submission, &key, &keyed, until);
            batch.writes.push(remembered);
            keyed_here.insert(key, keyed);
        }
        batch.drafts.extend(decision.drafts);
        batch.suppressed.extend(decision.suppressed);
        Ok(result)
    }

    /// Who gets what; nothing is written.
    fn decide(
        &self,
        table: &RouteTable,
        submission: &Submission,
        bare_tokens: BareTokens<'_>,
    ) -> Result<AdmissionDecision, AdmissionError> {
        let rules = self.rules.load();
        decide::decide(
            table,
            &self.registry,
            &rules,
            &self.rehearsals,
            submission,
            bare_tokens,
        )
    }

    async fn write(&self, table: &RouteTable, batch: AdmissionBatch) -> Result<(), StoreError> {
        let AdmissionBatch {
            drafts,
            suppressed,
            writes,
        } = batch;
        let has_user = |draft: &DeliveryDraft| draft.delivery.recipient.user.is_some();
        let counts = drafts.iter().any(has_user);
        let commit = |registry: Option<&mut RegistryView<'_>>| {
            let deliveries = counted(table, drafts, registry)?;
            let mut commit = self.queue.admission(deliveries, writes);
            let suppressed = suppressed.into_iter().map(|it| it.suppressed).collect();
            self.outcomes.suppress(&mut commit, suppressed);
            Ok::<Commit, StoreError>(commit)
        };
        if !counts {
            // Bare tokens have nothing that could be counted.
            return self.store.commit(commit(None)?).await;
        }
        self.registry
            .transact(|registry| Ok((commit(Some(registry))?, ())))
            .await
    }
}

impl AdmissionBatch {
    fn is_empty(&self) -> bool {
        self.drafts.is_empty() && self.suppressed.is_empty() && self.writes.is_empty()
    }
}
