//! Health and status.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;

use super::allowed::{Allowed, Observe};
use super::refusal::Refusal;
use super::views::Views;
use crate::channels::Routes;
use crate::lifecycle::Lifecycle;
use crate::model::rfc3339;
use crate::outcome::Stats;
use crate::reloading::Reloading;
use crate::store::Store;
use nudged_wire::{Health, ReloadView, Status, Totals};

/// Whether the daemon serves. Everybody may ask.
#[utoipa::path(get, path = "/v1/health", responses((status = 200, body = Health)))]
pub async fn health(
    State(routes): State<Arc<Routes>>,
    State(lifecycle): State<Arc<Lifecycle>>,
    State(views): State<Arc<Views>>,
    State(store): State<Store>,
) -> Json<Health> {
    Json(Health {
        status: status_word(&store, &lifecycle),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_seconds: lifecycle.uptime(),
        braked: views.braked().len(),
        broken: routes.current().broken().len(),
    })
}

/// The daemon at a glance.
#[utoipa::path(get, path = "/v1/status", responses((status = 200, body = Status)))]
pub async fn status(
    _: Allowed<Observe>,
    State(stats): State<Arc<Stats>>,
    State(lifecycle): State<Arc<Lifecycle>>,
    State(views): State<Arc<Views>>,
    State(reload): State<Arc<dyn Reloading>>,
    State(store): State<Store>,
) -> Result<Json<Status>, Refusal> {
    let outcomes: BTreeMap<String, u64> = stats
        .outcomes()
        .map(|(kind, count)| (kind.as_str().to_owned(), count))
        .collect();
    Ok(Json(Status {
        status: status_word(&store, &lifecycle),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        started_at: rfc3339(lifecycle.started_at()),
        uptime_seconds: lifecycle.uptime(),
        queue: views.depth(),
        held: views.held_channels(),
        classes: views.all_short_classes()?,
        channels: views.configured(),
        broken: views.broken(),
        expiring: views.expiring(),
        braked: views.braked(),
        suspected: views.suspected(),
        drivers: reload.catalog().drivers().count(),
        totals: Totals {
            notifications: stats.notifications.load(Ordering::Relaxed),
            deliveries: stats.deliveries.load(Ordering::Relaxed),
            requests: stats.requests.load(Ordering::Relaxed),
            outcomes,
        },
        config: Some(reload.file().display().to_string()),
        last_reload: reload.last().map(|last| ReloadView {
            at: rfc3339(last.at),
            ok: last.problems.is_empty(),
            problems: last.problems,
        }),
    }))
}

fn status_word(store: &Store, lifecycle: &Lifecycle) -> String {
    let word = match store.has_failed() {
        true => "failed",
        false => lifecycle.status(),
    };
    word.to_owned()
}
