//! Lines of the log that a caller, or a vendor, can cause as often as it likes: the first is written
//! at once, those that follow are counted and are one line a minute for each that causes them.
//!
//! In: who caused a line, such as a user, or a channel and what it was about. Out: the line, or a
//! number in a later one. Refuses to know its text.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::sync::{Mutex, MutexGuard};
use tokio::runtime::Handle;

/// Each causes a line once in this time.
const INTERVAL: Duration = Duration::from_secs(60);
/// So many are counted one by one; those beyond are counted together.
const MAX_COUNTED: usize = 256;

/// A line of the log.
pub struct RateLimitedLog<Who> {
    counts: Mutex<RepeatCounts<Who>>,
    /// As whom those beyond are counted.
    others: Who,
    /// What is written of one who caused it so many times more.
    again: fn(&Who, u64),
}

impl<Who: Ord + Clone + Send + Sync> RateLimitedLog<Who> {
    /// A line that has its own text for how often it came again.
    pub const fn new(others: Who, again: fn(&Who, u64)) -> Self {
        Self {
            counts: Mutex::new(RepeatCounts(BTreeMap::new())),
            others,
            again,
        }
    }

    /// Writes the line, or counts it.
    pub fn log(&'static self, who: Who, write: impl FnOnce()) {
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
            tokio::time::sleep(INTERVAL).await;
            let Some(more) = self.lock().next(&who) else {
                return;
            };
            (self.again)(&who, more);
        }
    }

    fn lock(&self) -> MutexGuard<'_, RepeatCounts<Who>> {
        self.counts.lock()
    }
}

/// How often each has caused it since it was last written.
struct RepeatCounts<Who>(BTreeMap<Who, u64>);

impl<Who: Ord + Clone> RepeatCounts<Who> {
    /// Counts one; as whom it is counted, if it is the first for a while.
    fn begin(&mut self, who: Who, others: &Who) -> Option<Who> {
        let who = match self.0.len() < MAX_COUNTED || self.0.contains_key(&who) {
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

    fn begin(counts: &mut RepeatCounts<u32>, uid: u32) -> Option<u32> {
        counts.begin(uid, &OTHERS)
    }

    #[test]
    fn each_is_counted_apart_and_forgotten_when_it_is_quiet() {
        let mut counts = RepeatCounts(BTreeMap::new());
        assert_eq!(begin(&mut counts, 1), Some(1));
        assert_eq!((0..500).find_map(|_| begin(&mut counts, 1)), None);
        assert_eq!(begin(&mut counts, 2), Some(2));
        assert_eq!(counts.next(&1), Some(500));
        assert_eq!(begin(&mut counts, 1), None, "the next minute has begun");
        assert_eq!(counts.next(&1), Some(1));
        assert_eq!((counts.next(&1), counts.next(&2)), (None, None));
        assert!(counts.0.is_empty());
    }

    #[test]
    fn a_crowd_is_one_line_too() {
        let mut counts = RepeatCounts(BTreeMap::new());
        let logged = (0..100_000).filter_map(|uid| begin(&mut counts, uid));
        assert_eq!(logged.count(), MAX_COUNTED + 1);
        assert_eq!(counts.next(&OTHERS), Some(100_000 - MAX_COUNTED as u64 - 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_two_lines_and_says_how_many_it_would_have_been() {
        static LOGGED: AtomicU64 = AtomicU64::new(0);
        static AGAIN: AtomicU64 = AtomicU64::new(0);
        static LINE: RateLimitedLog<u32> = RateLimitedLog::new(OTHERS, |uid, more| {
            assert_eq!(*uid, 7);
            AGAIN.fetch_add(more, Ordering::Relaxed);
        });

        for _ in 0..36_500 {
            LINE.log(7, || {
                LOGGED.fetch_add(1, Ordering::Relaxed);
            });
        }
        tokio::time::sleep(INTERVAL * 3).await;

        assert_eq!(LOGGED.load(Ordering::Relaxed), 1);
        assert_eq!(AGAIN.load(Ordering::Relaxed), 36_499);
    }
}
