//! Panic to error: nothing unwinds out of a driver, and nothing that it says on the way goes
//! past the daemon, which knows what is secret in it.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

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
/// error as it is. Where it happened is no secret.
fn hush() {
    static ONCE: Once = Once::new();
    // A hook cannot be changed in a panic.
    if std::thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| match panic.location() {
            Some(place) if GUARDED.get() => eprintln!("a driver panicked at {place}"),
            None if GUARDED.get() => eprintln!("a driver panicked"),
            _ => before(panic),
        }));
    });
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
    use super::guard;

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
    fn a_payload_that_panics_when_dropped_is_left_alone() {
        let caught = guard(|| std::panic::panic_any(PanicsOnDrop));
        assert_eq!(caught, Err::<(), _>("a panic without a message".to_owned()));
    }
}
