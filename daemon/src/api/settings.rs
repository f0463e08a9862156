//! Settings of users: what they want of push.

mod read;

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use serde_json::Value;

use super::Api;
use super::body::Json;
use super::path::Path;
use crate::access::Peer;
use crate::admission::check_name;
use crate::api::refusal::Refusal;
use crate::config::Verb;
use crate::registry::RegistryError;
use nudged_wire::Settings;
use nudged_wire::{Code, Problem};

/// Longest body, in bytes: as many conversations as there may be, with long names.
const MOST: usize = 2 << 20;

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
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(names): Path<(String, String)>,
) -> Result<axum::Json<Settings>, Refusal> {
    let (app, user) = allowed(&api, &peer, names)?;
    let settings = api.registry.all_settings(&app, &user);
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
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(names): Path<(String, String)>,
    Json(settings): Json<Settings, MOST>,
) -> Result<axum::Json<Settings>, Refusal> {
    let (app, user) = allowed(&api, &peer, names)?;
    let settings = read::settings(settings)?;
    let put = api.registry.put_settings(&app, &user, &settings).await;
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
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(names): Path<(String, String)>,
    Json(change): Json<Value, MOST>,
) -> Result<axum::Json<Settings>, Refusal> {
    let (app, user) = allowed(&api, &peer, names)?;
    let changed = api
        .registry
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

fn allowed(
    api: &Api,
    peer: &Peer,
    (app, user): (String, String),
) -> Result<(String, String), Problem> {
    api.access.policy().check(peer, Verb::Devices, Some(&app))?;
    check_name(&app, "app")?;
    check_name(&user, "user")?;
    Ok((app, user))
}

fn problem(error: RegistryError, user: &str) -> Problem {
    match error {
        RegistryError::NotLoggedIn => {
            let detail = format!("{user} is logged in on no device");
            Problem::new(Code::NotLoggedIn, detail)
                .hint("settings can be read and changed once a device of the user is reported")
        }
        error => error.into(),
    }
}
