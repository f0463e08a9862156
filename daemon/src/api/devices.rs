//! Devices of users.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;

use super::Api;
use super::access::Peer;
use super::body::Json;
use super::path::Path;
use super::problem::{Code, Problem};
use super::schema::{DeviceList, DeviceReport, DeviceReported, DeviceView, OwnerView};
use crate::admission::{check_name, check_token};
use crate::config::Verb;
use crate::dispatch::Table;
use crate::model::{Binding, CertificateId, Device, masked, now, rfc3339};
use crate::registry::{DeviceKey, Report};

/// Binds a vendor token to a device of a user. A token has one owner: whoever had it
/// before loses it.
#[utoipa::path(
    put, path = "/v1/apps/{app}/users/{user}/devices/{device}", request_body = DeviceReport,
    params(("app" = String, Path), ("user" = String, Path), ("device" = String, Path)),
    responses((status = 200, body = DeviceReported), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn put(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path((app, user, device)): Path<(String, String, String)>,
    Json(report): Json<DeviceReport>,
) -> Result<axum::Json<DeviceReported>, Problem> {
    api.reload
        .policy()
        .check(&peer, Verb::Devices, Some(&app))?;
    let key = key(app, user, device)?;
    let table = api.routes.now();
    let channel = channel(&table, &key.app, &report)?;
    check_token(&report.token, "token")?;
    if report
        .platform
        .as_ref()
        .is_some_and(|platform| platform.len() > 64)
    {
        return Err(Problem::new(Code::Invalid, "longer than 64 bytes").field("platform"));
    }
    let report = Report {
        binding: Some(Binding {
            channel,
            token: report.token,
        }),
        platform: report.platform.filter(|platform| !platform.is_empty()),
        ..Report::default()
    };
    let reported = api.registry.report(&key, report, false, now()).await?;
    let (device, taken) = (reported.device, reported.taken_from);
    if let Some(owner) = &taken {
        tracing::info!(
            app = key.app,
            user = key.user,
            device = key.device,
            from_user = owner.user,
            from_device = owner.device,
            "token has a new owner"
        );
    }
    Ok(axum::Json(DeviceReported {
        device: view(&table, &key.app, &key.user, key.device.clone(), &device),
        taken_from: taken.map(|owner| OwnerView {
            user: owner.user,
            device: owner.device,
        }),
    }))
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
) -> Result<axum::Json<DeviceList>, Problem> {
    api.reload
        .policy()
        .check(&peer, Verb::Devices, Some(&app))?;
    check_name(&app, "app")?;
    check_name(&user, "user")?;
    let table = api.routes.now();
    let devices = api.registry.of_user(&app, &user)?;
    let devices = devices
        .into_iter()
        .map(|(id, device)| view(&table, &app, &user, id, &device))
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
    Path((app, user, device)): Path<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    api.reload
        .policy()
        .check(&peer, Verb::Devices, Some(&app))?;
    let key = key(app, user, device)?;
    if api.registry.delete(&key).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        Code::NotFound,
        format!("{} has no device {:?}", key.user, key.device),
    ))
}

fn key(app: String, user: String, device: String) -> Result<DeviceKey, Problem> {
    check_name(&app, "app")?;
    check_name(&user, "user")?;
    check_name(&device, "device")?;
    Ok(DeviceKey { app, user, device })
}

fn channel(table: &Table, app: &str, report: &DeviceReport) -> Result<CertificateId, Problem> {
    let unknown = |field: &str, what: String| {
        Err(Problem::new(Code::Invalid, format!("there is no {what}"))
            .field(field)
            .hint(table.names(app)))
    };
    match (&report.channel, report.certificate_id) {
        (Some(name), None) => match table.by_name(app, name) {
            Some(route) => Ok(route.certificate_id),
            None => unknown("channel", format!("channel {name:?}")),
        },
        (None, Some(id)) => match table
            .by_id(CertificateId(id))
            .filter(|route| route.app == app)
        {
            Some(route) => Ok(route.certificate_id),
            None => unknown("certificate_id", format!("certificate id {id}")),
        },
        _ => Err(Problem::new(
            Code::Invalid,
            "a report names either channel or certificate_id",
        )
        .field("channel")
        .hint(table.names(app))),
    }
}

fn view(table: &Table, app: &str, user: &str, id: String, device: &Device) -> DeviceView {
    let bound = device.binding.as_ref();
    DeviceView {
        app: app.to_owned(),
        user: user.to_owned(),
        device: id,
        channel: bound
            .and_then(|bound| table.by_id(bound.channel))
            .map(|route| route.name.clone()),
        certificate_id: bound.map_or(0, |bound| bound.channel.0),
        token: bound.map_or_else(String::new, |bound| masked(&bound.token)),
        platform: device.platform.clone(),
        registered_at: rfc3339(device.registered_at),
    }
}
