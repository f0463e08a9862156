//! The brake on mass invalidation: shown, and released.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;

use super::Api;
use super::access::Peer;
use super::body::Json;
use super::channels::unknown;
use super::path::Path;
use crate::api::refusal::Refusal;
use crate::config::Verb;
use crate::model::rfc3339;
use crate::outcome::Stopped;
use crate::registry::TombstoneFilter;
use nudged_wire::Problem;
use nudged_wire::{BrakeView, ReleaseSpec, Released};

/// Removes devices of a channel again whose token the vendor calls dead. With `restore`, those
/// come back first that were removed before it stopped.
#[utoipa::path(
    post, path = "/v1/channels/{name}/brake/release", request_body = ReleaseSpec,
    params(("name" = String, Path)),
    responses(
        (status = 200, body = Released),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn release(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(name): Path<String>,
    Json(spec): Json<ReleaseSpec>,
) -> Result<axum::Json<Released>, Refusal> {
    let table = api.routes.now();
    let policy = api.reload.policy();
    policy.check_anywhere(&peer, Verb::Admin)?;
    let route = table.all().iter().find(|route| route.name == name);
    let route = route.ok_or_else(|| unknown(&name))?;
    policy.check_found(&peer, Verb::Admin, Some(&route.app), || unknown(&name))?;
    let channel = route.certificate_id;
    let mut released = Released::default();
    if let (true, Some(stopped)) = (spec.restore, api.brakes.stopped(channel)) {
        let graves = TombstoneFilter {
            app: Some(route.app.clone()),
            channels: Some(vec![channel]),
            since: stopped.first,
            ..TombstoneFilter::default()
        };
        let back = api.registry.restore(&graves).await?;
        (released.restored, released.tokens) = (back.devices, back.tokens);
    }
    released.released = api.brakes.release(channel).is_some();
    tracing::info!(
        channel = name,
        released = released.released,
        restored = released.restored,
        tokens = released.tokens,
        "devices of this channel are removed again"
    );
    Ok(axum::Json(released))
}

/// Why devices of a channel are not removed.
pub fn view(stopped: Stopped) -> BrakeView {
    BrakeView {
        since: rfc3339(stopped.since),
        first: rfc3339(stopped.first),
        tokens: stopped.told,
        reason: stopped.reason,
        slow: stopped.slow,
    }
}

impl Api {
    /// Names of the channels whose devices are not removed.
    pub fn braked(&self) -> Vec<String> {
        let table = self.routes.now();
        let braked = table
            .all()
            .iter()
            .filter(|route| self.brakes.stopped(route.certificate_id).is_some());
        braked.map(|route| route.name.clone()).collect()
    }
}
