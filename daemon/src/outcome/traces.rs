//! What became of each delivery, for whoever asks by the notification.
//!
//! In: a notification's id. Out: the traces of its deliveries in their order. Reads only: traces
//! are written where a delivery is admitted, tried and ended.

use crate::model::{DeliveryId, NotificationId, Trace};
use crate::store::{Keyspace, Store, StoreError, decoded};

/// The traces that are kept.
pub struct Traces {
    store: Store,
}

impl Traces {
    /// The traces of this database.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The traces of a notification, at most so many from delivery `from` on; none when it left
    /// none, or when they are kept no longer.
    pub fn of(
        &self,
        notification: NotificationId,
        from: u32,
        limit: usize,
    ) -> Result<Vec<(DeliveryId, Trace)>, StoreError> {
        let key = |n| DeliveryId { notification, n }.to_bytes();
        self.store
            .range(Keyspace::Trace, &key(from), &key(u32::MAX))
            .take(limit)
            .map(|record| {
                let (key, bytes) = record?;
                let n = DeliveryId::from_bytes(&key).map_or(0, |id| id.n);
                let id = DeliveryId { notification, n };
                Ok((id, decoded(Keyspace::Trace, &bytes)?))
            })
            .collect()
    }

    /// The first of them: all are of one app, and were accepted and expire together.
    pub fn first(&self, notification: NotificationId) -> Result<Option<Trace>, StoreError> {
        let first = self.of(notification, 0, 1)?.pop();
        Ok(first.map(|(_, trace)| trace))
    }
}
