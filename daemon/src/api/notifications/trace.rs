//! What became of a notification: the traces of its deliveries, and what those wait for that have
//! not ended.

use std::sync::Arc;

use axum::extract::State;
use nudged_plugin_api::Notice;

use super::super::allowed::{Allowed, Caller, Observe};
use super::super::path::Path;
use super::super::refusal::Refusal;
use super::super::unknown;
use super::super::views::Views;
use super::MAX_DELIVERIES;
use crate::channels::{RouteTable, Routes};
use crate::model::{DeliveryId, NotificationId, Trace, rfc3339};
use crate::outcome::Traces;
use nudged_wire::Problem;
use nudged_wire::{
    AttemptView, DeliveryState, DeliveryView, NoticeView, NotificationView, OutcomeView,
    RecallView, RevokeState,
};

/// What became of a notification.
#[utoipa::path(
    get, path = "/v1/notifications/{id}", tag = "notifications", params(("id" = String, Path)),
    responses((status = 200, body = NotificationView), (status = 404, body = Problem, content_type = "application/problem+json")),
)]
pub async fn get(
    caller: Caller<Observe>,
    State(traces): State<Arc<Traces>>,
    State(routes): State<Arc<Routes>>,
    State(views): State<Arc<Views>>,
    Path(id): Path<String>,
) -> Result<axum::Json<NotificationView>, Refusal> {
    let search = caller.search()?;
    let unknown = || unknown::notification(&id);
    let notification: NotificationId = id.parse().map_err(|_| unknown())?;
    let mut traces = traces.of(notification, 0, MAX_DELIVERIES + 1)?;
    let truncated = traces.len() > MAX_DELIVERIES;
    traces.truncate(MAX_DELIVERIES);
    let (_, first) = traces.first().ok_or_else(unknown)?;
    let Allowed { object: first, .. } = search.found(first, Some(&first.app), unknown)?;
    let table = routes.current();
    let deliveries = traces.iter();
    let deliveries = deliveries.map(|(id, trace)| delivery(&views, &table, *id, trace));
    Ok(axum::Json(NotificationView {
        id: notification.to_string(),
        app: first.app.clone(),
        accepted_at: rfc3339(first.accepted_at),
        expires_at: rfc3339(first.expires_at),
        deliveries: deliveries.collect(),
        truncated,
    }))
}

fn notice(from: Notice) -> NoticeView {
    NoticeView {
        field: from.field,
        text: from.text,
    }
}

fn delivery(views: &Views, table: &RouteTable, id: DeliveryId, trace: &Trace) -> DeliveryView {
    let route = trace.channel.and_then(|id| table.by_id(id));
    let attempts = trace.attempts.iter().cloned().map(|attempt| AttemptView {
        at: rfc3339(attempt.at),
        elapsed_ms: attempt.elapsed,
        fault: attempt.class.fault().to_owned(),
        class: attempt.class.as_str().to_owned(),
        code: attempt.code,
        text: attempt.text,
        remedy: attempt.remedy,
        retry_at: attempt.retry_at.map(rfc3339),
        notices: attempt.notices.into_iter().map(notice).collect(),
    });
    DeliveryView {
        n: id.n,
        channel: route.map(|route| route.name.clone()),
        certificate_id: trace.channel.map(|id| id.0),
        driver: route.map(|route| route.info.vendor.clone()),
        user: trace.user.clone(),
        device: trace.device.clone(),
        token: trace.token.clone(),
        state: if trace.outcome.is_some() {
            DeliveryState::Done
        } else {
            DeliveryState::Queued
        },
        waits_for: trace
            .outcome
            .is_none()
            .then(|| views.waits_for(id, trace.channel))
            .flatten(),
        attempts: attempts.collect(),
        outcome: trace.outcome.clone().map(|outcome| OutcomeView {
            kind: outcome.kind.as_str().to_owned(),
            code: outcome.code,
            text: outcome.text,
            remedy: outcome.remedy,
            vendor_id: outcome.vendor_id,
            at: rfc3339(outcome.at),
        }),
        recall: trace.recall.clone().map(|recall| RecallView {
            state: RevokeState::of(recall.done),
            code: recall.code,
            text: recall.text,
            remedy: recall.remedy,
            at: rfc3339(recall.at),
        }),
    }
}
