//! Outcomes in the order in which they happened, for whoever follows them.
//!
//! They stand in the database, so a follower that was away goes on where it stopped. That
//! there is more is announced; whoever wants it reads it there.

use tokio::sync::watch;

use crate::model::{DeliveryId, Trace};
use crate::store::{Keyspace, Store, StoreError, decoded};

/// The outcomes so far, and the announcement of more.
pub struct Events {
    store: Store,
    latest: watch::Sender<u64>,
}

/// One outcome.
pub struct OutcomeEvent {
    /// Its number; they rise.
    pub cursor: u64,
    /// The delivery.
    pub id: DeliveryId,
    /// Its trace, with the outcome.
    pub trace: Trace,
}

impl Events {
    /// The events of this database.
    pub fn new(store: Store) -> Result<Self, StoreError> {
        let last = store.last_key(Keyspace::Events)?;
        let last = last
            .and_then(|key| key.first_chunk().copied())
            .map_or(0, u64::from_be_bytes);
        Ok(Self {
            store,
            latest: watch::Sender::new(last),
        })
    }

    /// Number of the latest.
    pub fn latest(&self) -> u64 {
        *self.latest.borrow()
    }

    /// Changes whenever there is more.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// Announces that there is more, up to this number.
    pub fn announce(&self, last: u64) {
        self.latest.send_replace(last);
    }

    /// Up to `max` outcomes after `cursor`, oldest first.
    pub fn after(&self, cursor: u64, max: usize) -> Result<Vec<OutcomeEvent>, StoreError> {
        let from = cursor.saturating_add(1);
        let mut found = Vec::new();
        for record in self
            .store
            .range(Keyspace::Events, &from.to_be_bytes(), &[0xff; 9])
        {
            if found.len() == max {
                break;
            }
            let (key, id) = record?;
            let cursor = key.first_chunk().copied().map_or(0, u64::from_be_bytes);
            let Some(id) = DeliveryId::from_bytes(&id) else {
                continue;
            };
            if let Some(bytes) = self.store.read(Keyspace::Trace, &id.to_bytes())? {
                found.push(OutcomeEvent {
                    cursor,
                    id,
                    trace: decoded(Keyspace::Trace, &bytes)?,
                });
            }
        }
        Ok(found)
    }
}
