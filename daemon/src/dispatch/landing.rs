//! Landing: answers to settlements.
//!
//! In: requests that came back. Out: settlements, each with the attempt that led to it. What an
//! answer says of the channel as a whole is for `blame`.

use std::sync::Arc;

use futures_util::future::FutureExt;
use futures_util::stream::StreamExt;
use nudged_plugin_api::call::{DecodeCall, DecodeJob, DecodedItem};
use nudged_plugin_api::host::CallError;
use nudged_plugin_api::{Class, Decoded, Scope, Timestamp, Verdict};

use super::alike::{content_of, is_of_content};
use super::batch::Group;
use super::blame::Said;
use super::channel::Channel;
use super::flight::{Flight, Landing};
use super::told;
use crate::channels::Route;
use crate::clock::now;
use crate::driver;
use crate::model::{Attempt, AttemptClass, OutcomeKind};
use crate::outcome::{
    Case, Decision, Settlement, bounded, judge, judge_channel, judge_class, judge_driver_failure,
    judge_silence, speaks_of,
};
use crate::queue::Lease;
use crate::transport::{Processed, TransportError};

/// Answers that are decoded and settled together.
const DECODE: usize = 256;
/// Settlements that may wait for the disk before the channel does.
const SETTLING: usize = 32;
/// Requests that a vendor may want for one batch: the first, and three that follow.
const MOST_STEPS: u32 = 4;

impl Channel {
    /// Takes one landing and all that have landed with it.
    pub(super) async fn landed(&mut self, first: Landing) {
        let time = now();
        let under_way = self.under_way(self.at_once()) + 1;
        let mut settled = Vec::new();
        let (mut flights, mut jobs, mut spent) = (Vec::new(), Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(Landing { mut flight, result }) = next {
            self.aloft -= flight.group.len();
            match result {
                Ok(answer) => {
                    spent.push(answer.connection);
                    jobs.push(DecodeJob {
                        targets: std::mem::take(&mut flight.targets),
                        response: answer.response,
                        memo: std::mem::take(&mut flight.memo),
                    });
                    flights.push(flight);
                }
                Err(error) => self.unanswered(flight, &error, time, &mut settled),
            }
            next = if flights.len() < DECODE {
                self.flights.next().now_or_never().flatten()
            } else {
                None
            };
        }
        if !flights.is_empty() {
            let call = DecodeCall { now: time, jobs };
            let decoded = self.route.driver.decode(&call);
            let targets = call.jobs.into_iter().map(|job| job.targets);
            match decoded {
                Ok(items) => {
                    let landings = flights.into_iter().zip(targets).zip(spent).zip(items);
                    for (((mut flight, targets), connection), item) in landings {
                        flight.targets = targets;
                        self.kept_up(&flight, &item, time, under_way);
                        let fresh = self.answered(flight, item, time, &mut settled);
                        if let (true, Some(connection)) = (fresh, connection) {
                            self.route.client.retire(connection);
                        }
                    }
                }
                Err(error) => {
                    for flight in flights {
                        self.driver_failed(flight.group, "decode", error.to_string(), &mut settled);
                    }
                }
            }
        }
        self.settle(settled).await;
        self.show_hold();
    }

    /// What an answer says of how much the vendor can take at once.
    fn kept_up(&mut self, flight: &Flight, item: &DecodedItem, time: Timestamp, under_way: usize) {
        let too_much = |verdict: &Verdict| match verdict.class {
            Class::Throttled => true,
            // At once, elsewhere: that is a connection which ends.
            Class::Unavailable => verdict.retry_after_millis != Some(0),
            _ => false,
        };
        match item {
            DecodedItem::Decoded(Decoded::Verdicts(verdicts)) if verdicts.iter().any(too_much) => {
                self.window.overloaded(flight.began, time);
            }
            _ => self.window.answered(flight.began, time, under_way),
        }
    }

    /// Judges an answer. Says whether its connection is spent.
    fn answered(
        &mut self,
        flight: Flight,
        item: DecodedItem,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) -> bool {
        let verdicts = match item {
            DecodedItem::Decoded(Decoded::Verdicts(verdicts)) => verdicts,
            DecodedItem::Decoded(Decoded::FollowUp(follow_up)) => {
                let flight = Flight {
                    memo: follow_up.memo,
                    step: flight.step + 1,
                    ..flight
                };
                if flight.step > MOST_STEPS {
                    self.driver_failed(
                        flight.group,
                        "decode",
                        "driver never comes to an end".into(),
                        settled,
                    );
                } else {
                    self.take_off(flight, follow_up.request, settled);
                }
                return false;
            }
            DecodedItem::Panicked(message) => {
                self.driver_failed(
                    flight.group,
                    "decode",
                    CallError::Panicked(message).to_string(),
                    settled,
                );
                return false;
            }
            _ => {
                self.driver_failed(
                    flight.group,
                    "decode",
                    "driver gave an answer of the future".into(),
                    settled,
                );
                return false;
            }
        };
        if verdicts.len() != flight.group.len() {
            let problem = format!(
                "driver gave {} verdicts for {} devices",
                verdicts.len(),
                flight.group.len()
            );
            self.driver_failed(flight.group, "decode", problem, settled);
            return false;
        }
        if flight.group.len() > 1 && verdicts.iter().any(|verdict| verdict.split) {
            let mut first = flight.group;
            let second = first.split_off(first.len() / 2);
            self.halves.extend([first, second]);
            return false;
        }
        let patience = self.route.patience;
        let verdicts: Vec<Verdict> = verdicts
            .into_iter()
            .map(|verdict| {
                let scope = speaks_of(&verdict, &flight.class);
                bounded(verdict, patience, time).scope(scope)
            })
            .collect();
        if !self.at_rest && verdicts.iter().any(|it| it.class == Class::Accepted) {
            self.cleared();
        }
        self.got_through(flight.ticket.as_deref(), &verdicts);
        self.suspect(&flight.group, &verdicts, time);
        let holds = match self.at_rest {
            true => 0,
            false => self.suspicions().holds(),
        };
        let mut fresh = false;
        let mut content = None;
        let mut learned: Option<(Class, Scope)> = None;
        for (lease, verdict) in flight.group.into_iter().zip(verdicts) {
            fresh |= verdict.fresh_connection;
            let case = Case {
                holds,
                ..case(&lease)
            };
            let decision = judge(&verdict, case, patience, time);
            let id = lease.delivery().id;
            match decision {
                Decision::Retry { at, .. } if is_of_content(&verdict) => {
                    // All that share a request say the same.
                    let content = *content.get_or_insert_with(|| content_of(lease.delivery()));
                    let alike = &mut self.alike;
                    alike.refused(id, content, &verdict, at, patience, time);
                }
                _ if self.alike.is_empty() => {}
                Decision::End(OutcomeKind::Accepted) => self.alike.accepted(id),
                Decision::Retry { .. } => self.alike.unheard(id),
                _ => self.alike.ended(id),
            }
            let class_hold = judge_class(&verdict, case, patience, time);
            if class_hold.is_some() && !self.accounts.contains_key(&flight.class) {
                let account = self.of_class(&flight.class);
                self.accounts.insert(flight.class.clone(), account);
            }
            // One answer is one piece of news, however many devices it is about.
            let news = (verdict.class, verdict.scope);
            if learned.replace(news) != Some(news) {
                let account = self.accounts.get(&flight.class).cloned();
                let said = Said {
                    verdict: &verdict,
                    hold: judge_channel(&verdict, case, patience, time),
                    class_hold,
                    account: account.as_ref(),
                };
                self.learn(&said, flight.grant.as_ref(), time);
            }
            // What the channel, or a class, learns of its quota is written with this.
            let ticket = match flight.ticket.clone() {
                None if verdict.class == Class::QuotaExceeded => {
                    let account = self.accounts.get(&flight.class);
                    Some(Arc::new(account.unwrap_or(&self.whole).note()))
                }
                ticket => ticket,
            };
            let spared = verdict.class == Class::InvalidToken
                && verdict.scope == Scope::Credential
                && !self.at_rest
                && !self.suspicions().is_proven();
            let attempt = Attempt {
                at: flight.began,
                elapsed: time.millis_after(flight.began),
                class: verdict.class.into(),
                code: verdict.code,
                text: verdict.text,
                remedy: verdict.remedy,
                retry_at: None,
                notices: flight.notices.clone(),
            };
            settled.push(Settlement {
                vendor_id: verdict.vendor_id,
                dead_since: verdict.dead_since,
                scope: verdict.scope,
                spared,
                settings: self.route.settings,
                recall_key: flight.recall_key.clone(),
                ticket,
                ..settlement(lease, attempt, decision)
            });
        }
        fresh
    }

    fn unanswered(
        &mut self,
        flight: Flight,
        error: &TransportError,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) {
        let seen = error.processed() == Processed::Unknown;
        if error.is_overload() {
            self.window.overloaded(flight.began, time);
        }
        self.lost(error, time);
        let attempt = Attempt {
            at: flight.began,
            elapsed: time.millis_after(flight.began),
            class: match error.is_credential() {
                true => Class::Credential.into(),
                false => AttemptClass::Transport,
            },
            code: error.code().to_owned(),
            text: error.to_string(),
            remedy: error.remedy().to_owned(),
            retry_at: None,
            notices: flight.notices,
        };
        for lease in flight.group {
            if !self.alike.is_empty() {
                self.alike.unheard(lease.delivery().id);
            }
            let decision = match error {
                // It stands ready for the reload that brings a good credential.
                TransportError::Refused { .. } | TransportError::ClientCertificate { .. }
                    if !lease.delivery().is_now_or_never() =>
                {
                    Decision::at_once(time)
                }
                _ => judge_silence(seen, case(&lease), self.route.patience, time),
            };
            settled.push(settlement(lease, attempt.clone(), decision));
        }
    }

    /// Settles what a driver failed on.
    pub(super) fn driver_failed(
        &self,
        group: Group,
        operation: &'static str,
        problem: String,
        settled: &mut Vec<Settlement>,
    ) {
        let time = now();
        let Route { name, info, .. } = &*self.route;
        told::driver_failed(name, &info.vendor, operation, &problem, "");
        let attempt = Attempt {
            at: time,
            class: AttemptClass::Driver,
            code: driver::FAILED.to_owned(),
            text: problem,
            remedy: driver::FAILED_REMEDY.to_owned(),
            ..Attempt::default()
        };
        for lease in group {
            let decision = judge_driver_failure(case(&lease), self.route.patience, time);
            settled.push(settlement(lease, attempt.clone(), decision));
        }
    }

    /// Has settlements written, without waiting for it.
    pub(super) async fn settle(&mut self, settlements: Vec<Settlement>) {
        if settlements.is_empty() {
            return;
        }
        while self.settling.len() >= SETTLING {
            self.settling.join_next().await;
        }
        while self.settling.try_join_next().is_some() {}
        let outcomes = self.outcomes.clone();
        self.settling
            .spawn(async move { outcomes.settle(settlements, now()).await });
    }
}

pub(super) fn case(lease: &Lease) -> Case {
    let delivery = lease.delivery();
    Case {
        attempts: delivery.attempts,
        expires_at: delivery.content.expires_at,
        now_or_never: delivery.is_now_or_never(),
        jitter: fastrand::u16(0..=1000),
        holds: 0,
    }
}

/// A settlement of one that was tried.
pub(super) fn settlement(lease: Lease, attempt: Attempt, decision: Decision) -> Settlement {
    Settlement::new(lease, Some(attempt), decision)
}
