//! Takeoff: leases to requests under way.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::future::FutureExt;
use nudged_plugin_api::call::{EncodeCall, EncodeJob, Encoded};
use nudged_plugin_api::host::CallError;
use nudged_plugin_api::{EncodeError, Grant, HttpRequest, Target, Timestamp};

use super::batch::Group;
use super::channel::{Channel, Flight, Landing};
use super::landing::settlement;
use crate::model::{Attempt, OutcomeKind};
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
                            failed.extend(refused(flight.group, error, time));
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
                return self.driver_failed(flight.group, problem, failed);
            }
        };
        let client = self.route.client.clone();
        self.stats.requests.fetch_add(1, Ordering::Relaxed);
        self.flights.push(
            async move {
                let result = client.send_to(uri, request).await;
                Landing { flight, result }
            }
            .boxed(),
        );
    }
}

fn refused(group: Group, error: EncodeError, time: Timestamp) -> impl Iterator<Item = Settlement> {
    let attempt = Attempt {
        at: time,
        class: "message".to_owned(),
        code: error.code,
        text: format!("{}: {}", error.field, error.problem),
        remedy: "change the notification; the vendor was not asked".to_owned(),
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
        let targets = group.iter().map(target).collect();
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
