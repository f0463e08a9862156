//! Whole requests, one case a file: a message, and what Xiaomi must be sent for it.
//!
//! The expected bodies were written from the API's parameter table and encoded by another
//! program than the driver. They stand one field a line, byte for byte.

use nudged_driver_kit::test::golden::Golden;
use nudged_xiaomi::Xiaomi;

use crate::account::{NOW, REGID, settings, targets_of};

#[test]
fn every_message_becomes_its_golden_request() {
    Golden::<Xiaomi>::new(settings(), NOW)
        .targets(targets_of(&[REGID; 3]))
        .run(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
        .assert_passed(20);
}
