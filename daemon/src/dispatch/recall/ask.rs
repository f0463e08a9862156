//! Asking vendors to take messages back: devices of one message share a request.
//!
//! In: requests to recall. Out: what came of each, in their order. Tries once, and a second time when
//! the grant was stale; whoever wants more revokes again.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use nudged_plugin_api::call::{DecodeCall, DecodeJob, RecallCall, RecallJob};
use nudged_plugin_api::host::CallError;
use nudged_plugin_api::{Class, EncodeError, Grant, Target, Verdict};

use crate::channels::Route;
use crate::clock::now;
use crate::dispatch::exchange::{
    DriverFailure, NotEncoded, NotSent, Reply, decoded, encoded, sent,
};
use crate::dispatch::grant::GrantCell;
use crate::dispatch::tasks::Dispatch;
use crate::driver;
use crate::model::{CertificateId, RecallResult, written_at};
use crate::outcome::bounded;

/// Recalls in flight at once.
const MAX_IN_FLIGHT: usize = 8;

/// What a vendor is asked to take back from one device.
pub(super) struct RecallRequest {
    pub channel: CertificateId,
    /// The delivery's id.
    pub id: String,
    pub token: String,
    /// What the driver needs to take the message back; empty when it cannot be taken back.
    pub key: String,
    pub vendor_id: Option<String>,
}

/// What shares a request, by its positions among all.
struct RecallBatch {
    channel: CertificateId,
    key: String,
    vendor_id: Option<String>,
    positions: Vec<usize>,
    targets: Vec<Target>,
}

impl Dispatch {
    /// Asks the vendors; what came of each request, in their order.
    pub(super) async fn recall(&self, requests: Vec<RecallRequest>) -> Vec<RecallResult> {
        let mut recalls = vec![RecallResult::default(); requests.len()];
        let mut batches = stream::iter(batches(requests))
            .map(|batch| async {
                let found = self.recall_batch(&batch).await;
                (batch.positions, found)
            })
            .buffer_unordered(MAX_IN_FLIGHT);
        while let Some((positions, found)) = batches.next().await {
            for (position, recall) in positions.into_iter().zip(found) {
                recalls[position] = recall;
            }
        }
        recalls
    }

    async fn recall_batch(&self, batch: &RecallBatch) -> Vec<RecallResult> {
        let Some((route, _)) = self.view(batch.channel) else {
            let id = batch.channel;
            let text = format!("no channel with certificate id {id} can send now");
            let recall = not_recalled(
                "no_channel",
                &text,
                "see in nudgectl channel ls why, and put the channel's file right",
            );
            return vec![recall; batch.positions.len()];
        };
        let cell = self.grants_of(&route);
        let mut recalls = Vec::with_capacity(batch.positions.len());
        for targets in batch.targets.chunks(route.info.batch.max(1) as usize) {
            let job = RecallJob {
                targets: targets.to_vec(),
                key: batch.key.clone(),
                vendor_id: batch.vendor_id.clone(),
            };
            match ask_once(&route, cell.as_deref(), job).await {
                Ok(verdicts) => recalls.extend(verdicts.into_iter().map(|it| recalled(it, &route))),
                Err(recall) => recalls.extend(vec![*recall; targets.len()]),
            }
        }
        recalls
    }
}

/// The same message on the same channel is one batch.
fn batches(requests: Vec<RecallRequest>) -> Vec<RecallBatch> {
    let mut batches: BTreeMap<(CertificateId, String, Option<String>), RecallBatch> =
        BTreeMap::new();
    for (position, request) in requests.into_iter().enumerate() {
        let RecallRequest {
            channel,
            id,
            token,
            key,
            vendor_id,
        } = request;
        let batch = batches
            .entry((channel, key.clone(), vendor_id.clone()))
            .or_insert_with(|| RecallBatch {
                channel,
                key,
                vendor_id,
                positions: Vec::new(),
                targets: Vec::new(),
            });
        batch.positions.push(position);
        batch.targets.push(Target::new(id, token));
    }
    batches.into_values().collect()
}

/// A verdict for each target, or why there is none.
async fn ask_once(
    route: &Route,
    cell: Option<&GrantCell>,
    job: RecallJob,
) -> Result<Vec<Verdict>, Box<RecallResult>> {
    if !route.info.recall {
        return Err(Box::new(not_supported(route)));
    }
    if job.key.is_empty() {
        return Err(Box::new(not_recalled(
            "not_recallable",
            "the driver named nothing that this message could be taken back by",
            "nothing: it shows nothing, shared a request with other notifications that say the same, \
             or was sent before the driver could take messages back",
        )));
    }
    let mut call = RecallCall {
        jobs: vec![job],
        ..RecallCall::default()
    };
    let mut grant = granted(route, cell).await?;
    let mut verdicts = exchange(route, &mut call, grant.as_ref()).await?;
    let stale = |verdict: &Verdict| verdict.class == Class::GrantExpired;
    if let (true, Some(cell), Some(old)) = (verdicts.iter().any(stale), cell, &grant) {
        cell.refused(old, "refused for a recall", now());
        grant = granted(route, Some(cell)).await?;
        verdicts = exchange(route, &mut call, grant.as_ref()).await?;
    }
    Ok(verdicts)
}

async fn granted(
    route: &Route,
    cell: Option<&GrantCell>,
) -> Result<Option<Arc<Grant>>, Box<RecallResult>> {
    let Some(cell) = cell else { return Ok(None) };
    if let Some(valid) = cell.valid(now()) {
        return Ok(Some(valid.grant));
    }
    let fetched = cell.fetched(route).await;
    fetched.map(Some).map_err(|error| {
        Box::new(not_recalled(
            "no_grant",
            &error.reason,
            "revoke it again once the channel is no longer held",
        ))
    })
}

/// Encodes, sends and decodes one recall.
async fn exchange(
    route: &Route,
    call: &mut RecallCall,
    grant: Option<&Arc<Grant>>,
) -> Result<Vec<Verdict>, Box<RecallResult>> {
    let failed = |failure: DriverFailure| {
        let text = failure.reported(route, "recall");
        Box::new(not_recalled(driver::FAILED, &text, driver::FAILED_REMEDY))
    };
    call.now = now();
    call.grant = grant.map(|grant| Grant::clone(grant));
    let item = match route.driver.recall(call) {
        Ok(mut items) => items.pop().ok_or(DriverFailure::NoAnswer).map_err(failed)?,
        Err(CallError::UnknownOperation(_)) => return Err(Box::new(not_supported(route))),
        Err(error) => return Err(failed(error.into())),
    };
    let rendered = encoded(item).map_err(|error| match error {
        NotEncoded::Refused(error) => Box::new(refused(route, &error)),
        NotEncoded::Failed(failure) => failed(failure),
    })?;
    let answer = match sent(route, rendered.request).await {
        Ok(answer) => answer,
        Err(NotSent::Driver(failure)) => return Err(failed(failure)),
        Err(NotSent::Transport(error)) => {
            let text = error.to_string();
            return Err(Box::new(not_recalled(error.code(), &text, error.remedy())));
        }
    };
    let job = DecodeJob {
        targets: call.jobs[0].targets.clone(),
        response: answer.response,
        memo: rendered.memo,
    };
    let asked = job.targets.len();
    let items = route.driver.recalled(&DecodeCall {
        now: now(),
        jobs: vec![job],
    });
    let item = items.map_err(|error| failed(error.into()))?.pop();
    match decoded(item.ok_or(DriverFailure::NoAnswer).map_err(failed)?, asked) {
        Ok(Reply::Verdicts(verdicts)) => Ok(verdicts),
        Ok(Reply::FollowUp(_)) => Err(failed(DriverFailure::UnknownAnswer)),
        Err(failure) => Err(failed(failure)),
    }
}

/// What a driver refuses for its settings or for the message, without asking the vendor.
fn refused(route: &Route, error: &EncodeError) -> RecallResult {
    let (field, remedy) = match error.field.strip_prefix("settings.") {
        Some(_) => (
            error.field.clone(),
            "correct the channel's file and reload; the vendor was not asked",
        ),
        None => (
            written_at(&error.field, &route.info.vendor),
            "nothing: the vendor was not asked, as it would refuse for sure",
        ),
    };
    let text = format!("{field}: {}", error.problem);
    not_recalled(&error.code, &text, remedy)
}

fn recalled(verdict: Verdict, route: &Route) -> RecallResult {
    let verdict = bounded(verdict, route.backoff, now());
    RecallResult {
        done: verdict.class == Class::Accepted,
        code: verdict.code,
        text: verdict.text,
        remedy: verdict.remedy,
        at: now(),
    }
}

fn not_supported(route: &Route) -> RecallResult {
    let text = format!(
        "{} has no way to take back what it accepted",
        route.info.title
    );
    not_recalled(
        "not_supported",
        &text,
        "send a later message with the same collapse_key: it replaces the one that is shown",
    )
}

/// A delivery that was not taken back.
pub(super) fn not_recalled(code: &str, text: &str, remedy: &str) -> RecallResult {
    RecallResult {
        done: false,
        code: code.to_owned(),
        text: text.to_owned(),
        remedy: remedy.to_owned(),
        at: now(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_of_one_message_share_a_round_and_keep_their_places() {
        let request = |channel, key: &str, token: &str| RecallRequest {
            channel: CertificateId(channel),
            id: token.to_owned(),
            token: token.to_owned(),
            key: key.to_owned(),
            vendor_id: None,
        };
        let batches = batches(vec![
            request(1, "7", "a"),
            request(2, "7", "b"),
            request(1, "8", "c"),
            request(1, "7", "d"),
        ]);
        let found: Vec<_> = batches
            .iter()
            .map(|batch| {
                (
                    batch.channel.0,
                    batch.key.as_str(),
                    batch.positions.as_slice(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [(1, "7", &[0, 3][..]), (1, "8", &[2]), (2, "7", &[1])]
        );
    }
}
