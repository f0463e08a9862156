//! Lines of the log that a caller, or a vendor, can cause as often as it likes: the first is written
//! at once, those that follow are counted and are one line a minute for each that causes them.
//!
//! In: who caused a line, such as a user, or a channel and what it was about. Out: the line, or a
//! number in a later one. Refuses to know what it says.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::sync::{Mutex, MutexGuard};

/// Each causes a line so often.
const EVERY: Duration = Duration::from_secs(60);
/// So many are counted one by one; those beyond are counted together.
const MOST: usize = 256;

/// A line of the log.
pub struct Seldom<Who> {
    tally: Mutex<Tally<Who>>,
    /// As whom those beyond are counted.
    others: Who,
    /// What is written of one who caused it so many times more.
    again: fn(&Who, u64),
}

impl<Who: Ord + Clone + Send + Sync> Seldom<Who> {
    /// A line that has its own words for how often it came again.
    pub const fn new(others: Who, again: fn(&Who, u64)) -> Self {
        Self {
            tally: Mutex::new(Tally(BTreeMap::new())),
            others,
            again,
        }
    }

    /// Writes the line, or counts it.
    pub fn tell(&'static self, who: Who, write: impl FnOnce()) {
        // Without a runtime nobody would ever write the count.
        let Ok(runtime) = Handle::try_current() else {
            return write();
        };
        let first = self.lock().begin(who, &self.others);
        if let Some(counted_as) = first {
            write();
            runtime.spawn(self.report(counted_as));
        }
    }

    async fn report(&'static self, who: Who) {
        loop {
            tokio::time::sleep(EVERY).await;
            let Some(more) = self.lock().next(&who) else {
                return;
            };
            (self.again)(&who, more);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tally<Who>> {
        self.tally.lock()
    }
}

/// How often each has caused it since it was last written.
struct Tally<Who>(BTreeMap<Who, u64>);

impl<Who: Ord + Clone> Tally<Who> {
    /// Counts one; as whom it is counted, if it is the first for a while.
    fn begin(&mut self, who: Who, others: &Who) -> Option<Who> {
        let who = match self.0.len() < MOST || self.0.contains_key(&who) {
            true => who,
            false => others.clone(),
        };
        match self.0.get_mut(&who) {
            Some(more) => {
                *more += 1;
                None
            }
            None => {
                self.0.insert(who.clone(), 0);
                Some(who)
            }
        }
    }

    /// The count of a time that is over; none when there was nothing, and it is over for good.
    fn next(&mut self, who: &Who) -> Option<u64> {
        match self.0.remove(who)? {
            0 => None,
            more => {
                self.0.insert(who.clone(), 0);
                Some(more)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    const OTHERS: u32 = u32::MAX;

    fn begin(tally: &mut Tally<u32>, uid: u32) -> Option<u32> {
        tally.begin(uid, &OTHERS)
    }

    #[test]
    fn each_is_counted_apart_and_forgotten_when_it_is_quiet() {
        let mut tally = Tally(BTreeMap::new());
        assert_eq!(begin(&mut tally, 1), Some(1));
        assert_eq!((0..500).find_map(|_| begin(&mut tally, 1)), None);
        assert_eq!(begin(&mut tally, 2), Some(2));
        assert_eq!(tally.next(&1), Some(500));
        assert_eq!(begin(&mut tally, 1), None, "the next minute has begun");
        assert_eq!(tally.next(&1), Some(1));
        assert_eq!((tally.next(&1), tally.next(&2)), (None, None));
        assert!(tally.0.is_empty());
    }

    #[test]
    fn a_crowd_is_one_line_too() {
        let mut tally = Tally(BTreeMap::new());
        let told = (0..100_000).filter_map(|uid| begin(&mut tally, uid));
        assert_eq!(told.count(), MOST + 1);
        assert_eq!(tally.next(&OTHERS), Some(100_000 - MOST as u64 - 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_two_lines_and_says_how_many_it_would_have_been() {
        static TOLD: AtomicU64 = AtomicU64::new(0);
        static AGAIN: AtomicU64 = AtomicU64::new(0);
        static LINE: Seldom<u32> = Seldom::new(OTHERS, |uid, more| {
            assert_eq!(*uid, 7);
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
