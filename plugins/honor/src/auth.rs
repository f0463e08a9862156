//! Client id and secret to access token: OAuth 2.0 client credentials.
//!
//! In: the channel. Out: the request for a token, and from its answer a grant or what Honor
//! said instead, by the table in `reason`. Honor documents no limit on these requests.

use nudged_driver_kit::oauth;
use nudged_driver_kit::text::hex;
use nudged_plugin_api::{Grant, HttpRequest, HttpResponse, Timestamp, Verdict};
use sha2::{Digest, Sha256};

use crate::reason::GRANT_REASONS;
use crate::settings::Channel;

/// Credential that a grant belongs to. The secret has a part in it only as 32 bits of a hash:
/// enough to notice a new one, nothing to find it by.
pub(crate) fn scope(channel: &Channel) -> String {
    let mut hash = Sha256::new();
    for part in ["nudged-honor", &channel.client_id, &channel.client_secret] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let secret = hex(&hash.finalize()[..4]);
    format!("{}/{secret}@{}", channel.client_id, channel.token_url)
}

/// Asks for an access token.
pub(crate) fn request(channel: &Channel) -> HttpRequest {
    oauth::client_credentials(
        &channel.token_url,
        &channel.client_id,
        &channel.client_secret,
    )
}

/// Reads the answer to [`request`].
pub(crate) fn grant(response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
    oauth::grant(response, &GRANT_REASONS, now)
}
