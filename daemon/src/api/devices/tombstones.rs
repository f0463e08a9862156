//! Devices whose token the vendor called dead: listed with the evidence, and put back.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use nudged_plugin_api::Timestamp;
use serde::Deserialize;

use crate::access::Permit;
use crate::admission::check_name;
use crate::api::allowed::{Admin, Allowed, Caller, Observe};
use crate::api::body::Json;
use crate::api::lines;
use crate::api::query::{Query, filled};
use crate::api::refusal::Refusal;
use crate::channels::{RouteTable, Routes};
use crate::lifecycle::Lifecycle;
use crate::model::{
    Binding, CertificateId, DEFAULT_APP, Evidence, KindToken, Tombstone, masked, read_rfc3339,
    rfc3339,
};
use crate::registry::{DeviceKey, Registry, TombstoneFilter};
use crate::store::StoreError;
use nudged_wire::{Code, Problem};
use nudged_wire::{RestoreSpec, Restored, TombstoneLine, TombstoneView};

/// Which tombstones.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TombstoneQuery {
    /// Of this app (tenant) only.
    app: Option<String>,
    /// Of the channels of this name only.
    channel: Option<String>,
    /// Of devices that were removed then or later (RFC 3339).
    since: Option<String>,
}

/// The devices that were removed because the vendor called their token dead
/// (`application/x-ndjson`), with what it said. They are kept for `store.retention`, or until
/// the device is reported again or deleted, its user logs out, or its token is another
/// device's. After them, with their `kind`, come dead tokens for calls and Live Activities of
/// devices that are there without them.
#[utoipa::path(
    get, path = "/v1/devices/tombstones", params(TombstoneQuery),
    responses(
        (status = 200, body = TombstoneLine, content_type = "application/x-ndjson"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn tombstones(
    caller: Caller<Observe>,
    State(registry): State<Arc<Registry>>,
    State(routes): State<Arc<Routes>>,
    State(lifecycle): State<Arc<Lifecycle>>,
    Query(query): Query<TombstoneQuery>,
) -> Result<Response, Refusal> {
    let app = filled(query.app);
    let permit = caller.permit(app.as_deref())?;
    let graves = TombstoneFilter {
        channels: channels(&routes.current(), app.as_deref(), query.channel.as_deref())?,
        since: since(query.since.as_deref())?,
        app,
        ..TombstoneFilter::default()
    };
    let state = Listing {
        registry,
        routes,
        lifecycle,
        permit,
        graves,
        last: None,
        tokens: false,
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

/// Puts devices back that were removed because the vendor called their token dead: those of
/// a user, or of a channel, or of a time, or of all of these together. Dead tokens for calls and
/// Live Activities are used again likewise.
#[utoipa::path(
    post, path = "/v1/devices/restore", request_body = RestoreSpec,
    responses(
        (status = 200, body = Restored),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn restore(
    caller: Caller<Admin>,
    State(registry): State<Arc<Registry>>,
    State(routes): State<Arc<Routes>>,
    Json(spec): Json<RestoreSpec>,
) -> Result<axum::Json<Restored>, Refusal> {
    let app = filled(spec.app).unwrap_or_else(|| DEFAULT_APP.to_owned());
    let (user, device) = (filled(spec.user), filled(spec.device));
    let (channel, from) = (filled(spec.channel), filled(spec.since));
    check_name(&app, "app")?;
    let Allowed { object: app, .. } = caller.allow(app)?;
    if user.is_none() && device.is_some() {
        let detail = "a device is one of a user";
        return Err(Problem::new(Code::Invalid, detail).field("user").into());
    }
    if user.is_none() && channel.is_none() && from.is_none() {
        let detail = "no device is meant";
        return Err(Problem::new(Code::Invalid, detail)
            .hint("name a user, a channel or a time (since), or several of them")
            .into());
    }
    let graves = TombstoneFilter {
        channels: channels(&routes.current(), Some(&app), channel.as_deref())?,
        since: since(from.as_deref())?,
        app: Some(app),
        user,
        device,
        ..TombstoneFilter::default()
    };
    let back = registry.restore(&graves).await?;
    let (restored, tokens) = (back.devices, back.tokens);
    tracing::info!(restored, tokens, ?graves, "devices put back");
    Ok(axum::Json(Restored { restored, tokens }))
}

/// The channels of a name: of one app, or of all.
fn channels(
    table: &RouteTable,
    app: Option<&str>,
    name: Option<&str>,
) -> Result<Option<Vec<CertificateId>>, Problem> {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let found: Vec<CertificateId> = table
        .all()
        .iter()
        .filter(|route| route.name == name && app.is_none_or(|app| app == route.app))
        .map(|route| route.certificate_id)
        .collect();
    if found.is_empty() {
        let problem = Problem::new(Code::Invalid, format!("there is no channel {name:?}"));
        let problem = problem.field("channel");
        return Err(match app {
            Some(app) => problem.hint(table.names(app)),
            None => problem.hint("GET /v1/channels lists all channels"),
        });
    }
    Ok(Some(found))
}

fn since(text: Option<&str>) -> Result<Timestamp, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(Timestamp::default());
    };
    read_rfc3339(text).ok_or_else(|| {
        Problem::new(Code::Invalid, format!("{text:?} is no time"))
            .field("since")
            .hint("write it as in 2026-03-01T12:30:00Z")
    })
}

struct Listing {
    registry: Arc<Registry>,
    routes: Arc<Routes>,
    lifecycle: Arc<Lifecycle>,
    permit: Permit,
    graves: TombstoneFilter,
    last: Option<DeviceKey>,
    /// The devices are listed, their dead tokens follow.
    tokens: bool,
    /// The caller knows why nothing more comes.
    ended: bool,
}

impl Listing {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        let read = |error: StoreError| {
            tracing::error!(%error, "tombstones cannot be read");
            io::Error::other(error)
        };
        loop {
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
            let (found, last) = self.page().map_err(read)?;
            if last.is_none() {
                if self.tokens {
                    return Ok(None);
                }
                self.tokens = true;
            }
            self.last = last;
            if found.is_empty() {
                continue;
            }
            let mut lines = Vec::with_capacity(found.len() * 400);
            for view in found {
                // A Vec takes everything, and a line has nothing that JSON lacks.
                let _ = serde_json::to_writer(&mut lines, &view);
                lines.push(b'\n');
            }
            return Ok(Some(lines.into()));
        }
    }

    /// What comes next, and how far it goes; none = to the end of its sort.
    fn page(&self) -> Result<(Vec<TombstoneView>, Option<DeviceKey>), StoreError> {
        let (registry, table) = (&self.registry, self.routes.current());
        let after = self.last.as_ref();
        if self.tokens {
            let page = registry.dead_tokens(&self.graves, after)?;
            let views = page.found.into_iter();
            let views = views.map(|(key, token)| view_of_token(&table, key, token));
            return Ok((views.collect(), page.last));
        }
        let page = registry.tombstones(&self.graves, after)?;
        let views = page.found.into_iter();
        let views = views.map(|(key, tombstone)| view(&table, key, tombstone));
        Ok((views.collect(), page.last))
    }
}

fn view(table: &RouteTable, key: DeviceKey, tombstone: Tombstone) -> TombstoneView {
    let Tombstone { device, evidence } = tombstone;
    let shown = shown(table, key, device.binding.as_ref(), evidence);
    TombstoneView {
        registered_at: rfc3339(device.registered_at),
        ..shown
    }
}

fn view_of_token(table: &RouteTable, key: DeviceKey, token: KindToken) -> TombstoneView {
    let evidence = token.dead.unwrap_or_default();
    let shown = shown(table, key, Some(&token.binding), evidence);
    TombstoneView {
        kind: Some(token.purpose.as_str().to_owned()),
        activity: token.activity,
        registered_at: rfc3339(token.reported_at),
        ..shown
    }
}

fn shown(
    table: &RouteTable,
    key: DeviceKey,
    bound: Option<&Binding>,
    evidence: Evidence,
) -> TombstoneView {
    TombstoneView {
        app: key.app,
        user: key.user,
        device: key.device,
        channel: bound
            .and_then(|bound| table.by_id(bound.channel))
            .map(|route| route.name.clone()),
        certificate_id: bound.map(|bound| bound.channel.0),
        token: bound.map(|bound| masked(&bound.token)),
        kind: None,
        activity: None,
        registered_at: String::new(),
        at: rfc3339(evidence.at),
        id: evidence.delivery.notification.to_string(),
        n: evidence.delivery.n,
        code: evidence.code,
        text: evidence.text,
        dead_since: evidence.dead_since.map(rfc3339),
    }
}
