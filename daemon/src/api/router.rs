//! All routes on one screen.

use axum::Router;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post, put};

use super::refusal::Refusal;
use super::stages::Stages;
use super::state::ApiState;
use super::{
    brake, channels, devices, events, health, im, notifications, openapi, queue, reload, revoke,
    settings,
};
use nudged_wire::{Code, Problem};

/// Messages in the form of Tencent's REST API.
const IM: &str = "/v1/im/messages";

/// The routes, below the right that a caller needs in the app it speaks of.
pub fn router(stages: Stages) -> Router {
    Router::new()
        // send
        .route("/v1/notifications", post(notifications::post))
        .route("/v1/notifications/preview", post(notifications::preview))
        // GET observe; DELETE send
        .route(
            "/v1/notifications/{id}",
            get(notifications::trace::get).delete(revoke::delete),
        )
        // send
        .route(IM, of_im(post(im::post)))
        .route("/v4/openim/sendmsg", of_im(post(im::sendmsg)))
        .route("/v4/openim/batchsendmsg", of_im(post(im::batchsendmsg)))
        .route(
            "/v4/group_open_http_svc/send_group_msg",
            of_im(post(im::send_group_msg)),
        )
        .route("/v4/timpush/batch", of_im(post(im::timpush_batch)))
        // everybody
        .route("/v4/{*call}", any(im::unknown))
        // devices
        .route("/v1/devices/import", post(devices::import))
        // admin
        .route("/v1/devices/export", get(devices::export))
        // observe
        .route("/v1/devices/tombstones", get(devices::tombstones))
        // admin
        .route("/v1/devices/restore", post(devices::restore))
        // devices
        .route("/v1/apps/{app}/users/{user}/devices", get(devices::list))
        .route(
            "/v1/apps/{app}/users/{user}/devices/{device}",
            get(devices::get).put(devices::put).delete(devices::delete),
        )
        .route(
            "/v1/apps/{app}/users/{user}/devices/{device}/state",
            put(devices::put_state),
        )
        .route(
            "/v1/apps/{app}/users/{user}/settings",
            get(settings::get).put(settings::put).patch(settings::patch),
        )
        // observe
        .route("/v1/events", get(events::events))
        // GET everybody, of its own; DELETE admin
        .route("/v1/queue", get(queue::list).delete(queue::remove))
        // admin
        .route("/v1/queue/flush", post(queue::flush))
        .route("/v1/queue/hold", post(queue::hold))
        .route("/v1/queue/release", post(queue::release))
        .route("/v1/queue/check", post(queue::check))
        // everybody, of its own
        .route("/v1/channels", get(channels::list))
        // observe
        .route("/v1/channels/{name}", get(channels::one))
        // admin
        .route("/v1/channels/{name}/brake/release", post(brake::release))
        // observe
        .route("/v1/drivers", get(channels::drivers))
        .route("/v1/status", get(health::status))
        // everybody
        .route("/v1/health", get(health::health))
        // admin
        .route("/v1/reload", post(reload::reload))
        // everybody
        .route(
            "/openapi.json",
            get(|| async { axum::Json(openapi::document()) }),
        )
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(ApiState::new(stages))
}

/// A route of Tencent's clients, which are refused in its form whatever the method.
fn of_im(route: MethodRouter<ApiState>) -> MethodRouter<ApiState> {
    route.fallback(im::wrong_method)
}

/// The answer to a request that no route sees, in the form of the door that it knocked at.
pub fn refused(path: &str, problem: Problem) -> Response {
    match path == IM || path.starts_with("/v4/") {
        true => im::refused(path, problem),
        false => Refusal(problem).into_response(),
    }
}

async fn unknown(uri: Uri) -> Refusal {
    Problem::new(Code::NotFound, format!("there is no {}", uri.path()))
        .hint("GET /openapi.json lists all routes")
        .into()
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    Problem::new(
        Code::MethodNotAllowed,
        format!("{} does not take {method}", uri.path()),
    )
    .hint("GET /openapi.json lists all routes")
    .into()
}

#[cfg(test)]
mod tests;
