//! AppKey and MasterSecret to `auth_token`: `POST /server/v1/auth`.
//!
//! In: the channel and the time. Out: the signed request, and from its answer a grant or
//! what OPPO said instead.

use form_urlencoded::Serializer;
use nudged_driver_kit::text::hex;
use nudged_plugin_api::{Grant, HttpRequest, HttpResponse, Timestamp, Verdict};
use sha2::{Digest, Sha256};

use crate::decode::Answer;
use crate::encode::form;
use crate::reason::{self, NO_TOKEN};
use crate::settings::Channel;

/// How long a token works, from its `create_time`.
const LIFE: u64 = 24 * 3600;
/// When it is replaced.
const REFRESH: u64 = 20 * 3600;
/// A token that OPPO hands out again is not asked for again for so long.
const PAUSE: u64 = 3600;

/// App, secret and server that a grant belongs to.
pub(crate) fn scope(channel: &Channel) -> String {
    // A few bits tell secrets apart and tell nothing of them.
    let secret = hex(&Sha256::digest(format!(
        "grant scope {}",
        channel.master_secret
    )));
    format!("{}/{}@{}", channel.app_key, &secret[..8], channel.token_url)
}

/// Asks for an `auth_token`.
pub(crate) fn request(channel: &Channel, now: Timestamp) -> HttpRequest {
    let timestamp = now.0.to_string();
    let sign = sign(&channel.app_key, &timestamp, &channel.master_secret);
    let body = Serializer::new(String::new())
        .append_pair("app_key", &channel.app_key)
        .append_pair("timestamp", &timestamp)
        .append_pair("sign", &sign)
        .finish();
    form(channel.token_url.as_str(), body)
}

/// Lower-case hexadecimal SHA-256 of the three, one behind the other.
fn sign(app_key: &str, timestamp: &str, master_secret: &str) -> String {
    hex(&Sha256::digest(format!(
        "{app_key}{timestamp}{master_secret}"
    )))
}

/// The grant in an answer, or what OPPO said instead.
pub(crate) fn grant(response: &HttpResponse, now: Timestamp) -> Result<Grant, Verdict> {
    let answer = Answer::read(response, now);
    if !answer.is_success() {
        let rule = reason::judge_grant(answer.status(), answer.refusal());
        return Err(answer.verdict(&rule));
    }
    let data = answer.data();
    let token = data["auth_token"]
        .as_str()
        .filter(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()))
        .ok_or_else(|| NO_TOKEN.verdict("", response, now))?;
    // OPPO's clock may differ a little from ours, and a time beyond reason says nothing.
    let created = data["create_time"]
        .as_u64()
        .map(Timestamp)
        .filter(|created| *created <= now && created.plus_seconds(LIFE) > now)
        .unwrap_or(now);
    let age = now.seconds_after(created);
    let refresh = REFRESH.max(age.saturating_add(PAUSE)).min(LIFE);
    Ok(Grant::new(token, created, LIFE).refresh_after(refresh))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_vendors_recipe() {
        assert_eq!(
            sign("ak123", "1767000000000", "ms456"),
            "3fe64a08f7b29ffd22277d8d470c13380b7e286daff3ef4ac7b675434eddec0d"
        );
    }
}
