//! Answers to settlements.
//!
//! In: requests that came back. Out: settlements, each with the attempt that led to it; the second
//! half of a batch that is tried in halves; the next request of a vendor that wants several. What an
//! answer says of the channel as a whole is for `blame`, what becomes of a delivery is decided in
//! `outcome`.

use std::sync::Arc;

use futures_util::future::FutureExt;
use futures_util::stream::StreamExt;
use nudged_plugin_api::call::{DecodeCall, DecodeJob, DecodedItem};
use nudged_plugin_api::{Class, Decoded, FollowUp, Scope, Timestamp, Verdict};

use super::blame::Blame;
use super::channel::{ChannelTask, retry_context};
use super::exchange::{DriverFailure, Reply, decoded};
use super::in_flight::{Completion, InFlight};
use super::refused_contents::{content_of, is_of_content};
use crate::clock::now;
use crate::model::{Attempt, AttemptClass, Delivery, OutcomeKind};
use crate::outcome::{
    Decision, NoResponse, RetryContext, Settlement, bounded, decide, decide_channel, decide_class,
    decide_no_response, effective_scope, keeps_device,
};
use crate::quota::Reservation;
use crate::transport::{ConnectionId, Processed, TransportError};

/// Answers that are decoded and settled together.
const MAX_DECODED: usize = 256;
/// Requests that a vendor may want for one batch: the first, and three that follow.
const MAX_STEPS: u32 = 4;

/// Requests that were answered together.
#[derive(Default)]
struct Answered {
    requests: Vec<InFlight>,
    jobs: Vec<DecodeJob>,
    connections: Vec<Option<ConnectionId>>,
}

/// What is the same for all verdicts of one answer, once it is known.
#[derive(Default)]
struct Shared {
    /// How often the channel was held on suspicion.
    holds: u32,
    /// What the deliveries say: all that share a request say the same.
    content: Option<u64>,
    /// What the channel has learned of last.
    applied: Option<(Class, Scope)>,
}

impl ChannelTask {
    /// Takes one request that came back and all that have come back with it.
    pub(super) async fn complete(&mut self, first: Completion) {
        let time = now();
        let in_flight = self.in_flight(self.max_in_flight()) + 1;
        let mut settled = Vec::new();
        let answered = self.collect(first, time, &mut settled);
        if !answered.requests.is_empty() {
            self.decode(answered, in_flight, time, &mut settled);
        }
        self.settle(settled).await;
        self.show_hold();
    }

    /// Parts what was answered from what was not, which is settled.
    fn collect(
        &mut self,
        first: Completion,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) -> Answered {
        let mut answered = Answered::default();
        let mut next = Some(first);
        while let Some(Completion {
            mut request,
            result,
        }) = next
        {
            self.deliveries_in_flight -= request.batch.len();
            match result {
                Ok(answer) => {
                    answered.connections.push(answer.connection);
                    answered.jobs.push(DecodeJob {
                        targets: std::mem::take(&mut request.targets),
                        response: answer.response,
                        memo: std::mem::take(&mut request.memo),
                    });
                    answered.requests.push(request);
                }
                Err(error) => self.unanswered(request, &error, time, settled),
            }
            next = if answered.requests.len() < MAX_DECODED {
                self.requests.next().now_or_never().flatten()
            } else {
                None
            };
        }
        answered
    }

    fn decode(
        &mut self,
        answered: Answered,
        in_flight: usize,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) {
        let Answered {
            requests,
            jobs,
            connections,
        } = answered;
        let call = DecodeCall { now: time, jobs };
        let items = match self.route.driver.decode(&call) {
            Ok(items) => items,
            Err(error) => {
                let failure = DriverFailure::from(error);
                for request in requests {
                    self.driver_failed(request.batch, "decode", &failure, time, settled);
                }
                return;
            }
        };
        let targets = call.jobs.into_iter().map(|job| job.targets);
        let answers = requests
            .into_iter()
            .zip(targets)
            .zip(connections)
            .zip(items);
        for (((mut request, targets), connection), item) in answers {
            request.targets = targets;
            self.update_window(&request, &item, time, in_flight);
            let spent = self.answered(request, item, time, settled);
            if let (true, Some(connection)) = (spent, connection) {
                self.route.client.retire(connection);
            }
        }
    }

    /// What an answer says of how much the vendor can take at once.
    fn update_window(
        &mut self,
        request: &InFlight,
        item: &DecodedItem,
        time: Timestamp,
        in_flight: usize,
    ) {
        let too_much = |verdict: &Verdict| match verdict.class {
            Class::Throttled => true,
            // At once, elsewhere: that is a connection which ends.
            Class::Unavailable => verdict.retry_after_millis != Some(0),
            _ => false,
        };
        match item {
            DecodedItem::Decoded(Decoded::Verdicts(verdicts)) if verdicts.iter().any(too_much) => {
                self.window.overloaded(request.began, time);
            }
            _ => self.window.answered(request.began, time, in_flight),
        }
    }

    /// Takes one answer. Says whether its connection is spent.
    fn answered(
        &mut self,
        request: InFlight,
        item: DecodedItem,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) -> bool {
        match decoded(item, request.batch.len()) {
            Ok(Reply::Verdicts(verdicts)) if is_split(&verdicts) => {
                let mut first = request.batch;
                let second = first.split_off(first.len() / 2);
                self.halves.extend([first, second]);
                false
            }
            Ok(Reply::Verdicts(verdicts)) => self.settle_verdicts(request, verdicts, time, settled),
            Ok(Reply::FollowUp(follow_up)) => {
                self.follow_up(request, follow_up, time, settled);
                false
            }
            Err(failure) => {
                self.driver_failed(request.batch, "decode", &failure, time, settled);
                false
            }
        }
    }

    /// Sends the next request of a vendor that wants several for one batch.
    fn follow_up(
        &mut self,
        request: InFlight,
        follow_up: FollowUp,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) {
        if request.step == MAX_STEPS {
            let failure = DriverFailure::TooManySteps { max: MAX_STEPS };
            return self.driver_failed(request.batch, "decode", &failure, time, settled);
        }
        let next = InFlight {
            memo: follow_up.memo,
            step: request.step + 1,
            ..request
        };
        self.start(next, follow_up.request, time, settled);
    }

    /// Settles each delivery by its verdict, once the channel has learned of all together. Says
    /// whether the connection is spent.
    fn settle_verdicts(
        &mut self,
        request: InFlight,
        verdicts: Vec<Verdict>,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) -> bool {
        let backoff = self.route.backoff;
        let bounded = |verdict: Verdict| {
            let scope = effective_scope(&verdict, &request.class);
            bounded(verdict, backoff, time).scope(scope)
        };
        let verdicts: Vec<Verdict> = verdicts.into_iter().map(bounded).collect();
        if !self.unsuspected && verdicts.iter().any(|it| it.class == Class::Accepted) {
            self.cleared();
        }
        self.got_through(request.reservation.as_deref(), &verdicts);
        self.suspect(&request.batch, &verdicts, time);
        let mut shared = Shared {
            holds: match self.unsuspected {
                true => 0,
                false => self.suspicions().holds(),
            },
            ..Shared::default()
        };
        let (mut request, mut spent) = (request, false);
        for (lease, verdict) in std::mem::take(&mut request.batch).into_iter().zip(verdicts) {
            spent |= verdict.fresh_connection;
            let context = RetryContext {
                holds: shared.holds,
                ..retry_context(&lease)
            };
            let decision = decide(&verdict, context, backoff, time);
            self.remember_content(lease.delivery(), &verdict, &decision, &mut shared, time);
            self.apply_blame_once(&request, &verdict, context, &mut shared, time);
            let reservation = self.reservation_of(&request, &verdict);
            let kept = keeps_device(&verdict, || {
                self.unsuspected || self.suspicions().is_proven()
            });
            let attempt = Attempt {
                at: request.began,
                elapsed: time.millis_after(request.began),
                class: AttemptClass::Verdict(verdict.class),
                code: verdict.code,
                text: verdict.text,
                remedy: verdict.remedy,
                retry_at: None,
                notices: request.notices.clone(),
            };
            settled.push(Settlement {
                vendor_id: verdict.vendor_id,
                dead_since: verdict.dead_since,
                scope: verdict.scope,
                kept,
                settings: self.route.settings,
                recall_key: request.recall_key.clone(),
                reservation,
                ..Settlement::tried(lease, attempt, decision)
            });
        }
        spent
    }

    /// Remembers contents that are refused for their own sake, of which one delivery is tried for
    /// all.
    fn remember_content(
        &mut self,
        delivery: &Delivery,
        verdict: &Verdict,
        decision: &Decision,
        shared: &mut Shared,
        time: Timestamp,
    ) {
        let (id, contents) = (delivery.id, &mut self.refused_contents);
        match decision {
            Decision::Retry { at, .. } if is_of_content(verdict) => {
                let content = *shared.content.get_or_insert_with(|| content_of(delivery));
                contents.refused(id, content, verdict, *at, self.route.backoff, time);
            }
            _ if contents.is_empty() => {}
            Decision::End(OutcomeKind::Accepted) => contents.accepted(id),
            Decision::Retry { .. } => contents.no_answer(id),
            _ => contents.ended(id),
        }
    }

    /// Has the channel learn of a verdict. One answer is one piece of news, however many devices it
    /// is about.
    fn apply_blame_once(
        &mut self,
        request: &InFlight,
        verdict: &Verdict,
        context: RetryContext,
        shared: &mut Shared,
        time: Timestamp,
    ) {
        let blamed = (verdict.class, verdict.scope);
        if shared.applied.replace(blamed) == Some(blamed) {
            return;
        }
        let backoff = self.route.backoff;
        let class_hold = decide_class(verdict, context, backoff, time);
        if class_hold.is_some() && !self.accounts.contains_key(&request.class) {
            let account = self.account_of(&request.class);
            self.accounts.insert(request.class.clone(), account);
        }
        let account = self.accounts.get(&request.class).cloned();
        let blame = Blame {
            verdict,
            hold: decide_channel(verdict, context, backoff, time),
            class_hold,
            account: account.as_ref(),
        };
        self.apply_blame(&blame, request.grant.as_ref(), time);
    }

    /// What its settlement counts in a quota: what the channel, or a class, learns of that is written
    /// with it.
    fn reservation_of(&self, request: &InFlight, verdict: &Verdict) -> Option<Arc<Reservation>> {
        match request.reservation.clone() {
            None if verdict.class == Class::QuotaExceeded => {
                let account = self.accounts.get(&request.class);
                Some(Arc::new(account.unwrap_or(&self.channel_account).note()))
            }
            reservation => reservation,
        }
    }

    fn unanswered(
        &mut self,
        request: InFlight,
        error: &TransportError,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) {
        if error.is_overload() {
            self.window.overloaded(request.began, time);
        }
        self.request_failed(error, time);
        let no_response = match error {
            TransportError::Refused { .. } | TransportError::ClientCertificate { .. } => {
                NoResponse::Refused
            }
            _ if error.processed() == Processed::Unknown => NoResponse::MaybeSeen,
            _ => NoResponse::Unseen,
        };
        let attempt = Attempt {
            at: request.began,
            elapsed: time.millis_after(request.began),
            class: match error.is_credential() {
                true => AttemptClass::Verdict(Class::Credential),
                false => AttemptClass::Transport,
            },
            code: error.code().to_owned(),
            text: error.to_string(),
            remedy: error.remedy().to_owned(),
            retry_at: None,
            notices: request.notices,
        };
        for lease in request.batch {
            if !self.refused_contents.is_empty() {
                self.refused_contents.no_answer(lease.delivery().id);
            }
            let decision =
                decide_no_response(no_response, retry_context(&lease), self.route.backoff, time);
            settled.push(Settlement::tried(lease, attempt.clone(), decision));
        }
    }
}

/// Whether a batch is to be sent in halves: one of its devices may be at fault for all.
fn is_split(verdicts: &[Verdict]) -> bool {
    verdicts.len() > 1 && verdicts.iter().any(|verdict| verdict.split)
}
