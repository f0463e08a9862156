//! Whole requests, one case a file: a message, and what vivo must be sent for it.
//!
//! The expected requests were written by hand from the vendor's reference.

use nudged_driver_kit::test::golden::Golden;
use nudged_plugin_api::HttpResponse;
use nudged_vivo::Vivo;

use crate::account::{NOW, TOKENS, grant, settings, targets};

#[test]
fn every_message_becomes_its_golden_request() {
    let saved = r#"{"result":0,"desc":"success","taskId":"5420"}"#;
    Golden::<Vivo>::new(settings(), NOW)
        .targets(targets(&TOKENS))
        .grant(grant())
        .answer(HttpResponse::new(200, saved))
        .run(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"))
        .assert_passed(18);
}
