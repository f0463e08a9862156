//! From service account to access token: "Using OAuth 2.0 for Server to Server Applications".
//!
//! In: the account and the time. Out: the request with a signed assertion, and from
//! its answer a grant or what Google said instead.

use nudged_driver_kit::{jwt, oauth};
use nudged_plugin_api::{Grant, HttpRequest, HttpResponse, Timestamp, Verdict};
use serde::Serialize;

use crate::reason::{self, ASSERTION, GRANT_REASONS};
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
    // PKCS#1 v1.5: the same input gives the same signature, no randomness.
    jwt::signed(&header, &claims, |text| account.key.sign(text))
}

/// Reads the answer to [`request`].
#[allow(
    clippy::result_large_err,
    reason = "the trait's own type, made once an hour"
)]
pub(crate) fn grant(response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
    oauth::grant(response, &GRANT_REASONS, now).map_err(|mut verdict| {
        // One code for several troubles; only the description tells them apart.
        if verdict.remedy == ASSERTION.remedy {
            let remedy = reason::of_assertion(&verdict.text).remedy;
            remedy.clone_into(&mut verdict.remedy);
        }
        verdict
    })
}
