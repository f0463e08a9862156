//! Admission: decides what is accepted, for which devices, and puts it into the queue.
//!
//! In: a [`NotificationSpec`]. Out: [`Accepted`] after the fsync, or a [`Problem`] with the
//! path of the field. Refuses to know vendors, but for asking their drivers whether options
//! are understood.

mod content;
mod duplicate;
mod resolve;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arc_swap::ArcSwap;

use crate::api::problem::Problem;
use crate::api::schema::{Accepted, NotificationSpec};
use crate::dispatch::{Routes, Table};
use crate::model::{CertificateId, Content, Delivery, DeliveryId, NotificationId, Rules, now};
use crate::outcome::Stats;
use crate::queue::Queue;
use crate::registry::Registry;
use crate::store::{Store, Write};

pub use resolve::{check_name, check_token};

use duplicate::Keys;

/// Decides what is accepted.
pub struct Admission {
    routes: Arc<Routes>,
    registry: Arc<Registry>,
    queue: Arc<Queue>,
    stats: Arc<Stats>,
    keys: Keys,
    rules: Arc<ArcSwap<Rules>>,
}

/// What one notification adds to the queue.
struct Prepared {
    accepted: Accepted,
    deliveries: Vec<Delivery>,
    writes: Vec<Write>,
}

impl Admission {
    /// Admits to this queue.
    pub fn new(
        store: Store,
        routes: Arc<Routes>,
        registry: Arc<Registry>,
        queue: Arc<Queue>,
        stats: Arc<Stats>,
        rules: Arc<ArcSwap<Rules>>,
    ) -> Self {
        Self {
            routes,
            registry,
            queue,
            stats,
            keys: Keys::new(store),
            rules,
        }
    }

    /// Accepts a notification; durable on return.
    pub async fn admit(&self, spec: NotificationSpec) -> Result<Accepted, Problem> {
        let mut answers = self.admit_all(vec![Ok(spec)]).await;
        answers
            .pop()
            .unwrap_or_else(|| unreachable!("one answer for one notification"))
    }

    /// Accepts notifications with one fsync for all. A problem concerns its own only, and
    /// answers stand in the order of the questions.
    pub async fn admit_all(
        &self,
        specs: Vec<Result<NotificationSpec, Problem>>,
    ) -> Vec<Result<Accepted, Problem>> {
        let table = self.routes.now();
        let _keys = self.keys.lock(specs.iter().flatten()).await;
        let mut given = BTreeMap::new();
        let mut deliveries = Vec::new();
        let mut writes = Vec::new();
        let mut answers = Vec::with_capacity(specs.len());
        for spec in specs {
            let prepared = spec.and_then(|spec| self.prepare(&table, spec, &mut given));
            answers.push(prepared.map(|mut prepared| {
                deliveries.append(&mut prepared.deliveries);
                writes.append(&mut prepared.writes);
                prepared.accepted
            }));
        }
        let count = deliveries.len() as u64;
        if deliveries.is_empty() && writes.is_empty() {
            return answers;
        }
        match self.queue.push(deliveries, writes).await {
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

    /// The steps in order: known already, who, what, written how.
    fn prepare(
        &self,
        table: &Table,
        spec: NotificationSpec,
        given: &mut BTreeMap<Vec<u8>, Accepted>,
    ) -> Result<Prepared, Problem> {
        let app = spec.app.as_deref().unwrap_or("default");
        resolve::check_name(app, "app")?;
        let key = duplicate::key(app, spec.idempotency_key.as_deref())?;
        if let Some(key) = &key
            && let Some(accepted) = self.keys.given(key, given)?
        {
            return Ok(Prepared {
                accepted,
                deliveries: Vec::new(),
                writes: Vec::new(),
            });
        }
        let time = now();
        let ttl = content::lifetime(spec.ttl, self.rules.load().default_ttl)?;
        let targets = resolve::recipients(table, &self.registry, app, &spec.to)?;
        let message = content::message(&spec, ttl, time)?;
        let notification = NotificationId::new();

        let mut contents: BTreeMap<CertificateId, Arc<Content>> = BTreeMap::new();
        let mut deliveries = Vec::with_capacity(targets.found.len());
        for (n, target) in (0..).zip(targets.found) {
            let content = match contents.get(&target.channel) {
                Some(content) => content.clone(),
                None => {
                    let content = content::of_channel(
                        table,
                        app,
                        target.channel,
                        &message,
                        &spec,
                        ttl,
                        time,
                        &target.recipient,
                    )?;
                    contents.insert(target.channel, content.clone());
                    content
                }
            };
            deliveries.push(Delivery {
                id: DeliveryId { notification, n },
                channel: target.channel,
                recipient: target.recipient,
                content,
                attempts: 0,
            });
        }
        content::check_options(table, app, &spec)?;
        let accepted = Accepted {
            id: notification.to_string(),
            deliveries: deliveries.len(),
            suppressed: 0,
            explanation: targets.explanation,
        };
        let mut writes = Vec::new();
        if let Some(key) = key {
            let until = content::expiry(ttl, time).plus_seconds(86_400);
            writes.push(duplicate::remember(&key, &accepted, until));
            given.insert(key, accepted.clone());
        }
        Ok(Prepared {
            accepted,
            deliveries,
            writes,
        })
    }
}
