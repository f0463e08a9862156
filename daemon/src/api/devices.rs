//! Devices of users: their tokens, and where their apps are.

pub mod export;
pub mod import;
mod report;
mod tokens;
pub mod tombstones;
mod view;

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;

use super::Api;
use super::access::Peer;
use super::body::Json;
use super::path::Path;
use crate::admission::check_name;
use crate::api::refusal::Refusal;
use crate::config::Verb;
use crate::model::now;
use crate::registry::{DeviceKey, RegistryError, ReportResult, TokenOwner};
use nudged_wire::{Code, Problem};
use nudged_wire::{DeviceList, DeviceReport, DeviceReported, DeviceView, OwnerView, StateSpec};

pub use export::export;
pub use import::import;
pub use tombstones::{restore, tombstones};

use view::view;

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
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(names): Path<(String, String, String)>,
    Json(report): Json<DeviceReport>,
) -> Result<axum::Json<DeviceReported>, Refusal> {
    let key = allowed(&api, &peer, names)?;
    let mut table = api.routes.now();
    let login = report.login;
    let mut report = report::report(&table, &key.app, report)?;
    let time = now();
    let reported = loop {
        for taken in report::formed(&table, &mut [&mut report]) {
            taken?;
        }
        let in_form = || api.routes.is_now(&table);
        let taken = api.registry.report_if(&key, report, login, time, in_form);
        match taken.await.map_err(|error| problem(error, &key))? {
            Ok(reported) => break reported,
            // A reload came between: its driver may give tokens another form.
            Err(again) => report = again,
        }
        table = api.routes.now();
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
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(names): Path<(String, String, String)>,
    Json(spec): Json<StateSpec>,
) -> Result<axum::Json<DeviceView>, Refusal> {
    let key = allowed(&api, &peer, names)?;
    let report = report::state(&spec)?;
    let time = now();
    let device = api
        .registry
        .set_state(&key, report, time)
        .await
        .map_err(|error| problem(error, &key))?;
    Ok(axum::Json(view(&api.routes.now(), key, device, time)))
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
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(names): Path<(String, String, String)>,
) -> Result<axum::Json<DeviceView>, Refusal> {
    let key = allowed(&api, &peer, names)?;
    match api.registry.get(&key)? {
        Some(device) => Ok(axum::Json(view(&api.routes.now(), key, device, now()))),
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
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path((app, user)): Path<(String, String)>,
) -> Result<axum::Json<DeviceList>, Refusal> {
    api.reload
        .policy()
        .check(&peer, Verb::Devices, Some(&app))?;
    check_name(&app, "app")?;
    check_name(&user, "user")?;
    let table = api.routes.now();
    let time = now();
    let devices = api.registry.of_user(&app, &user)?;
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
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(names): Path<(String, String, String)>,
) -> Result<StatusCode, Refusal> {
    let key = allowed(&api, &peer, names)?;
    if api.registry.delete(&key).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(problem(RegistryError::NoDevice, &key).into())
}

fn allowed(
    api: &Api,
    peer: &Peer,
    (app, user, device): (String, String, String),
) -> Result<DeviceKey, Problem> {
    api.reload.policy().check(peer, Verb::Devices, Some(&app))?;
    check_name(&app, "app")?;
    check_name(&user, "user")?;
    check_name(&device, "device")?;
    Ok(DeviceKey { app, user, device })
}

/// Says from whom a report took tokens.
fn log_taken(key: &DeviceKey, reported: &ReportResult) {
    let own = reported.taken_from.iter().map(|it| (it, true));
    let others = reported.tokens_from.iter().map(|it| (it, false));
    for (from, forgotten) in own.chain(others) {
        tracing::info!(
            app = key.app,
            user = key.user,
            device = key.device,
            from_user = from.user,
            from_device = from.device,
            forgotten,
            "token has a new owner"
        );
    }
}

fn problem(error: RegistryError, key: &DeviceKey) -> Problem {
    let DeviceKey { user, device, .. } = key;
    match error {
        RegistryError::NotLoggedIn => {
            let detail = format!("{user} has logged out, or was logged out, on {device:?}");
            Problem::new(Code::NotLoggedIn, detail)
                .hint("after a new login, report with \"login\": true, or report the state first")
        }
        RegistryError::NoDevice => {
            Problem::new(Code::NotFound, format!("{user} has no device {device:?}"))
                .hint("report its certificate id and token first")
        }
        RegistryError::SameToken { which, other } => {
            let other = match other {
                Some(other) => tokens::path(&other),
                None => "token".to_owned(),
            };
            let detail = format!("is the same token as {other}, expected one of its own");
            Problem::new(Code::Invalid, detail)
                .field(tokens::path(&which))
                .hint(
                    "have the app report what the phone's system gives it for each kind of message",
                )
        }
        RegistryError::Store(error) => error.into(),
    }
}
