//! Provider tokens: the ES256 JWT that proves a request to be the developer's.
//!
//! In: a `.p8` file with its ids, and the time. Out: a grant. Signatures are
//! deterministic (RFC 6979), so no random source is needed.
//! After "Establishing a token-based connection to APNs".

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use nudged_plugin_api::{Grant, Timestamp};
use p256::SecretKey;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey as _;

/// APNs takes a token for an hour from its `iat`; later it is an `ExpiredProviderToken`.
const LIFE_SECONDS: u64 = 60 * 60;
/// Late enough to sign rarely, early enough that no request is caught by the hour's end.
const REFRESH_SECONDS: u64 = 50 * 60;
/// More than one new token in 20 minutes is a `TooManyProviderTokenUpdates`.
const HOLD_SECONDS: u64 = 20 * 60;

/// An APNs authentication key with the names that Apple knows it by.
pub struct ProviderKey {
    key: SigningKey,
    key_id: String,
    team_id: String,
    /// The JWT's first part with its dot: the same in every token.
    header: String,
}

impl ProviderKey {
    /// `key_id` and `team_id` are of letters and digits.
    pub fn new(key: SigningKey, key_id: &str, team_id: &str) -> Self {
        let header = format!(r#"{{"alg":"ES256","kid":"{key_id}"}}"#);
        Self {
            key,
            key_id: key_id.to_owned(),
            team_id: team_id.to_owned(),
            header: URL_SAFE_NO_PAD.encode(header) + ".",
        }
    }

    /// A token made at `now`.
    pub fn sign(&self, now: Timestamp) -> Grant {
        let claims = format!(r#"{{"iss":"{}","iat":{}}}"#, self.team_id, now.seconds());
        let mut token = self.header.clone();
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        // JOSE wants R and S side by side, 64 bytes, not the DER that OpenSSL makes.
        let signature: Signature = self.key.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.to_bytes(), &mut token);
        // The hour counts from `iat`, which is in whole seconds.
        let issued = Timestamp::from_seconds(now.seconds());
        Grant::new(token, issued, LIFE_SECONDS)
            .refresh_after(REFRESH_SECONDS)
            .not_again_for(HOLD_SECONDS)
    }

    /// Team, key id, and the start of the public key's x coordinate: a replaced key is
    /// another account even where the ids were left as they were.
    pub fn scope(&self) -> String {
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
pub fn read_p8(contents: &[u8]) -> Result<SigningKey, String> {
    let text = match std::str::from_utf8(contents) {
        Ok(text) if !text.trim().is_empty() => text,
        Ok(_) => return Err("the file is empty".to_owned()),
        Err(_) if contents.first() == Some(&DER_SEQUENCE) => {
            return Err("it seems to be binary: DER, or a PKCS#12 file".to_owned());
        }
        Err(_) => return Err("it is not a text file".to_owned()),
    };
    let Some((label, body)) = pem(text) else {
        return Err(no_pem(text));
    };
    if label != "PRIVATE KEY" {
        return Err(other_label(label));
    }
    // Files that went through forms and mails lose their line breaks; they mean nothing.
    let body: String = body.split_ascii_whitespace().collect();
    let der = STANDARD
        .decode(body)
        .map_err(|_| "the text between its BEGIN and END lines is damaged".to_owned())?;
    SecretKey::from_pkcs8_der(&der)
        .map(SigningKey::from)
        .map_err(|_| other_key(&der))
}

const DER_SEQUENCE: u8 = 0x30;

fn pem(text: &str) -> Option<(&str, &str)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    Some((label, body))
}

fn no_pem(text: &str) -> String {
    let text = text.trim_start();
    match text.as_bytes().first() {
        Some(b'{') => "it seems to be a JSON file, such as another vendor's service account",
        Some(b'/' | b'.') if text.lines().count() == 1 => "it holds the name of a file, not a key",
        Some(&DER_SEQUENCE) if text.contains('\u{2}') => "it seems to be binary: DER",
        _ => "it has no line `-----BEGIN PRIVATE KEY-----`, or no END line",
    }
    .to_owned()
}

fn other_label(label: &str) -> String {
    match label {
        "CERTIFICATE" => "it seems to be a certificate; those go in `certificate`".to_owned(),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
            "it seems to be a certificate signing request".to_owned()
        }
        "PUBLIC KEY" | "RSA PUBLIC KEY" => "it seems to be a public key".to_owned(),
        "RSA PRIVATE KEY" => "it seems to be an RSA key".to_owned(),
        "EC PRIVATE KEY" => {
            "it seems to be an EC key in SEC1 form, not the PKCS#8 of Apple's download".to_owned()
        }
        "ENCRYPTED PRIVATE KEY" => "it seems to be encrypted with a password".to_owned(),
        "OPENSSH PRIVATE KEY" => "it seems to be an OpenSSH key".to_owned(),
        _ => "it holds something other than a private key".to_owned(),
    }
}

/// Names the algorithm of a PKCS#8 key by the object identifier that stands in it.
fn other_key(der: &[u8]) -> String {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
    // The algorithm stands within the first bytes; further on is key material.
    let start = &der[..der.len().min(40)];
    let has = |oid: &[u8]| start.windows(oid.len()).any(|window| window == oid);
    if has(RSA) {
        "it seems to be an RSA key"
    } else if has(P256) {
        "it seems to be a damaged P-256 key"
    } else if has(EC) {
        "it seems to be an EC key on a curve other than P-256"
    } else if has(ED25519) {
        "it seems to be an Ed25519 key"
    } else {
        "the key inside is of an unknown kind or damaged"
    }
    .to_owned()
}

#[cfg(test)]
mod tests;
