//! Asking vendors: questions of one message share a request, and each gets its answer.
//!
//! In: questions. Out: as many answers, in their order. Tries once, and a second time when
//! the grant was stale; whoever wants more asks again.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use nudged_plugin_api::call::{DecodeCall, DecodeJob, DecodedItem, Encoded, RecallCall, RecallJob};
use nudged_plugin_api::host::CallError;
use nudged_plugin_api::{Class, Decoded, EncodeError, Grant, Target, Verdict};

use super::not;
use crate::channels::Route;
use crate::clock::now;
use crate::dispatch::grant::GrantCell;
use crate::dispatch::{Dispatch, told};
use crate::driver;
use crate::model::{CertificateId, RecallResult, written_at};
use crate::outcome::bounded;

/// Requests under way at once.
const AT_ONCE: usize = 8;

/// What a vendor is asked to take back from one device.
pub(super) struct Question {
    pub channel: CertificateId,
    /// The delivery's id.
    pub id: String,
    pub token: String,
    /// What the driver said of the message; empty when it cannot be taken back.
    pub key: String,
    pub vendor_id: Option<String>,
}

/// Questions that share a request, by their places.
struct Round {
    channel: CertificateId,
    key: String,
    vendor_id: Option<String>,
    places: Vec<usize>,
    targets: Vec<Target>,
}

impl Dispatch {
    /// Asks the vendors; as many answers as there are questions, in their order.
    pub(super) async fn ask(&self, questions: Vec<Question>) -> Vec<RecallResult> {
        let mut answers = vec![RecallResult::default(); questions.len()];
        let mut rounds = stream::iter(rounds(questions))
            .map(|round| async {
                let said = self.ask_for(&round).await;
                (round.places, said)
            })
            .buffer_unordered(AT_ONCE);
        while let Some((places, said)) = rounds.next().await {
            for (place, answer) in places.into_iter().zip(said) {
                answers[place] = answer;
            }
        }
        answers
    }

    async fn ask_for(&self, round: &Round) -> Vec<RecallResult> {
        let Some((route, _)) = self.view(round.channel) else {
            let id = round.channel;
            let text = format!("no channel with certificate id {id} can send now");
            let recall = not(
                "no_channel",
                &text,
                "see in nudgectl channel ls why, and put the channel's file right",
            );
            return vec![recall; round.places.len()];
        };
        let cell = self.grants_of(&route);
        let mut said = Vec::with_capacity(round.places.len());
        for targets in round.targets.chunks(route.info.batch.max(1) as usize) {
            let job = RecallJob {
                targets: targets.to_vec(),
                key: round.key.clone(),
                vendor_id: round.vendor_id.clone(),
            };
            match ask_once(&route, cell.as_deref(), job).await {
                Ok(verdicts) => said.extend(verdicts.into_iter().map(|it| taken(it, &route))),
                Err(recall) => said.extend(vec![*recall; targets.len()]),
            }
        }
        said
    }
}

/// The same message on the same channel is one round.
fn rounds(questions: Vec<Question>) -> Vec<Round> {
    let mut rounds: BTreeMap<(CertificateId, String, Option<String>), Round> = BTreeMap::new();
    for (place, question) in questions.into_iter().enumerate() {
        let Question {
            channel,
            id,
            token,
            key,
            vendor_id,
        } = question;
        let round = rounds
            .entry((channel, key.clone(), vendor_id.clone()))
            .or_insert_with(|| Round {
                channel,
                key,
                vendor_id,
                places: Vec::new(),
                targets: Vec::new(),
            });
        round.places.push(place);
        round.targets.push(Target::new(id, token));
    }
    rounds.into_values().collect()
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
        return Err(Box::new(not(
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
    if let Some(at_hand) = cell.at_hand(now()) {
        return Ok(Some(at_hand.grant));
    }
    let fetched = cell.fetched(route).await;
    fetched.map(Some).map_err(|trouble| {
        Box::new(not(
            "no_grant",
            &trouble.reason,
            "revoke it again once the channel is no longer held",
        ))
    })
}

async fn exchange(
    route: &Route,
    call: &mut RecallCall,
    grant: Option<&Arc<Grant>>,
) -> Result<Vec<Verdict>, Box<RecallResult>> {
    let failed = |problem: String| {
        told::driver_failed(&route.name, &route.info.vendor, "recall", &problem, "");
        Box::new(not(driver::FAILED, &problem, driver::FAILED_REMEDY))
    };
    call.now = now();
    call.grant = grant.map(|grant| Grant::clone(grant));
    let rendered = match route.driver.recall(call) {
        Ok(mut items) => match items.pop() {
            Some(Encoded::Rendered(rendered)) => rendered,
            Some(Encoded::Refused(error)) => {
                return Err(Box::new(refused(route, &error)));
            }
            Some(Encoded::Panicked(message)) => {
                return Err(failed(CallError::Panicked(message).to_string()));
            }
            None => return Err(failed("driver gave no answer".to_owned())),
        },
        Err(CallError::UnknownOperation(_)) => return Err(Box::new(not_supported(route))),
        Err(error) => return Err(failed(error.to_string())),
    };
    let uri = route.hosts.check(&rendered.request.url).map_err(|error| {
        failed(format!(
            "driver asked for a request that is not allowed: {error}"
        ))
    })?;
    let answer = route.client.send_to(uri, rendered.request).await;
    let answer = answer.map_err(|error| {
        let text = error.to_string();
        Box::new(not(error.code(), &text, error.remedy()))
    })?;
    let job = DecodeJob {
        targets: call.jobs[0].targets.clone(),
        response: answer.response,
        memo: rendered.memo,
    };
    let asked = job.targets.len();
    let decoded = route.driver.recalled(&DecodeCall {
        now: now(),
        jobs: vec![job],
    });
    match decoded.map(|mut items| items.pop()) {
        Ok(Some(DecodedItem::Decoded(Decoded::Verdicts(verdicts)))) if verdicts.len() == asked => {
            Ok(verdicts)
        }
        Ok(Some(DecodedItem::Panicked(message))) => {
            Err(failed(CallError::Panicked(message).to_string()))
        }
        Ok(_) => Err(failed(format!("driver gave no {asked} verdicts"))),
        Err(error) => Err(failed(error.to_string())),
    }
}

/// What a driver says of its settings or of the message, without asking the vendor.
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
    not(&error.code, &text, remedy)
}

fn taken(verdict: Verdict, route: &Route) -> RecallResult {
    let verdict = bounded(verdict, route.patience, now());
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
    not(
        "not_supported",
        &text,
        "send a later message with the same collapse_key: it replaces the one that is shown",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_of_one_message_share_a_round_and_keep_their_places() {
        let question = |channel, key: &str, token: &str| Question {
            channel: CertificateId(channel),
            id: token.to_owned(),
            token: token.to_owned(),
            key: key.to_owned(),
            vendor_id: None,
        };
        let rounds = rounds(vec![
            question(1, "7", "a"),
            question(2, "7", "b"),
            question(1, "8", "c"),
            question(1, "7", "d"),
        ]);
        let found: Vec<_> = rounds
            .iter()
            .map(|round| (round.channel.0, round.key.as_str(), round.places.as_slice()))
            .collect();
        assert_eq!(
            found,
            [(1, "7", &[0, 3][..]), (1, "8", &[2]), (2, "7", &[1])]
        );
    }
}
