//! A channel's task: lease, encode, send, decode, settle, around and around, and the only one that
//! waits.
//!
//! In: the channel's lane, what comes back, the operator's commands. Out: rounds of deliveries for
//! `send`. What a round may hold is asked of those who know: the disk, the operator, the breaker, the
//! grant, the rate, the lane.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::StreamExt;
use nudged_plugin_api::info::RateUnit;
use nudged_plugin_api::{Grant, Timestamp};
use tokio::sync::watch;

use super::batch::{Batch, may_join};
use super::breaker::Hold;
use super::channel::ChannelTask;
use super::grant::{GrantCell, GrantError};
use super::refused_contents::RefusedContents;
use crate::clock::now;
use crate::model::TimestampExt;
use crate::outcome::{Settlement, is_expired};
use crate::queue::{Lease, LeaseLimit};
use crate::store::StoreError;

/// Requests that are encoded in one call.
const MAX_ENCODED: usize = 64;
/// Deliveries that a channel may have leased, however large its batches are.
const MAX_LEASED: usize = 20_000;
/// How long a request that is not full waits for others to join it.
const LINGER: Duration = Duration::from_millis(5);
/// How often it is looked whether outcomes can be written again.
const DISK_INTERVAL: Duration = Duration::from_millis(100);
/// How long a lane is left alone that cannot be read.
const LANE_RETRY_DELAY: Duration = Duration::from_secs(1);

/// When there may be something to do again.
enum Wakeup {
    /// When something comes back or is added.
    Woken,
    /// Then at the latest.
    At(Timestamp),
}

/// Deliveries that are to be sent together.
struct Round {
    batches: Vec<Batch>,
    grant: Option<Arc<Grant>>,
    allowance: Allowance,
}

/// What may be sent in a round.
struct Allowance {
    /// What was taken of the rate, in its unit.
    taken: usize,
    unit: RateUnit,
    room: LeaseLimit,
}

impl Allowance {
    /// What these leave of it.
    fn unused(&self, batches: &[Batch]) -> usize {
        let used = match self.unit {
            RateUnit::Devices => batches.iter().map(Vec::len).sum(),
            _ => batches.len(),
        };
        self.taken.saturating_sub(used)
    }
}

impl ChannelTask {
    /// Runs until it is to stop, then until what is in flight has come back and is settled.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            let stopping = *stop.borrow_and_update();
            if stopping && self.requests.is_empty() {
                break;
            }
            let wakeup = if stopping {
                Wakeup::Woken
            } else {
                self.fill().await
            };
            let timer = async {
                match wakeup {
                    Wakeup::At(at) => {
                        let wait = at.since(now()).max(Duration::from_millis(1));
                        tokio::time::sleep(wait).await;
                    }
                    Wakeup::Woken => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(completion) = self.requests.next() => self.complete(completion).await,
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
    async fn fill(&mut self) -> Wakeup {
        loop {
            let time = now();
            let Round {
                batches,
                grant,
                allowance,
            } = match self.next_round(time) {
                Ok(round) => round,
                Err(wakeup) => return wakeup,
            };
            let mut settled = Vec::new();
            let batches = self.filter_sendable(batches, time, &mut settled);
            self.settle(settled).await;
            self.rate.give_back(allowance.unused(&batches));
            self.send(batches, grant, time).await;
        }
    }

    /// What is to be sent next; or when there may be something.
    fn next_round(&mut self, time: Timestamp) -> Result<Round, Wakeup> {
        if !self.outcomes.can_be_written() {
            return Err(Wakeup::At(time.plus(DISK_INTERVAL)));
        }
        self.apply_commands(time);
        if self.holds.since(self.route.certificate_id).is_some() {
            // Back to the lane, where the operator can see and remove them.
            self.halves.clear();
            return Err(Wakeup::Woken);
        }
        let requests = self.permitted(time)?;
        let grant = self.grant(time)?;
        let allowance = self.allowance(requests, time)?;
        let batches = self.lease(&allowance, time)?;
        Ok(Round {
            batches,
            grant,
            allowance,
        })
    }

    /// Does what the operator wants.
    fn apply_commands(&mut self, time: Timestamp) {
        if self.command.flush.swap(false, Ordering::Relaxed) {
            self.breaker.probe(time);
            self.refused_contents.retry_now(time);
            if let Some(cell) = &self.grants {
                cell.retry_now();
            }
            self.show_hold();
        }
        if self.command.release.swap(false, Ordering::Relaxed) {
            self.breaker.release(time);
            self.refused_contents = RefusedContents::default();
            if let Some(cell) = &self.grants {
                cell.release();
            }
            self.show_hold();
        }
    }

    /// How many more requests may go out.
    fn permitted(&mut self, time: Timestamp) -> Result<usize, Wakeup> {
        let max_in_flight = self.max_in_flight();
        let in_flight = self.in_flight(max_in_flight);
        match self.breaker.permits(time, in_flight, max_in_flight) {
            0 => Err(match self.breaker.hold() {
                Some(hold) if hold.until > time => Wakeup::At(hold.until),
                _ => Wakeup::Woken,
            }),
            permitted => Ok(permitted),
        }
    }

    /// The grant to send with, where the vendor wants one.
    fn grant(&mut self, time: Timestamp) -> Result<Option<Arc<Grant>>, Wakeup> {
        let Some(cell) = self.grants.clone() else {
            return Ok(None);
        };
        match cell.valid(time) {
            Some(valid) => {
                if valid.stale {
                    self.fetch_grant(cell);
                }
                Ok(Some(valid.grant))
            }
            // With nothing to send there is no need to ask the vendor for anything.
            None if self.lane.is_empty(time) && self.halves.is_empty() => Err(self.next_due()),
            None => {
                self.fetch_grant(cell);
                Err(Wakeup::Woken)
            }
        }
    }

    /// What the memory, the encoder and the rate have left for so many requests.
    fn allowance(&mut self, permitted: usize, time: Timestamp) -> Result<Allowance, Wakeup> {
        let unleased = MAX_LEASED.saturating_sub(self.lane.in_flight());
        if unleased == 0 && self.halves.is_empty() {
            return Err(Wakeup::Woken);
        }
        let batch = self.route.info.batch as usize;
        let unit = self.route.info.rate_unit;
        let by_device = unit == RateUnit::Devices;
        let requests = permitted.min(MAX_ENCODED);
        let wanted = if by_device {
            requests * batch
        } else {
            requests
        };
        let taken = (self.rate.take(wanted, time)).map_err(|wait| Wakeup::At(time.plus(wait)))?;
        let devices = if by_device { taken } else { taken * batch };
        Ok(Allowance {
            taken,
            unit,
            room: LeaseLimit {
                requests: taken.min(requests),
                batch,
                devices: unleased.min(devices),
                linger: LINGER,
            },
        })
    }

    /// What to send: first the halves of refused batches, else what the lane has.
    fn lease(&mut self, allowance: &Allowance, time: Timestamp) -> Result<Vec<Batch>, Wakeup> {
        let batches = match self.next_batches(allowance.room, time) {
            Ok(batches) => batches,
            Err(error) => {
                tracing::error!(channel = self.route.name, %error, "the queue cannot be read");
                return Err(Wakeup::At(time.plus(LANE_RETRY_DELAY)));
            }
        };
        if batches.is_empty() {
            self.rate.give_back(allowance.taken);
            return Err(self.next_due());
        }
        Ok(batches)
    }

    fn next_batches(
        &mut self,
        room: LeaseLimit,
        time: Timestamp,
    ) -> Result<Vec<Batch>, StoreError> {
        if self.halves.is_empty() {
            return self.lane.lease_batches(time, room, may_join);
        }
        let mut devices = 0;
        let fit = self.halves.iter().take(room.requests).take_while(|half| {
            let first = devices == 0;
            devices += half.len();
            first || devices <= room.devices
        });
        let count = fit.count();
        Ok(self.halves.drain(..count).collect())
    }

    /// Takes out what has expired, what its device does not want any more, and what would be
    /// refused again.
    fn filter_sendable(
        &mut self,
        batches: Vec<Batch>,
        time: Timestamp,
        settled: &mut Vec<Settlement>,
    ) -> Vec<Batch> {
        let (batches, expired) = unexpired(batches, time);
        settled.extend(expired.into_iter().map(Settlement::expired));
        let (batches, suppressed) = self.send_check.filter_sendable(batches, time);
        settled.extend(suppressed);
        if self.refused_contents.is_empty() {
            return batches;
        }
        self.withhold_refused(batches, time, settled)
    }

    fn next_due(&self) -> Wakeup {
        self.lane.next_due().map_or(Wakeup::Woken, Wakeup::At)
    }

    fn fetch_grant(&mut self, cell: Arc<GrantCell>) {
        if self.fetching.is_none() {
            let route = self.route.clone();
            self.fetching = Some(async move { cell.fetched(&route).await }.boxed());
        }
    }

    fn granted(&mut self, result: Result<Arc<Grant>, GrantError>) {
        self.fetching = None;
        if let Err(error) = result {
            self.hold(match error.asked {
                true => Hold::asked(error.until, error.reason),
                false => Hold::ours(error.until, error.reason),
            });
            self.show_hold();
        }
    }
}

/// The grant that is being fetched; never, where none is.
async fn fetched(
    fetching: &mut Option<BoxFuture<'static, Result<Arc<Grant>, GrantError>>>,
) -> Result<Arc<Grant>, GrantError> {
    match fetching {
        Some(fetching) => fetching.await,
        None => std::future::pending().await,
    }
}

/// Parts what has expired from the others.
fn unexpired(mut batches: Vec<Batch>, time: Timestamp) -> (Vec<Batch>, Vec<Lease>) {
    let over = |lease: &mut Lease| is_expired(lease.delivery(), time);
    let mut expired = Vec::new();
    for batch in &mut batches {
        // Hardly ever is there one.
        if batch.iter_mut().any(over) {
            expired.extend(batch.extract_if(.., over));
        }
    }
    batches.retain(|batch| !batch.is_empty());
    (batches, expired)
}
