//! nudgectl against a daemon that runs: what it prints, and its exit codes.

mod channel_add;
mod events;
mod exits;
mod inventory;
mod printed;
mod send;

use serde_json::Value;

use crate::world::Ran;

/// What was printed: to whom it succeeded on stdout, else on stderr.
#[track_caller]
fn said(ran: Ran, code: i32) -> String {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    if code == 0 { ran.out } else { ran.err }
}

/// The JSON that was printed.
#[track_caller]
fn parsed(ran: Ran, code: i32) -> Value {
    assert_eq!(ran.code, Some(code), "{ran:?}");
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}
