//! Whole requests, one case a file: a message, and what Push Kit must be sent for it.
//!
//! The expected bodies were written by hand from the v3 documentation.

use nudged_driver_kit::test::golden::Golden;
use nudged_harmony::Harmony;

use crate::account::{NOW, grant, settings, targets};

#[test]
fn every_message_becomes_its_golden_request() {
    Golden::<Harmony>::new(settings(), NOW)
        .targets(targets(3))
        .grant(grant())
        .run(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
        .assert_passed(20);
}
