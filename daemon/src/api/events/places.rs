//! How many streams of events one user has open.
//!
//! In: a uid. Out: a place, free again when dropped, or none. Refuses to know what it is for.

use std::collections::HashMap;
use std::sync::Arc;

use crate::sync::{Mutex, MutexGuard};

/// The places that are taken, by uid.
pub struct StreamPlaces {
    taken: Mutex<HashMap<u32, usize>>,
    most: usize,
    ours: u32,
}

/// A place; free again when dropped.
pub struct Place {
    places: Arc<StreamPlaces>,
    uid: u32,
}

impl StreamPlaces {
    /// At most so many for each uid; the daemon's own and root have as many as they want, as
    /// whoever is they can do worse, and their tools must work when others are many.
    pub fn new(most: usize) -> Self {
        Self {
            taken: Mutex::default(),
            most,
            ours: nix::unistd::geteuid().as_raw(),
        }
    }

    /// At most so many for each uid.
    pub fn most(&self) -> usize {
        self.most
    }

    /// A place, if one is free.
    pub fn take(self: &Arc<Self>, uid: u32) -> Option<Place> {
        let free = uid == 0 || uid == self.ours;
        let mut taken = self.taken();
        let count = taken.get(&uid).copied().unwrap_or_default();
        if count >= self.most && !free {
            return None;
        }
        taken.insert(uid, count + 1);
        Some(Place {
            places: self.clone(),
            uid,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<u32, usize>> {
        self.taken.lock()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
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
    fn each_user_has_places_of_its_own_and_gets_them_back() {
        let places = Arc::new(StreamPlaces::new(2));
        let one = places.take(77);
        let two = places.take(77);
        assert!(one.is_some() && two.is_some() && places.take(77).is_none());
        assert!(places.take(78).is_some(), "another user is not concerned");
        drop(one);
        let again = places.take(77);
        assert!(again.is_some() && places.take(77).is_none());
        drop((two, again));
        assert!(places.taken().is_empty(), "nobody is remembered for ever");
    }

    #[test]
    fn root_and_the_daemon_itself_always_find_one() {
        let places = Arc::new(StreamPlaces::new(0));
        let ours = places.ours;
        let all: Vec<_> = [0, ours, 0].map(|uid| places.take(uid)).into();
        assert!(all.iter().all(Option::is_some) && places.take(77).is_none());
    }
}
