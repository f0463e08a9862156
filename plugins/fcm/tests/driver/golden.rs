//! Whole requests, one case a file: a message, and what FCM must be sent for it.
//!
//! The expected bodies were written by hand from the API's `Message` resource.

use nudged_driver_kit::test::golden::Golden;
use nudged_fcm::Fcm;
use nudged_plugin_api::Target;

use crate::account::{NOW, TOKEN, grant, settings};

#[test]
fn every_message_becomes_its_golden_request() {
    Golden::<Fcm>::new(settings(), NOW)
        .target(Target::new("0199", TOKEN))
        .grant(grant())
        .run(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
        .assert_passed(20);
}
