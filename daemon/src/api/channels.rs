//! Channels and drivers, as they fare.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use nudged_plugin_api::Timestamp;

use super::access::Peer;
use super::driver_view::driver_view;
use super::path::Path;
use super::problem::{Code, Problem};
use super::schema::{
    ChannelList, ChannelState, ChannelView, DriverList, DriverState, DriverView, QueueDepth,
};
use super::{Api, brake};
use crate::config::Verb;
use crate::dispatch::Route;
use crate::model::{now, rfc3339};
use crate::store::StoreError;

/// The channels.
#[utoipa::path(get, path = "/v1/channels", responses((status = 200, body = ChannelList)))]
pub async fn list(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
) -> Result<Json<ChannelList>, Problem> {
    let policy = api.reload.policy();
    let time = now();
    let table = api.routes.now();
    let seen = table
        .all()
        .iter()
        .filter(|route| policy.allows(&peer, Verb::Observe, Some(&route.app)));
    let channels = seen.map(|route| view(&api, route, time));
    let mut channels = channels.collect::<Result<Vec<_>, _>>()?;
    channels.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Json(ChannelList { channels }))
}

/// A channel.
#[utoipa::path(
    get, path = "/v1/channels/{name}", params(("name" = String, Path)),
    responses(
        (status = 200, body = ChannelView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn one(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(name): Path<String>,
) -> Result<Json<ChannelView>, Problem> {
    let table = api.routes.now();
    let policy = api.reload.policy();
    policy.check_anywhere(&peer, Verb::Observe)?;
    let route = table.all().iter().find(|route| route.name == name);
    let route = route.ok_or_else(|| unknown(&name))?;
    policy.check_found(&peer, Verb::Observe, Some(&route.app), || unknown(&name))?;
    Ok(Json(view(&api, route, now())?))
}

/// No channel has this name.
pub(super) fn unknown(name: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no channel {name:?}"))
        .hint("GET /v1/channels lists all channels that you may observe")
}

fn view(api: &Api, route: &Route, time: Timestamp) -> Result<ChannelView, StoreError> {
    let held = api.holds(route.certificate_id, time).into_iter().next();
    let depth = api.queue.lane(route.certificate_id).depth();
    Ok(ChannelView {
        name: route.name.clone(),
        app: route.app.clone(),
        certificate_id: route.certificate_id.0,
        driver: route.info.vendor.clone(),
        state: if held.is_some() {
            ChannelState::Held
        } else {
            ChannelState::Running
        },
        held_by: held.as_ref().map(|hold| hold.by),
        held_until: held.as_ref().and_then(|hold| hold.until.clone()),
        held_for: held.map(|hold| hold.reason),
        credential_expires_at: route.credential_expires_at.map(rfc3339),
        queue: QueueDepth {
            ready: depth.ready,
            waiting: depth.waiting,
            in_flight: depth.in_flight,
            counting: depth.counting,
        },
        connections: route.client.connections(),
        devices: api.registry.devices_of(route.certificate_id),
        brake: api.brakes.stopped(route.certificate_id).map(brake::view),
        classes: api.classes(route, time)?,
    })
}

/// The drivers, and the files that are none.
#[utoipa::path(get, path = "/v1/drivers", responses((status = 200, body = DriverList)))]
pub async fn drivers(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
) -> Result<Json<DriverList>, Problem> {
    api.reload.policy().check(&peer, Verb::Observe, None)?;
    let catalog = api.reload.catalog();
    let table = api.routes.now();
    let loaded = catalog.drivers().map(|driver| DriverView {
        channels: table
            .all()
            .iter()
            .filter(|route| route.info.vendor == driver.info.vendor)
            .map(|route| route.name.clone())
            .collect(),
        ..driver_view(driver)
    });
    let refused = catalog.refused().iter().map(|refused| DriverView {
        vendor: None,
        title: None,
        version: None,
        platform: None,
        file: refused.file.display().to_string(),
        state: DriverState::Refused,
        problem: Some(refused.problem.clone()),
        channels: Vec::new(),
        settings: Vec::new(),
        limits: None,
        sources: Vec::new(),
    });
    Ok(Json(DriverList {
        drivers: loaded.chain(refused).collect(),
    }))
}
