//! Channels and drivers, as they fare.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::allowed::{Allowed, Caller, Observe};
use super::path::Path;
use super::refusal::Refusal;
use super::unknown;
use super::views::{Views, driver_view, refused_view, unlisted};
use crate::channels::{BrokenChannel, Routes};
use crate::clock::now;
use crate::reloading::Reloading;
use nudged_wire::Problem;
use nudged_wire::{ChannelList, ChannelView, DriverList, DriverView};

/// The channels.
#[utoipa::path(get, path = "/v1/channels", responses((status = 200, body = ChannelList)))]
pub async fn list(
    caller: Caller<Observe>,
    State(routes): State<Arc<Routes>>,
    State(views): State<Arc<Views>>,
) -> Result<Json<ChannelList>, Refusal> {
    let time = now();
    let table = routes.current();
    let seen = table
        .all()
        .iter()
        .filter(|entry| caller.may(Some(&entry.app)));
    let channels = seen.map(|entry| views.channel(entry, time));
    let mut channels = channels.collect::<Result<Vec<_>, _>>()?;
    let nameless = table.broken().iter().filter(|it| !is_entry(it));
    let nameless = nameless.filter(|it| caller.may(it.app.as_deref()));
    channels.extend(nameless.map(|it| unlisted(it)));
    channels.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Json(ChannelList { channels }))
}

fn is_entry(broken: &BrokenChannel) -> bool {
    broken.app.is_some() && broken.certificate_id.is_some()
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
    caller: Caller<Observe>,
    State(routes): State<Arc<Routes>>,
    State(views): State<Arc<Views>>,
    Path(name): Path<String>,
) -> Result<Json<ChannelView>, Refusal> {
    let search = caller.search()?;
    let unknown = || unknown::channel(&name);
    let table = routes.current();
    if let Some(entry) = table.all().iter().find(|entry| entry.name == name) {
        let Allowed { object, .. } = search.found(entry, Some(&entry.app), unknown)?;
        return Ok(Json(views.channel(object, now())?));
    }
    let broken = table.broken().iter().find(|broken| broken.name == name);
    let broken = broken.ok_or_else(unknown)?;
    let Allowed { object, .. } = search.found(broken, broken.app.as_deref(), unknown)?;
    Ok(Json(unlisted(object)))
}

/// The drivers, and the files that are none.
#[utoipa::path(get, path = "/v1/drivers", responses((status = 200, body = DriverList)))]
pub async fn drivers(
    _: Allowed<Observe>,
    State(routes): State<Arc<Routes>>,
    State(reload): State<Arc<dyn Reloading>>,
) -> Result<Json<DriverList>, Refusal> {
    let catalog = reload.catalog();
    let table = routes.current();
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
