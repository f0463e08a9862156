//! From App ID and app secret to access token: OAuth 2.0, client credentials mode.
//!
//! In: the channel. Out: the request, and from its answer a grant or what Huawei said instead.

use nudged_driver_kit::text::hex;
use nudged_driver_kit::{answer, oauth};
use nudged_plugin_api::{Grant, HttpRequest, HttpResponse, Timestamp, Verdict};
use sha2::{Digest, Sha256};

use crate::reason::GRANT_REASONS;
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
    oauth::client_credentials(&channel.token_url, &channel.app_id, &channel.app_secret)
}

/// Reads the answer to [`request`]: a grant, or `{"error": 1101, "sub_error": 20044,
/// "error_description": "…"}`.
pub(crate) fn grant(response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
    match oauth::grant(response, &GRANT_REASONS, now) {
        Ok(grant) => {
            let life = grant.expires_at.seconds_after(now);
            Ok(grant.not_again_for(NOT_AGAIN_SECONDS.min(life)))
        }
        Err(verdict) => {
            let answer = answer::json(&response.body);
            Err(match answer::word(&answer["sub_error"]) {
                Some(error) => {
                    let text = format!("sub_error {error}: {}", verdict.text);
                    verdict.text(text)
                }
                None => verdict,
            })
        }
    }
}
