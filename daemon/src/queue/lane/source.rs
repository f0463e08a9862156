//! One line of a lane: a window of it in memory, and how far that goes.

use std::collections::VecDeque;

use nudged_plugin_api::Timestamp;

use crate::model::{CertificateId, Delivery, Rank};
use crate::queue::position::{LanePosition, bounds};
use crate::queue::record::{DeliveryReader, Leader, LoadedDelivery};
use crate::store::{Keyspace, Store, StoreError};

/// Deliveries of a lane that are held in memory for sending.
pub const WINDOW: usize = 4096;

/// One line of the lane: what is loaded, and how far.
pub struct LaneSource {
    keyspace: Keyspace,
    /// What is loaded.
    pub loaded: VecDeque<Item>,
    /// Everything from this key on is still only in the database.
    pub cursor: Vec<u8>,
    /// The first key that is behind the line.
    end: Vec<u8>,
    /// Whether there may be anything from the cursor on.
    pub more: bool,
}

/// A delivery in memory.
pub struct Item {
    /// Where it stands.
    pub position: LanePosition,
    /// What it is.
    pub delivery: Delivery,
    /// Whose content it shares in the database.
    pub leader: Leader,
}

impl Item {
    /// Whether its notification goes to no other device of the channel.
    pub fn has_unshared_content(&self) -> bool {
        self.leader.is_none()
    }
}

impl LaneSource {
    /// The line of first attempts of a rank.
    pub fn ready(channel: CertificateId, rank: Rank) -> Self {
        Self::new(Keyspace::Ready, bounds(channel, rank))
    }

    /// The line of retries.
    pub fn waiting(channel: CertificateId) -> Self {
        let start = channel.0.to_be_bytes().to_vec();
        let end = [&start[..], &[0xff; 17]].concat();
        Self::new(Keyspace::Waiting, (start, end))
    }

    fn new(keyspace: Keyspace, (cursor, end): (Vec<u8>, Vec<u8>)) -> Self {
        Self {
            keyspace,
            loaded: VecDeque::new(),
            cursor,
            end,
            more: true,
        }
    }

    /// Its keyspace.
    pub fn keyspace(&self) -> Keyspace {
        self.keyspace
    }

    /// Loads from the cursor on what is not leased; of waiting ones those that are due. Returns
    /// when the first that was left behind is due.
    pub fn load(
        &mut self,
        store: &Store,
        channel: CertificateId,
        now: Option<Timestamp>,
        is_leased: impl Fn(&u64) -> bool,
    ) -> Result<Option<Timestamp>, StoreError> {
        let keyspace = self.keyspace;
        let mut reader = DeliveryReader::new(store, channel);
        for record in store.range(keyspace, &self.cursor, &self.end) {
            let (key, bytes) = record?;
            let due = match LanePosition::of_key(keyspace, &key) {
                Some(LanePosition::Waiting { due, .. }) => Some(due),
                _ => None,
            };
            let early = due.is_some_and(|due| now.is_some_and(|now| due > now));
            if early || self.loaded.len() >= WINDOW {
                self.more = true;
                return Ok(due);
            }
            self.cursor = after(key.to_vec());
            let position = LanePosition::of_key(keyspace, &key);
            let Some(position) = position else { continue };
            // Whoever has it brings it back, if at all, to where this cursor has passed; also if
            // that is written already and only not known here.
            if is_leased(&position.number()) {
                continue;
            }
            match reader.read(position, &bytes) {
                Ok(LoadedDelivery {
                    delivery, leader, ..
                }) => self.loaded.push_back(Item {
                    position,
                    delivery,
                    leader,
                }),
                // One bad record must not stop the lane; it stays for the operator to see.
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(certificate_id = %channel, %error, "a queued delivery cannot be read and is skipped");
                }
                Err(error) => return Err(error),
            }
        }
        self.more = false;
        Ok(None)
    }
}

/// The least key after `key`.
pub fn after(mut key: Vec<u8>) -> Vec<u8> {
    key.push(0);
    key
}
