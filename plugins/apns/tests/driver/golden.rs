//! Whole requests, one case a file: a message, and what APNs must be sent for it.
//!
//! The expected bodies were written by hand from Apple's documents.

use nudged_apns::Apns;
use nudged_driver_kit::test::golden::Golden;
use nudged_plugin_api::Target;

use crate::account::{ID, NOW, grant, key_settings};

/// Upper case as some apps report it; the path has it in lower case.
const TOKEN: &str = "00FC13ADFF785122B4AD28809A3420982341241421348097878E577C991DE8F0";

#[test]
fn every_message_becomes_its_golden_request() {
    Golden::<Apns>::new(key_settings(), NOW)
        .target(Target::new(ID, TOKEN))
        .grant(grant())
        .run(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
        .assert_passed(20);
}
