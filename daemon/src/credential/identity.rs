//! A TLS client certificate with its key.
//!
//! In: a PEM or PKCS#12 file's contents. Out: the chain, leaf first, and the key, which was
//! found to be the leaf's; both valid now. A file may hold several certificates of its key:
//! renewals are exported together, and one request serves a certificate for push and one for
//! signing apps. Then there is one identity for each, and which of them is meant is for the
//! vendor's driver to say. Refuses to know what the vendor makes of it.

use std::fmt;

use nudged_driver_kit::keyfile;
use nudged_plugin_api::Timestamp;
use rustls::crypto::ring::sign::any_supported_type;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::{FromDer, X509CertificationRequest};
use x509_parser::time::ASN1Time;
use zeroize::Zeroize;

use super::error::{CredentialError, FileKind};
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

/// What a file holds, when it holds something valid.
#[derive(Debug)]
pub struct ClientIdentities {
    /// The one that expires last.
    pub first: ClientIdentity,
    /// Others of the same key that are valid, the longest first.
    pub others: Vec<ClientIdentity>,
    /// Why there are no more of them: what became of the last to expire that is not valid.
    pub outdated: Option<CredentialError>,
}

/// Reads a client certificate, or several of one key. `name` is the file's, for messages.
pub fn client_identities(
    name: &str,
    contents: &[u8],
    password: Option<&str>,
    now: Timestamp,
) -> Result<ClientIdentities, CredentialError> {
    let (certificates, keys) = read(name, contents, password)?;
    let (key, public) = only_key(name, keys)?;
    let (leaves, others) = sort(name, certificates, &public)?;
    let mut valid = Vec::with_capacity(leaves.len());
    let mut outdated = None;
    // The later one is the renewal, and its trouble the one to tell of.
    for leaf in leaves.into_iter().rev() {
        let parsed = parse(name, &leaf)?;
        if let Err(error) = check_dates(name, &parsed, now) {
            outdated.get_or_insert(error);
            continue;
        }
        let until = parsed.validity().not_after.timestamp();
        let subject = parsed.subject().to_string();
        valid.push(ClientIdentity {
            expires_at: Timestamp::from_seconds(u64::try_from(until).unwrap_or(0)),
            subject,
            chain: std::iter::once(leaf)
                .chain(others.iter().cloned())
                .collect(),
            key: key.clone_key(),
        });
    }
    let mut valid = valid.into_iter();
    match valid.next() {
        Some(first) => Ok(ClientIdentities {
            first,
            others: valid.collect(),
            outdated,
        }),
        // Without any of its own, the key belongs to none of them.
        None => Err(outdated.unwrap_or_else(|| CredentialError::Mismatch {
            name: name.to_owned(),
        })),
    }
}

fn check_dates(
    name: &str,
    leaf: &X509Certificate<'_>,
    now: Timestamp,
) -> Result<(), CredentialError> {
    let name = name.to_owned();
    let (from, until) = (leaf.validity().not_before, leaf.validity().not_after);
    if from.timestamp() > seconds(now) {
        let from = shown(from);
        return Err(CredentialError::NotYetValid { name, from });
    }
    if until.timestamp() <= seconds(now) {
        let on = shown(until);
        return Err(CredentialError::Expired { name, on });
    }
    Ok(())
}

type CertificatesAndKeys = (Vec<CertificateDer<'static>>, Vec<PrivateKeyDer<'static>>);

fn read(
    name: &str,
    contents: &[u8],
    password: Option<&str>,
) -> Result<CertificatesAndKeys, CredentialError> {
    let owned = || name.to_owned();
    if contents.is_empty() {
        return Err(CredentialError::Empty { name: owned() });
    }
    let (certificates, keys, found) = if pkcs12::is_pkcs12(contents) {
        let parts = pkcs12::read(name, contents, password)?;
        (parts.certificates, parts.keys, FileKind::Key)
    } else if pem::is_pem(contents) {
        let parts = pem::read(name, contents)?;
        let found = parts.found();
        if parts.keys.is_empty() && parts.has_encrypted_key() {
            return Err(CredentialError::EncryptedKey { name: owned() });
        }
        (parts.certificates, parts.keys, found)
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

type Key = (PrivateKeyDer<'static>, Vec<u8>);

/// The file's key with its public half. The same one twice, in whatever form, is one.
fn only_key(name: &str, keys: Vec<PrivateKeyDer<'static>>) -> Result<Key, CredentialError> {
    let name = || name.to_owned();
    let mut different: Vec<Key> = Vec::with_capacity(1);
    for key in keys {
        let unsupported = || CredentialError::UnsupportedKey { name: name() };
        let signer = any_supported_type(&key).map_err(|_| unsupported())?;
        let public = signer.public_key().ok_or_else(unsupported)?.to_vec();
        if different.iter().all(|(_, known)| *known != public) {
            different.push((key, public));
        }
    }
    let count = different.len();
    match different.pop() {
        Some(key) if count == 1 => Ok(key),
        None => Err(CredentialError::NoKey {
            name: name(),
            found: FileKind::Certificate,
        }),
        Some(_) => Err(CredentialError::SeveralKeys {
            name: name(),
            count,
        }),
    }
}

type Certificates = Vec<CertificateDer<'static>>;

/// The key's own certificates by their end, and the others, which vouch for them, in their
/// order; each once.
fn sort(
    name: &str,
    certificates: Certificates,
    public: &[u8],
) -> Result<(Certificates, Certificates), CredentialError> {
    let (mut leaves, mut others) = (Vec::new(), Certificates::new());
    for certificate in certificates {
        let parsed = parse(name, &certificate)?;
        if parsed.public_key().raw == public {
            leaves.push((parsed.validity().not_after.timestamp(), certificate));
        } else {
            others.push(certificate);
        }
    }
    leaves.sort_by_key(|(until, _)| *until);
    let leaves = leaves.into_iter().map(|(_, certificate)| certificate);
    Ok((once_each(leaves), once_each(others)))
}

fn once_each(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> Certificates {
    let mut different = Certificates::new();
    for certificate in certificates {
        if !different.contains(&certificate) {
            different.push(certificate);
        }
    }
    different
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

fn recognise(contents: &[u8]) -> FileKind {
    if let Some(found) = recognise_der(contents) {
        return found;
    }
    match keyfile::text(contents) {
        Some(text) if is_base64(&text) => FileKind::Base64,
        Some(_) => FileKind::Text,
        None => FileKind::Unknown,
    }
}

fn recognise_der(contents: &[u8]) -> Option<FileKind> {
    if X509Certificate::from_der(contents).is_ok() {
        return Some(FileKind::DerCertificate);
    }
    if X509CertificationRequest::from_der(contents).is_ok() {
        return Some(FileKind::SigningRequest);
    }
    if PrivateKeyDer::try_from(contents).is_ok() {
        return Some(FileKind::DerKey);
    }
    let public = x509_parser::x509::SubjectPublicKeyInfo::from_der(contents);
    public.is_ok().then_some(FileKind::PublicKey)
}

/// Whether it hides a file that would say more.
fn is_base64(text: &str) -> bool {
    let inside = keyfile::from_base64(text).unwrap_or_default();
    pkcs12::is_pkcs12(&inside) || pem::is_pem(&inside) || recognise_der(&inside).is_some()
}

fn seconds(at: Timestamp) -> i64 {
    i64::try_from(at.seconds()).unwrap_or(i64::MAX)
}

fn shown(time: ASN1Time) -> String {
    time.to_rfc2822().unwrap_or_else(|_| time.to_string())
}
