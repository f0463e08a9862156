//! Panic to error: nothing unwinds out of a driver, and nothing that it says on the way goes
//! past the daemon, which knows what is secret in it.

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

thread_local! {
    /// Whether a panic on this thread is the daemon's to tell.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; a panic becomes its message.
pub fn guard<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    hush();
    let before = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(before);
    result.map_err(|payload| {
        let message = text(payload.as_ref());
        // A payload may panic again when dropped.
        std::mem::forget(payload);
        message
    })
}

/// A driver has a standard library of its own, whose hook would write the message to standard
/// error as it is. Where it happened is no secret. Who can cause it, can cause it without end, and
/// a driver has no clock: it is told ever more seldom.
fn hush() {
    static ONCE: Once = Once::new();
    // A hook cannot be changed in a panic.
    if std::thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                return before(panic);
            }
            let place = panic.location().map(ToString::to_string);
            let place = place.unwrap_or_else(|| "an unknown place".to_owned());
            match again(&mut counts(), &place) {
                1 => eprintln!("a driver panicked at {place}"),
                times if times.is_power_of_two() => {
                    eprintln!("a driver panicked at {place}, by now {times} times");
                }
                _ => {}
            }
        }));
    });
}

/// Places that are counted one by one; a driver has no more of them.
const PLACES: usize = 256;

fn counts() -> MutexGuard<'static, BTreeMap<String, u64>> {
    static COUNTS: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());
    COUNTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often it has happened at this place, with this time.
fn again(counts: &mut BTreeMap<String, u64>, place: &str) -> u64 {
    let place = match counts.len() < PLACES || counts.contains_key(place) {
        true => place,
        false => "",
    };
    let times = counts.entry(place.to_owned()).or_default();
    *times = times.saturating_add(1);
    *times
}

fn text(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{PLACES, again, guard};

    struct PanicsOnDrop;
    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("again");
        }
    }

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(
            guard(|| panic!("boom {}", 1)),
            Err::<(), _>("boom 1".to_owned())
        );
        assert_eq!(
            guard(|| panic!("static")),
            Err::<(), _>("static".to_owned())
        );
        assert_eq!(guard(|| 7), Ok(7));
    }

    #[test]
    fn panics_are_counted_by_their_place_within_bounds() {
        let mut counts = BTreeMap::new();
        let times: Vec<u64> = (0..4).map(|_| again(&mut counts, "a.rs:1:1")).collect();
        assert_eq!(times, [1, 2, 3, 4]);
        assert_eq!(again(&mut counts, "b.rs:1:1"), 1);
        let first = (0..1_000).filter(|n| again(&mut counts, &n.to_string()) == 1);
        assert_eq!(first.count(), PLACES - 1);
        assert_eq!(counts.len(), PLACES + 1);
    }

    #[test]
    fn a_payload_that_panics_when_dropped_is_left_alone() {
        let caught = guard(|| std::panic::panic_any(PanicsOnDrop));
        assert_eq!(caught, Err::<(), _>("a panic without a message".to_owned()));
    }
}
