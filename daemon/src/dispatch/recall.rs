//! Revoking: what waits is not sent any more, and vendors that can are asked to take back
//! what they have.
//!
//! In: a notification. Out: what came of each delivery, written into its trace too. Which
//! deliveries may be asked about is decided in outcome; the asking itself is in `ask`.

mod ask;

use std::sync::Arc;

use nudged_plugin_api::Timestamp;
use tokio::sync::watch;

use super::tasks::Dispatch;
use crate::clock::now;
use crate::model::{DeliveryId, NotificationId, OutcomeKind, RecallResult, Trace, masked};
use crate::outcome::{Outcomes, RecallDecision, Traces, decide_recall};
use crate::queue::Revocations;
use crate::registry::{DeviceKey, Registry};
use crate::store::StoreError;

use ask::{RecallRequest, not_recalled};

/// Deliveries that are looked at together.
const MAX_TRACES: usize = 1000;

/// Takes notifications back.
pub struct Revoker {
    traces: Arc<Traces>,
    registry: Arc<Registry>,
    revocations: Arc<Revocations>,
    outcomes: Arc<Outcomes>,
    dispatch: Arc<Dispatch>,
}

/// What came of revoking one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RevocationResult {
    /// It is not sent, or not any more.
    Revoked,
    /// The vendor was asked, or could not be.
    Recall(RecallResult),
    /// It had ended so, without reaching the vendor.
    Ended(OutcomeKind, String),
}

impl Revoker {
    /// Reads and writes these.
    pub fn new(
        traces: Arc<Traces>,
        registry: Arc<Registry>,
        revocations: Arc<Revocations>,
        outcomes: Arc<Outcomes>,
        dispatch: Arc<Dispatch>,
    ) -> Self {
        Self {
            traces,
            registry,
            revocations,
            outcomes,
            dispatch,
        }
    }

    /// Takes back what was in flight when it was revoked and accepted all the same, until
    /// stopped.
    pub async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        loop {
            let id = tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => return,
                id = self.revocations.late() => id,
            };
            match self.take_all_back(id, 0).await {
                Ok(_) => tracing::info!(%id, "accepted after it was revoked; vendors were asked"),
                Err(error) => tracing::error!(%id, %error, "a revoked notification cannot be read"),
            }
        }
    }

    /// Revokes a notification that expires then. Returns what came of its deliveries, of the
    /// first `shown` of them.
    pub async fn revoke(
        &self,
        id: NotificationId,
        expires_at: Timestamp,
        shown: usize,
    ) -> Result<Vec<(u32, RevocationResult)>, StoreError> {
        // Before the traces are read: what is not sent by then never is.
        self.revocations.revoke(id, expires_at, now()).await?;
        self.take_all_back(id, shown).await
    }

    async fn take_all_back(
        &self,
        id: NotificationId,
        shown: usize,
    ) -> Result<Vec<(u32, RevocationResult)>, StoreError> {
        let mut answers = Vec::new();
        let mut from = 0;
        loop {
            let traces = self.traces.of(id, from, MAX_TRACES)?;
            let Some((last, _)) = traces.last() else {
                return Ok(answers);
            };
            let next = last.n.checked_add(1);
            let recalled = self.take_back(traces).await?;
            let left = shown.saturating_sub(answers.len());
            answers.extend(recalled.into_iter().take(left));
            match next {
                Some(next) => from = next,
                None => return Ok(answers),
            }
        }
    }

    async fn take_back(
        &self,
        traces: Vec<(DeliveryId, Trace)>,
    ) -> Result<Vec<(u32, RevocationResult)>, StoreError> {
        let time = now();
        let mut answers = Vec::with_capacity(traces.len());
        let mut requests = Vec::new();
        let mut changed = Vec::new();
        for (id, mut trace) in traces {
            let answer = match decide_recall(&trace, time) {
                RecallDecision::Unsent => RevocationResult::Revoked,
                RecallDecision::Ended => ended(&trace),
                RecallDecision::Done(recall) => RevocationResult::Recall(recall),
                RecallDecision::Never(recall) => {
                    trace.recall = Some(recall.clone());
                    changed.push((id, trace));
                    RevocationResult::Recall(recall)
                }
                RecallDecision::Ask => {
                    let recall = match self.request(id, &trace) {
                        Ok(request) => {
                            requests.push((changed.len(), answers.len(), request));
                            RecallResult::default()
                        }
                        Err(recall) => recall,
                    };
                    trace.recall = Some(recall.clone());
                    changed.push((id, trace));
                    RevocationResult::Recall(recall)
                }
            };
            answers.push((id.n, answer));
        }
        let (positions, requests): (Vec<_>, Vec<_>) = requests
            .into_iter()
            .map(|(trace, answer, request)| ((trace, answer), request))
            .unzip();
        let recalls = self.dispatch.recall(requests).await;
        for ((trace, answer), recall) in positions.into_iter().zip(recalls) {
            changed[trace].1.recall = Some(recall.clone());
            answers[answer].1 = RevocationResult::Recall(recall);
        }
        if !changed.is_empty() {
            self.outcomes.recalled(&changed).await?;
        }
        Ok(answers)
    }

    /// What to ask the vendor, or why it cannot be asked. Traces know no whole token, so the
    /// device must still have the one that the message went to.
    fn request(&self, id: DeliveryId, trace: &Trace) -> Result<RecallRequest, RecallResult> {
        let (Some(user), Some(device)) = (&trace.user, &trace.device) else {
            return Err(not_recalled(
                "no_device",
                "it was addressed to a token, which is not kept",
                "address users and their devices if messages are to be taken back",
            ));
        };
        let key = DeviceKey {
            app: trace.app.clone(),
            user: user.clone(),
            device: device.clone(),
        };
        let known = self.registry.get(&key).map_err(|error| {
            not_recalled(
                "storage_failed",
                &error.to_string(),
                "see the log of nudged: its database could not be read",
            )
        })?;
        let binding = known
            .and_then(|device| device.binding)
            .filter(|bound| {
                Some(bound.channel) == trace.channel && masked(&bound.token) == trace.token
            })
            .ok_or_else(|| {
                not_recalled(
                    "device_gone",
                    "the device is gone, or has reported another token since",
                    "nothing: the old token leads nowhere any more",
                )
            })?;
        let outcome = trace.outcome.clone().unwrap_or_default();
        Ok(RecallRequest {
            channel: binding.channel,
            id: id.notification.delivery(id.n),
            token: binding.token,
            key: outcome.recall_key,
            vendor_id: outcome.vendor_id,
        })
    }
}

fn ended(trace: &Trace) -> RevocationResult {
    let outcome = trace.outcome.clone().unwrap_or_default();
    RevocationResult::Ended(outcome.kind, outcome.code)
}
