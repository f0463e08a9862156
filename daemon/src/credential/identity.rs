//! A TLS client certificate with its key.
//!
//! In: a PEM or PKCS#12 file's contents. Out: the chain, leaf first, and the key, which was
//! found to be the leaf's; both valid now. Refuses to know what the vendor makes of it.

use std::fmt;

use nudged_plugin_api::Timestamp;
use rustls::crypto::ring::sign::any_supported_type;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::{FromDer, X509CertificationRequest};
use x509_parser::time::ASN1Time;
use zeroize::Zeroize;

use super::error::{CredentialError, Found};
use super::{pem, pkcs12};

/// Who we are to a vendor.
pub struct ClientIdentity {
    /// Certificates, the client's own first.
    pub chain: Vec<CertificateDer<'static>>,
    /// When the first one expires.
    pub expires_at: Timestamp,
    /// Subject of the first one, for people.
    pub subject: String,
    key: PrivateKeyDer<'static>,
}

impl ClientIdentity {
    /// A copy of the private key.
    pub fn key(&self) -> PrivateKeyDer<'static> {
        self.key.clone_key()
    }

    /// The client's own certificate.
    pub fn leaf(&self) -> &CertificateDer<'static> {
        self.chain.first().expect("an identity has a certificate")
    }
}

impl Drop for ClientIdentity {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl Clone for ClientIdentity {
    fn clone(&self) -> Self {
        Self {
            chain: self.chain.clone(),
            expires_at: self.expires_at,
            subject: self.subject.clone(),
            key: self.key(),
        }
    }
}

/// Never shows the key.
impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIdentity")
            .field("subject", &self.subject)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Reads a client certificate. `name` is the file's, for messages.
pub fn client_identity(
    name: &str,
    contents: &[u8],
    password: Option<&str>,
    now: Timestamp,
) -> Result<ClientIdentity, CredentialError> {
    let (certificates, keys) = read(name, contents, password)?;
    let owned = || name.to_owned();
    let key = match <[PrivateKeyDer<'static>; 1]>::try_from(keys) {
        Ok([key]) => key,
        Err(keys) if keys.is_empty() => {
            let found = Found::Certificate;
            return Err(CredentialError::NoKey {
                name: owned(),
                found,
            });
        }
        Err(keys) => {
            let count = keys.len();
            return Err(CredentialError::SeveralKeys {
                name: owned(),
                count,
            });
        }
    };
    let chain = leaf_first(name, certificates, &key)?;
    let leaf = parse(name, &chain[0])?;
    let (from, until) = (leaf.validity().not_before, leaf.validity().not_after);
    if from.timestamp() > seconds(now) {
        return Err(CredentialError::NotYetValid {
            name: owned(),
            from: shown(from),
        });
    }
    if until.timestamp() <= seconds(now) {
        return Err(CredentialError::Expired {
            name: owned(),
            on: shown(until),
        });
    }
    let expires_at = Timestamp::from_seconds(u64::try_from(until.timestamp()).unwrap_or(0));
    let subject = leaf.subject().to_string();
    Ok(ClientIdentity {
        chain,
        expires_at,
        subject,
        key,
    })
}

type Read = (Vec<CertificateDer<'static>>, Vec<PrivateKeyDer<'static>>);

fn read(name: &str, contents: &[u8], password: Option<&str>) -> Result<Read, CredentialError> {
    let owned = || name.to_owned();
    if contents.is_empty() {
        return Err(CredentialError::Empty { name: owned() });
    }
    let (certificates, keys, found) = if pem::is_pem(contents) {
        let parts = pem::read(name, contents)?;
        let found = parts.found();
        if parts.keys.is_empty() && parts.has_encrypted_key() {
            return Err(CredentialError::EncryptedKey { name: owned() });
        }
        (parts.certificates, parts.keys, found)
    } else if pkcs12::is_pkcs12(contents) {
        let parts = pkcs12::read(name, contents, password)?;
        (parts.certificates, parts.keys, Found::Key)
    } else {
        let found = recognise(contents);
        return Err(CredentialError::Unreadable {
            name: owned(),
            found,
        });
    };
    if certificates.is_empty() {
        return Err(CredentialError::NoCertificate {
            name: owned(),
            found,
        });
    }
    Ok((certificates, keys))
}

/// Puts the key's certificate first and keeps the others in their order.
fn leaf_first(
    name: &str,
    mut certificates: Vec<CertificateDer<'static>>,
    key: &PrivateKeyDer<'static>,
) -> Result<Vec<CertificateDer<'static>>, CredentialError> {
    let owned = || name.to_owned();
    let signer =
        any_supported_type(key).map_err(|_| CredentialError::UnsupportedKey { name: owned() })?;
    let public = signer
        .public_key()
        .ok_or_else(|| CredentialError::UnsupportedKey { name: owned() })?;
    for at in 0..certificates.len() {
        let parsed = parse(name, &certificates[at])?;
        if parsed.public_key().raw == public.as_ref() {
            certificates[..=at].rotate_right(1);
            return Ok(certificates);
        }
    }
    Err(CredentialError::Mismatch { name: owned() })
}

/// Parses one certificate.
pub fn parse<'a>(
    name: &str,
    certificate: &'a CertificateDer<'static>,
) -> Result<X509Certificate<'a>, CredentialError> {
    match X509Certificate::from_der(certificate) {
        Ok(([], parsed)) => Ok(parsed),
        _ => Err(CredentialError::BrokenCertificate {
            name: name.to_owned(),
        }),
    }
}

fn recognise(contents: &[u8]) -> Found {
    if X509Certificate::from_der(contents).is_ok() {
        return Found::DerCertificate;
    }
    if X509CertificationRequest::from_der(contents).is_ok() {
        return Found::SigningRequest;
    }
    if PrivateKeyDer::try_from(contents).is_ok() {
        return Found::DerKey;
    }
    if x509_parser::x509::SubjectPublicKeyInfo::from_der(contents).is_ok() {
        return Found::PublicKey;
    }
    match std::str::from_utf8(contents) {
        Ok(_) => Found::Text,
        Err(_) => Found::Unknown,
    }
}

fn seconds(at: Timestamp) -> i64 {
    i64::try_from(at.seconds()).unwrap_or(i64::MAX)
}

fn shown(time: ASN1Time) -> String {
    time.to_rfc2822().unwrap_or_else(|_| time.to_string())
}
