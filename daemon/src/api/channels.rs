//! Channels and drivers, as they fare.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use nudged_plugin_api::{Notice, Timestamp};

use super::access::Peer;
use super::driver_view::{driver_view, refused_view};
use super::path::Path;
use super::{Api, brake};
use crate::api::refusal::Refusal;
use crate::channels::{BrokenChannel, Route, RouteEntry};
use crate::clock::now;
use crate::config::Verb;
use crate::model::rfc3339;
use crate::store::StoreError;
use nudged_wire::{
    AdviceView, ChannelList, ChannelState, ChannelView, DriverList, DriverView, Holder, QueueDepth,
};
use nudged_wire::{Code, Problem};

/// The channels.
#[utoipa::path(get, path = "/v1/channels", responses((status = 200, body = ChannelList)))]
pub async fn list(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
) -> Result<Json<ChannelList>, Refusal> {
    let policy = api.reload.policy();
    let time = now();
    let table = api.routes.current();
    let seen = table
        .all()
        .iter()
        .filter(|entry| policy.allows(&peer, Verb::Observe, Some(&entry.app)));
    let channels = seen.map(|entry| view(&api, entry, time));
    let mut channels = channels.collect::<Result<Vec<_>, _>>()?;
    let nameless = table.broken().iter().filter(|it| !is_entry(it));
    let nameless = nameless.filter(|it| policy.allows(&peer, Verb::Observe, it.app.as_deref()));
    channels.extend(nameless.map(|it| unlisted(it)));
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
) -> Result<Json<ChannelView>, Refusal> {
    let table = api.routes.current();
    let policy = api.reload.policy();
    policy.check_anywhere(&peer, Verb::Observe)?;
    if let Some(entry) = table.all().iter().find(|entry| entry.name == name) {
        policy.check_found(&peer, Verb::Observe, Some(&entry.app), || unknown(&name))?;
        return Ok(Json(view(&api, entry, now())?));
    }
    let broken = table.broken().iter().find(|broken| broken.name == name);
    let broken = broken.ok_or_else(|| unknown(&name))?;
    policy.check_found(&peer, Verb::Observe, broken.app.as_deref(), || {
        unknown(&name)
    })?;
    Ok(Json(unlisted(broken)))
}

/// No channel has this name.
pub(super) fn unknown(name: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no channel {name:?}"))
        .hint("GET /v1/channels lists all channels that you may observe")
}

fn view(api: &Api, entry: &RouteEntry, time: Timestamp) -> Result<ChannelView, StoreError> {
    let (id, route) = (entry.certificate_id, entry.route());
    let held = api.holds(id, time);
    let held = held
        .into_iter()
        .find(|hold| hold.by != Holder::Configuration);
    let depth = api.queue.lane(id).depth();
    Ok(ChannelView {
        name: entry.name.clone(),
        app: Some(entry.app.clone()),
        certificate_id: Some(id.0),
        account: route
            .and_then(|route| route.driver.account())
            .map(str::to_owned),
        driver: entry.info.vendor.clone(),
        state: if entry.broken().is_some() {
            ChannelState::Broken
        } else if held.is_some() {
            ChannelState::Held
        } else {
            ChannelState::Running
        },
        problems: entry
            .broken()
            .map(|broken| broken.problems.clone())
            .unwrap_or_default(),
        held_by: held.as_ref().map(|hold| hold.by),
        held_until: held.as_ref().and_then(|hold| hold.until.clone()),
        held_for: held.map(|hold| hold.reason),
        credential_expires_at: entry.credential_expires_at.map(rfc3339),
        queue: QueueDepth {
            ready: depth.ready,
            waiting: depth.waiting,
            in_flight: depth.in_flight,
            counting: depth.counting,
        },
        connections: route.map_or(0, |route| route.client.connections()),
        devices: api.registry.devices_of(id),
        brake: api.brakes.stopped(id).map(brake::view),
        suspicions: api.suspicions(id),
        advice: route.map(|route| advice(route)).unwrap_or_default(),
        classes: match route {
            Some(route) => api.classes(route, time)?,
            None => Vec::new(),
        },
    })
}

/// What its settings cost every message, by its driver's own word.
fn advice(route: &Route) -> Vec<AdviceView> {
    let advice = route.driver.advice().into_iter();
    let view = |notice: Notice| AdviceView {
        key: notice.field,
        text: notice.text,
    };
    advice.map(view).collect()
}

fn is_entry(broken: &BrokenChannel) -> bool {
    broken.app.is_some() && broken.certificate_id.is_some()
}

/// A channel of which nobody knows the app or the certificate id.
fn unlisted(broken: &BrokenChannel) -> ChannelView {
    ChannelView {
        name: broken.name.clone(),
        app: broken.app.clone(),
        certificate_id: broken.certificate_id.map(|id| id.0),
        account: None,
        driver: broken.info.vendor.clone(),
        state: ChannelState::Broken,
        problems: broken.problems.clone(),
        held_by: None,
        held_for: None,
        held_until: None,
        credential_expires_at: broken.credential_expires_at.map(rfc3339),
        queue: QueueDepth::default(),
        connections: 0,
        devices: None,
        brake: None,
        suspicions: Vec::new(),
        advice: Vec::new(),
        classes: Vec::new(),
    }
}

impl Api {
    /// How many channels are configured, whether they can be opened or not.
    pub fn configured(&self) -> usize {
        let table = self.routes.current();
        table.routes().count() + table.broken().len()
    }
}

/// The drivers, and the files that are none.
#[utoipa::path(get, path = "/v1/drivers", responses((status = 200, body = DriverList)))]
pub async fn drivers(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
) -> Result<Json<DriverList>, Refusal> {
    api.reload.policy().check(&peer, Verb::Observe, None)?;
    let catalog = api.reload.catalog();
    let table = api.routes.current();
    let loaded = catalog.drivers().map(|driver| DriverView {
        channels: table
            .all()
            .iter()
            .filter(|route| route.info.vendor == driver.info.vendor)
            .map(|route| route.name.clone())
            .collect(),
        ..driver_view(driver)
    });
    let refused = catalog.refused().iter().map(refused_view);
    Ok(Json(DriverList {
        drivers: loaded.chain(refused).collect(),
    }))
}
