//! JSON Web Tokens as the two vendors take them: compact form, ES256 or RS256, nothing else.
//! In: the text. Out: its parts, and whether a public key signed it. Knows no clock.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A token taken apart, not yet believed.
#[derive(Debug)]
pub(crate) struct Jwt<'a> {
    pub(crate) header: Header,
    pub(crate) claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

/// The header fields that matter here; others are ignored, as both vendors do.
#[derive(Debug, Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    #[serde(default)]
    pub(crate) kid: Option<String>,
    #[serde(default)]
    pub(crate) typ: Option<String>,
}

impl<'a> Jwt<'a> {
    pub(crate) fn parse(text: &'a str) -> Option<Jwt<'a>> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        if claims.contains('.') {
            return None;
        }
        Some(Jwt {
            header: serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?,
            claims: serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// A claim that is a string.
    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// A claim that is a number of seconds; a fraction is cut off.
    pub(crate) fn seconds(&self, claim: &str) -> Option<i64> {
        let value = self.claims.get(claim)?;
        value
            .as_i64()
            .or_else(|| value.as_f64().map(|seconds| seconds as i64))
    }

    /// RFC 7518 3.4: the signature is R and S, 32 bytes each. The DER that OpenSSL makes is refused.
    pub(crate) fn is_signed_es256(&self, key: &p256::ecdsa::VerifyingKey) -> bool {
        self.header.alg == "ES256"
            && p256::ecdsa::Signature::from_slice(&self.signature)
                .is_ok_and(|signature| key.verify(self.signed.as_bytes(), &signature).is_ok())
    }

    pub(crate) fn is_signed_rs256(
        &self,
        key: &rsa::pkcs1v15::VerifyingKey<rsa::sha2::Sha256>,
    ) -> bool {
        self.header.alg == "RS256"
            && rsa::pkcs1v15::Signature::try_from(self.signature.as_slice())
                .is_ok_and(|signature| key.verify(self.signed.as_bytes(), &signature).is_ok())
    }
}
