//! Deliveries to requests in flight: encoded together, each within the quota of its class, and sent
//! where their driver may send.
//!
//! In: batches that share a request each. Out: requests in flight, and settlements of what is not
//! sent: its class is closed, its driver refuses it or failed on it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::future::FutureExt;
use nudged_plugin_api::call::{EncodeCall, EncodeJob};
use nudged_plugin_api::{EncodeError, Grant, HttpRequest, Notice, Rendered, Target, Timestamp};

use super::batch::{Batch, is_mixed};
use super::channel::{ChannelTask, retry_context};
use super::exchange::{DriverFailure, NotEncoded, checked, encoded};
use super::in_flight::{Completion, InFlight};
use super::withhold::withhold_class;
use crate::driver::{self, EncodeRefusal};
use crate::model::{Attempt, AttemptClass, Delivery, written_at};
use crate::outcome::{Settlement, decide_driver_failure, decide_refused};
use crate::queue::Lease;

/// What encoding batches comes to, besides requests in flight.
#[derive(Default)]
struct Unsent {
    settled: Vec<Settlement>,
    /// Smaller batches, to be encoded anew.
    again: Vec<Batch>,
}

impl ChannelTask {
    /// Encodes batches and sends them.
    pub(super) async fn send(
        &mut self,
        batches: Vec<Batch>,
        grant: Option<Arc<Grant>>,
        time: Timestamp,
    ) {
        let mut unsent = Unsent::default();
        let mut next = batches;
        while !next.is_empty() {
            self.send_once(next, &grant, time, &mut unsent);
            next = std::mem::take(&mut unsent.again);
        }
        self.settle(unsent.settled).await;
    }

    /// Encodes in one call and sends.
    fn send_once(
        &mut self,
        batches: Vec<Batch>,
        grant: &Option<Arc<Grant>>,
        time: Timestamp,
        unsent: &mut Unsent,
    ) {
        let call = encode_call(&batches, grant.as_deref(), time);
        let items = match self.route.driver.encode(&call) {
            Ok(items) => items,
            Err(error) => {
                let failure = DriverFailure::from(error);
                for batch in batches {
                    self.driver_failed(batch, "encode", &failure, time, &mut unsent.settled);
                }
                return;
            }
        };
        let targets = call.jobs.into_iter().map(|job| job.targets);
        for ((batch, targets), item) in batches.into_iter().zip(targets).zip(items) {
            match encoded(item) {
                Ok(rendered) => {
                    self.send_rendered(batch, targets, rendered, grant, time, unsent);
                }
                // One device's token must not cost the others their message.
                Err(NotEncoded::Refused(error)) if batch.len() > 1 && error.is_about_token() => {
                    let alone = batch.into_iter().map(|lease| vec![lease]);
                    unsent.again.extend(alone);
                }
                Err(NotEncoded::Refused(error)) => {
                    let vendor = &self.route.info.vendor;
                    unsent.settled.extend(refused(batch, error, vendor, time));
                }
                Err(NotEncoded::Failed(failure)) => {
                    self.driver_failed(batch, "encode", &failure, time, &mut unsent.settled);
                }
            }
        }
    }

    /// Sends what was encoded, if its class has quota for it.
    fn send_rendered(
        &mut self,
        mut batch: Batch,
        targets: Vec<Target>,
        rendered: Rendered,
        grant: &Option<Arc<Grant>>,
        time: Timestamp,
        unsent: &mut Unsent,
    ) {
        let account = self.accounts.get(&rendered.class);
        let reservation = match account.map(|it| it.take(batch.len(), over_at(&batch), time)) {
            None => None,
            Some(Ok(reservation)) if reservation.devices() < batch.len() => {
                // The quota ends within the batch: what it has left goes first.
                let rest = batch.split_off(reservation.devices());
                unsent.again.extend([batch, rest]);
                return;
            }
            Some(Ok(reservation)) => Some(Arc::new(reservation)),
            Some(Err(closed)) => {
                let withheld = withhold_class(batch, &rendered.class, &closed, time);
                unsent.settled.extend(withheld);
                return;
            }
        };
        let request = rendered.request;
        let in_flight = InFlight {
            notices: self.noticed(&batch[0], rendered.notices),
            // A message that several notifications share is none's to take back.
            recall_key: match is_mixed(&batch) {
                true => String::new(),
                false => rendered.recall_key,
            },
            batch,
            targets,
            grant: grant.clone(),
            memo: rendered.memo,
            class: rendered.class,
            reservation,
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
                return self.driver_failed(in_flight.batch, "encode", &failure, time, settled);
            }
        };
        let client = self.route.client.clone();
        let mut deliveries = in_flight.batch.iter().map(Lease::delivery);
        let once = deliveries.any(Delivery::is_now_or_never);
        self.deliveries_in_flight += in_flight.batch.len();
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
        batch: Batch,
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
        for lease in batch {
            let decision = decide_driver_failure(retry_context(&lease), self.route.backoff, time);
            settled.push(Settlement::tried(lease, attempt.clone(), decision));
        }
    }
}

/// When there is nothing more to try for the first of them.
fn over_at(batch: &[Lease]) -> Timestamp {
    let over = batch.iter().map(|lease| match lease.delivery() {
        once if once.is_now_or_never() => Timestamp(0),
        other => other.content.expires_at,
    });
    over.min().unwrap_or_default()
}

/// Ends what a driver refuses without asking the vendor.
fn refused(
    batch: Batch,
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
    batch
        .into_iter()
        .map(move |lease| Settlement::tried(lease, attempt.clone(), decide_refused()))
}

fn encode_call(batches: &[Batch], grant: Option<&Grant>, now: Timestamp) -> EncodeCall {
    let mut call = EncodeCall {
        now,
        grant: grant.cloned(),
        ..EncodeCall::default()
    };
    let mut last = None;
    for batch in batches {
        let content = &batch[0].delivery().content;
        if last.is_none_or(|last| !Arc::ptr_eq(last, content)) {
            call.messages.push(content.message.clone());
            last = Some(content);
        }
        let message = call.messages.len() as u32 - 1;
        let targets = batch
            .iter()
            .map(|lease| lease.delivery().target())
            .collect();
        call.jobs.push(EncodeJob { message, targets });
    }
    call
}
