//! Client id and secret to access token: OAuth 2.0 client credentials.
//!
//! In: the channel. Out: the request for a token, and from its answer a grant or what Honor
//! said instead. Honor documents no limit on these requests.

use nudged_plugin_api::text::hex;
use nudged_plugin_api::{Class, Grant, HttpRequest, HttpResponse, Timestamp, Verdict, oauth};
use serde::Deserialize;
use sha2::{Digest, Sha256};

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
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", &channel.client_id)
        .append_pair("client_secret", &channel.client_secret)
        .finish();
    HttpRequest::post(channel.token_url.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(form)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: String,
    error_description: String,
}

/// Reads the answer to [`request`].
pub(crate) fn grant(response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
    oauth::grant(response, now).ok_or_else(|| refusal(response, now))
}

fn refusal(response: &HttpResponse, now: Timestamp) -> Verdict {
    let refusal: Refusal = serde_json::from_slice(&response.body).unwrap_or_default();
    let (class, remedy) = match (response.status, refusal.error.as_str()) {
        (429, _) => (
            Class::Throttled,
            "nothing to do: the next access token is asked for after the wait",
        ),
        (408 | 500.., _) | (_, "server_error" | "temporarily_unavailable") => (
            Class::Unavailable,
            "nothing to do: Honor's token endpoint is in trouble and is asked again",
        ),
        (_, "invalid_client" | "unauthorized_client" | "access_denied") => (
            Class::Credential,
            "check client_id and client_secret against Honor developer console, the app's page; \
             the App ID is neither of them",
        ),
        (_, "invalid_request" | "unsupported_grant_type" | "invalid_grant") => (
            Class::Credential,
            "check the token_url setting: its server does not take client credentials",
        ),
        (100..=299, "") => (
            Class::Unavailable,
            "something other than Honor's token endpoint answers; check the token_url setting \
             and any proxy in between",
        ),
        (300..=399 | 404, "") => (
            Class::Credential,
            "check the token_url setting: no token endpoint answers at its path",
        ),
        _ => (
            Class::Credential,
            "check client_id, client_secret and token_url against Honor developer console",
        ),
    };
    let code = match refusal.error {
        error if error.trim().is_empty() || error.contains(char::is_control) => {
            format!("HTTP {}", response.status)
        }
        error => error,
    };
    let wait = match class {
        Class::Throttled => Some(60_000),
        Class::Unavailable => Some(10_000),
        _ => None,
    };
    Verdict::refused(class, code, remedy)
        .text(refusal.error_description)
        .retry_after_millis(wait.map(|wait| response.retry_after_millis(now).unwrap_or(wait)))
}
