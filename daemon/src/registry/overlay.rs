//! Pending writes: what the next reader of the registry must see before it is on disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::store::{CommitState, Keyspace};
use crate::sync::Mutex;

/// Which record.
pub type RecordPosition = (Keyspace, Vec<u8>);
/// A record's bytes; none = it is removed.
pub type RecordBytes = Option<Vec<u8>>;

/// Writes that were submitted and have not ended.
#[derive(Default)]
pub struct Overlay {
    /// By record; of several to one record the last.
    pub writes: BTreeMap<RecordPosition, PendingWrite>,
    last: u64,
}

/// A pending write.
pub struct PendingWrite {
    /// What is written.
    pub value: RecordBytes,
    /// Of its commit.
    pub state: CommitState,
    sequence: u64,
}

/// Takes its writes out of the overlay when it is dropped: when their commit has ended.
pub struct WriteGuard {
    overlay: Arc<Mutex<Overlay>>,
    places: Vec<RecordPosition>,
    sequence: u64,
}

impl Overlay {
    /// Adds the writes of one commit; they are seen until the flight is dropped.
    pub fn add(
        &mut self,
        of: &Arc<Mutex<Self>>,
        writes: &BTreeMap<RecordPosition, RecordBytes>,
        state: &CommitState,
    ) -> WriteGuard {
        self.last += 1;
        let sequence = self.last;
        for (place, value) in writes {
            let pending = PendingWrite {
                value: value.clone(),
                state: state.clone(),
                sequence,
            };
            self.writes.insert(place.clone(), pending);
        }
        WriteGuard {
            overlay: of.clone(),
            places: writes.keys().cloned().collect(),
            sequence,
        }
    }
}

impl Drop for WriteGuard {
    fn drop(&mut self) {
        let mut overlay = self.overlay.lock();
        for place in &self.places {
            // Somebody may have written there since; that is still pending.
            if overlay
                .writes
                .get(place)
                .is_some_and(|it| it.sequence == self.sequence)
            {
                overlay.writes.remove(place);
            }
        }
    }
}
