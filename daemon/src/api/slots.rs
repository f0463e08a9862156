//! Who may have a connection: no user more than its share, and the last slots are for root and
//! the daemon's own user, who must get in when all others are there already, and when they have
//! their share.
//!
//! In: users who connect and disconnect. Out: a slot, or why there is none. Pure; refuses to know
//! sockets.

use std::collections::HashMap;

/// How many connections there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at once.
    pub max: usize,
    /// Of one user.
    pub share: usize,
    /// Of them, for root and the daemon's own user only.
    pub reserve: usize,
}

/// Slots of the reserve.
const MAX_RESERVE: usize = 32;
/// File descriptors for all but the connections with a slot: the database, which keeps at most 200
/// files open, the vendors, and connections that are refused.
const OTHER_DESCRIPTORS: usize = 336;

/// How many connections there may be where a process may have so many file descriptors; where
/// those are very few, a quarter of them.
pub fn fitting(descriptors: usize) -> usize {
    descriptors
        .saturating_sub(OTHER_DESCRIPTORS)
        .max(descriptors / 4)
        .max(1)
}

impl ConnectionLimits {
    /// With so many at once, and so many of one user; a quarter, if that is not said.
    pub fn of(max: usize, share: Option<usize>) -> Self {
        Self {
            max,
            share: share.unwrap_or(max / 4).clamp(1, max.max(1)),
            reserve: (max / 8).min(MAX_RESERVE),
        }
    }
}

/// Why there is no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The user has its share, so many.
    User(usize),
    /// All are taken.
    All,
}

/// The slots, and who has them.
#[derive(Debug)]
pub struct ConnectionSlots {
    limits: ConnectionLimits,
    ours: u32,
    taken: SlotsInUse,
    of: HashMap<u32, SlotsInUse>,
}

/// Places that are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct SlotsInUse {
    /// Of those for everybody.
    shared: usize,
    /// Of the reserve.
    reserved: usize,
}

impl ConnectionSlots {
    /// All free. `ours` is the daemon's own user.
    pub fn new(limits: ConnectionLimits, ours: u32) -> Self {
        Self {
            limits,
            ours,
            taken: SlotsInUse::default(),
            of: HashMap::new(),
        }
    }

    /// Gives a user a slot.
    pub fn take(&mut self, uid: u32) -> Result<(), Full> {
        let has = self.of.get(&uid).copied().unwrap_or_default();
        let is_trusted = uid == 0 || uid == self.ours;
        let is_past_share = has.shared >= self.limits.share;
        let is_full = self.taken.shared >= self.limits.max - self.limits.reserve;
        let is_reserved = is_past_share || is_full;
        if is_reserved && !(is_trusted && self.taken.reserved < self.limits.reserve) {
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
        if self.of.get(&uid) == Some(&SlotsInUse::default()) {
            self.of.remove(&uid);
        }
    }

    /// How many there are.
    pub fn limits(&self) -> ConnectionLimits {
        self.limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: u32 = 900;

    /// How many of so many slots a user gets.
    fn takes(slots: &mut ConnectionSlots, uid: u32) -> usize {
        (0..10_000).take_while(|_| slots.take(uid).is_ok()).count()
    }

    #[test]
    fn a_user_gets_a_quarter_unless_configured_and_a_few_slots_stay_for_root() {
        for (max, share, of_one, reserve) in [
            (1024, None, 256, 32),
            (1024, Some(1000), 1000, 32),
            (1024, Some(5000), 1024, 32),
            (100, None, 25, 12),
            (8, None, 2, 1),
            (4, None, 1, 0),
            (1, None, 1, 0),
        ] {
            let limits = ConnectionLimits::of(max, share);
            assert_eq!((limits.share, limits.reserve), (of_one, reserve), "{max}");
        }
    }

    #[test]
    fn whoever_takes_all_it_can_leaves_the_others_theirs() {
        let mut slots = ConnectionSlots::new(ConnectionLimits::of(1024, None), OURS);
        assert_eq!(takes(&mut slots, 1000), 256);
        assert_eq!(slots.take(1000), Err(Full::User(256)));
        assert_eq!(takes(&mut slots, 1001), 256);
        assert_eq!(takes(&mut slots, 1002), 256);
        // All but the reserve.
        assert_eq!(takes(&mut slots, 1003), 1024 - 32 - 3 * 256);
        assert_eq!(slots.take(1003), Err(Full::All));
        assert_eq!(slots.take(1004), Err(Full::All));
        for (uid, gets) in [(0, 16), (OURS, 16)] {
            let got = (0..gets).take_while(|_| slots.take(uid).is_ok()).count();
            assert_eq!(got, gets);
        }
        assert_eq!(slots.take(0), Err(Full::All));
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
            let mut slots = ConnectionSlots::new(ConnectionLimits::of(1024, None), OURS);
            for (uid, gets) in taken {
                assert_eq!(takes(&mut slots, *uid), *gets, "{uid} of {taken:?}");
            }
        }
        let mut slots = ConnectionSlots::new(ConnectionLimits::of(1024, None), OURS);
        takes(&mut slots, 0);
        assert_eq!(slots.take(0), Err(Full::User(288)));
        // What it gives back is the reserve.
        slots.leave(0);
        assert_eq!(slots.take(OURS), Ok(()));
        assert_eq!(takes(&mut slots, OURS), 256);
    }

    #[test]
    fn there_are_no_more_slots_than_file_descriptors_for_them() {
        for (descriptors, slots) in [
            (0, 1),
            (3, 1),
            (64, 16),
            (256, 64),
            (1024, 688),
            (20_000, 19_664),
            (usize::MAX, usize::MAX - OTHER_DESCRIPTORS),
        ] {
            assert_eq!(fitting(descriptors), slots, "{descriptors}");
        }
    }

    #[test]
    fn a_slot_that_is_left_is_free_again() {
        let mut slots = ConnectionSlots::new(ConnectionLimits::of(4, None), OURS);
        assert_eq!(slots.take(1000), Ok(()));
        assert_eq!(slots.take(1000), Err(Full::User(1)));
        slots.leave(1000);
        slots.leave(1000);
        slots.leave(7);
        assert_eq!(slots.take(1000), Ok(()));
        let one = SlotsInUse {
            shared: 1,
            reserved: 0,
        };
        assert_eq!((slots.taken, slots.of.len()), (one, 1));
    }
}
