//! How many streams of events one user has open.
//!
//! In: a uid. Out: a slot, free again when dropped, or none. Refuses to know what it is for.

use crate::sync::{Mutex, MutexGuard};
use std::collections::HashMap;
use std::sync::Arc;

/// The slots that are taken, by uid.
pub struct StreamSlots {
    taken: Mutex<HashMap<u32, usize>>,
    max: usize,
    ours: u32,
}

/// A slot; free again when dropped.
pub struct StreamSlot {
    slots: Arc<StreamSlots>,
    uid: u32,
}

impl StreamSlots {
    /// At most so many for each uid; the daemon's own and root have as many as they want, as
    /// whoever is they can do worse, and their tools must work when others are many.
    pub fn new(max: usize) -> Self {
        Self {
            taken: Mutex::default(),
            max,
            ours: nix::unistd::geteuid().as_raw(),
        }
    }

    /// At most so many for each uid.
    pub fn max(&self) -> usize {
        self.max
    }

    /// A slot, if one is free.
    pub fn take(self: &Arc<Self>, uid: u32) -> Option<StreamSlot> {
        let free = uid == 0 || uid == self.ours;
        let mut taken = self.taken();
        let count = taken.get(&uid).copied().unwrap_or_default();
        if count >= self.max && !free {
            return None;
        }
        taken.insert(uid, count + 1);
        Some(StreamSlot {
            slots: self.clone(),
            uid,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<u32, usize>> {
        self.taken.lock()
    }
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken();
        match taken.get_mut(&self.uid) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                taken.remove(&self.uid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_user_has_slots_of_its_own_and_gets_them_back() {
        let slots = Arc::new(StreamSlots::new(2));
        let one = slots.take(77);
        let two = slots.take(77);
        assert!(one.is_some() && two.is_some() && slots.take(77).is_none());
        assert!(slots.take(78).is_some(), "another user is not concerned");
        drop(one);
        let again = slots.take(77);
        assert!(again.is_some() && slots.take(77).is_none());
        drop((two, again));
        assert!(slots.taken().is_empty(), "nobody is remembered for ever");
    }

    #[test]
    fn root_and_the_daemon_itself_always_find_one() {
        let slots = Arc::new(StreamSlots::new(0));
        let ours = slots.ours;
        let all: Vec<_> = [0, ours, 0].map(|uid| slots.take(uid)).into();
        assert!(all.iter().all(Option::is_some) && slots.take(77).is_none());
    }
}
