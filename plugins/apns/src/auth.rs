//! Provider tokens: the ES256 JWT that proves a request to be the developer's.
//!
//! In: a `.p8` file with its ids, and the time. Out: a grant. Signatures are
//! deterministic (RFC 6979), so no random source is needed.
//! After "Establishing a token-based connection to APNs".

use nudged_driver_kit::jwt;
use nudged_driver_kit::keyfile::{self, Algorithm, Instead};
use nudged_plugin_api::{Grant, Timestamp};
use p256::SecretKey;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey as _;
use serde::Serialize;

/// APNs takes a token for an hour from its `iat`; later it is an `ExpiredProviderToken`.
const LIFE_SECONDS: u64 = 60 * 60;
/// Late enough to sign rarely, early enough that no request is caught by the hour's end.
const REFRESH_SECONDS: u64 = 50 * 60;
/// More than one new token in 20 minutes is a `TooManyProviderTokenUpdates`.
const HOLD_SECONDS: u64 = 20 * 60;

/// An APNs authentication key with the names that Apple knows it by.
pub(crate) struct ProviderKey {
    key: SigningKey,
    key_id: String,
    team_id: String,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    kid: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    iat: u64,
}

impl ProviderKey {
    /// `key_id` and `team_id` are of letters and digits.
    pub(crate) fn new(key: SigningKey, key_id: &str, team_id: &str) -> Self {
        Self {
            key,
            key_id: key_id.to_owned(),
            team_id: team_id.to_owned(),
        }
    }

    /// A token made at `now`.
    pub(crate) fn sign(&self, now: Timestamp) -> Grant {
        let header = Header {
            alg: "ES256",
            kid: &self.key_id,
        };
        let claims = Claims {
            iss: &self.team_id,
            iat: now.seconds(),
        };
        let token = jwt::signed(&header, &claims, |text| {
            // JOSE wants R and S side by side, 64 bytes, not the DER that OpenSSL makes.
            let signature: Signature = self.key.sign(text);
            signature.to_bytes()
        });
        // The hour counts from `iat`, which is in whole seconds.
        let issued = Timestamp::from_seconds(now.seconds());
        Grant::new(token, issued, LIFE_SECONDS)
            .refresh_after(REFRESH_SECONDS)
            .not_again_for(HOLD_SECONDS)
    }

    /// Team, key id, and the start of the public key's x coordinate: a replaced key is
    /// another account even where the ids were left as they were.
    pub(crate) fn scope(&self) -> String {
        let point = self.key.verifying_key().to_encoded_point(true);
        let mut scope = format!("{}/{}/", self.team_id, self.key_id);
        // The first byte of a compressed point only tells the sign of y.
        for byte in point.as_bytes().iter().skip(1).take(8) {
            scope.push_str(&format!("{byte:02x}"));
        }
        scope
    }
}

/// Reads a `.p8` file: PKCS#8 in PEM with a P-256 key. Says what it seems to be instead.
pub(crate) fn read_p8(contents: &[u8]) -> Result<SigningKey, String> {
    let der = keyfile::pkcs8(contents).map_err(|instead| match instead {
        Instead::Certificate => {
            "it seems to be a certificate; those go in `certificate`".to_owned()
        }
        instead => format!("it seems to be {instead}"),
    })?;
    match (SecretKey::from_pkcs8_der(&der), keyfile::algorithm(&der)) {
        (Ok(key), _) => Ok(key.into()),
        (Err(_), Algorithm::P256) => Err("it seems to be a damaged P-256 key".to_owned()),
        (Err(_), other) => Err(format!("it seems to be {other}")),
    }
}
