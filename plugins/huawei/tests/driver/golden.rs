//! Whole requests, one case a file: a message, and what Push Kit must be sent for it.
//!
//! The expected bodies were written from the API's documentation. Only two computed values were
//! taken as they came: `bi_tag` of several devices, and the `notify_id` of a collapse key.

use nudged_driver_kit::test::golden::Golden;
use nudged_huawei::Huawei;

use crate::account::{NOW, TOKEN, grant, settings, targets};

#[test]
fn every_message_becomes_its_golden_request() {
    Golden::<Huawei>::new(settings(), NOW)
        .targets(targets([TOKEN; 3]))
        .grant(grant())
        .run(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
        .assert_passed(40);
}
