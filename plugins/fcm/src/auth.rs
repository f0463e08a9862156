//! From service account to access token: "Using OAuth 2.0 for Server to Server Applications".
//!
//! In: the account and the time. Out: the request with a signed assertion, and from
//! its answer a grant or what Google said instead.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use nudged_driver_kit::oauth;
use nudged_plugin_api::{Class, Grant, HttpRequest, HttpResponse, Timestamp, Verdict};
use serde::{Deserialize, Serialize};

use crate::decode::wait;
use crate::settings::ServiceAccount;

const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
/// Longest life of an assertion that Google takes.
const ASSERTION_SECONDS: u64 = 3600;
const FORM: &str = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";

/// Account and key that a grant belongs to. A replaced key is another one even where its id was
/// left as it was: the old one's grant must not vouch for it.
pub(crate) fn scope(account: &ServiceAccount) -> String {
    let mut scope = format!(
        "{}/{}/{}",
        account.client_email,
        account.private_key_id,
        account.key.fingerprint()
    );
    if account.token_uri_overridden {
        // A grant of a test server is no grant of Google's.
        scope.push('@');
        scope.push_str(&account.token_uri);
    }
    scope
}

/// Asks for an access token.
pub(crate) fn request(account: &ServiceAccount, now: Timestamp) -> HttpRequest {
    HttpRequest::post(account.token_uri.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        // Base64url and dots need no form encoding.
        .body(format!("{FORM}{}", assertion(account, now)))
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
}

fn assertion(account: &ServiceAccount, now: Timestamp) -> String {
    let header = Header {
        alg: "RS256",
        typ: "JWT",
        kid: &account.private_key_id,
    };
    let claims = Claims {
        iss: &account.client_email,
        scope: SCOPE,
        aud: &account.token_uri,
        iat: now.seconds(),
        exp: now.seconds().saturating_add(ASSERTION_SECONDS),
    };
    let mut jwt = format!("{}.{}", part(&header), part(&claims));
    // PKCS#1 v1.5: the same input gives the same signature, no randomness.
    let signature = account.key.sign(jwt.as_bytes());
    jwt.push('.');
    BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
    jwt
}

fn part(value: &impl Serialize) -> String {
    BASE64_URL_SAFE_NO_PAD
        .encode(serde_json::to_vec(value).expect("texts and numbers always make JSON"))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: String,
    error_description: String,
}

/// Reads the answer to [`request`].
#[allow(
    clippy::result_large_err,
    reason = "the trait's own type, made once an hour"
)]
pub(crate) fn grant(response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
    if response.status != 200 {
        return Err(refusal(response, now));
    }
    oauth::bearer(response, now).ok_or_else(not_a_token)
}

fn not_a_token() -> Verdict {
    Verdict::refused(
        Class::Unavailable,
        "HTTP 200",
        "the token endpoint answered without a bearer token; check the token_uri setting and any \
         proxy in between",
    )
    .retry_after_millis(Some(10_000))
}

fn refusal(response: &HttpResponse, now: Timestamp) -> Verdict {
    let refusal: Refusal = serde_json::from_slice(&response.body).unwrap_or_default();
    let (class, remedy) = match (response.status, refusal.error.as_str()) {
        (429, _) => (
            Class::Throttled,
            "nothing to do: the next access token is asked for after the wait",
        ),
        (408 | 500.., _) | (_, "internal_failure" | "temporarily_unavailable") => (
            Class::Unavailable,
            "nothing to do: Google's token endpoint is in trouble and is asked again",
        ),
        (_, "invalid_grant") => (Class::Credential, invalid_grant(&refusal.error_description)),
        (_, "invalid_scope") => (
            Class::Credential,
            "enable the Firebase Cloud Messaging API in the service account's Google Cloud project",
        ),
        (_, "invalid_client" | "unauthorized_client" | "deleted_client" | "disabled_client") => (
            Class::Credential,
            "check in Google Cloud console, IAM, Service accounts, that the account exists and is \
             enabled, then generate a new key file",
        ),
        (_, "invalid_request" | "unsupported_grant_type") => (
            Class::Credential,
            "check the token_uri setting: its server does not take signed assertions",
        ),
        (300..=399, _) => (
            Class::Credential,
            "check the token_uri setting: its server redirects instead of answering",
        ),
        (404, "") => (
            Class::Credential,
            "check the token_uri setting: nothing answers at its path",
        ),
        _ => (
            Class::Credential,
            "check the service account in Google Cloud console and generate a new key file",
        ),
    };
    let code = match refusal.error {
        error if error.is_empty() => format!("HTTP {}", response.status),
        error => error,
    };
    Verdict::refused(class, code, remedy)
        .text(refusal.error_description)
        .retry_after_millis(wait(class, response, now))
}

/// One code for several troubles; only the description tells them apart.
fn invalid_grant(description: &str) -> &'static str {
    let says = |word: &str| description.to_ascii_lowercase().contains(word);
    if says("signature") || says("key") {
        "the key was deleted or disabled: generate a new key file in Firebase console, Project \
         settings, Service accounts"
    } else if says("account not found") || says("not a valid email") {
        "the service account was deleted: create one, or generate a key file of another"
    } else if says("iat") || says("exp") || says("timeframe") {
        "set this machine's clock: the assertion's time is too far from Google's"
    } else {
        "check this machine's clock, and that the key was not deleted; then generate a new key \
         file in Firebase console, Project settings, Service accounts"
    }
}
