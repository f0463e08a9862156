//! Admission: decides what is accepted, for which devices, and puts it into the queue.
//!
//! In: an [`Ask`]. Out: an [`Answer`] after the fsync, or a [`Problem`] with the path of the
//! field. A device that is not pushed gets its outcome at once, with the rule. Refuses to
//! know vendors, but for asking their drivers whether options are understood.

mod ask;
mod asked;
mod badge;
mod behind;
mod check;
mod compose;
mod content;
mod damage;
mod decide;
mod duplicate;
mod form;
mod kind;
mod preference;
mod preview;
mod quiet;
mod resolve;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arc_swap::ArcSwap;

use crate::dispatch::{Routes, Table};
use crate::model::{Delivery, Rules};
use crate::outcome::{Outcomes, Stats};
use crate::queue::Queue;
use crate::registry::{Registry, RegistryView};
use crate::store::{Commit, Store, StoreError, Write};
use nudged_wire::Problem;

pub use ask::{Answer, Ask, Dedupe};
pub use damage::Damage;
pub use form::refused;
pub use resolve::{check_name, check_token};

use decide::{Decided, Draft, Silent};
use duplicate::{Keys, Known};
use form::Forms;
use quiet::Quiet;

/// Decides what is accepted.
pub struct Admission {
    store: Store,
    routes: Arc<Routes>,
    registry: Arc<Registry>,
    queue: Arc<Queue>,
    outcomes: Arc<Outcomes>,
    stats: Arc<Stats>,
    keys: Keys,
    rules: Arc<ArcSwap<Rules>>,
    quiet: Quiet,
}

/// What is written for the notifications of one call.
#[derive(Default)]
struct Batch {
    drafts: Vec<Draft>,
    silent: Vec<Silent>,
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
            keys: Keys::new(store.clone()),
            store,
            routes,
            registry,
            queue,
            outcomes,
            stats,
            rules,
            quiet: Quiet::default(),
        }
    }

    /// Accepts a notification; durable on return.
    pub async fn admit(&self, ask: Ask) -> Result<Answer, Problem> {
        let mut answers = self.admit_all(vec![Ok(ask)]).await;
        answers
            .pop()
            .unwrap_or_else(|| unreachable!("one answer for one notification"))
    }

    /// Accepts notifications with one fsync for all. A problem concerns its own only, and
    /// answers stand in the order of the questions.
    pub async fn admit_all(&self, asks: Vec<Result<Ask, Problem>>) -> Vec<Result<Answer, Problem>> {
        let table = self.routes.now();
        let _keys = self.keys.lock(asks.iter().flatten()).await;
        let mut given = BTreeMap::new();
        let mut batch = Batch::default();
        let mut answers = Vec::with_capacity(asks.len());
        let forms = Forms::of_all(&table, asks.iter().map(|ask| ask.as_ref().ok()));
        for (ask, forms) in asks.into_iter().zip(forms) {
            let answer =
                ask.and_then(|ask| self.prepare(&table, &ask, forms, &mut given, &mut batch));
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
                let problem = Problem::from(error);
                answers
                    .into_iter()
                    .map(|answer| answer.and(Err(problem.clone())))
                    .collect()
            }
        }
    }

    /// The steps in order: known already, who is told what, remembered.
    fn prepare(
        &self,
        table: &Table,
        ask: &Ask,
        forms: Forms,
        given: &mut BTreeMap<Vec<u8>, Known>,
        batch: &mut Batch,
    ) -> Result<Answer, Problem> {
        let key = ask.key()?.map(|key| (key, duplicate::digest(ask)));
        if let Some((key, digest)) = &key
            && let Some(known) = self.keys.given(key, given)?
        {
            return known.again(digest);
        }
        let decided = self.decide(table, ask, forms)?;
        let answer = decided.answer();
        if let Some((key, digest)) = key {
            let until = ask.remembered_until(decided.expires_at, decided.accepted_at);
            let known = Known {
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
    fn decide(&self, table: &Table, ask: &Ask, forms: Forms) -> Result<Decided, Problem> {
        let rules = self.rules.load();
        decide::decide(table, &self.registry, &rules, &self.quiet, ask, forms)
    }

    async fn write(&self, table: &Table, batch: Batch) -> Result<(), StoreError> {
        let Batch {
            drafts,
            silent,
            writes,
        } = batch;
        let has_user = |draft: &Draft| draft.delivery.recipient.user.is_some();
        let counts = drafts.iter().any(has_user);
        let commit = |registry: Option<&mut RegistryView<'_>>| {
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

impl Batch {
    fn is_empty(&self) -> bool {
        self.drafts.is_empty() && self.silent.is_empty() && self.writes.is_empty()
    }
}

/// The deliveries with their badges.
fn counted(
    table: &Table,
    drafts: Vec<Draft>,
    mut registry: Option<&mut RegistryView<'_>>,
) -> Result<Vec<Delivery>, StoreError> {
    let mut deliveries = Vec::with_capacity(drafts.len());
    for Draft {
        mut delivery,
        badge,
    } in drafts
    {
        if let Some(route) = table.by_id(delivery.channel) {
            badge::count(&mut delivery, badge, &route.info, registry.as_deref_mut())?;
        }
        deliveries.push(delivery);
    }
    Ok(deliveries)
}
