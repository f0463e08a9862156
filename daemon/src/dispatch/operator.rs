//! What the operator does with the queue: hold and release a channel, flush what is deferred, remove
//! what should not be sent.
//!
//! In: the operator's command. Out: how many deliveries it concerned. What is removed ends as
//! everything ends, by a settlement; what is in flight is left to its vendor.

use std::sync::Arc;

use nudged_plugin_api::Timestamp;

use super::retry_now::{FlushResult, retry_now};
use super::tasks::Dispatch;
use crate::clock::now;
use crate::model::{CertificateId, Delivery, MAX_WAIT, NotificationId, Reason, TimestampExt};
use crate::outcome::{Outcomes, Settlement};
use crate::queue::{Audit, HeldChannels, Queue, Scan, audit};
use crate::quota::Ledger;
use crate::store::{Commit, Store, StoreError};

/// Deliveries that are looked at together.
const MAX_CLAIMED: usize = 500;

/// Does what the operator wants of the queue.
pub struct Operator {
    store: Store,
    queue: Arc<Queue>,
    outcomes: Arc<Outcomes>,
    dispatch: Arc<Dispatch>,
    holds: Arc<HeldChannels>,
    ledger: Arc<Ledger>,
}

/// Which deliveries are removed: those to which all of this applies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this app.
    pub app: Option<String>,
    /// Of this notification.
    pub notification: Option<NotificationId>,
    /// To this user.
    pub user: Option<String>,
    /// Accepted before this.
    pub before: Option<Timestamp>,
}

/// What removing came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemovalResult {
    /// Deliveries that have ended unsent.
    pub removed: usize,
    /// Deliveries that were in flight, and end as their vendor says.
    pub in_flight: usize,
}

/// What releasing a channel came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseResult {
    /// Whether the operator had held it.
    pub was_held: bool,
    /// What the vendor had asked for, and is not waited for any more.
    pub overridden: Vec<OverriddenHold>,
    /// Deliveries that were to wait for a time that the vendor had named, and are due now.
    pub due: usize,
}

/// A wait that a vendor had asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverriddenHold {
    /// For which class of messages; empty = for all.
    pub class: String,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

impl Filter {
    fn takes(&self, delivery: &Delivery) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == found)
        };
        let id = delivery.id.notification;
        self.notification.is_none_or(|wanted| wanted == id)
            && self
                .before
                .is_none_or(|before| id < NotificationId::floor(before.0))
            && is(&self.user, delivery.recipient.user.as_deref())
            && is(&self.app, Some(&delivery.content.app))
    }
}

impl Operator {
    /// Works on these.
    pub fn new(
        store: Store,
        queue: Arc<Queue>,
        outcomes: Arc<Outcomes>,
        dispatch: Arc<Dispatch>,
        holds: Arc<HeldChannels>,
        ledger: Arc<Ledger>,
    ) -> Self {
        Self {
            store,
            queue,
            outcomes,
            dispatch,
            holds,
            ledger,
        }
    }

    /// Since when the operator holds a channel.
    pub fn held_since(&self, channel: CertificateId) -> Option<Timestamp> {
        self.holds.since(channel)
    }

    /// Sends nothing more through a channel. Returns since when.
    pub async fn hold(&self, channel: CertificateId) -> Result<Timestamp, StoreError> {
        self.holds.hold(channel, now()).await
    }

    /// Releases a channel that the operator holds. One that only its vendor holds tries at once, with
    /// all that is deferred to a time that the vendor named.
    /// With a class, only what the vendor, or the daemon, has against that class is over.
    pub async fn release(
        self: &Arc<Self>,
        channel: CertificateId,
        class: Option<String>,
    ) -> Result<ReleaseResult, StoreError> {
        if class.is_none() && self.holds.release(channel).await? {
            self.queue.lane(channel).wake();
            return Ok(ReleaseResult {
                was_held: true,
                ..ReleaseResult::default()
            });
        }
        let this = self.clone();
        let overriding = async move { this.override_vendor(channel, class.as_deref()).await };
        let done = tokio::spawn(overriding).await;
        done.unwrap_or(Err(StoreError::Closed))
    }

    /// The classes of a channel's messages that are known.
    pub fn classes(&self, channel: CertificateId) -> Vec<String> {
        self.ledger.classes(channel)
    }

    async fn override_vendor(
        &self,
        channel: CertificateId,
        class: Option<&str>,
    ) -> Result<ReleaseResult, StoreError> {
        let time = now();
        let (refusals, writes) = self.ledger.reopen(channel, class, time);
        let refusals = refusals.into_iter();
        let ours = refusals.as_slice().iter().any(|(_, it)| it.ours);
        let untils: Vec<Timestamp> = refusals.as_slice().iter().map(|(_, it)| it.until).collect();
        let mut overridden: Vec<_> = refusals
            .filter(|(_, refusal)| !refusal.ours)
            .map(|(class, refusal)| OverriddenHold {
                class,
                until: refusal.until,
                reason: refusal.text,
            })
            .collect();
        if !writes.is_empty() {
            let commit = Commit::of(writes);
            self.store.commit(commit).await?;
        }
        if class.is_some() {
            // What waits for this class, as far as its due time shows.
            let due = |asked: Timestamp| match asked == Timestamp(0) {
                true if ours => Timestamp(0),
                false if untils.contains(&asked) => Timestamp(0),
                _ => Timestamp(u64::MAX),
            };
            let due = self.retry_now(channel, due).await?.due;
            self.queue.lane(channel).wake();
            return Ok(ReleaseResult {
                was_held: false,
                overridden,
                due,
            });
        }
        // Before what waits is due: else it would come to what is over, and wait on.
        let hold = self.dispatch.release(channel, time);
        // What is deferred of our own accord stays so.
        let only_asked = |asked| match asked > time {
            true => Timestamp(0),
            false => Timestamp(u64::MAX),
        };
        let due = self.retry_now(channel, only_asked).await?.due;
        if let Some(hold) = hold.filter(|it| it.asked) {
            // One that was remembered of a quota is among them already.
            overridden.retain(|it| !it.class.is_empty());
            overridden.push(OverriddenHold {
                class: String::new(),
                until: hold.until,
                reason: hold.reason,
            });
        }
        Ok(ReleaseResult {
            was_held: false,
            overridden,
            due,
        })
    }

    /// Removes deliveries of these channels. Goes on though nobody waits for it: what is taken
    /// out of its lane must come to its end.
    pub async fn remove(
        self: &Arc<Self>,
        channels: Vec<CertificateId>,
        filter: Filter,
    ) -> Result<RemovalResult, StoreError> {
        let this = self.clone();
        let removing = async move {
            let mut sum = RemovalResult::default();
            for channel in channels {
                this.remove_of(channel, &filter, &mut sum).await?;
            }
            // The outcomes do not come back with a power cut once the operator knows of them.
            let last = Commit::synced(Vec::new());
            this.store.commit(last).await?;
            Ok(sum)
        };
        let done = tokio::spawn(removing).await;
        done.unwrap_or(Err(StoreError::Closed))
    }

    async fn remove_of(
        &self,
        channel: CertificateId,
        filter: &Filter,
        sum: &mut RemovalResult,
    ) -> Result<(), StoreError> {
        let lane = self.queue.lane(channel);
        for mut scan in [Scan::ready(channel), Scan::waiting(channel, Timestamp(0))] {
            while !scan.is_over() {
                let claimed =
                    lane.claim(&mut scan, MAX_CLAIMED, |delivery| filter.takes(delivery))?;
                sum.removed += claimed.leases.len();
                sum.in_flight += claimed.in_flight;
                let leases = claimed.leases.into_iter();
                let settlements: Vec<_> = leases
                    .map(|(lease, _)| Settlement::suppressed(lease, Reason::Removed))
                    .collect();
                if settlements.is_empty() {
                    tokio::task::yield_now().await;
                } else {
                    self.outcomes.settle(settlements, now()).await;
                }
            }
        }
        Ok(())
    }

    /// Compares queue and traces; with `repair`, ends what can never be sent.
    pub async fn check(&self, repair: bool) -> Result<Audit, StoreError> {
        let store = self.store.clone();
        let auditing = tokio::task::spawn_blocking(move || audit(&store)).await;
        let audit = auditing.unwrap_or(Err(StoreError::Closed))?;
        if repair {
            self.outcomes.write_off(&audit, now()).await?;
        }
        Ok(audit)
    }

    /// Makes what is deferred due, though not before its vendor's time; and has the channel try at
    /// once.
    pub async fn flush(
        self: &Arc<Self>,
        channel: CertificateId,
    ) -> Result<FlushResult, StoreError> {
        let this = self.clone();
        let flushing = async move {
            // What an earlier version let a vendor name may lie years ahead.
            let latest = now().plus(MAX_WAIT);
            // Before what waits is due: else it would come to what is over, and wait on.
            this.dispatch.flush(channel);
            let done = this.retry_now(channel, |asked| asked.min(latest)).await;
            this.dispatch.flush(channel);
            done
        };
        let done = tokio::spawn(flushing).await;
        done.unwrap_or(Err(StoreError::Closed))
    }

    /// `until`: how much of the time that its vendor asked for is waited for still.
    async fn retry_now(
        &self,
        channel: CertificateId,
        until: impl Fn(Timestamp) -> Timestamp,
    ) -> Result<FlushResult, StoreError> {
        retry_now(&self.queue.lane(channel), &self.outcomes, channel, until).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Content, DeliveryId, Recipient};

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn delivery(millis_ago: u64) -> Delivery {
        Delivery {
            id: DeliveryId {
                notification: NotificationId::floor(NOW.0 - millis_ago),
                n: 0,
            },
            channel: CertificateId(1),
            recipient: Recipient {
                user: Some("bob".to_owned()),
                ..Recipient::default()
            },
            content: Arc::new(Content {
                app: "chat".to_owned(),
                ..Content::default()
            }),
            attempts: 0,
        }
    }

    #[test]
    fn a_filter_takes_that_to_which_all_of_it_applies() {
        let one = delivery(1_000);
        let filter = |app: Option<&str>, user: Option<&str>, notification, before| Filter {
            app: app.map(str::to_owned),
            user: user.map(str::to_owned),
            notification,
            before,
        };
        let id = one.id.notification;
        let other = NotificationId::floor(NOW.0);
        for (filter, taken) in [
            (Filter::default(), true),
            (filter(Some("chat"), Some("bob"), Some(id), Some(NOW)), true),
            (filter(Some("mail"), Some("bob"), None, None), false),
            (filter(Some("chat"), Some("eve"), None, None), false),
            (filter(None, None, Some(other), None), false),
            (
                filter(None, None, None, Some(Timestamp(NOW.0 - 1_000))),
                false,
            ),
            (filter(None, None, None, Some(Timestamp(NOW.0 - 999))), true),
        ] {
            assert_eq!(filter.takes(&one), taken, "{filter:?}");
        }
    }
}
