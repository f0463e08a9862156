//! All devices of an app, line by line, with whole tokens.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use nudged_plugin_api::Timestamp;
use serde::Deserialize;

use super::tokens;
use super::view::state;
use crate::access::Permit;
use crate::admission::check_name;
use crate::api::allowed::{Admin, Caller};
use crate::api::lines;
use crate::api::query::{Query, filled};
use crate::api::refusal::Refusal;
use crate::clock::now;
use crate::lifecycle::Lifecycle;
use crate::model::{DEFAULT_APP, Device};
use crate::registry::{DeviceKey, Registry};
use crate::store::StoreError;
use nudged_wire::Problem;
use nudged_wire::{DeviceLine, ExportLine, StateName};

/// Devices that are read at once.
const STEP: usize = 500;

/// Of which app.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
    /// The app (tenant). Default: `default`.
    app: Option<String>,
}

/// All devices of an app (`application/x-ndjson`), with whole tokens: hence for those only
/// who may reload. What is reported meanwhile may or may not be among them. An export that
/// cannot go on is cut off, so that nobody takes a part for the whole; where a reload took the
/// right to it away, its last line is `{"problem": …}`.
#[utoipa::path(
    get, path = "/v1/devices/export", params(ExportQuery),
    responses(
        (status = 200, body = ExportLine, content_type = "application/x-ndjson"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn export(
    caller: Caller<Admin>,
    State(registry): State<Arc<Registry>>,
    State(lifecycle): State<Arc<Lifecycle>>,
    Query(query): Query<ExportQuery>,
) -> Result<Response, Refusal> {
    let app = filled(query.app).unwrap_or_else(|| DEFAULT_APP.to_owned());
    check_name(&app, "app")?;
    let state = Export {
        permit: caller.permit(Some(&app))?,
        registry,
        lifecycle,
        app,
        last: None,
        ended: false,
    };
    let pieces = futures_util::stream::try_unfold(state, |mut state| async move {
        let piece = state.next()?;
        Ok::<_, io::Error>(piece.map(|piece| (piece, state)))
    });
    Ok((
        [(CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(pieces),
    )
        .into_response())
}

struct Export {
    registry: Arc<Registry>,
    lifecycle: Arc<Lifecycle>,
    permit: Permit,
    app: String,
    last: Option<DeviceKey>,
    /// The caller knows why nothing more comes.
    ended: bool,
}

impl Export {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.lifecycle.is_stopping() {
            return Err(io::Error::other("the daemon is stopping"));
        }
        if self.ended {
            return Ok(None);
        }
        if let Err(denied) = self.permit.check() {
            self.ended = true;
            return Ok(Some(lines::last(denied.into())));
        }
        let read = |error: StoreError| {
            tracing::error!(%error, "devices cannot be read");
            io::Error::other(error)
        };
        let devices = self
            .registry
            .of_app(&self.app, self.last.as_ref(), STEP)
            .map_err(read)?;
        let Some((last, _)) = devices.last() else {
            return Ok(None);
        };
        self.last = Some(last.clone());
        let time = now();
        let mut lines = Vec::with_capacity(devices.len() * 250);
        for (key, device) in devices {
            // A Vec takes everything, and a line has nothing that JSON lacks.
            let _ = serde_json::to_writer(&mut lines, &line(key, device, time));
            lines.push(b'\n');
        }
        Ok(Some(lines.into()))
    }
}

fn line(key: DeviceKey, device: Device, now: Timestamp) -> DeviceLine {
    let state = (device.state_at.0 > 0).then(|| state(&device, now));
    let (certificate_id, token) = match device.binding {
        Some(bound) => (Some(bound.channel.0), Some(bound.token)),
        None => (None, None),
    };
    DeviceLine {
        app: Some(key.app),
        user: key.user,
        device: key.device,
        channel: None,
        certificate_id,
        token,
        tokens: tokens::whole(device.tokens),
        platform: device.platform,
        language: device.language,
        app_version: device.app_version,
        state,
        unread: device
            .unread
            .filter(|_| state == Some(StateName::Background)),
    }
}
