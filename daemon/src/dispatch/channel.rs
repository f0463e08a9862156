//! One channel's task: lease, encode, send, decode, judge, settle, around and around.
//!
//! In: the channel's lane. Out: settlements. It shares nothing with other channels, so a
//! vendor that hangs, slows down or refuses costs the others nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use nudged_plugin_api::call::{DecodeCall, DecodeJob, DecodedItem, EncodeCall, EncodeJob, Encoded};
use nudged_plugin_api::host::CallError;
use nudged_plugin_api::{Class, Decoded, Grant, HttpRequest, Target, Timestamp, Verdict};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::batch::{Group, group};
use super::breaker::{Breaker, Hold};
use super::grant::{GrantCell, Trouble};
use super::rate::Rate;
use super::route::Route;
use crate::model::{Attempt, OutcomeKind, now};
use crate::outcome::{
    Case, Decision, Outcomes, Settlement, Stats, judge, judge_driver_failure, judge_silence,
};
use crate::queue::{Lane, Lease};
use crate::transport::{Answer, Processed, TransportError};

/// Requests that are encoded in one call.
const ENCODE: usize = 64;
/// Answers that are decoded and settled together.
const DECODE: usize = 256;
/// Settlements that may wait for the disk before the channel does.
const SETTLING: usize = 32;
/// Requests that a vendor may want for one batch.
const MOST_STEPS: u32 = 3;

/// One channel's task.
pub struct Channel {
    route: Arc<Route>,
    lane: Arc<Lane>,
    outcomes: Arc<Outcomes>,
    stats: Arc<Stats>,
    grants: Option<Arc<GrantCell>>,
    held: Arc<Mutex<Option<Hold>>>,
    breaker: Breaker,
    rate: Rate,
    flights: FuturesUnordered<BoxFuture<'static, Landing>>,
    fetching: Option<BoxFuture<'static, Result<Arc<Grant>, Trouble>>>,
    settling: JoinSet<()>,
}

/// A request under way.
struct Flight {
    group: Group,
    targets: Vec<Target>,
    grant: Option<Arc<Grant>>,
    memo: Vec<u8>,
    step: u32,
    began: Timestamp,
}

struct Landing {
    flight: Flight,
    result: Result<Answer, TransportError>,
}

/// When there may be something to do again.
enum Next {
    /// When something lands or is added.
    Woken,
    /// Then at the latest.
    At(Timestamp),
}

impl Channel {
    /// A task for a channel; `held` shows others whether it is held.
    pub fn new(
        route: Arc<Route>,
        lane: Arc<Lane>,
        outcomes: Arc<Outcomes>,
        stats: Arc<Stats>,
        grants: Option<Arc<GrantCell>>,
        held: Arc<Mutex<Option<Hold>>>,
    ) -> Self {
        Self {
            breaker: Breaker::new(route.patience),
            rate: Rate::new(route.rate),
            flights: FuturesUnordered::new(),
            fetching: None,
            settling: JoinSet::new(),
            route,
            lane,
            outcomes,
            stats,
            grants,
            held,
        }
    }

    /// Runs until told to stop, then until what is under way has landed and is settled.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let stopping = *stop.borrow_and_update();
            if stopping && self.flights.is_empty() {
                break;
            }
            let next = if stopping {
                Next::Woken
            } else {
                self.fill().await
            };
            let timer = async {
                match next {
                    Next::At(at) => {
                        let wait = at.millis_after(now()).max(1);
                        tokio::time::sleep(Duration::from_millis(wait)).await;
                    }
                    Next::Woken => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(landing) = self.flights.next() => self.landed(landing).await,
                Some(_) = self.settling.join_next() => {}
                result = fetched(&mut self.fetching) => self.granted(result),
                _ = stop.changed() => {}
                () = self.lane.woken(), if !stopping => {}
                () = timer => {}
            }
        }
        while self.settling.join_next().await.is_some() {}
    }

    /// Sends as much as may be sent now.
    async fn fill(&mut self) -> Next {
        loop {
            let time = now();
            // What is not settled counts as under way: it is what a crash would send twice.
            let under_way = self.lane.in_flight();
            let most = self
                .breaker
                .permits(time, under_way, self.route.concurrency);
            if most == 0 {
                return match self.breaker.hold() {
                    Some(hold) if hold.until > time => Next::At(hold.until),
                    _ => Next::Woken,
                };
            }
            let grant = match &self.grants {
                None => None,
                Some(cell) => match cell.ready(time) {
                    Some(grant) => Some(grant),
                    None => {
                        if self.lane.depth().ready == 0
                            && self.lane.next_due().is_none_or(|due| due > time)
                        {
                            // Nothing to send, so no need to ask the vendor for anything.
                            return self.lane.next_due().map_or(Next::Woken, Next::At);
                        }
                        self.fetch_grant(cell.clone());
                        return Next::Woken;
                    }
                },
            };
            let (allowed, wait) = self.rate.take(most.min(ENCODE));
            if allowed == 0 {
                return Next::At(time.plus_millis(wait));
            }
            let tokens = allowed * self.route.info.batch as usize;
            let leases = match self.lane.lease(time, tokens) {
                Ok(leases) => leases,
                Err(error) => {
                    tracing::error!(channel = self.route.name, %error, "the queue cannot be read");
                    return Next::At(time.plus_seconds(1));
                }
            };
            if leases.is_empty() {
                self.rate.give_back(allowed);
                return self.lane.next_due().map_or(Next::Woken, Next::At);
            }
            let (leases, expired): (Vec<_>, Vec<_>) = leases
                .into_iter()
                .partition(|it| it.delivery().content.expires_at > time);
            self.settle(expired.into_iter().map(expire).collect()).await;
            let groups = group(leases, self.route.info.batch as usize);
            self.rate.give_back(allowed.saturating_sub(groups.len()));
            self.send(groups, grant, time).await;
        }
    }

    async fn send(&mut self, groups: Vec<Group>, grant: Option<Arc<Grant>>, time: Timestamp) {
        if groups.is_empty() {
            return;
        }
        let call = encode_call(&groups, grant.as_deref(), time);
        let encoded = self.route.driver.encode(&call);
        let targets = call.jobs.into_iter().map(|job| job.targets);
        let mut failed = Vec::new();
        match encoded {
            Ok(items) => {
                for ((group, targets), item) in groups.into_iter().zip(targets).zip(items) {
                    let flight = Flight {
                        group,
                        targets,
                        grant: grant.clone(),
                        memo: Vec::new(),
                        step: 1,
                        began: time,
                    };
                    match item {
                        Encoded::Request(request) => self.take_off(flight, request, &mut failed),
                        Encoded::Refused(error) => {
                            let text = format!("{}: {}", error.field, error.problem);
                            let attempt = Attempt {
                                at: time,
                                class: "message".to_owned(),
                                code: error.code,
                                text,
                                remedy: "change the notification; the vendor was not asked"
                                    .to_owned(),
                                ..Attempt::default()
                            };
                            let end = Decision::End(OutcomeKind::Rejected);
                            failed.extend(
                                flight
                                    .group
                                    .into_iter()
                                    .map(|lease| settlement(lease, attempt.clone(), end.clone())),
                            );
                        }
                        Encoded::Panicked(message) => {
                            self.driver_failed(
                                flight.group,
                                CallError::Panicked(message).to_string(),
                                &mut failed,
                            );
                        }
                    }
                }
            }
            Err(error) => {
                for group in groups {
                    self.driver_failed(group, error.to_string(), &mut failed);
                }
            }
        }
        self.settle(failed).await;
    }

    fn take_off(&mut self, flight: Flight, request: HttpRequest, failed: &mut Vec<Settlement>) {
        let uri = match self.route.hosts.check(&request.url) {
            Ok(uri) => uri,
            Err(error) => {
                let problem = format!("driver asked for a request that is not allowed: {error}");
                return self.driver_failed(flight.group, problem, failed);
            }
        };
        let client = self.route.client.clone();
        self.stats
            .requests
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.flights.push(
            async move {
                let result = client.send_to(uri, request).await;
                Landing { flight, result }
            }
            .boxed(),
        );
    }

    /// Takes one landing and all that have landed with it.
    async fn landed(&mut self, first: Landing) {
        let time = now();
        let mut settled = Vec::new();
        let (mut flights, mut jobs, mut spent) = (Vec::new(), Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(Landing { mut flight, result }) = next {
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
        let mut fresh = false;
        for (lease, verdict) in flight.group.into_iter().zip(verdicts) {
            fresh |= verdict.fresh_connection;
            let decision = judge(&verdict, case(&lease), self.route.patience, time);
            self.learn(&verdict, &decision, flight.grant.as_ref(), time);
            let attempt = Attempt {
                at: flight.began,
                elapsed: time.millis_after(flight.began),
                class: verdict.class.as_str().to_owned(),
                code: verdict.code,
                text: verdict.text,
                remedy: verdict.remedy,
                retry_at: None,
            };
            settled.push(Settlement {
                vendor_id: verdict.vendor_id,
                dead_since: verdict.dead_since,
                ..settlement(lease, attempt, decision)
            });
        }
        fresh
    }

    /// What a verdict says of the channel as a whole.
    fn learn(
        &mut self,
        verdict: &Verdict,
        decision: &Decision,
        grant: Option<&Arc<Grant>>,
        time: Timestamp,
    ) {
        let (cell, grant) = (self.grants.as_ref(), grant);
        let reason = || {
            let words = if verdict.text.is_empty() { "" } else { ": " };
            format!("{}{words}{}", verdict.code, verdict.text)
        };
        match verdict.class {
            Class::GrantExpired => {
                if let (Some(cell), Some(grant)) = (cell, grant) {
                    cell.refused(grant, &reason(), time);
                }
            }
            Class::Unavailable => {
                if self.breaker.failed(time, &reason()) {
                    self.log_hold();
                }
            }
            _ => {
                if let (Class::Accepted, Some(cell)) = (verdict.class, cell) {
                    cell.worked();
                }
                let hold = match decision {
                    Decision::Retry { at, hold: true, .. } => Some(*at),
                    // One that may not be tried again still tells the others to wait.
                    Decision::End(OutcomeKind::Expired) => verdict
                        .retry_after_millis
                        .filter(|_| verdict.class != Class::ThrottledDevice)
                        .map(|wait| time.plus_millis(wait)),
                    _ => None,
                };
                match hold {
                    Some(until) => {
                        let remedy = &verdict.remedy;
                        if self
                            .breaker
                            .hold_until(until, &format!("{} ({remedy})", reason()))
                        {
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
        // A stream that was refused says that this connection is full or going, no more.
        if !matches!(error, TransportError::Refused { .. })
            && self.breaker.failed(time, &error.to_string())
        {
            self.log_hold();
        }
        let attempt = Attempt {
            at: flight.began,
            elapsed: time.millis_after(flight.began),
            class: "transport".to_owned(),
            code: error.code().to_owned(),
            text: error.to_string(),
            remedy: error.remedy().to_owned(),
            retry_at: None,
        };
        for lease in flight.group {
            let decision = match error {
                TransportError::Refused { .. } if !lease.delivery().is_now_or_never() => {
                    Decision::Retry {
                        at: time,
                        counts: false,
                        hold: false,
                    }
                }
                _ => judge_silence(seen, case(&lease), self.route.patience, time),
            };
            settled.push(settlement(lease, attempt.clone(), decision));
        }
    }

    fn driver_failed(&self, group: Group, problem: String, settled: &mut Vec<Settlement>) {
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

    async fn settle(&mut self, settlements: Vec<Settlement>) {
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

    fn fetch_grant(&mut self, cell: Arc<GrantCell>) {
        if self.fetching.is_none() {
            let route = self.route.clone();
            self.fetching = Some(async move { cell.fetched(&route).await }.boxed());
        }
    }

    fn granted(&mut self, result: Result<Arc<Grant>, Trouble>) {
        self.fetching = None;
        if let Err(trouble) = result {
            if self.breaker.hold_until(trouble.until, &trouble.reason) {
                self.log_hold();
            }
            self.show_hold();
        }
    }

    fn log_hold(&self) {
        if let Some(hold) = self.breaker.hold() {
            tracing::warn!(
                channel = self.route.name,
                reason = hold.reason,
                until = crate::model::rfc3339(hold.until),
                "channel is held"
            );
        }
    }

    fn show_hold(&self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref() != self.breaker.hold() {
            *held = self.breaker.hold().cloned();
        }
    }
}

/// The grant that is being fetched; never, where none is.
async fn fetched(
    fetching: &mut Option<BoxFuture<'static, Result<Arc<Grant>, Trouble>>>,
) -> Result<Arc<Grant>, Trouble> {
    match fetching {
        Some(fetching) => fetching.await,
        None => std::future::pending().await,
    }
}

fn encode_call(groups: &[Group], grant: Option<&Grant>, now: Timestamp) -> EncodeCall {
    let mut call = EncodeCall {
        now,
        grant: grant.cloned(),
        ..EncodeCall::default()
    };
    let mut last = None;
    for group in groups {
        let content = &group[0].delivery().content;
        if last.is_none_or(|last| !Arc::ptr_eq(last, content)) {
            call.messages.push(content.message.clone());
            last = Some(content);
        }
        let message = call.messages.len() as u32 - 1;
        let targets = group.iter().map(|lease| target(lease)).collect();
        call.jobs.push(EncodeJob { message, targets });
    }
    call
}

fn target(lease: &Lease) -> Target {
    let delivery = lease.delivery();
    let mut target = Target::new(
        delivery.id.notification.delivery(delivery.id.n),
        delivery.recipient.token.as_str(),
    );
    target.badge = delivery.recipient.badge;
    target
}

fn case(lease: &Lease) -> Case {
    let delivery = lease.delivery();
    Case {
        attempts: delivery.attempts,
        expires_at: delivery.content.expires_at,
        now_or_never: delivery.is_now_or_never(),
        jitter: fastrand::u16(0..=1000),
    }
}

fn settlement(lease: Lease, attempt: Attempt, decision: Decision) -> Settlement {
    Settlement {
        lease,
        attempt: Some(attempt),
        decision,
        vendor_id: None,
        dead_since: None,
    }
}

fn expire(lease: Lease) -> Settlement {
    let decision = Decision::End(OutcomeKind::Expired);
    Settlement {
        lease,
        attempt: None,
        decision,
        vendor_id: None,
        dead_since: None,
    }
}
