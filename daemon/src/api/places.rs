//! Who may have a connection: no user more than its share, and the last places are for root and
//! the daemon's own user, who must get in when all others are there already, and when they have
//! their share.
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
/// File descriptors that are left to others than callers with a place: the database, which keeps
/// 200 files open at the most, the vendors, and callers that are turned away.
const SPARE: usize = 336;

/// How many connections there may be where a process may have so many file descriptors; where
/// those are very few, a quarter of them.
pub fn fitting(descriptors: usize) -> usize {
    descriptors
        .saturating_sub(SPARE)
        .max(descriptors / 4)
        .max(1)
}

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
    /// The user has its share, so many.
    User(usize),
    /// All are taken.
    All,
}

/// The places, and who has them.
#[derive(Debug)]
pub struct Places {
    room: Room,
    ours: u32,
    taken: Taken,
    of: HashMap<u32, Taken>,
}

/// Places that are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Taken {
    /// Of those for everybody.
    shared: usize,
    /// Of the reserve.
    reserved: usize,
}

impl Places {
    /// All free. `ours` is the daemon's own user.
    pub fn new(room: Room, ours: u32) -> Self {
        Self {
            room,
            ours,
            taken: Taken::default(),
            of: HashMap::new(),
        }
    }

    /// Gives a user a place.
    pub fn take(&mut self, uid: u32) -> Result<(), Full> {
        let has = self.of.get(&uid).copied().unwrap_or_default();
        let is_trusted = uid == 0 || uid == self.ours;
        let is_past_share = has.shared >= self.room.share;
        let is_full = self.taken.shared >= self.room.most - self.room.reserve;
        let is_reserved = is_past_share || is_full;
        if is_reserved && !(is_trusted && self.taken.reserved < self.room.reserve) {
            return Err(match is_past_share {
                true => Full::User(has.shared + has.reserved),
                false => Full::All,
            });
        }
        for taken in [&mut self.taken, self.of.entry(uid).or_default()] {
            match is_reserved {
                true => taken.reserved += 1,
                false => taken.shared += 1,
            }
        }
        Ok(())
    }

    /// Takes it back, one of the reserve first: it is needed most.
    pub fn leave(&mut self, uid: u32) {
        let Some(has) = self.of.get_mut(&uid) else {
            return;
        };
        let is_reserved = has.reserved > 0;
        for taken in [&mut self.taken, has] {
            match is_reserved {
                true => taken.reserved -= 1,
                false => taken.shared -= 1,
            }
        }
        if self.of.get(&uid) == Some(&Taken::default()) {
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
        assert_eq!(places.take(1000), Err(Full::User(256)));
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
    fn root_and_the_daemons_user_have_the_reserve_besides_their_share() {
        // Who takes all it can, in this order, and how many each gets.
        for taken in [
            &[(0, 288)][..],
            &[(OURS, 288)],
            &[(0, 288), (OURS, 256), (1000, 256), (1001, 224), (1002, 0)],
            &[(OURS, 288), (0, 256)],
            &[(1000, 256), (0, 288)],
            &[(1000, 256), (1001, 256), (1002, 256), (0, 256), (OURS, 0)],
            &[
                (1000, 256),
                (1001, 256),
                (1002, 256),
                (1003, 224),
                (OURS, 32),
                (0, 0),
            ],
        ] {
            let mut places = Places::new(Room::of(1024, None), OURS);
            for (uid, gets) in taken {
                assert_eq!(given(&mut places, *uid), *gets, "{uid} of {taken:?}");
            }
        }
        let mut places = Places::new(Room::of(1024, None), OURS);
        given(&mut places, 0);
        assert_eq!(places.take(0), Err(Full::User(288)));
        // What it gives back is the reserve.
        places.leave(0);
        assert_eq!(places.take(OURS), Ok(()));
        assert_eq!(given(&mut places, OURS), 256);
    }

    #[test]
    fn there_are_no_more_places_than_file_descriptors_for_them() {
        for (descriptors, places) in [
            (0, 1),
            (3, 1),
            (64, 16),
            (256, 64),
            (1024, 688),
            (20_000, 19_664),
            (usize::MAX, usize::MAX - SPARE),
        ] {
            assert_eq!(fitting(descriptors), places, "{descriptors}");
        }
    }

    #[test]
    fn a_place_that_is_left_is_free_again() {
        let mut places = Places::new(Room::of(4, None), OURS);
        assert_eq!(places.take(1000), Ok(()));
        assert_eq!(places.take(1000), Err(Full::User(1)));
        places.leave(1000);
        places.leave(1000);
        places.leave(7);
        assert_eq!(places.take(1000), Ok(()));
        let one = Taken {
            shared: 1,
            reserved: 0,
        };
        assert_eq!((places.taken, places.of.len()), (one, 1));
    }
}
