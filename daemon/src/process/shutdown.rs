//! Taking the stages down: nothing new in, what is in flight out, within the deadline.

use std::sync::Arc;
use std::time::Duration;

use crate::api::Listener;
use crate::dispatch::Dispatch;

/// Refuses new requests, finishes those that have begun, waits for the vendors' answers.
/// What is not answered by the deadline stays in the queue for the next start.
pub async fn drain(listener: Listener, dispatch: Arc<Dispatch>, grace: Duration) {
    let all = async {
        // Callers first: what they were promised is in the queue then.
        listener.close().await;
        dispatch.drain().await;
    };
    if tokio::time::timeout(grace, all).await.is_err() {
        tracing::warn!(
            grace_seconds = grace.as_secs(),
            "some requests were not answered within shutdown.grace; their deliveries stay queued"
        );
    }
}
