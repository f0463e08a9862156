//! Signatures without chance, PS256.
//!
//! In: a private key and a text. Out: the same signature every time.
//!
//! PS256 is RSASSA-PSS with SHA-256, MGF1 over SHA-256 and a salt of 32 bytes. A driver has
//! no random source, and the same input must give the same bytes, so the salt comes from a
//! ChaCha20 stream seeded with SHA-256 over the private key and the text to be signed. That
//! is as good as a random salt: who does not have the key cannot tell the seed from chance,
//! and two texts never share one. (RFC 6979 does the same for ECDSA. PSS is more forgiving:
//! a salt that is known or used twice gives away neither the key nor a second signature.)
//! The same stream blinds the private-key operation against timing, which is why this driver may
//! go on with the crate `rsa` (RUSTSEC-2023-0071): *ring* takes the salt from the system's own
//! chance and no other, so two signatures over one text would differ.

use std::fmt;

use nudged_driver_kit::text::hex;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use rsa::RsaPrivateKey;
use rsa::pss::{BlindedSigningKey, Signature};
use rsa::sha2::{Digest, Sha256};
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};

/// A key that signs without chance.
pub(crate) struct Signer {
    key: BlindedSigningKey<Sha256>,
    /// SHA-256 over the private key, from which every seed is made.
    secret: [u8; 32],
}

/// Never shows the key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// A signer, unless the key's parts do not belong together.
    pub fn new(key: RsaPrivateKey) -> Option<Self> {
        let secret = Sha256::new()
            .chain_update(b"nudged-harmony PSS salt key\0")
            .chain_update(key.n().to_bytes_be())
            .chain_update(key.d().to_bytes_be())
            .finalize()
            .into();
        let signer = Self {
            // The salt is as long as the digest, 32 bytes.
            key: BlindedSigningKey::new(key),
            secret,
        };
        signer.try_sign(b"").map(|_| signer)
    }

    /// The public key in eight digits.
    pub fn fingerprint(&self) -> String {
        hex(&Sha256::digest(self.key.as_ref().n().to_bytes_be())[..4])
    }

    pub fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.try_sign(text)
            .expect("the key signed when it was read")
    }

    fn try_sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        let seed: [u8; 32] = Sha256::new()
            .chain_update(self.secret)
            .chain_update(text)
            .finalize()
            .into();
        let mut salt = ChaCha20Rng::from_seed(seed);
        let signature: Signature = self.key.try_sign_with_rng(&mut salt, text).ok()?;
        Some(signature.to_vec())
    }
}
