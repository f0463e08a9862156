//! The queue, for the operator: what stands in it, and what is done about it.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::{Extension, Json};
use nudged_plugin_api::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Api;
use super::access::Peer;
use super::body;
use super::notifications::unknown;
use crate::api::refusal::Refusal;
use crate::config::Verb;
use crate::dispatch::Filter;
use crate::model::{CertificateId, NotificationId, Trace, now};
use crate::store::{Keyspace, decoded};
use nudged_wire::{
    ChannelChoiceSpec, CheckSpec, CheckView, FlushedChannelView, FlushedView, HeldView, QueueView,
    ReleaseChoiceSpec, RemovedView,
};
use nudged_wire::{Code, Problem};

mod view;

/// Longest body.
const SMALL: usize = 64 << 10;
/// Deliveries that are shown unless asked otherwise.
const SHOWN: usize = 100;
/// Deliveries that are shown at most.
const MOST_SHOWN: usize = 1000;

/// What is shown.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// List the deliveries of this channel: its name, or its certificate id.
    channel: Option<String>,
    /// So many of them, at most 1000. Default: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// What stands in the queue, by channel; and the deliveries of one channel, where asked for.
/// However long the queue is, only its ends are read.
#[utoipa::path(
    get, path = "/v1/queue", params(Shown),
    responses((status = 200, body = QueueView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn list(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    shown: Result<Query<Shown>, QueryRejection>,
) -> Result<Json<QueueView>, Refusal> {
    let Query(shown) = shown.map_err(|error| Problem::new(Code::BadRequest, error.body_text()))?;
    let limit = shown.limit.unwrap_or(SHOWN);
    if !(1..=MOST_SHOWN).contains(&limit) {
        let detail = format!("{limit}, expected 1 to {MOST_SHOWN}");
        return Err(Problem::new(Code::Invalid, detail).field("limit").into());
    }
    let one = given(shown.channel.as_deref());
    let channels = api.channels(&peer, Verb::Observe, one)?;
    let (deliveries, truncated) = match (one, channels.first()) {
        (Some(_), Some(channel)) => api.queued(*channel, limit)?,
        _ => (None, false),
    };
    let mut views = Vec::with_capacity(channels.len());
    for channel in channels {
        views.push(api.queue_of(channel)?);
    }
    views.sort_by(|one, other| one.channel.cmp(&other.channel));
    Ok(Json(QueueView {
        channels: views,
        disk_bytes: api.store.disk_bytes()?,
        deliveries,
        truncated,
    }))
}

/// Which deliveries are removed: those to which all that is given applies.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// Of this channel: its name, or its certificate id.
    channel: Option<String>,
    /// Of this notification.
    notification: Option<String>,
    /// To this user, of the app `default` unless `app` is given.
    user: Option<String>,
    /// Of this app.
    app: Option<String>,
    /// Accepted more than so many seconds ago.
    older_than: Option<u64>,
    /// Everything; needed where nothing else is given.
    #[serde(default)]
    all: bool,
}

/// Ends queued deliveries unsent: suppressed, code `removed`. What is under way at this moment
/// ends as its vendor says. Doing it again removes what has come back from its vendor since.
#[utoipa::path(
    delete, path = "/v1/queue", params(Removal),
    responses((status = 200, body = RemovedView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn remove(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    removal: Result<Query<Removal>, QueryRejection>,
) -> Result<Json<RemovedView>, Refusal> {
    let Query(removal) =
        removal.map_err(|error| Problem::new(Code::BadRequest, error.body_text()))?;
    let (channel, user) = (
        given(removal.channel.as_deref()),
        given(removal.user.as_deref()),
    );
    let mut app = given(removal.app.as_deref()).map(str::to_owned);
    let mut notification = None;
    if let Some(text) = given(removal.notification.as_deref()) {
        let policy = api.reload.policy();
        policy.check_anywhere(&peer, Verb::Admin)?;
        let (id, its_app) = api.app_of(text)?;
        policy.check_found(&peer, Verb::Admin, Some(&its_app), || unknown(text))?;
        notification = Some(id);
        app.get_or_insert(its_app);
    }
    if user.is_some() {
        app.get_or_insert_with(|| "default".to_owned());
    }
    if channel.is_none() && app.is_none() && removal.older_than.is_none() && !removal.all {
        return Err(
            Problem::new(Code::Invalid, "nothing says what is to be removed").hint(
                "give channel, notification, user, app or older_than; all=true removes everything",
            ).into(),
        );
    }
    let channels = match channel {
        Some(_) => api.channels(&peer, Verb::Admin, channel)?,
        None => {
            let policy = api.reload.policy();
            policy.check(&peer, Verb::Admin, app.as_deref())?;
            api.queue.occupied()?
        }
    };
    let filter = Filter {
        app,
        notification,
        user: user.map(str::to_owned),
        before: removal.older_than.map(|seconds| {
            let millis = seconds.saturating_mul(1000);
            Timestamp(now().0.saturating_sub(millis))
        }),
    };
    let ids: Vec<String> = channels.iter().map(ToString::to_string).collect();
    tracing::info!(
        uid = peer.uid,
        app = filter.app.as_deref(),
        user = filter.user.as_deref(),
        notification = filter.notification.map(tracing::field::display),
        before = filter.before.map(crate::model::rfc3339),
        channels = ids.join(" "),
        "deliveries are removed from the queue"
    );
    let done = api.operator.remove(channels, filter).await?;
    Ok(Json(RemovedView {
        removed: done.removed,
        in_flight: done.under_way,
    }))
}

/// Makes what waits for its next try due now, of one channel or of all. What a vendor asked to
/// wait for is not tried earlier, and a channel that its vendor or the operator holds sends
/// nothing before that has ended: the answer says so.
#[utoipa::path(
    post, path = "/v1/queue/flush", request_body = ChannelChoiceSpec,
    responses((status = 200, body = FlushedView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn flush(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    request: Request,
) -> Result<Json<FlushedView>, Refusal> {
    let choice = optional::<ChannelChoiceSpec>(request).await?;
    let one = given(choice.channel.as_deref());
    if one.is_none() {
        api.reload.policy().check(&peer, Verb::Admin, None)?;
    }
    let mut views = Vec::new();
    for channel in api.channels(&peer, Verb::Admin, one)? {
        let done = api.operator.flush(channel).await?;
        let mut holds = api.holds(channel, now());
        // Its task ends a hold of our own as soon as it comes to it.
        holds.retain(|hold| hold.by != nudged_wire::Holder::Daemon);
        views.push(FlushedChannelView {
            channel: api.name(channel),
            certificate_id: channel.0,
            due: done.due,
            kept: done.kept,
            holds,
        });
    }
    views.sort_by(|one, other| one.channel.cmp(&other.channel));
    Ok(Json(FlushedView { channels: views }))
}

/// Stops the sending of a channel, until it is released; also across restarts. What is under
/// way ends as its vendor says, and new notifications are accepted and wait.
#[utoipa::path(
    post, path = "/v1/queue/hold", request_body = ChannelChoiceSpec,
    responses((status = 200, body = HeldView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn hold(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    request: Request,
) -> Result<Json<HeldView>, Refusal> {
    let channel = api.one_channel(&peer, request).await?;
    api.operator.hold(channel).await?;
    tracing::warn!(uid = peer.uid, certificate_id = %channel, channel = api.name(channel), "the operator stopped a channel");
    Ok(Json(api.held_view(channel)))
}

/// Lets a channel go on that was stopped. One that was not, and that its vendor asked to wait, tries
/// at once against the vendor's word, and the answer warns of it. With `class`, only what is held
/// against that class of messages is over.
#[utoipa::path(
    post, path = "/v1/queue/release", request_body = ReleaseChoiceSpec,
    responses((status = 200, body = HeldView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn release(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    request: Request,
) -> Result<Json<HeldView>, Refusal> {
    let ReleaseChoiceSpec { channel, class } = optional(request).await?;
    let channel = api.this_channel(&peer, given(channel.as_deref()))?;
    let class = class.filter(|class| !class.is_empty());
    if let Some(class) = &class {
        let known = api.operator.classes(channel);
        if !known.contains(class) {
            let detail = format!("the channel has no class of messages {class:?}");
            let hint = match known.as_slice() {
                [] => "it has none: leave the class out".to_owned(),
                known => format!("it has {}", known.join(", ")),
            };
            return Err(Problem::new(Code::Invalid, detail)
                .field("class")
                .hint(hint)
                .into());
        }
    }
    let released = api.operator.release(channel, class).await?;
    if released.was_stopped {
        tracing::info!(uid = peer.uid, certificate_id = %channel, channel = api.name(channel), "the operator released a channel");
    }
    let warnings = view::warnings(&released);
    for warning in &warnings {
        tracing::warn!(uid = peer.uid, certificate_id = %channel, channel = api.name(channel), "the operator released a channel: {warning}");
    }
    let view = api.held_view(channel);
    Ok(Json(HeldView { warnings, ..view }))
}

/// Reads the whole queue and all traces, and tells what is damaged or missing. Changes nothing
/// unless `repair` is set: then what cannot be read is removed, and deliveries that are lost by
/// it end as `failed`, code `record_damaged`.
#[utoipa::path(
    post, path = "/v1/queue/check", request_body = CheckSpec,
    responses((status = 200, body = CheckView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn check(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    request: Request,
) -> Result<Json<CheckView>, Refusal> {
    api.reload.policy().check(&peer, Verb::Admin, None)?;
    let spec: CheckSpec = optional(request).await?;
    let found = api.operator.check(spec.repair).await?;
    let damaged = found.damaged.len();
    if damaged > 0 || !found.lost.is_empty() {
        tracing::error!(
            uid = peer.uid,
            damaged,
            lost = found.lost.len(),
            repaired = spec.repair,
            "the queue is damaged"
        );
    }
    Ok(Json(view::check_view(found, spec.repair)))
}

impl Api {
    async fn one_channel(&self, peer: &Peer, request: Request) -> Result<CertificateId, Problem> {
        let choice = optional::<ChannelChoiceSpec>(request).await?;
        self.this_channel(peer, given(choice.channel.as_deref()))
    }

    fn this_channel(&self, peer: &Peer, name: Option<&str>) -> Result<CertificateId, Problem> {
        let Some(name) = name else {
            return Err(Problem::new(Code::Invalid, "missing: which channel?")
                .field("channel")
                .hint("its name or certificate id; nudgectl channel ls lists them"));
        };
        let channels = self.channels(peer, Verb::Admin, Some(name))?;
        channels.first().copied().ok_or_else(|| no_channel(name))
    }

    /// The channel of this name or certificate id, or all that this peer may see, configured
    /// or with something in the queue.
    fn channels(
        &self,
        peer: &Peer,
        verb: Verb,
        one: Option<&str>,
    ) -> Result<Vec<CertificateId>, Problem> {
        let (table, policy) = (self.routes.now(), self.reload.policy());
        let app = |id| table.by_id(id).map(|route| route.app.as_str());
        if let Some(text) = one {
            policy.check_anywhere(peer, verb)?;
            let named = table.all().iter().find(|route| route.name == text);
            let id = match named {
                Some(route) => route.certificate_id,
                None => text
                    .parse()
                    .map(CertificateId)
                    .map_err(|_| no_channel(text))?,
            };
            let known = table.by_id(id).is_some()
                || self.operator.held_since(id).is_some()
                || self.queue.occupied()?.contains(&id);
            if !known {
                return Err(no_channel(text));
            }
            policy.check_found(peer, verb, app(id), || no_channel(text))?;
            return Ok(vec![id]);
        }
        let mut all = self.queue.occupied()?;
        all.extend(table.all().iter().map(|route| route.certificate_id));
        all.sort_unstable();
        all.dedup();
        all.retain(|id| policy.allows(peer, verb, app(*id)));
        Ok(all)
    }

    /// The app of a notification that is remembered.
    fn app_of(&self, text: &str) -> Result<(NotificationId, String), Problem> {
        let id: NotificationId = text.parse().map_err(|_| unknown(text))?;
        let first = self.store.prefix(Keyspace::Trace, &id.to_bytes()).next();
        let (_, bytes) = first.ok_or_else(|| unknown(text))??;
        Ok((id, decoded::<Trace>(Keyspace::Trace, &bytes)?.app))
    }
}

/// A body that may be left out.
async fn optional<T: Default + DeserializeOwned>(request: Request) -> Result<T, Problem> {
    body::check_type(&request)?;
    let bytes = body::whole(request.into_body(), SMALL).await?;
    if bytes.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    nudged_wire::json::parse(&bytes)
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn no_channel(text: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no channel {text:?}"))
        .field("channel")
        .hint("nudgectl channel ls lists the channels")
}
