//! Revoking a notification: what waits is not sent, and what a vendor has is taken back where
//! that vendor can.

use std::sync::Arc;

use axum::extract::State;

use super::allowed::{Allowed, Caller, Send};
use super::notifications::MAX_DELIVERIES;
use super::path::Path;
use super::refusal::Refusal;
use super::unknown;
use crate::dispatch::{RevocationResult, Revoker};
use crate::model::{NotificationId, Reason};
use crate::outcome::Traces;
use nudged_wire::Problem;
use nudged_wire::{RevokeState, RevokedDelivery, RevokedView};

/// Revokes a notification. What waits ends unsent; what a vendor accepted in the last 24
/// hours is taken back where the vendor can, which a further request tries again. What is
/// in flight at this very moment may be accepted yet, and is taken back then.
#[utoipa::path(
    delete, path = "/v1/notifications/{id}", params(("id" = String, Path)),
    responses((status = 200, body = RevokedView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn delete(
    caller: Caller<Send>,
    State(traces): State<Arc<Traces>>,
    State(revoker): State<Arc<Revoker>>,
    Path(id): Path<String>,
) -> Result<axum::Json<RevokedView>, Refusal> {
    let search = caller.search()?;
    let unknown = || unknown::notification(&id);
    let notification: NotificationId = id.parse().map_err(|_| unknown())?;
    let first = traces.first(notification)?.ok_or_else(unknown)?;
    let Allowed {
        object: expires_at, ..
    } = search.found(first.expires_at, Some(&first.app), unknown)?;
    let revoking = revoker.revoke(notification, expires_at, MAX_DELIVERIES + 1);
    let mut answers = revoking.await?;
    let truncated = answers.len() > MAX_DELIVERIES;
    answers.truncate(MAX_DELIVERIES);
    tracing::info!(id = %notification, app = first.app, "notification is revoked");
    Ok(axum::Json(RevokedView {
        id: notification.to_string(),
        deliveries: answers.into_iter().map(view).collect(),
        truncated,
    }))
}

fn view((n, answer): (u32, RevocationResult)) -> RevokedDelivery {
    match answer {
        RevocationResult::Revoked => RevokedDelivery {
            n,
            state: RevokeState::Revoked,
            code: Reason::Revoked.code().to_owned(),
            text: "it was not sent yet and never will be".to_owned(),
            remedy: "nothing; if it was in flight at that moment, its trace shows how it ended"
                .to_owned(),
        },
        RevocationResult::Recall(recall) => RevokedDelivery {
            n,
            state: RevokeState::of(recall.done),
            code: recall.code,
            text: recall.text,
            remedy: recall.remedy,
        },
        RevocationResult::Ended(kind, code) => RevokedDelivery {
            n,
            state: RevokeState::Ended,
            code,
            text: format!("it had ended before: {}", kind.as_str()),
            remedy: "nothing: no vendor has accepted it".to_owned(),
        },
    }
}
