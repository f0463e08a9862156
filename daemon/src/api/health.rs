//! Health and status.

use crate::api::refusal::Refusal;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::{Extension, Json};

use super::Api;
use super::access::Peer;
use crate::config::Verb;
use crate::credential::expiry::expires_soon;
use crate::model::{now, rfc3339};
use crate::store::StoreError;
use nudged_wire::{
    ChannelClassView, Health, Holder, QueueDepth, ReloadView, Status, SuspicionView, Totals,
};

impl Api {
    fn status_word(&self) -> String {
        if self.store.has_failed() {
            "failed"
        } else {
            self.life.status()
        }
        .to_owned()
    }

    /// Channels that do not send, and who holds them.
    fn held(&self) -> BTreeMap<String, Holder> {
        let (table, time) = (self.routes.now(), now());
        table
            .routes()
            .filter_map(|route| {
                let first = self.holds(route.certificate_id, time).into_iter().next()?;
                Some((route.name.clone(), first.by))
            })
            .collect()
    }

    /// Classes that are held, or whose quota is running out, of all channels.
    fn all_short_classes(&self) -> Result<Vec<ChannelClassView>, StoreError> {
        let (table, time) = (self.routes.now(), now());
        let found = table.routes().map(|route| self.short_classes(route, time));
        Ok(found.collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// Channels that cannot be opened, and why.
    fn broken(&self) -> BTreeMap<String, Vec<nudged_wire::ConfigProblem>> {
        let table = self.routes.now();
        let broken = table.broken().iter();
        broken
            .map(|channel| (channel.name.clone(), channel.problems.clone()))
            .collect()
    }

    /// Channels whose client certificate expires within a month, or has, and when.
    fn expiring(&self) -> BTreeMap<String, String> {
        let (table, time) = (self.routes.now(), now());
        let expiring = table.routes().filter_map(|route| {
            let at = route.credential_expires_at?;
            expires_soon(at, time).then(|| (route.name.clone(), rfc3339(at)))
        });
        expiring.collect()
    }

    /// What stands against channels since their last accepted message.
    fn suspected(&self) -> BTreeMap<String, Vec<SuspicionView>> {
        let table = self.routes.now();
        let suspected = table.routes().filter_map(|route| {
            let views = self.suspicions(route.certificate_id);
            (!views.is_empty()).then(|| (route.name.clone(), views))
        });
        suspected.collect()
    }

    /// What stands in the queue, over all configured channels.
    pub fn depth(&self) -> QueueDepth {
        let mut sum = QueueDepth::default();
        for route in self.routes.now().all() {
            let depth = self.queue.lane(route.certificate_id).depth();
            sum.ready += depth.ready;
            sum.waiting += depth.waiting;
            sum.in_flight += depth.in_flight;
            sum.counting |= depth.counting;
        }
        sum
    }
}

/// Whether the daemon serves. Everybody may ask.
#[utoipa::path(get, path = "/v1/health", responses((status = 200, body = Health)))]
pub async fn health(State(api): State<Arc<Api>>) -> Json<Health> {
    Json(Health {
        status: api.status_word(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_seconds: api.life.uptime(),
        braked: api.braked().len(),
        broken: api.routes.now().broken().len(),
    })
}

/// The daemon at a glance.
#[utoipa::path(get, path = "/v1/status", responses((status = 200, body = Status)))]
pub async fn status(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
) -> Result<Json<Status>, Refusal> {
    api.reload.policy().check(&peer, Verb::Observe, None)?;
    let stats = &api.stats;
    let outcomes: BTreeMap<String, u64> = stats
        .outcomes()
        .map(|(kind, count)| (kind.as_str().to_owned(), count))
        .collect();
    Ok(Json(Status {
        status: api.status_word(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        started_at: rfc3339(api.life.started_at),
        uptime_seconds: api.life.uptime(),
        queue: api.depth(),
        held: api.held(),
        classes: api.all_short_classes()?,
        channels: api.configured(),
        broken: api.broken(),
        expiring: api.expiring(),
        braked: api.braked(),
        suspected: api.suspected(),
        drivers: api.reload.catalog().drivers().count(),
        totals: Totals {
            notifications: stats.notifications.load(Ordering::Relaxed),
            deliveries: stats.deliveries.load(Ordering::Relaxed),
            requests: stats.requests.load(Ordering::Relaxed),
            outcomes,
        },
        config: Some(api.reload.file().display().to_string()),
        last_reload: api.reload.last().map(|last| ReloadView {
            at: rfc3339(last.at),
            ok: last.problems.is_empty(),
            problems: last.problems,
        }),
    }))
}
