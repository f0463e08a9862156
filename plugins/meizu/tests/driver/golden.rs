//! Whole requests, one case a file: a message, and what Meizu must be sent for it.
//!
//! The expected requests were written by a script that knows Meizu's documents and nothing of
//! the driver: it signs and encodes by itself. Each body stands there twice, byte for byte and
//! for people to read.

use nudged_driver_kit::test::golden::Golden;
use nudged_meizu::Meizu;

use crate::account::{NOW, PUSH_ID, settings, targets};

#[test]
fn every_message_becomes_its_golden_request() {
    Golden::<Meizu>::new(settings(), NOW)
        .targets(targets(&[PUSH_ID; 3]))
        .run(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
        .assert_passed(30);
}
