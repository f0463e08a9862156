//! Writes under way: what the next reader of the registry must see before it is on disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::store::{Fate, Space};
use crate::sync::Mutex;

/// Where a record stands.
pub type Place = (Space, Vec<u8>);
/// A record's bytes; none = it is removed.
pub type Value = Option<Vec<u8>>;

/// Writes that were submitted and have not ended.
#[derive(Default)]
pub struct Overlay {
    /// By their place; of several to one place the last.
    pub writes: BTreeMap<Place, Flying>,
    last: u64,
}

/// A write under way.
pub struct Flying {
    /// What is written.
    pub value: Value,
    /// Of its commit.
    pub fate: Fate,
    sequence: u64,
}

/// Takes its writes out of the overlay when it is dropped: when their commit has ended.
pub struct Flight {
    overlay: Arc<Mutex<Overlay>>,
    places: Vec<Place>,
    sequence: u64,
}

impl Overlay {
    /// Adds the writes of one commit; they are seen until the flight is dropped.
    pub fn add(
        &mut self,
        of: &Arc<Mutex<Self>>,
        writes: &BTreeMap<Place, Value>,
        fate: &Fate,
    ) -> Flight {
        self.last += 1;
        let sequence = self.last;
        for (place, value) in writes {
            let flying = Flying {
                value: value.clone(),
                fate: fate.clone(),
                sequence,
            };
            self.writes.insert(place.clone(), flying);
        }
        Flight {
            overlay: of.clone(),
            places: writes.keys().cloned().collect(),
            sequence,
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut overlay = self.overlay.lock();
        for place in &self.places {
            // Somebody may have written there since; that is still under way.
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
