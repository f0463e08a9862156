//! From service account to JWT: PS256 (RFC 7518 §3.5), made on the spot.
//!
//! In: the account and the time. Out: a grant of an hour. How it is signed without chance, `sign`
//! knows.

use nudged_driver_kit::jwt;
use nudged_plugin_api::{Grant, Timestamp};
use serde::Serialize;

use crate::settings::ServiceAccount;

/// Exactly this text, whatever the key file's `token_uri` says and wherever requests go.
const AUDIENCE: &str = "https://oauth-login.cloud.huawei.com/oauth2/v3/token";
/// Push Kit takes up to a day (80300036); its documents use an hour.
const SECONDS: u64 = 3600;

/// Account and key that a grant belongs to.
pub(crate) fn scope(account: &ServiceAccount) -> String {
    format!(
        "{}/{}/{}",
        account.sub_account,
        account.key_id,
        account.signer.fingerprint()
    )
}

/// The JWT of this moment.
pub(crate) fn grant(account: &ServiceAccount, now: Timestamp) -> Grant {
    // A JWT counts in seconds: without the rest of one, the grant ends when the JWT does.
    let now = Timestamp::from_seconds(now.seconds());
    Grant::new(token(account, now), now, SECONDS)
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
    aud: &'a str,
    iat: u64,
    exp: u64,
}

fn token(account: &ServiceAccount, now: Timestamp) -> String {
    let header = Header {
        alg: "PS256",
        typ: "JWT",
        kid: &account.key_id,
    };
    let claims = Claims {
        iss: &account.sub_account,
        aud: AUDIENCE,
        iat: now.seconds(),
        exp: now.seconds().saturating_add(SECONDS),
    };
    jwt::signed(&header, &claims, |text| account.signer.sign(text))
}
