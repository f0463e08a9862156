//! Takeoff: leases to requests under way.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::future::FutureExt;
use nudged_plugin_api::call::{EncodeCall, EncodeJob, Encoded};
use nudged_plugin_api::host::CallError;
use nudged_plugin_api::{EncodeError, Grant, HttpRequest, Notice, Timestamp};

use super::batch::{Group, is_mixed};
use super::channel::Channel;
use super::flight::{Flight, Landing};
use super::landing::settlement;
use super::quota::held;
use crate::driver::EncodeRefusal;
use crate::model::{Attempt, AttemptClass, Delivery, OutcomeKind, written_at};
use crate::outcome::{Decision, Settlement};
use crate::queue::Lease;

impl Channel {
    /// Encodes groups and sends them.
    pub(super) async fn send(
        &mut self,
        groups: Vec<Group>,
        grant: Option<Arc<Grant>>,
        time: Timestamp,
    ) {
        let mut failed = Vec::new();
        let mut next = groups;
        while !next.is_empty() {
            next = self.send_round(next, &grant, time, &mut failed);
        }
        self.settle(failed).await;
    }

    /// Encodes and sends once; returns what is to be tried again, in smaller groups.
    fn send_round(
        &mut self,
        groups: Vec<Group>,
        grant: &Option<Arc<Grant>>,
        time: Timestamp,
        failed: &mut Vec<Settlement>,
    ) -> Vec<Group> {
        let call = encode_call(&groups, grant.as_deref(), time);
        let encoded = match self.route.driver.encode(&call) {
            Ok(encoded) => encoded,
            Err(error) => {
                for group in groups {
                    self.driver_failed(group, "encode", error.to_string(), failed);
                }
                return Vec::new();
            }
        };
        let targets = call.jobs.into_iter().map(|job| job.targets);
        let mut again = Vec::new();
        for ((group, targets), item) in groups.into_iter().zip(targets).zip(encoded) {
            match item {
                Encoded::Rendered(rendered) => {
                    let account = self.accounts.get(&rendered.class);
                    let before = over_at(&group);
                    let ticket = match account.map(|it| it.take(group.len(), before, time)) {
                        None => None,
                        Some(Ok(ticket)) if ticket.devices() < group.len() => {
                            // The quota ends within the batch: what it has room for goes first.
                            let mut first = group;
                            let rest = first.split_off(ticket.devices());
                            again.extend([first, rest]);
                            continue;
                        }
                        Some(Ok(ticket)) => Some(Arc::new(ticket)),
                        Some(Err(closed)) => {
                            failed.extend(held(group, &rendered.class, &closed, time));
                            continue;
                        }
                    };
                    // A message that several notifications share is none's to take back.
                    let recall_key = match is_mixed(&group) {
                        true => String::new(),
                        false => rendered.recall_key,
                    };
                    let flight = Flight {
                        notices: self.noticed(&group[0], rendered.notices),
                        group,
                        targets,
                        grant: grant.clone(),
                        memo: rendered.memo,
                        class: rendered.class,
                        ticket,
                        recall_key,
                        step: 1,
                        began: time,
                    };
                    self.take_off(flight, rendered.request, failed);
                }
                // One device's token must not cost the others their message.
                Encoded::Refused(error) if group.len() > 1 && error.is_about_token() => {
                    again.extend(group.into_iter().map(|lease| vec![lease]));
                }
                Encoded::Refused(error) => {
                    let vendor = &self.route.info.vendor;
                    failed.extend(refused(group, error, vendor, time));
                }
                Encoded::Panicked(message) => {
                    let problem = CallError::Panicked(message).to_string();
                    self.driver_failed(group, "encode", problem, failed);
                }
            }
        }
        again
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

    /// Sends a request, if it may be sent.
    pub(super) fn take_off(
        &mut self,
        flight: Flight,
        request: HttpRequest,
        failed: &mut Vec<Settlement>,
    ) {
        let uri = match self.route.hosts.check(&request.url) {
            Ok(uri) => uri,
            Err(error) => {
                let problem = format!("driver asked for a request that is not allowed: {error}");
                return self.driver_failed(flight.group, "encode", problem, failed);
            }
        };
        let client = self.route.client.clone();
        let mut deliveries = flight.group.iter().map(Lease::delivery);
        let once = deliveries.any(Delivery::is_now_or_never);
        self.aloft += flight.group.len();
        self.stats.requests.fetch_add(1, Ordering::Relaxed);
        self.flights.push(
            async move {
                let result = match once {
                    true => client.send_once(uri, request).await,
                    false => client.send_to(uri, request).await,
                };
                Landing { flight, result }
            }
            .boxed(),
        );
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

fn refused(
    group: Group,
    error: EncodeError,
    vendor: &str,
    time: Timestamp,
) -> impl Iterator<Item = Settlement> {
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
        .map(move |lease| settlement(lease, attempt.clone(), Decision::End(OutcomeKind::Rejected)))
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
