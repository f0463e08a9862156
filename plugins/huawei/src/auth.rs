//! From App ID and app secret to access token: OAuth 2.0, client credentials mode.
//!
//! In: the channel. Out: the request, and from its answer a grant or what Huawei said instead.

use nudged_driver_kit::oauth;
use nudged_driver_kit::text::hex;
use nudged_plugin_api::{Class, Grant, HttpRequest, HttpResponse, Timestamp, Verdict};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::decode::word;
use crate::settings::Channel;

/// Huawei gives 1000 tokens in five minutes and app; this stays far below, whatever happens.
const NOT_AGAIN_SECONDS: u64 = 5;

/// App and secret that a grant belongs to, the secret as a fingerprint of eight bytes.
pub(crate) fn scope(channel: &Channel) -> String {
    let mut hash = Sha256::new();
    // The App ID as salt: two apps with one secret must not show it.
    for part in ["nudged-huawei", &channel.app_id, &channel.app_secret] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut scope = format!("{}/{}", channel.app_id, hex(&hash.finalize()[..8]));
    if channel.has_own_token_url() {
        // A grant of a test server is no grant of Huawei's.
        scope.push('@');
        scope.push_str(&channel.token_url);
    }
    scope
}

/// Asks for an access token.
pub(crate) fn request(channel: &Channel) -> HttpRequest {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &channel.app_id)
        .append_pair("client_secret", &channel.app_secret)
        .finish();
    HttpRequest::post(channel.token_url.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(form)
}

/// Reads the answer to [`request`].
pub(crate) fn grant(response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
    let Some(grant) = oauth::bearer(response, now) else {
        return Err(refusal(response, now));
    };
    let life = grant.expires_at.seconds_after(now);
    Ok(grant.not_again_for(NOT_AGAIN_SECONDS.min(life)))
}

/// `{"error": 1101, "sub_error": 20044, "error_description": "…"}`.
fn refusal(response: &HttpResponse, now: Timestamp) -> Verdict {
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let error = word(&answer["error"]);
    let (class, remedy, least) = match (response.status, &error) {
        (429, _) => (
            Class::Throttled,
            "nothing to do: Huawei gives an app 1000 access tokens in five minutes, and the next \
             is asked for after the wait",
            Some(60_000),
        ),
        (408 | 500.., _) => (
            Class::Unavailable,
            "nothing to do: Huawei's token endpoint is in trouble and is asked again",
            Some(10_000),
        ),
        (200..300, None) => (
            Class::Unavailable,
            "check the token_url setting and any proxy in between: the answer holds no bearer \
             token",
            Some(10_000),
        ),
        (_, Some(_)) => (
            Class::Credential,
            "set app_id and app_secret to those of AppGallery Connect, General information, App \
             information: a new app secret ends the old one",
            None,
        ),
        (_, None) => (
            Class::Credential,
            "check the token_url setting and any proxy in between: something other than Huawei's \
             token endpoint answers",
            None,
        ),
    };
    let description = answer["error_description"].as_str().unwrap_or_default();
    let text = match word(&answer["sub_error"]) {
        Some(sub_error) => format!("sub_error {sub_error}: {description}"),
        None => description.to_owned(),
    };
    let code = error.unwrap_or_else(|| format!("HTTP {}", response.status));
    Verdict::refused(class, code, remedy)
        .text(text)
        .retry_after_millis(least.map(|least| response.retry_after_millis(now).unwrap_or(least)))
}
