//! Admission: decides what is accepted, for which devices, and puts it into the queue.
//!
//! In: an [`Submission`]. Out: an [`SubmissionResult`] after the fsync, or a [`Problem`] with the path of the
//! field. A device that is not pushed gets its outcome at once, with the rule. Refuses to
//! know vendors, but for asking their drivers whether options are understood.

mod badge;
mod bare_tokens;
mod behind;
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
mod preference;
mod preview;
mod rehearsal_cache;
mod resolve;
mod submission;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arc_swap::ArcSwap;

use crate::channels::{RouteTable, Routes};
use crate::model::Rules;
use crate::outcome::{Outcomes, Stats};
use crate::queue::Queue;
use crate::registry::{Registry, View};
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

/// Decides what is accepted.
pub struct Admission {
    store: Store,
    routes: Arc<Routes>,
    registry: Arc<Registry>,
    queue: Arc<Queue>,
    outcomes: Arc<Outcomes>,
    stats: Arc<Stats>,
    keys: IdempotencyKeys,
    rules: Arc<ArcSwap<Rules>>,
    quiet: RehearsalCache,
}

/// What is written for the notifications of one call.
#[derive(Default)]
struct AdmissionBatch {
    drafts: Vec<DeliveryDraft>,
    silent: Vec<SuppressedDraft>,
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
            quiet: RehearsalCache::default(),
        }
    }

    /// Accepts a notification; durable on return.
    pub async fn admit(&self, ask: Submission) -> Result<SubmissionResult, AdmissionError> {
        let mut answers = self.admit_all(vec![Ok(ask)]).await;
        answers
            .pop()
            .unwrap_or_else(|| unreachable!("one answer for one notification"))
    }

    /// Accepts notifications with one fsync for all. An error concerns its own only, and answers
    /// stand in the order of the questions; what is an error already stays where it is.
    pub async fn admit_all<E>(
        &self,
        asks: Vec<Result<Submission, E>>,
    ) -> Vec<Result<SubmissionResult, E>>
    where
        E: From<AdmissionError>,
    {
        let table = self.routes.current();
        let _keys = self.keys.lock(asks.iter().flatten()).await;
        let mut given = BTreeMap::new();
        let mut batch = AdmissionBatch::default();
        let mut answers = Vec::with_capacity(asks.len());
        let forms = BareTokens::of_all(&table, asks.iter().map(|ask| ask.as_ref().ok()));
        for (ask, forms) in asks.into_iter().zip(forms) {
            let answer = ask.and_then(|ask| {
                let prepared = self.prepare(&table, &ask, forms, &mut given, &mut batch);
                prepared.map_err(E::from)
            });
            answers.push(answer);
        }
        if batch.is_empty() {
            return answers;
        }
        let count = batch.drafts.len() as u64;
        match self.write(&table, batch).await {
            Ok(()) => {
                let accepted = answers.iter().flatten().count() as u64;
                self.stats
                    .notifications
                    .fetch_add(accepted, Ordering::Relaxed);
                self.stats.deliveries.fetch_add(count, Ordering::Relaxed);
                answers
            }
            Err(error) => {
                let answers = answers.into_iter();
                answers
                    .map(|answer| {
                        answer.and_then(|_| Err(AdmissionError::from(error.clone()).into()))
                    })
                    .collect()
            }
        }
    }

    /// What [`Self::admit`] would do with this now.
    pub fn preview(&self, ask: &Submission) -> Result<PreviewView, AdmissionError> {
        let table = self.routes.current();
        duplicate::key(ask)?;
        let forms = BareTokens::of_all(&table, std::iter::once(Some(ask))).pop();
        let forms = forms.unwrap_or_else(|| unreachable!("one for one notification"));
        let decided = self.decide(&table, ask, forms)?;
        let deliveries = self
            .registry
            .scratch(|registry| counted(&table, decided.drafts, Some(registry)))?;
        let notices = decided.notices;
        Ok(preview::preview(
            &table,
            deliveries,
            decided.silent,
            &notices,
        ))
    }

    /// The steps in order: known already, who is told what, remembered.
    fn prepare(
        &self,
        table: &RouteTable,
        ask: &Submission,
        forms: BareTokens<'_>,
        given: &mut BTreeMap<Vec<u8>, KeyedResult>,
        batch: &mut AdmissionBatch,
    ) -> Result<SubmissionResult, AdmissionError> {
        let key = duplicate::key(ask)?.map(|key| (key, duplicate::digest(ask)));
        if let Some((key, digest)) = &key
            && let Some(known) = self.keys.given(key, given)?
        {
            return known.again(digest);
        }
        let decided = self.decide(table, ask, forms)?;
        let answer = decided.answer();
        if let Some((key, digest)) = key {
            let until = duplicate::remembered_until(ask, decided.expires_at, decided.accepted_at);
            let known = KeyedResult {
                answer: answer.clone(),
                digest,
            };
            let remembered = duplicate::remember(ask, &key, &known, until);
            batch.writes.push(remembered);
            given.insert(key, known);
        }
        batch.drafts.extend(decided.drafts);
        batch.silent.extend(decided.silent);
        Ok(answer)
    }

    /// Who is told what; nothing is written.
    fn decide(
        &self,
        table: &RouteTable,
        ask: &Submission,
        forms: BareTokens<'_>,
    ) -> Result<AdmissionDecision, AdmissionError> {
        let rules = self.rules.load();
        decide::decide(table, &self.registry, &rules, &self.quiet, ask, forms)
    }

    async fn write(&self, table: &RouteTable, batch: AdmissionBatch) -> Result<(), StoreError> {
        let AdmissionBatch {
            drafts,
            silent,
            writes,
        } = batch;
        let has_user = |draft: &DeliveryDraft| draft.delivery.recipient.user.is_some();
        let counts = drafts.iter().any(has_user);
        let commit = |registry: Option<&mut View<'_>>| {
            let deliveries = counted(table, drafts, registry)?;
            let mut commit = self.queue.admission(deliveries, writes);
            let silent = silent.into_iter().map(|it| it.suppressed).collect();
            self.outcomes.suppress(&mut commit, silent);
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
        self.drafts.is_empty() && self.silent.is_empty() && self.writes.is_empty()
    }
}
