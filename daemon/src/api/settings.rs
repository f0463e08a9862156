//! Settings of users: what they want of push.

mod read;

use std::sync::Arc;

use axum::extract::State;
use serde_json::Value;

use super::allowed::{Allowed, Caller, Devices};
use super::body::Json;
use super::path::Path;
use super::refusal::Refusal;
use crate::admission::check_name;
use crate::registry::{Registry, RegistryError};
use nudged_wire::Settings;
use nudged_wire::{Code, Problem};

/// Longest body, in bytes: as many conversations as there may be, with long names.
const MAX_BODY: usize = 2 << 20;

/// App and user.
type UserPath = (String, String);

/// The settings of a user who is logged in on some device. What was never set is absent.
#[utoipa::path(
    get, path = "/v1/apps/{app}/users/{user}/settings",
    params(("app" = String, Path), ("user" = String, Path)),
    responses(
        (status = 200, body = Settings),
        (status = 409, description = "not_logged_in: the user is logged in on no device", body = Problem, content_type = "application/problem+json"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn get(
    Allowed { object, .. }: Allowed<Devices, Path<UserPath>>,
    State(registry): State<Arc<Registry>>,
) -> Result<axum::Json<Settings>, Refusal> {
    let Path(names) = object;
    let (app, user) = checked(names)?;
    let settings = registry.all_settings(&app, &user);
    let settings = settings.map_err(|error| problem(error, &user))?;
    Ok(axum::Json(read::shown(settings)))
}

/// Replaces the settings of a user who is logged in on some device. They apply to all devices
/// of the user, and to whatever is accepted from now on.
#[utoipa::path(
    put, path = "/v1/apps/{app}/users/{user}/settings", request_body = Settings,
    params(("app" = String, Path), ("user" = String, Path)),
    responses(
        (status = 200, body = Settings),
        (status = 409, description = "not_logged_in: the user is logged in on no device", body = Problem, content_type = "application/problem+json"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn put(
    caller: Caller<Devices>,
    State(registry): State<Arc<Registry>>,
    Path(names): Path<UserPath>,
    Json(settings): Json<Settings, MAX_BODY>,
) -> Result<axum::Json<Settings>, Refusal> {
    let (app, user) = checked(caller.allow(names)?.object)?;
    let settings = read::settings(settings)?;
    let put = registry.put_settings(&app, &user, &settings).await;
    put.map_err(|error| problem(error, &user))?;
    Ok(axum::Json(read::shown(settings)))
}

/// Changes some settings of a user (RFC 7396): what is absent stays; null removes quiet hours,
/// a conversation or a platform. Only the sounds know null as a value, the system's sound; an
/// empty one is no longer set.
#[utoipa::path(
    patch, path = "/v1/apps/{app}/users/{user}/settings",
    request_body(content((Settings = "application/merge-patch+json"), (Settings = "application/json"))),
    params(("app" = String, Path), ("user" = String, Path)),
    responses(
        (status = 200, body = Settings),
        (status = 409, description = "not_logged_in: the user is logged in on no device", body = Problem, content_type = "application/problem+json"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn patch(
    caller: Caller<Devices>,
    State(registry): State<Arc<Registry>>,
    Path(names): Path<UserPath>,
    Json(change): Json<Value, MAX_BODY>,
) -> Result<axum::Json<Settings>, Refusal> {
    let (app, user) = checked(caller.allow(names)?.object)?;
    let changed = registry
        .change_settings(&app, &user, |before| {
            let merged = read::merged(read::shown(before), change)?;
            read::settings(nudged_wire::json::parse(&merged)?).map_err(Refused::Change)
        })
        .await;
    match changed {
        Ok(settings) => Ok(axum::Json(read::shown(settings))),
        Err(Refused::Change(problem)) => Err(problem.into()),
        Err(Refused::Registry(error)) => Err(problem(error, &user).into()),
    }
}

enum Refused {
    Change(Problem),
    Registry(RegistryError),
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Change(problem)
    }
}

impl<E: Into<RegistryError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Registry(error.into())
    }
}

fn checked(names: UserPath) -> Result<UserPath, Problem> {
    check_name(&names.0, "app")?;
    check_name(&names.1, "user")?;
    Ok(names)
}

fn problem(error: RegistryError, user: &str) -> Problem {
    match error {
        // req 29: settings of who is not logged in are refused.
        RegistryError::NotLoggedIn => {
            let detail = format!("{user} is logged in on no device");
            Problem::new(Code::NotLoggedIn, detail)
                .hint("settings can be read and changed once a device of the user is reported")
        }
        error => error.into(),
    }
}
