//! Whether FCM takes the credential: a message that it only validates (`validate_only`), to a token
//! that no app has. The grant shows that the key is good; this shows that its account may send in
//! the project of `project_id`.

use nudged_plugin_api::{Context, HttpRequest};

use crate::settings::Channel;

/// Refused as INVALID_ARGUMENT, after the account's rights were looked at.
const BODY: &str = r#"{"validate_only":true,"message":{"token":"nudged-probe","notification":{"title":"nudged","body":"Is this credential good?"}}}"#;

/// A message to nobody.
pub(crate) fn request(channel: &Channel, context: &Context<'_>) -> Option<HttpRequest> {
    let grant = context.grant?;
    let request = HttpRequest::post(channel.send_url.as_str())
        .header("authorization", format!("Bearer {}", grant.value))
        .header("content-type", "application/json")
        .body(BODY);
    Some(request)
}
