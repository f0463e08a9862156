//! Devices of users: their tokens, and where their apps are.

mod channel;
pub mod export;
pub mod import;
mod owners;
mod problem;
mod report;
mod tokens;
pub mod tombstones;
mod view;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use super::allowed::{Allowed, Caller, Devices};
use super::body::Json;
use super::path::Path;
use super::refusal::Refusal;
use crate::admission::check_name;
use crate::channels::Routes;
use crate::clock::now;
use crate::registry::{DeviceKey, Registry, RegistryError, TokenOwner};
use nudged_wire::Problem;
use nudged_wire::{DeviceList, DeviceReport, DeviceReported, DeviceView, OwnerView, StateSpec};

pub use export::export;
pub use import::import;
pub use tombstones::{restore, tombstones};

use owners::log_taken;
use problem::problem;
use view::view;

/// App, user and device.
type DevicePath = (String, String, String);

/// Takes what an app reports of a device after the login: its token and certificate id. A
/// token has one owner: whoever had it before loses it, by whichever channel of the vendor's
/// account it was reported. It is kept in the one form by which the
/// vendor knows it, and one that can be none of the vendor's is refused. Without a token the device is not
/// pushed until the next report. Platform, language and version are replaced; state and
/// unread number stay, and so do tokens for calls and Live Activities that the report does not
/// name. One that another device has is taken from it, and nothing else of that device's. A
/// device on which the user was logged out needs `"login": true`, or a report of its state first.
#[utoipa::path(
    put, path = "/v1/apps/{app}/users/{user}/devices/{device}", request_body = DeviceReport,
    params(("app" = String, Path), ("user" = String, Path), ("device" = String, Path)),
    responses(
        (status = 200, body = DeviceReported),
        (status = 409, description = "not_logged_in: the user was logged out on this device", body = Problem, content_type = "application/problem+json"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn put(
    caller: Caller<Devices>,
    State(registry): State<Arc<Registry>>,
    State(routes): State<Arc<Routes>>,
    Path(names): Path<DevicePath>,
    Json(report): Json<DeviceReport>,
) -> Result<axum::Json<DeviceReported>, Refusal> {
    let key = key(caller.allow(names)?.object)?;
    let mut table = routes.current();
    let login = report.login;
    let mut report = report::report(&table, &key.app, report)?;
    let time = now();
    let reported = loop {
        for taken in report::canonicalize(&table, &mut [&mut report]) {
            taken?;
        }
        let in_form = || routes.is_current(&table);
        let taken = registry.report_if(&key, report, login, time, in_form);
        match taken.await.map_err(|error| problem(error, &key))? {
            Ok(reported) => break reported,
            // A reload came between: its driver may give tokens another form.
            Err(again) => report = again,
        }
        table = routes.current();
    };
    log_taken(&key, &reported);
    let owner = |owner: TokenOwner| OwnerView {
        user: owner.user,
        device: owner.device,
    };
    Ok(axum::Json(DeviceReported {
        device: view(&table, key, reported.device, time),
        taken_from: reported.taken_from.map(owner),
        tokens_from: reported.tokens_from.into_iter().map(owner).collect(),
    }))
}

/// Takes a report of where the app of a device is. In foreground, and after a logout, the
/// device is not pushed. It outlives a restart of the daemon; a power cut may lose what was
/// reported in the last second.
#[utoipa::path(
    put, path = "/v1/apps/{app}/users/{user}/devices/{device}/state", request_body = StateSpec,
    params(("app" = String, Path), ("user" = String, Path), ("device" = String, Path)),
    responses(
        (status = 200, body = DeviceView),
        (status = 404, description = "the device has not reported its token yet", body = Problem, content_type = "application/problem+json"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn put_state(
    caller: Caller<Devices>,
    State(registry): State<Arc<Registry>>,
    State(routes): State<Arc<Routes>>,
    Path(names): Path<DevicePath>,
    Json(spec): Json<StateSpec>,
) -> Result<axum::Json<DeviceView>, Refusal> {
    let key = key(caller.allow(names)?.object)?;
    let report = report::state(&spec)?;
    let time = now();
    let device = registry
        .set_state(&key, report, time)
        .await
        .map_err(|error| problem(error, &key))?;
    Ok(axum::Json(view(&routes.current(), key, device, time)))
}

/// One device.
#[utoipa::path(
    get, path = "/v1/apps/{app}/users/{user}/devices/{device}",
    params(("app" = String, Path), ("user" = String, Path), ("device" = String, Path)),
    responses(
        (status = 200, body = DeviceView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get(
    Allowed { object, .. }: Allowed<Devices, Path<DevicePath>>,
    State(registry): State<Arc<Registry>>,
    State(routes): State<Arc<Routes>>,
) -> Result<axum::Json<DeviceView>, Refusal> {
    let Path(names) = object;
    let key = key(names)?;
    match registry.get(&key)? {
        Some(device) => Ok(axum::Json(view(&routes.current(), key, device, now()))),
        None => Err(problem(RegistryError::NoDevice, &key).into()),
    }
}

/// The devices of a user.
#[utoipa::path(
    get, path = "/v1/apps/{app}/users/{user}/devices",
    params(("app" = String, Path), ("user" = String, Path)),
    responses((status = 200, body = DeviceList)),
)]
pub async fn list(
    Allowed { object, .. }: Allowed<Devices, Path<(String, String)>>,
    State(registry): State<Arc<Registry>>,
    State(routes): State<Arc<Routes>>,
) -> Result<axum::Json<DeviceList>, Refusal> {
    let Path((app, user)) = object;
    check_name(&app, "app")?;
    check_name(&user, "user")?;
    let table = routes.current();
    let time = now();
    let devices = registry.of_user(&app, &user)?;
    let devices = devices
        .into_iter()
        .map(|(id, device)| {
            let key = DeviceKey {
                app: app.clone(),
                user: user.clone(),
                device: id,
            };
            view(&table, key, device, time)
        })
        .collect();
    Ok(axum::Json(DeviceList { devices }))
}

/// Forgets a device.
#[utoipa::path(
    delete, path = "/v1/apps/{app}/users/{user}/devices/{device}",
    params(("app" = String, Path), ("user" = String, Path), ("device" = String, Path)),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn delete(
    Allowed { object, .. }: Allowed<Devices, Path<DevicePath>>,
    State(registry): State<Arc<Registry>>,
) -> Result<StatusCode, Refusal> {
    let Path(names) = object;
    let key = key(names)?;
    if registry.delete(&key).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(problem(RegistryError::NoDevice, &key).into())
}

fn key((app, user, device): DevicePath) -> Result<DeviceKey, Problem> {
    check_name(&app, "app")?;
    check_name(&user, "user")?;
    check_name(&device, "device")?;
    Ok(DeviceKey { app, user, device })
}
