//! A delivery that dispatch holds: it ends, waits, or goes back to where it stood.

use std::sync::Arc;

use nudged_plugin_api::Timestamp;

use super::{Item, Lane, Place};
use crate::model::Delivery;
use crate::queue::record;
use crate::store::Write;

/// A delivery that is being sent. Dropped without being settled, it goes back to the front.
pub struct Lease {
    pub(super) lane: Arc<Lane>,
    pub(super) item: Option<Item>,
}

const LEASED: &str = "a lease holds its item until it is settled or dropped";

impl Lease {
    /// What to send.
    pub fn delivery(&self) -> &Delivery {
        &self.item.as_ref().expect(LEASED).delivery
    }

    /// Whether nothing has been written of it since its admission.
    pub fn is_first(&self) -> bool {
        matches!(self.item.as_ref().expect(LEASED).place, Place::Ready { .. })
    }

    /// The device has another token by now.
    pub fn renew(&mut self, token: String) {
        self.item.as_mut().expect(LEASED).delivery.recipient.token = token;
    }

    /// The write that takes it out of the queue.
    pub fn removal(&self) -> Write {
        let place = self.item.as_ref().expect(LEASED).place;
        Write::remove(place.space(), place.key(self.lane.channel))
    }

    /// The writes that let it wait until `due`, with one more attempt behind it when `counts`.
    pub fn postponement(&self, due: Timestamp, counts: bool) -> [Write; 2] {
        let channel = self.lane.channel;
        let item = self.item.as_ref().expect(LEASED);
        let place = item.place.postponed(due);
        let mut delivery = item.delivery.clone();
        delivery.attempts += u32::from(counts);
        [
            self.removal(),
            Write::put(
                place.space(),
                place.key(channel),
                record::write(&delivery, item.leader),
            ),
        ]
    }

    /// The delivery has its outcome, and it is written.
    pub fn ended(mut self) {
        let item = self.item.take().expect(LEASED);
        let mut state = self.lane.lock();
        state.leased -= 1;
        // `ready` counts every delivery that is not waiting, leased ones too.
        state.depth.ready = state.depth.ready.saturating_sub(1);
        drop(state);
        drop(item);
    }

    /// The delivery waits, and its [`Lease::postponement`] to there is written.
    pub fn postponed(mut self, due: Timestamp, counts: bool) {
        let mut item = self.item.take().expect(LEASED);
        item.delivery.attempts += u32::from(counts);
        item.place = item.place.postponed(due);
        let mut state = self.lane.lock();
        state.leased -= 1;
        // A load that has passed its place will not find it; it is due by then.
        if item.place.key(self.lane.channel) < state.due.cursor {
            state.due.loaded.push_back(item);
        } else {
            state.depth.ready = state.depth.ready.saturating_sub(1);
            state.depth.waiting += 1;
            state.next_due = Some(state.next_due.map_or(due, |next| next.min(due)));
        }
        drop(state);
        self.lane.wake.notify_one();
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(item) = self.item.take() else { return };
        let mut state = self.lane.lock();
        state.leased -= 1;
        match item.place {
            Place::Ready { .. } => state.fresh.loaded.push_front(item),
            Place::Waiting { .. } => state.due.loaded.push_front(item),
        }
        drop(state);
        self.lane.wake.notify_one();
    }
}
