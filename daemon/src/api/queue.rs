//! The queue, for the operator: what stands in it, and what is done about it.

mod choice;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use nudged_plugin_api::Timestamp;
use serde::Deserialize;

use self::choice::Lookup;
use super::allowed::{Admin, AllApps, Allowed, Caller, Observe};
use super::body::OptionalJson;
use super::query::{Query, filled};
use super::refusal::Refusal;
use super::unknown;
use super::views::{Views, check_view, warnings};
use crate::clock::now;
use crate::dispatch::{Filter, Operator};
use crate::model::{CertificateId, DEFAULT_APP, NotificationId, rfc3339};
use crate::outcome::Traces;
use crate::queue::Queue;
use crate::store::Store;
use nudged_wire::{
    ChannelChoiceSpec, CheckSpec, CheckView, FlushedChannelView, FlushedView, HeldView, Holder,
    QueueView, ReleaseChoiceSpec, RemovedView,
};
use nudged_wire::{Code, Problem};

/// Deliveries that are shown unless asked otherwise.
const SHOWN: usize = 100;
/// Deliveries that are shown at most.
const MAX_SHOWN: usize = 1000;

/// What is shown.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct QueueListing {
    /// List the deliveries of this channel: its name, or its certificate id.
    channel: Option<String>,
    /// So many of them, at most 1000. Default: 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
}

/// What stands in the queue, by channel; and the deliveries of one channel, where asked for.
/// However long the queue is, only its ends are read.
#[utoipa::path(
    get, path = "/v1/queue", params(QueueListing),
    responses((status = 200, body = QueueView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn list(
    caller: Caller<Observe>,
    State(views): State<Arc<Views>>,
    State(lookup): State<Lookup>,
    State(store): State<Store>,
    Query(listing): Query<QueueListing>,
) -> Result<Json<QueueView>, Refusal> {
    let limit = listing.limit.unwrap_or(SHOWN);
    if !(1..=MAX_SHOWN).contains(&limit) {
        let detail = format!("{limit}, expected 1 to {MAX_SHOWN}");
        return Err(Problem::new(Code::Invalid, detail).field("limit").into());
    }
    let (channels, (deliveries, truncated)) = match filled(listing.channel) {
        Some(text) => {
            let Allowed { object: id, .. } = lookup.one(&caller, &text)?;
            (vec![id], views.queued(id, limit)?)
        }
        None => (lookup.all(&caller)?, (None, false)),
    };
    let mut views_of = Vec::with_capacity(channels.len());
    for channel in channels {
        views_of.push(views.queue_of(channel)?);
    }
    views_of.sort_by(|one, other| one.channel.cmp(&other.channel));
    Ok(Json(QueueView {
        channels: views_of,
        disk_bytes: store.disk_bytes()?,
        deliveries,
        truncated,
    }))
}

/// Which deliveries are removed: those to which all that is given applies.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeliveryFilter {
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

/// Ends queued deliveries unsent: suppressed, code `removed`. What is in flight at this moment
/// ends as its vendor says. Doing it again removes what has come back from its vendor since.
#[utoipa::path(
    delete, path = "/v1/queue", params(DeliveryFilter),
    responses((status = 200, body = RemovedView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn remove(
    caller: Caller<Admin>,
    State(lookup): State<Lookup>,
    State(queue): State<Arc<Queue>>,
    State(operator): State<Arc<Operator>>,
    State(traces): State<Arc<Traces>>,
    Query(filtered): Query<DeliveryFilter>,
) -> Result<Json<RemovedView>, Refusal> {
    let (channel, user) = (filled(filtered.channel), filled(filtered.user));
    let mut app = filled(filtered.app);
    let mut notification = None;
    if let Some(text) = filled(filtered.notification) {
        let (id, its_app) = of_app(&caller, &traces, &text)?;
        notification = Some(id);
        app.get_or_insert(its_app);
    }
    if user.is_some() {
        app.get_or_insert_with(|| DEFAULT_APP.to_owned());
    }
    if channel.is_none() && app.is_none() && filtered.older_than.is_none() && !filtered.all {
        return Err(
            Problem::new(Code::Invalid, "nothing says what is to be removed").hint(
                "give channel, notification, user, app or older_than; all=true removes everything",
            ).into(),
        );
    }
    let (channels, app) = match channel {
        Some(text) => {
            let Allowed { object: id, .. } = lookup.one(&caller, &text)?;
            (vec![id], app)
        }
        None => {
            let Allowed { object: app, .. } = caller.allow(app)?;
            (queue.occupied()?, app)
        }
    };
    let filter = Filter {
        app,
        notification,
        user,
        before: filtered.older_than.map(|seconds| {
            let millis = seconds.saturating_mul(1000);
            Timestamp(now().0.saturating_sub(millis))
        }),
    };
    let ids: Vec<String> = channels.iter().map(ToString::to_string).collect();
    tracing::info!(
        uid = caller.uid(),
        app = filter.app.as_deref(),
        user = filter.user.as_deref(),
        notification = filter.notification.map(tracing::field::display),
        before = filter.before.map(rfc3339),
        channels = ids.join(" "),
        "deliveries are removed from the queue"
    );
    let done = operator.remove(channels, filter).await?;
    Ok(Json(RemovedView {
        removed: done.removed,
        in_flight: done.in_flight,
    }))
}

/// A notification that is remembered, and its app.
fn of_app(
    caller: &Caller<Admin>,
    traces: &Traces,
    text: &str,
) -> Result<(NotificationId, String), Problem> {
    let search = caller.search()?;
    let unknown = || unknown::notification(text);
    let id: NotificationId = text.parse().map_err(|_| unknown())?;
    let first = traces.first(id)?.ok_or_else(unknown)?;
    let found = search.found((), Some(&first.app), unknown)?;
    let Allowed { object: (), .. } = found;
    Ok((id, first.app))
}

/// Makes what waits for its next try due now, of one channel or of all. What a vendor asked to
/// wait for is not tried earlier, and a channel that its vendor or the operator holds sends
/// nothing before that has ended: the answer says so.
#[utoipa::path(
    post, path = "/v1/queue/flush", request_body = ChannelChoiceSpec,
    responses((status = 200, body = FlushedView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn flush(
    caller: Caller<Admin>,
    State(views): State<Arc<Views>>,
    State(lookup): State<Lookup>,
    State(operator): State<Arc<Operator>>,
    OptionalJson(choice): OptionalJson<ChannelChoiceSpec>,
) -> Result<Json<FlushedView>, Refusal> {
    let channels = match filled(choice.channel) {
        Some(text) => vec![lookup.one(&caller, &text)?.object],
        None => {
            let Allowed {
                object: AllApps, ..
            } = caller.allow(AllApps)?;
            lookup.all(&caller)?
        }
    };
    let mut flushed = Vec::with_capacity(channels.len());
    for channel in channels {
        let done = operator.flush(channel).await?;
        let mut holds = views.holds(channel, now());
        // Its task ends a hold of our own as soon as it comes to it.
        holds.retain(|hold| hold.by != Holder::Daemon);
        flushed.push(FlushedChannelView {
            channel: views.name(channel),
            certificate_id: channel.0,
            due: done.due,
            kept: done.kept,
            holds,
        });
    }
    flushed.sort_by(|one, other| one.channel.cmp(&other.channel));
    Ok(Json(FlushedView { channels: flushed }))
}

/// Stops the sending of a channel, until it is released; also across restarts. What is in
/// flight ends as its vendor says, and new notifications are accepted and wait.
#[utoipa::path(
    post, path = "/v1/queue/hold", request_body = ChannelChoiceSpec,
    responses((status = 200, body = HeldView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn hold(
    caller: Caller<Admin>,
    State(views): State<Arc<Views>>,
    State(lookup): State<Lookup>,
    State(operator): State<Arc<Operator>>,
    OptionalJson(choice): OptionalJson<ChannelChoiceSpec>,
) -> Result<Json<HeldView>, Refusal> {
    let Allowed {
        uid,
        object: channel,
        ..
    } = lookup.named(&caller, filled(choice.channel).as_deref())?;
    operator.hold(channel).await?;
    tracing::warn!(uid, certificate_id = %channel, channel = views.name(channel), "the operator holds a channel");
    Ok(Json(views.held(channel)))
}

/// Releases a channel that the operator held. One that was not, and that its vendor asked to wait, tries
/// at once against the vendor's word, and the answer warns of it. With `class`, only what is held
/// against that class of messages is over.
#[utoipa::path(
    post, path = "/v1/queue/release", request_body = ReleaseChoiceSpec,
    responses((status = 200, body = HeldView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn release(
    caller: Caller<Admin>,
    State(views): State<Arc<Views>>,
    State(lookup): State<Lookup>,
    State(operator): State<Arc<Operator>>,
    OptionalJson(choice): OptionalJson<ReleaseChoiceSpec>,
) -> Result<Json<HeldView>, Refusal> {
    let Allowed {
        uid,
        object: channel,
        ..
    } = lookup.named(&caller, filled(choice.channel).as_deref())?;
    let class = filled(choice.class);
    if let Some(class) = &class {
        check_class(&operator, channel, class)?;
    }
    let released = operator.release(channel, class).await?;
    if released.was_held {
        tracing::info!(uid, certificate_id = %channel, channel = views.name(channel), "the operator released a channel");
    }
    let warnings = warnings(&released);
    for warning in &warnings {
        tracing::warn!(uid, certificate_id = %channel, channel = views.name(channel), "the operator released a channel: {warning}");
    }
    let view = views.held(channel);
    Ok(Json(HeldView { warnings, ..view }))
}

fn check_class(operator: &Operator, channel: CertificateId, class: &str) -> Result<(), Problem> {
    let known = operator.classes(channel);
    if known.iter().any(|known| known == class) {
        return Ok(());
    }
    let detail = format!("the channel has no class of messages {class:?}");
    let hint = match known.as_slice() {
        [] => "it has none: leave the class out".to_owned(),
        known => format!("it has {}", known.join(", ")),
    };
    Err(Problem::new(Code::Invalid, detail)
        .field("class")
        .hint(hint))
}

/// Reads the whole queue and all traces, and tells what is damaged or missing. Changes nothing
/// unless `repair` is set: then what cannot be read is removed, and deliveries that are lost by
/// it end as `failed`, code `record_damaged`.
#[utoipa::path(
    post, path = "/v1/queue/check", request_body = CheckSpec,
    responses((status = 200, body = CheckView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn check(
    Allowed { uid, .. }: Allowed<Admin>,
    State(operator): State<Arc<Operator>>,
    OptionalJson(spec): OptionalJson<CheckSpec>,
) -> Result<Json<CheckView>, Refusal> {
    let found = operator.check(spec.repair).await?;
    let damaged = found.damaged.len();
    if damaged > 0 || !found.lost.is_empty() {
        tracing::error!(
            uid,
            damaged,
            lost = found.lost.len(),
            repaired = spec.repair,
            "the queue is damaged"
        );
    }
    Ok(Json(check_view(found, spec.repair)))
}
