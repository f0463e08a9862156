//! Lines of the log that a caller can cause as often as it likes: the first is written at once,
//! those that follow are counted and are one line a minute for each user.
//!
//! In: who caused a line. Out: the line, or a number in a later one. Refuses to know what it says.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

/// A user causes a line so often.
const EVERY: Duration = Duration::from_secs(60);
/// Users that are counted one by one; those beyond are counted together.
const USERS: usize = 256;
/// Their number.
const OTHERS: u32 = u32::MAX;

/// A line of the log.
pub struct Seldom {
    tally: Mutex<Tally>,
    /// What is written of a user who caused it so many times more.
    again: fn(u32, u64),
}

impl Seldom {
    /// A line that has its own words for how often it came again.
    pub const fn new(again: fn(u32, u64)) -> Self {
        Self {
            tally: Mutex::new(Tally(BTreeMap::new())),
            again,
        }
    }

    /// Writes the line, or counts it.
    pub fn tell(&'static self, uid: u32, write: impl FnOnce()) {
        // Without a runtime nobody would ever write the count.
        let Ok(runtime) = Handle::try_current() else {
            return write();
        };
        if let Some(counted_as) = self.lock().begin(uid) {
            write();
            runtime.spawn(self.report(counted_as));
        }
    }

    async fn report(&'static self, uid: u32) {
        loop {
            tokio::time::sleep(EVERY).await;
            let Some(more) = self.lock().next(uid) else {
                return;
            };
            (self.again)(uid, more);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often each user has caused it since it was last written.
struct Tally(BTreeMap<u32, u64>);

impl Tally {
    /// Counts one; as whom it is counted, if it is the first for a while.
    fn begin(&mut self, uid: u32) -> Option<u32> {
        let uid = match self.0.len() < USERS || self.0.contains_key(&uid) {
            true => uid,
            false => OTHERS,
        };
        match self.0.get_mut(&uid) {
            Some(more) => {
                *more += 1;
                None
            }
            None => {
                self.0.insert(uid, 0);
                Some(uid)
            }
        }
    }

    /// The count of a time that is over; none when there was nothing, and it is over for good.
    fn next(&mut self, uid: u32) -> Option<u64> {
        match self.0.remove(&uid)? {
            0 => None,
            more => {
                self.0.insert(uid, 0);
                Some(more)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn users_are_counted_apart_and_forgotten_when_they_are_quiet() {
        let mut tally = Tally(BTreeMap::new());
        assert_eq!(tally.begin(1), Some(1));
        assert_eq!((0..500).find_map(|_| tally.begin(1)), None);
        assert_eq!(tally.begin(2), Some(2));
        assert_eq!(tally.next(1), Some(500));
        assert_eq!(tally.begin(1), None, "the next minute has begun");
        assert_eq!(tally.next(1), Some(1));
        assert_eq!((tally.next(1), tally.next(2)), (None, None));
        assert!(tally.0.is_empty());
    }

    #[test]
    fn a_crowd_of_users_is_one_line_too() {
        let mut tally = Tally(BTreeMap::new());
        let told = (0..100_000).filter_map(|uid| tally.begin(uid)).count();
        assert_eq!(told, USERS + 1);
        assert_eq!(tally.next(OTHERS), Some(100_000 - USERS as u64 - 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_two_lines_and_says_how_many_it_would_have_been() {
        static TOLD: AtomicU64 = AtomicU64::new(0);
        static AGAIN: AtomicU64 = AtomicU64::new(0);
        static LINE: Seldom = Seldom::new(|uid, more| {
            assert_eq!(uid, 7);
            AGAIN.fetch_add(more, Ordering::Relaxed);
        });

        for _ in 0..36_500 {
            LINE.tell(7, || {
                TOLD.fetch_add(1, Ordering::Relaxed);
            });
        }
        tokio::time::sleep(EVERY * 3).await;

        assert_eq!(TOLD.load(Ordering::Relaxed), 1);
        assert_eq!(AGAIN.load(Ordering::Relaxed), 36_499);
    }
}
