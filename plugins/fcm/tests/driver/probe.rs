//! Whether FCM takes a credential: a message that it only validates, and what it says of it.

use nudged_fcm::Fcm;
use nudged_plugin_api::info::Probe;
use nudged_plugin_api::{Class, Context, Driver, HttpResponse};
use serde_json::{Value, json};

use crate::account::{NOW, channel, grant};

#[test]
fn a_probe_is_validated_only_and_goes_to_nobody() {
    assert_eq!(Fcm::describe().probe, Probe::Request);
    let request = channel().probe(&Context::new(NOW, Some(&grant()))).unwrap();
    assert_eq!(
        request.url,
        "https://fcm.googleapis.com/v1/projects/chat-1a2b3/messages:send"
    );
    let bearer = (
        "authorization".to_owned(),
        "Bearer ya29.c.b0AXv0zTN".to_owned(),
    );
    assert!(request.headers.contains(&bearer));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["validate_only"], true);
    assert_eq!(body["message"]["token"], "nudged-probe");
    // Without a grant there is nothing to probe with.
    assert!(channel().probe(&Context::new(NOW, None)).is_none());
    assert_eq!(channel().account().as_deref(), Some("chat-1a2b3"));
}

#[test]
fn a_word_on_the_token_proves_the_credential_and_a_refusal_does_not() {
    let probed = |status, body: &str| {
        let verdict = channel().probed(&HttpResponse::new(status, body), NOW);
        verdict.map_err(|verdict| verdict.class)
    };
    let malformed = include_str!("../captures/token-malformed.json");
    let dry_run = include_str!("../captures/accepted-dry-run.json");
    let disabled = include_str!("../captures/api-disabled.json");
    let unknown = include_str!("../captures/project-unknown.json");
    let denied = json!({"error": {"code": 403, "status": "PERMISSION_DENIED"}}).to_string();
    assert_eq!(probed(400, malformed), Ok(()));
    assert_eq!(probed(200, dry_run), Ok(()));
    assert_eq!(probed(403, disabled), Err(Class::Credential));
    assert_eq!(probed(403, &denied), Err(Class::Credential));
    assert_eq!(probed(404, unknown), Err(Class::Credential));
    assert_eq!(probed(401, "{}"), Err(Class::GrantExpired));
    assert_eq!(probed(503, "{}"), Err(Class::Unavailable));
    assert_eq!(probed(200, "<html>"), Err(Class::Unavailable));
}
