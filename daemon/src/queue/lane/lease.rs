//! A delivery that dispatch holds: it ends, waits, or goes back to where it stood.

use std::sync::Arc;

use nudged_plugin_api::Timestamp;

use super::{Item, Lane};
use crate::model::Delivery;
use crate::queue::position::LanePosition;
use crate::queue::record;
use crate::store::Write;

/// A delivery that is being sent. Dropped without being settled, it goes back to the front.
pub struct Lease {
    pub(super) lane: Arc<Lane>,
    pub(super) item: Option<Item>,
    /// Taken for something else than sending: it is not in flight.
    pub(super) claimed: bool,
}

/// Tokens of a device that are others than they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CurrentTokens {
    /// The one that it is reached by.
    Token(String),
    /// That, and the one of the Live Activity beside it.
    Both(String, String),
}

const LEASED: &str = "a lease holds its item until it is settled or dropped";

impl Lease {
    /// What to send.
    pub fn delivery(&self) -> &Delivery {
        &self.item.as_ref().expect(LEASED).delivery
    }

    /// Whether nothing has been written of it since its admission.
    pub fn is_first(&self) -> bool {
        matches!(
            self.item.as_ref().expect(LEASED).position,
            LanePosition::Ready { .. }
        )
    }

    /// Whether its notification goes to no other device of the channel.
    pub fn has_unshared_content(&self) -> bool {
        self.item.as_ref().expect(LEASED).has_unshared_content()
    }

    /// Where it stands.
    pub(super) fn position(&self) -> LanePosition {
        self.item.as_ref().expect(LEASED).position
    }

    /// What it holds, which it gives back to nobody.
    pub(super) fn into_item(mut self) -> Option<Item> {
        self.item.take()
    }

    /// When it was due, if it waited.
    pub fn due(&self) -> Option<Timestamp> {
        match self.item.as_ref().expect(LEASED).position {
            LanePosition::Ready { .. } => None,
            LanePosition::Waiting { due, .. } => Some(due),
        }
    }

    /// The device has another token by now.
    pub fn renew(&mut self, current: CurrentTokens) {
        let recipient = &mut self.item.as_mut().expect(LEASED).delivery.recipient;
        match current {
            CurrentTokens::Token(token) => recipient.token = token,
            CurrentTokens::Both(token, activity) => {
                recipient.token = token;
                recipient.activity_token = Some(activity);
            }
        }
    }

    /// The write that takes it out of the queue.
    pub fn removal(&self) -> Write {
        let position = self.item.as_ref().expect(LEASED).position;
        Write::remove(position.keyspace(), position.key(self.lane.channel))
    }

    /// The writes that let it wait until `due`, with one more attempt behind it when `counts`.
    /// Nobody may retry it earlier than `not_before`, where its vendor asked for that.
    pub fn deferral(
        &self,
        due: Timestamp,
        counts: bool,
        not_before: Option<Timestamp>,
    ) -> Vec<Write> {
        let channel = self.lane.channel;
        let item = self.item.as_ref().expect(LEASED);
        let position = item.position.deferred(due);
        let mut delivery = item.delivery.clone();
        delivery.attempts += u32::from(counts);
        let record = record::write(&delivery, item.leader, not_before);
        let put = Write::put(position.keyspace(), position.key(channel), record);
        let removal = self.removal();
        // Both in one commit would leave open which of them holds.
        if (removal.keyspace, &removal.key) == (put.keyspace, &put.key) {
            return vec![put];
        }
        vec![removal, put]
    }

    /// The delivery has its outcome, and it is written.
    pub fn ended(mut self) {
        let item = self.item.take().expect(LEASED);
        let mut state = self.lane.lock();
        state.returned(&item, self.claimed);
        // `ready` counts every delivery that is not waiting, leased ones too.
        state.counts.added(-1);
        drop(state);
        drop(item);
    }

    /// The delivery waits, and its [`Lease::deferral`] to there is written.
    pub fn deferred(mut self, due: Timestamp, counts: bool) {
        let mut item = self.item.take().expect(LEASED);
        item.delivery.attempts += u32::from(counts);
        item.position = item.position.deferred(due);
        let mut state = self.lane.lock();
        state.returned(&item, self.claimed);
        // A load that has passed its position will not find it; it is due by then.
        let due = state.source(item.position);
        if item.position.key(self.lane.channel) < due.cursor {
            due.loaded.push_back(item);
        } else {
            state.note_due(item.position);
        }
        drop(state);
        self.lane.wake.notify_one();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(item) = self.item.take() else { return };
        let mut state = self.lane.lock();
        state.returned(&item, self.claimed);
        let first = matches!(item.position, LanePosition::Ready { .. });
        let source = state.source(item.position);
        if item.position.key(self.lane.channel) < source.cursor {
            source.loaded.push_front(item);
        } else if first {
            source.more = true;
        } else {
            // It was taken before its turn to be loaded, which will come.
            source.more = true;
            state.note_due(item.position);
        }
        drop(state);
        self.lane.wake.notify_one();
    }
}
