//! Reload over the socket: the answer says what changed, or all that is wrong.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::{Extension, Json};

use super::access::Peer;
use super::{Api, body};
use crate::api::refusal::Refusal;
use crate::config::Verb;
use crate::dispatch::Probed;
use crate::model::CertificateId;
use crate::process::{ReloadMode, Reloaded, RestorableDevices};
use nudged_wire::{ChannelDevices, ProbeResult, ProbeView, ReloadReport, ReloadSpec};
use nudged_wire::{Code, Problem};

/// Longest body.
const SMALL: usize = 64 << 10;

/// Reads the configuration, credentials and drivers anew: takes all, or keeps all. A channel that
/// was broken before and did not change is in nobody's way.
#[utoipa::path(
    post, path = "/v1/reload", request_body = Option<ReloadSpec>,
    responses((status = 200, body = ReloadReport), (status = 422, body = Problem, content_type = "application/problem+json")),
)]
pub async fn reload(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    request: Request,
) -> Result<Json<ReloadReport>, Refusal> {
    api.reload.policy().check(&peer, Verb::Admin, None)?;
    let ReloadSpec {
        probe,
        rebind,
        restore,
        dry_run,
    } = spec(request).await?;
    let how = ReloadMode {
        probe,
        rebind: rebind.into_iter().map(CertificateId).collect(),
        restore,
        dry_run,
    };
    match api.reload.run(&api.life, how).await {
        Ok(reloaded) => Ok(Json(ReloadReport {
            dry_run,
            ..report(reloaded)
        })),
        Err(problems) => {
            let mut problem = Problem::new(Code::ReloadRefused, problems.to_string());
            problem.problems = problems.0;
            Err(problem.hint("put these right and reload again").into())
        }
    }
}

/// A body that may be left out.
async fn spec(request: Request) -> Result<ReloadSpec, Problem> {
    body::check_type(&request)?;
    let bytes = body::whole(request.into_body(), SMALL).await?;
    match bytes.trim_ascii() {
        b"" | b"null" => Ok(ReloadSpec::default()),
        bytes => nudged_wire::json::parse(bytes),
    }
}

fn report(reloaded: Reloaded) -> ReloadReport {
    let probe = |(channel, probed): (String, Probed)| {
        let (result, text) = match probed {
            Probed::Good => (ProbeResult::Good, String::new()),
            Probed::NotPossible => (
                ProbeResult::NotPossible,
                "the vendor has no way to ask; the first message tells".to_owned(),
            ),
            // What is refused never comes here.
            Probed::Unknown(why) | Probed::Refused(why, _) => (ProbeResult::Unknown, why),
        };
        ProbeView {
            channel,
            result,
            text,
        }
    };
    let devices = |all: Vec<RestorableDevices>| {
        let all = all.into_iter().map(|it| ChannelDevices {
            channel: it.channel,
            devices: it.devices,
        });
        all.collect()
    };
    ReloadReport {
        ok: true,
        started: reloaded.changes.started,
        kept: reloaded.changes.kept,
        replaced: reloaded.changes.replaced,
        stopped: reloaded.changes.stopped,
        restart: reloaded.restart,
        broken: reloaded.broken,
        probes: reloaded.probes.into_iter().map(probe).collect(),
        warnings: reloaded.warnings,
        restorable: devices(reloaded.restorable),
        restored: devices(reloaded.restored),
        ..ReloadReport::default()
    }
}
