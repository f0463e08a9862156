//! RS256: RSASSA-PKCS1-v1_5 with SHA-256.
//!
//! In: an RSA key in PKCS#8. Out: signatures, the same for the same text. The signer is
//! *ring*'s, whose private-key operations take the same time whatever the key.

use std::fmt;

use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

/// An account's key.
pub(crate) struct Signer(RsaKeyPair);

/// Never shows the key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// A signer, or what is wrong with the key, to be shown after the key file's name.
    pub(crate) fn new(pkcs8: &[u8]) -> Result<Self, String> {
        let key = RsaKeyPair::from_pkcs8(pkcs8).map_err(|rejected| {
            let why = match rejected.to_string().as_str() {
                "TooSmall" => "is shorter than 2048 bits",
                "TooLarge" => "is longer than 4096 bits",
                "InconsistentComponents" => "has parts that do not belong together",
                _ => "is damaged, or of a kind that nobody makes",
            };
            format!("has a private_key that {why}, expected an RSA key of 2048 bits")
        })?;
        let signer = Self(key);
        match signer.try_sign(b"") {
            Some(_) => Ok(signer),
            None => Err(
                "has a private_key that cannot sign: its parts do not belong together".to_owned(),
            ),
        }
    }

    /// The public key in eight digits.
    pub(crate) fn fingerprint(&self) -> String {
        let digest = digest(&SHA256, self.0.public().as_ref());
        let start = digest.as_ref().iter().take(4);
        start.map(|byte| format!("{byte:02x}")).collect()
    }

    /// The signature of a text.
    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.try_sign(text)
            .expect("the key signed when it was read")
    }

    fn try_sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        // The source of chance is for other paddings; this one asks nothing of it.
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                text,
                &mut signature,
            )
            .ok()?;
        Some(signature)
    }
}
