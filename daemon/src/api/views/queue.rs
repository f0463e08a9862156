//! The queue as it is shown.

use super::Views;
use crate::clock::now;
use crate::dispatch::ReleaseResult;
use crate::model::{CertificateId, DeliveryId, masked, rfc3339};
use crate::queue::{Audit, DamagedRecord, Depth, QueuedDelivery, Scan};
use crate::store::StoreError;
use nudged_plugin_api::Timestamp;
use nudged_wire::Problem;
use nudged_wire::{
    CheckView, DamageView, HeldView, LostView, QueueChannelView, QueueDepth, QueuedState,
    QueuedView,
};

/// Damaged or lost records that are shown.
const SHOWN: usize = 100;

/// How many deliveries stand in a lane.
pub fn queue_depth(depth: Depth) -> QueueDepth {
    QueueDepth {
        ready: depth.ready,
        waiting: depth.waiting,
        in_flight: depth.in_flight,
        counting: depth.counting,
    }
}

/// What a check found.
pub fn check_view(found: Audit, repaired: bool) -> CheckView {
    let (damaged, lost) = (found.damaged.len(), found.lost.len());
    let shown = found.damaged.into_iter().take(SHOWN);
    CheckView {
        queued: found.queued,
        traces: found.traces,
        damaged,
        damage: shown.map(damage).collect(),
        lost,
        lost_deliveries: found.lost.into_iter().take(SHOWN).map(lost_one).collect(),
        repaired: repaired && damaged + lost > 0,
    }
}

fn damage(one: DamagedRecord) -> DamageView {
    DamageView {
        records: one.records().to_owned(),
        key: one.key.iter().map(|byte| format!("{byte:02x}")).collect(),
        problem: one.problem,
    }
}

fn lost_one(id: DeliveryId) -> LostView {
    LostView {
        id: id.notification.to_string(),
        n: id.n,
    }
}

/// What the operator should know of a release that overrides its vendor.
pub fn warnings(released: &ReleaseResult) -> Vec<String> {
    let holds = released.overridden.iter().map(|it| {
        let class = match it.class.as_str() {
            "" => String::new(),
            class => format!(" for messages of class {class}"),
        };
        let until = rfc3339(it.until);
        format!(
            "the vendor asked to wait until {until}{class} ({}); it may refuse what is sent before, \
             and count it against the account",
            it.reason
        )
    });
    let due = match released.due {
        0 => None,
        due => Some(format!(
            "{due} deliveries that waited for a time that the vendor named are due now"
        )),
    };
    holds.chain(due).collect()
}

impl Views {
    /// A channel's name, if it is configured.
    pub fn name(&self, channel: CertificateId) -> Option<String> {
        let table = self.routes.current();
        table.by_id(channel).map(|route| route.name.clone())
    }

    /// A channel and what keeps it from sending.
    pub fn held(&self, channel: CertificateId) -> HeldView {
        HeldView {
            channel: self.name(channel),
            certificate_id: channel.0,
            holds: self.holds(channel, now()),
            warnings: Vec::new(),
        }
    }

    /// A channel's part of the queue.
    pub fn queue_of(&self, channel: CertificateId) -> Result<QueueChannelView, Problem> {
        let lane = self.queue.lane(channel);
        let (depth, time) = (lane.depth(), now());
        let table = self.routes.current();
        Ok(QueueChannelView {
            channel: self.name(channel),
            app: table.by_id(channel).map(|route| route.app.clone()),
            certificate_id: channel.0,
            queue: queue_depth(depth),
            oldest_accepted_at: lane.oldest()?.map(rfc3339),
            next_due: lane.due_after(time)?.map(rfc3339),
            holds: self.holds(channel, time),
        })
    }

    /// The ends of a channel's line, and whether there is more.
    pub fn queued(
        &self,
        channel: CertificateId,
        limit: usize,
    ) -> Result<(Option<Vec<QueuedView>>, bool), Problem> {
        let lane = self.queue.lane(channel);
        let mut ready = lane.peek(&mut Scan::ready(channel), limit + 1)?;
        let waits = &mut Scan::waiting(channel, Timestamp(0));
        let mut waiting = lane.peek(waits, limit + 1)?;
        let truncated = ready.len() + waiting.len() > limit;
        // Half for each, and what one leaves over for the other.
        waiting.truncate((limit / 2).max(limit.saturating_sub(ready.len())));
        ready.truncate(limit - waiting.len());
        let time = now();
        let all = ready.into_iter().chain(waiting);
        let shown = all.map(|one| self.queued_one(one, time));
        let shown = shown.collect::<Result<Vec<_>, StoreError>>()?;
        Ok((Some(shown), truncated))
    }

    fn queued_one(&self, one: QueuedDelivery, now: Timestamp) -> Result<QueuedView, StoreError> {
        let delivery = one.delivery;
        let tried = one.due.is_some() || delivery.attempts > 0;
        let trace = if tried {
            self.queue.trace(delivery.id)?
        } else {
            None
        };
        let last = trace.and_then(|mut trace| trace.attempts.pop());
        let due = one.due.filter(|due| *due > now);
        Ok(QueuedView {
            id: delivery.id.notification.to_string(),
            n: delivery.id.n,
            state: match due {
                _ if one.in_flight => QueuedState::InFlight,
                Some(_) => QueuedState::Waiting,
                None => QueuedState::Ready,
            },
            user: delivery.recipient.user,
            device: delivery.recipient.device,
            token: masked(&delivery.recipient.token),
            accepted_at: rfc3339(delivery.content.accepted_at),
            expires_at: rfc3339(delivery.content.expires_at),
            attempts: delivery.attempts,
            next_due: due.map(rfc3339),
            last_code: last.map(|attempt| attempt.code),
        })
    }
}
