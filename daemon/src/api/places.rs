//! Who may have a connection: no user more than its share, and the last places are for root and
//! the daemon's own user, who must get in when all others are there already.
//!
//! In: users who come and go. Out: a yes, or why not. Refuses to know sockets.

use std::collections::HashMap;

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Connections at once.
    pub most: usize,
    /// Of one user.
    pub share: usize,
    /// Of them, for root and the daemon's own user only.
    pub reserve: usize,
}

/// A reserve is not larger.
const RESERVE: usize = 32;

impl Room {
    /// With so many at once, and so many of one user; a quarter, if that is not said.
    pub fn of(most: usize, share: Option<usize>) -> Self {
        Self {
            most,
            share: share.unwrap_or(most / 4).clamp(1, most.max(1)),
            reserve: (most / 8).min(RESERVE),
        }
    }
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The user has its share.
    User,
    /// All are taken.
    All,
}

/// The places, and who has them.
#[derive(Debug)]
pub struct Places {
    room: Room,
    ours: u32,
    taken: usize,
    of: HashMap<u32, usize>,
}

impl Places {
    /// All free. `ours` is the daemon's own user.
    pub fn new(room: Room, ours: u32) -> Self {
        Self {
            room,
            ours,
            taken: 0,
            of: HashMap::new(),
        }
    }

    /// Gives a user a place.
    pub fn take(&mut self, uid: u32) -> Result<(), Full> {
        let trusted = uid == 0 || uid == self.ours;
        let most = match trusted {
            true => self.room.most,
            false => self.room.most - self.room.reserve,
        };
        let has = self.of.get(&uid).copied().unwrap_or_default();
        if has >= self.room.share {
            return Err(Full::User);
        }
        if self.taken >= most {
            return Err(Full::All);
        }
        self.taken += 1;
        self.of.insert(uid, has + 1);
        Ok(())
    }

    /// Takes it back.
    pub fn leave(&mut self, uid: u32) {
        let Some(has) = self.of.get_mut(&uid) else {
            return;
        };
        self.taken -= 1;
        *has -= 1;
        if *has == 0 {
            self.of.remove(&uid);
        }
    }

    /// How many there are.
    pub fn room(&self) -> Room {
        self.room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: u32 = 900;

    /// How many of so many places a user gets.
    fn given(places: &mut Places, uid: u32) -> usize {
        (0..10_000).take_while(|_| places.take(uid).is_ok()).count()
    }

    #[test]
    fn a_user_gets_a_quarter_unless_told_otherwise_and_a_few_places_stay_for_root() {
        for (most, share, of_one, reserve) in [
            (1024, None, 256, 32),
            (1024, Some(1000), 1000, 32),
            (1024, Some(5000), 1024, 32),
            (100, None, 25, 12),
            (8, None, 2, 1),
            (4, None, 1, 0),
            (1, None, 1, 0),
        ] {
            let room = Room::of(most, share);
            assert_eq!((room.share, room.reserve), (of_one, reserve), "{most}");
        }
    }

    #[test]
    fn whoever_takes_all_it_can_leaves_the_others_theirs() {
        let mut places = Places::new(Room::of(1024, None), OURS);
        assert_eq!(given(&mut places, 1000), 256);
        assert_eq!(places.take(1000), Err(Full::User));
        assert_eq!(given(&mut places, 1001), 256);
        assert_eq!(given(&mut places, 1002), 256);
        // All but the reserve.
        assert_eq!(given(&mut places, 1003), 1024 - 32 - 3 * 256);
        assert_eq!(places.take(1003), Err(Full::All));
        assert_eq!(places.take(1004), Err(Full::All));
        for (uid, gets) in [(0, 16), (OURS, 16)] {
            let got = (0..gets).take_while(|_| places.take(uid).is_ok()).count();
            assert_eq!(got, gets);
        }
        assert_eq!(places.take(0), Err(Full::All));
    }

    #[test]
    fn root_has_no_more_than_its_share_either() {
        let mut places = Places::new(Room::of(1024, None), OURS);
        assert_eq!(given(&mut places, 0), 256);
        assert_eq!(places.take(0), Err(Full::User));
    }

    #[test]
    fn a_place_that_is_left_is_free_again() {
        let mut places = Places::new(Room::of(4, None), OURS);
        assert_eq!(places.take(1000), Ok(()));
        assert_eq!(places.take(1000), Err(Full::User));
        places.leave(1000);
        places.leave(1000);
        places.leave(7);
        assert_eq!(places.take(1000), Ok(()));
        assert_eq!((places.taken, places.of.len()), (1, 1));
    }
}
