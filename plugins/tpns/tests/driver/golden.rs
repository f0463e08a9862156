//! Whole requests, one case a file: a message, and what TPNS must be sent for it.
//!
//! The expected requests were written by a script that knows TPNS's documents and nothing of
//! the driver: it signs by itself.

use nudged_driver_kit::test::golden::Golden;
use nudged_tpns::Tpns;

use crate::account::{NOW, TOKEN, settings, targets};

#[test]
fn every_message_becomes_its_golden_request() {
    Golden::<Tpns>::new(settings(), NOW)
        .targets(targets(&[TOKEN; 3]))
        .run(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
        .assert_passed(40);
}
