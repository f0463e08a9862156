//! The brake on the mass removal of tokens, released by the operator.

use std::sync::Arc;

use axum::extract::State;

use super::allowed::{Admin, Allowed, Caller};
use super::body::Json;
use super::path::Path;
use super::refusal::Refusal;
use super::unknown;
use crate::channels::Routes;
use crate::outcome::Brakes;
use crate::registry::{Registry, TombstoneFilter};
use nudged_wire::Problem;
use nudged_wire::{ReleaseSpec, Released};

/// Removes devices of a channel again whose token the vendor calls dead. With `restore`, those
/// come back first that were removed before it engaged.
#[utoipa::path(
    post, path = "/v1/channels/{name}/brake/release", request_body = ReleaseSpec,
    params(("name" = String, Path)),
    responses(
        (status = 200, body = Released),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn release(
    caller: Caller<Admin>,
    State(routes): State<Arc<Routes>>,
    State(brakes): State<Arc<Brakes>>,
    State(registry): State<Arc<Registry>>,
    Path(name): Path<String>,
    Json(spec): Json<ReleaseSpec>,
) -> Result<axum::Json<Released>, Refusal> {
    let search = caller.search()?;
    let table = routes.current();
    let entry = table.all().iter().find(|entry| entry.name == name);
    let entry = entry.ok_or_else(|| unknown::channel(&name))?;
    let Allowed { object: entry, .. } =
        search.found(entry, Some(&entry.app), || unknown::channel(&name))?;
    let channel = entry.certificate_id;
    let mut released = Released::default();
    if let (true, Some(engaged)) = (spec.restore, brakes.engaged(channel)) {
        let graves = TombstoneFilter {
            app: Some(entry.app.clone()),
            channels: Some(vec![channel]),
            since: engaged.first,
            ..TombstoneFilter::default()
        };
        let back = registry.restore(&graves).await?;
        (released.restored, released.tokens) = (back.devices, back.tokens);
    }
    released.released = brakes.release(channel).is_some();
    tracing::info!(
        channel = name,
        released = released.released,
        restored = released.restored,
        tokens = released.tokens,
        "devices of this channel are removed again"
    );
    Ok(axum::Json(released))
}
