//! Deliveries to requests in flight: encoded together, each within the quota of its class, and sent
//! where their driver may send.
//!
//! In: groups that share a request each. Out: requests in flight, and settlements of what is not
//! sent: its class is closed, its driver refuses it or failed on it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::future::FutureExt;
use nudged_plugin_api::call::{EncodeCall, EncodeJob};
use nudged_plugin_api::{EncodeError, Grant, HttpRequest, Notice, Rendered, Target, Timestamp};

use super::batch::{Group, is_mixed};
use super::channel::{Channel, case};
use super::exchange::{DriverFailure, NotEncoded, checked, encoded};
use super::in_flight::{Completion, InFlight};
use super::withhold::withhold_class;
use crate::driver::{self, EncodeRefusal};
use crate::model::{Attempt, AttemptClass, Delivery, written_at};
use crate::outcome::{Settlement, decide_driver_failure, decide_refused};
use crate::queue::Lease;

/// What encoding groups comes to, besides requests in flight.
#[derive(Default)]
struct Unsent {
    settled: Vec<Settlement>,
    /// Smaller groups, to be encoded anew.
    again: Vec<Group>,
}

impl Channel {
    /// Encodes groups and sends them.
    pub(super) async fn send(
        &mut self,
        groups: Vec<Group>,
        grant: Option<Arc<Grant>>,
        time: Timestamp,
    ) {
        let mut unsent = Unsent::default();
        let mut next = groups;
        while !next.is_empty() {
            self.send_once(next, &grant, time, &mut unsent);
            next = std::mem::take(&mut unsent.again);
        }
        self.settle(unsent.settled).await;
    }

    /// Encodes in one call and sends.
    fn send_once(
        &mut self,
        groups: Vec<Group>,
        grant: &Option<Arc<Grant>>,
        time: Timestamp,
        unsent: &mut Unsent,
    ) {
        let call = encode_call(&groups, grant.as_deref(), time);
        let items = match self.route.driver.encode(&call) {
            Ok(items) => items,
            Err(error) => {
                let failure = DriverFailure::from(error);
                for group in groups {
                    self.driver_failed(group, "encode", &failure, time, &mut unsent.settled);
                }
                return;
            }
        };
        let targets = call.jobs.into_iter().map(|job| job.targets);
        for ((group, targets), item) in groups.into_iter().zip(targets).zip(items) {
            match encoded(item) {
                Ok(rendered) => {
                    self.send_rendered(group, targets, rendered, grant, time, unsent);
                }
                // One device's token must not cost the others their message.
                Err(NotEncoded::Refused(error)) if group.len() > 1 && error.is_about_token() => {
                    let alone = group.into_iter().map(|lease| vec![lease]);
                    unsent.again.extend(alone);
                }
                Err(NotEncoded::Refused(error)) => {
                    let vendor = &self.route.info.vendor;
                    unsent.settled.extend(refused(group, error, vendor, time));
                }
                Err(NotEncoded::Failed(failure)) => {
                    self.driver_failed(group, "encode", &failure, time, &mut unsent.settled);
                }
            }
        }
    }

    /// Sends what was encoded, if its class has quota for it.
    fn send_rendered(
        &mut self,
        mut group: Group,
        targets: Vec<Target>,
        rendered: Rendered,
        grant: &Option<Arc<Grant>>,
        time: Timestamp,
        unsent: &mut Unsent,
    ) {
        let account = self.accounts.get(&rendered.class);
        let ticket = match account.map(|it| it.take(group.len(), over_at(&group), time)) {
            None => None,
            Some(Ok(ticket)) if ticket.devices() < group.len() => {
                // The quota ends within the batch: what it has left goes first.
                let rest = group.split_off(ticket.devices());
                unsent.again.extend([group, rest]);
                return;
            }
            Some(Ok(ticket)) => Some(Arc::new(ticket)),
            Some(Err(closed)) => {
                let withheld = withhold_class(group, &rendered.class, &closed, time);
                unsent.settled.extend(withheld);
                return;
            }
        };
        let request = rendered.request;
        let in_flight = InFlight {
            notices: self.noticed(&group[0], rendered.notices),
            // A message that several notifications share is none's to take back.
            recall_key: match is_mixed(&group) {
                true => String::new(),
                false => rendered.recall_key,
            },
            group,
            targets,
            grant: grant.clone(),
            memo: rendered.memo,
            class: rendered.class,
            ticket,
            step: 1,
            began: time,
        };
        self.start(in_flight, request, time, &mut unsent.settled);
    }

    /// What was changed of a message, under the paths that the caller wrote: before its driver
    /// saw it, and by that.
    fn noticed(&self, lease: &Lease, mut notices: Vec<Notice>) -> Vec<Notice> {
        notices.extend_from_slice(&lease.delivery().content.notices);
        for notice in &mut notices {
            notice.field = written_at(&notice.field, &self.route.info.vendor);
        }
        notices
    }

    /// Starts a request, if it may be sent.
    pub(super) fn start(
        &mut self,
        in_flight: InFlight,
        request: HttpRequest,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) {
        let uri = match checked(&self.route, &request) {
            Ok(uri) => uri,
            Err(failure) => {
                return self.driver_failed(in_flight.group, "encode", &failure, time, settled);
            }
        };
        let client = self.route.client.clone();
        let mut deliveries = in_flight.group.iter().map(Lease::delivery);
        let once = deliveries.any(Delivery::is_now_or_never);
        self.deliveries_in_flight += in_flight.group.len();
        self.stats.requests.fetch_add(1, Ordering::Relaxed);
        self.requests.push(
            async move {
                let result = match once {
                    true => client.send_once(uri, request).await,
                    false => client.send_to(uri, request).await,
                };
                Completion {
                    request: in_flight,
                    result,
                }
            }
            .boxed(),
        );
    }

    /// Settles what a driver failed on.
    pub(super) fn driver_failed(
        &self,
        group: Group,
        operation: &'static str,
        failure: &DriverFailure,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) {
        let attempt = Attempt {
            at: time,
            class: AttemptClass::Driver,
            code: driver::FAILED.to_owned(),
            text: failure.reported(&self.route, operation),
            remedy: driver::FAILED_REMEDY.to_owned(),
            ..Attempt::default()
        };
        for lease in group {
            let decision = decide_driver_failure(case(&lease), self.route.backoff, time);
            settled.push(Settlement::tried(lease, attempt.clone(), decision));
        }
    }
}

/// When there is nothing more to try for the first of them.
fn over_at(group: &[Lease]) -> Timestamp {
    let over = group.iter().map(|lease| match lease.delivery() {
        once if once.is_now_or_never() => Timestamp(0),
        other => other.content.expires_at,
    });
    over.min().unwrap_or_default()
}

/// Ends what a driver refuses without asking the vendor.
fn refused(
    group: Group,
    error: EncodeError,
    vendor: &str,
    time: Timestamp,
) -> impl Iterator<Item = Settlement> + use<> {
    let refusal = EncodeRefusal::of(error, vendor);
    let attempt = Attempt {
        at: time,
        class: AttemptClass::Message,
        code: refusal.code,
        text: refusal.text,
        remedy: refusal.remedy.to_owned(),
        ..Attempt::default()
    };
    group
        .into_iter()
        .map(move |lease| Settlement::tried(lease, attempt.clone(), decide_refused()))
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
        let targets = group
            .iter()
            .map(|lease| lease.delivery().target())
            .collect();
        call.jobs.push(EncodeJob { message, targets });
    }
    call
}
