//! Reload over the socket: the answer says what changed, or all that is wrong.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::allowed::{Admin, Allowed};
use super::body::OptionalJson;
use super::refusal::Refusal;
use crate::channels::RestorableDevices;
use crate::dispatch::CredentialCheck;
use crate::model::CertificateId;
use crate::reloading::{ReloadMode, Reloaded, Reloading};
use nudged_wire::{ChannelDevices, ProbeResult, ProbeView, ReloadReport, ReloadSpec};
use nudged_wire::{Code, Problem};

/// Reads the configuration, credentials and drivers anew: takes all, or keeps all. A channel that
/// was broken before and did not change is in nobody's way.
#[utoipa::path(
    post, path = "/v1/reload", request_body = Option<ReloadSpec>,
    responses((status = 200, body = ReloadReport), (status = 422, body = Problem, content_type = "application/problem+json")),
)]
pub async fn reload(
    _: Allowed<Admin>,
    State(reload): State<Arc<dyn Reloading>>,
    OptionalJson(spec): OptionalJson<Option<ReloadSpec>>,
) -> Result<Json<ReloadReport>, Refusal> {
    let ReloadSpec {
        probe,
        rebind,
        restore,
        dry_run,
    } = spec.unwrap_or_default();
    let mode = ReloadMode {
        probe,
        rebind: rebind.into_iter().map(CertificateId).collect(),
        restore,
        dry_run,
    };
    match reload.reload(mode).await {
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

fn report(reloaded: Reloaded) -> ReloadReport {
    let probe = |(channel, probed): (String, CredentialCheck)| {
        let (result, text) = match probed {
            CredentialCheck::Good => (ProbeResult::Good, String::new()),
            CredentialCheck::NotPossible => (
                ProbeResult::NotPossible,
                "the vendor offers no check; the first message will show it".to_owned(),
            ),
            // What is refused never comes here.
            CredentialCheck::Unknown(why) | CredentialCheck::Refused(why, _) => {
                (ProbeResult::Unknown, why)
            }
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
