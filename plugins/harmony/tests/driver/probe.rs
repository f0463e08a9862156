//! Whether Push Kit takes a JWT: a test message to nobody, and what it says of it.

use nudged_harmony::Harmony;
use nudged_plugin_api::info::Probe;
use nudged_plugin_api::{Class, Context, Driver, HttpResponse};
use serde_json::Value;

use crate::account::{NOW, channel, grant};

#[test]
fn a_probe_is_a_test_message_to_nobody() {
    assert_eq!(Harmony::describe().probe, Probe::Request);
    let grant = grant();
    let request = channel().probe(&Context::new(NOW, Some(&grant))).unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["pushOptions"]["testMessage"], true, "{body:#}");
    assert_eq!(body["target"]["token"], serde_json::json!(["nudged-probe"]));
    assert!(channel().account().is_some());
}

#[test]
fn who_is_told_that_no_token_is_good_was_let_in() {
    let probed = |status, body: &str| {
        let verdict = channel().probed(&HttpResponse::new(status, body), NOW);
        verdict.map_err(|verdict| verdict.class)
    };
    let unexplained = include_str!("../captures/all-refused-without-reasons.json");
    let accepted = include_str!("../captures/accepted.json");
    let authentication = include_str!("../captures/authentication.json");
    let expired = include_str!("../captures/jwt-expired.json");
    let limit = include_str!("../captures/test-limit.json");
    let of_another = r#"{"code":"80300007","msg":"{\"success\":0,\"failure\":1,\"illegalTokens\":{\"tokenFormatError\":[\"nudged-probe\"]}}"}"#;
    assert_eq!(probed(200, accepted), Ok(()));
    assert_eq!(probed(400, unexplained), Ok(()));
    assert_eq!(probed(400, of_another), Ok(()));
    assert_eq!(probed(401, authentication), Err(Class::Credential));
    assert_eq!(probed(401, expired), Err(Class::GrantExpired));
    assert_eq!(probed(400, limit), Err(Class::QuotaExceeded));
    assert_eq!(probed(503, "{}"), Err(Class::Throttled));
}
