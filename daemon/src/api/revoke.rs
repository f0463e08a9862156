//! Revoking a notification: what waits is not sent, and what a vendor has is taken back where
//! that vendor can.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;

use super::Api;
use super::access::Peer;
use super::notifications::{SHOWN, unknown};
use super::path::Path;
use crate::api::refusal::Refusal;
use crate::config::Verb;
use crate::dispatch::Answer;
use crate::model::{NotificationId, Reason, Trace};
use crate::store::{Keyspace, decoded};
use nudged_wire::Problem;
use nudged_wire::{RevokeState, RevokedDelivery, RevokedView};

/// Revokes a notification. What waits ends unsent; what a vendor accepted in the last 24
/// hours is taken back where the vendor can, which a further request tries again. What is
/// under way at this very moment may be accepted yet, and is taken back then.
#[utoipa::path(
    delete, path = "/v1/notifications/{id}", params(("id" = String, Path)),
    responses((status = 200, body = RevokedView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
)]
pub async fn delete(
    State(api): State<Arc<Api>>,
    Extension(peer): Extension<Arc<Peer>>,
    Path(id): Path<String>,
) -> Result<axum::Json<RevokedView>, Refusal> {
    let policy = api.reload.policy();
    policy.check_anywhere(&peer, Verb::Send)?;
    let notification: NotificationId = id.parse().map_err(|_| unknown(&id))?;
    let first = api
        .store
        .prefix(Keyspace::Trace, &notification.to_bytes())
        .next();
    let (_, bytes) = first.ok_or_else(|| unknown(&id))??;
    let first: Trace = decoded(Keyspace::Trace, &bytes)?;
    policy.check_found(&peer, Verb::Send, Some(&first.app), || unknown(&id))?;
    let revoking = api
        .revoker
        .revoke(notification, first.expires_at, SHOWN + 1);
    let mut answers = revoking.await?;
    let truncated = answers.len() > SHOWN;
    answers.truncate(SHOWN);
    tracing::info!(id = %notification, app = first.app, "notification is revoked");
    Ok(axum::Json(RevokedView {
        id: notification.to_string(),
        deliveries: answers.into_iter().map(view).collect(),
        truncated,
    }))
}

fn view((n, answer): (u32, Answer)) -> RevokedDelivery {
    match answer {
        Answer::Revoked => RevokedDelivery {
            n,
            state: RevokeState::Revoked,
            code: Reason::Revoked.code().to_owned(),
            text: "it was not sent yet and never will be".to_owned(),
            remedy: "nothing; if it was under way at that moment, the trace tells of it".to_owned(),
        },
        Answer::Recall(recall) => RevokedDelivery {
            n,
            state: RevokeState::of(recall.done),
            code: recall.code,
            text: recall.text,
            remedy: recall.remedy,
        },
        Answer::Ended(kind, code) => RevokedDelivery {
            n,
            state: RevokeState::Ended,
            code,
            text: format!("it had ended before: {}", kind.as_str()),
            remedy: "nothing: no vendor has accepted it".to_owned(),
        },
    }
}
