//! Reload over the socket: the answer says what changed, or all that is wrong.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};

use super::Api;
use super::access::Peer;
use super::problem::{Code, Problem};
use super::schema::ReloadReport;
use crate::config::Verb;

/// Reads the configuration, credentials and drivers anew: takes all, or keeps all.
#[utoipa::path(
    post, path = "/v1/reload",
    responses((status = 200, body = ReloadReport), (status = 422, body = Problem, content_type = "application/problem+json")),
)]
pub async fn reload(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
) -> Result<Json<ReloadReport>, Problem> {
    api.reload.policy().check(&peer, Verb::Admin, None)?;
    match api.reload.run(&api.life).await {
        Ok(reloaded) => Ok(Json(ReloadReport {
            ok: true,
            started: reloaded.changes.started,
            kept: reloaded.changes.kept,
            replaced: reloaded.changes.replaced,
            stopped: reloaded.changes.stopped,
            restart: reloaded.restart,
            warnings: reloaded.warnings,
        })),
        Err(problems) => {
            let mut problem = Problem::new(Code::ReloadRefused, problems.to_string());
            problem.problems = problems.0;
            Err(problem.hint("put these right and reload again"))
        }
    }
}
