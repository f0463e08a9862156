//! Landing: answers to settlements, and what they say of the channel as a whole.

use std::sync::Arc;

use futures_util::future::FutureExt;
use futures_util::stream::StreamExt;
use nudged_plugin_api::call::{DecodeCall, DecodeJob, DecodedItem};
use nudged_plugin_api::host::CallError;
use nudged_plugin_api::{Class, Decoded, Grant, Scope, Timestamp, Verdict};

use super::batch::Group;
use super::breaker::Hold;
use super::channel::{Channel, Flight, Landing};
use super::suspicion::Step;
use crate::model::{Attempt, now};
use crate::outcome::{
    CREDENTIAL_WAIT, Case, Decision, QUOTA_WAIT, Settlement, bounded, judge, judge_channel,
    judge_class, judge_driver_failure, judge_silence, speaks_of, suspicion_wait,
};
use crate::queue::Lease;
use crate::quota::{Account, Refusal};
use crate::transport::{Processed, TransportError};

/// Answers that are decoded and settled together.
const DECODE: usize = 256;
/// Settlements that may wait for the disk before the channel does.
const SETTLING: usize = 32;
/// Requests that a vendor may want for one batch: the first, and three that follow.
const MOST_STEPS: u32 = 4;

/// A verdict, what it means for its channel and for its class of messages, and the account of that
/// class, if there is one.
struct Said<'a> {
    verdict: &'a Verdict,
    hold: Option<Timestamp>,
    class_hold: Option<Timestamp>,
    account: Option<&'a Arc<Account>>,
}

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
                        self.driver_failed(flight.group, error.to_string(), &mut settled);
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
                    CallError::Panicked(message).to_string(),
                    settled,
                );
                return false;
            }
            _ => {
                self.driver_failed(
                    flight.group,
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
            self.driver_failed(flight.group, problem, settled);
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
        self.suspect(&flight.group, &verdicts, time);
        let holds = match self.at_rest {
            true => 0,
            false => self.suspicions().holds(),
        };
        let mut fresh = false;
        let mut learned: Option<(Class, Scope)> = None;
        for (lease, verdict) in flight.group.into_iter().zip(verdicts) {
            fresh |= verdict.fresh_connection;
            let case = Case {
                holds,
                ..case(&lease)
            };
            let decision = judge(&verdict, case, patience, time);
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
                class: verdict.class.as_str().to_owned(),
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
                recall_key: flight.recall_key.clone(),
                ticket,
                ..settlement(lease, attempt, decision)
            });
        }
        fresh
    }

    /// A message was accepted: nothing stands against the channel any more.
    fn cleared(&mut self) {
        self.suspicions().accepted();
        self.at_rest = true;
        if self.breaker.cleared() {
            tracing::info!(channel = self.route.name, "channel goes on");
        }
    }

    /// What an answer leaves open: whether the channel is at fault, or this message, or a device.
    fn suspect(&mut self, group: &Group, verdicts: &[Verdict], time: Timestamp) {
        let open = |it: &Verdict| match it.class {
            Class::Credential => it.scope == Scope::Unsaid,
            Class::InvalidToken => it.scope == Scope::Credential,
            _ => false,
        };
        let mut at = 0;
        let mut any = false;
        while let Some(verdict) = verdicts.get(at) {
            let alike = |it: &&Verdict| it.class == verdict.class && it.code == verdict.code;
            let count = verdicts[at..].iter().take_while(alike).count();
            let leases = &group[at..at + count];
            at += count;
            if !open(verdict) {
                continue;
            }
            any = true;
            let messages = leases.iter().map(|lease| lease.delivery().id.notification);
            if verdict.class == Class::InvalidToken {
                for message in messages {
                    self.suspicions().called_dead(verdict, message, time);
                }
                continue;
            }
            let step = self.suspicions().refused(verdict, messages, time);
            if let Step::Held(holds) = step {
                let wait = suspicion_wait(holds, self.route.patience);
                let reason = format!(
                    "different messages were refused alike: {} ({})",
                    words(verdict),
                    verdict.remedy
                );
                let hold = Hold::suspected(time.plus_millis(wait), reason);
                if self.breaker.hold_until(hold) {
                    self.log_hold();
                }
            }
        }
        if any {
            let at_rest = self.suspicions().is_at_rest();
            self.at_rest = at_rest;
            self.log_suspicions(time);
        }
    }

    fn of_class(&self, class: &str) -> Arc<Account> {
        let Self { ledger, route, .. } = self;
        ledger.of_class(route.certificate_id, &route.name, class)
    }

    /// What a verdict says of the channel as a whole.
    fn learn(&mut self, said: &Said<'_>, grant: Option<&Arc<Grant>>, time: Timestamp) {
        let Said {
            verdict,
            hold,
            class_hold,
            account,
        } = said;
        let cell = self.grants.as_ref();
        let reason = || words(verdict);
        let alone = matches!(verdict.scope, Scope::Message | Scope::Token | Scope::Beside);
        match verdict.class {
            Class::GrantExpired => {
                if let (Some(cell), Some(grant)) = (cell, grant) {
                    cell.refused(grant, &reason(), time);
                }
            }
            // Its own fault, or one that a hold is on for already.
            Class::Credential if hold.is_none() && class_hold.is_none() => {
                if !self.breaker.is_suspected() && self.breaker.answered(time) {
                    tracing::info!(channel = self.route.name, "channel goes on");
                }
            }
            // The other classes of messages go on.
            _ if class_hold.is_some()
                || (verdict.class == Class::QuotaExceeded
                    && account.is_some()
                    && verdict.scope == Scope::Unsaid) =>
            {
                let account = account.unwrap_or(&self.whole);
                let refusal = match class_hold {
                    Some(until) => Refusal {
                        until: *until,
                        ours: verdict.class != Class::QuotaExceeded
                            && verdict.retry_after_millis.is_none(),
                        ..refusal(verdict, reason(), time)
                    },
                    None => refusal(verdict, reason(), time),
                };
                let until = crate::model::rfc3339(refusal.until);
                if account.refuse(refusal, time) {
                    tracing::warn!(
                        channel = self.route.name,
                        class = account.class(),
                        reason = reason(),
                        until,
                        "the vendor takes no more of this class of messages"
                    );
                }
                self.breaker.answered(time);
            }
            Class::Unavailable if !alone => {
                if self.breaker.failed(time, &reason()) {
                    self.log_hold();
                }
            }
            _ => {
                if let (Class::Accepted, Some(cell)) = (verdict.class, cell) {
                    cell.worked();
                }
                if verdict.class == Class::QuotaExceeded && !alone {
                    self.whole.refuse(refusal(verdict, reason(), time), time);
                }
                match *hold {
                    Some(until) => {
                        let reason = format!("{} ({})", reason(), verdict.remedy);
                        let asked = verdict.retry_after_millis.is_some();
                        let hold = match verdict.class {
                            Class::Credential | Class::Throttled if !asked => {
                                Hold::ours(until, reason)
                            }
                            _ => Hold::asked(until, reason),
                        };
                        if self.breaker.hold_until(hold) {
                            self.log_hold();
                        }
                    }
                    None => {
                        if self.breaker.answered(time) {
                            tracing::info!(channel = self.route.name, "channel goes on");
                        }
                    }
                }
            }
        }
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
        // A stream that was refused says that this connection is full or going, no more.
        if error.is_credential() {
            let until = time.plus_millis(CREDENTIAL_WAIT);
            let reason = format!("{error} ({})", error.remedy());
            if self.breaker.hold_until(Hold::ours(until, reason)) {
                self.log_hold();
            }
        } else if !matches!(error, TransportError::Refused { .. })
            && self.breaker.failed(time, &error.to_string())
        {
            self.log_hold();
        }
        let attempt = Attempt {
            at: flight.began,
            elapsed: time.millis_after(flight.began),
            class: match error.is_credential() {
                true => Class::Credential.as_str(),
                false => "transport",
            }
            .to_owned(),
            code: error.code().to_owned(),
            text: error.to_string(),
            remedy: error.remedy().to_owned(),
            retry_at: None,
            notices: flight.notices,
        };
        for lease in flight.group {
            let decision = match error {
                // It stands ready for the reload that brings a good credential.
                TransportError::Refused { .. } | TransportError::ClientCertificate { .. }
                    if !lease.delivery().is_now_or_never() =>
                {
                    Decision::Retry {
                        at: time,
                        counts: false,
                        hold: None,
                        asked: None,
                    }
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
        problem: String,
        settled: &mut Vec<Settlement>,
    ) {
        let time = now();
        tracing::error!(
            channel = self.route.name,
            driver = self.route.info.vendor,
            problem,
            "driver failed"
        );
        let attempt = Attempt {
            at: time,
            class: "driver".to_owned(),
            code: "driver_failed".to_owned(),
            text: problem,
            remedy: "report this to the driver's author, or install a newer driver".to_owned(),
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

/// What a vendor said of its quota.
fn refusal(verdict: &Verdict, text: String, now: Timestamp) -> Refusal {
    let wait = verdict.retry_after_millis.unwrap_or(QUOTA_WAIT);
    Refusal {
        until: now.plus_millis(wait),
        code: verdict.code.clone(),
        text,
        remedy: verdict.remedy.clone(),
        ours: false,
        class: verdict.class,
    }
}

/// The vendor's code and words.
fn words(verdict: &Verdict) -> String {
    let words = if verdict.text.is_empty() { "" } else { ": " };
    format!("{}{words}{}", verdict.code, verdict.text)
}

/// A settlement without what only some have.
pub(super) fn settlement(lease: Lease, attempt: Attempt, decision: Decision) -> Settlement {
    Settlement {
        lease,
        attempt: Some(attempt),
        decision,
        vendor_id: None,
        dead_since: None,
        scope: Scope::Unsaid,
        spared: false,
        recall_key: String::new(),
        ticket: None,
    }
}
