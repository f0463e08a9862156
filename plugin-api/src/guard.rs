//! Panic to error: nothing unwinds out of a driver.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// The words of a panic go elsewhere.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// As [`guard`], where the message is told on: it is not written to stderr as well, which is the
/// daemon's log, raw and on as many lines as it has.
pub(crate) fn guard_quietly<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    // A library has hooks of its own, apart from those of the program that loads it.
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                before(panic);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let done = guard(work);
    QUIET.set(outer);
    done
}

/// Runs `work`; a panic becomes its message.
pub fn guard<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let message = text(payload.as_ref());
        // A payload may panic again when dropped.
        std::mem::forget(payload);
        message
    })
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
