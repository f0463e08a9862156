//! PEM files: certificates and keys among the blocks.
//!
//! In: the contents of a file, however it was saved. Out: its certificates and keys, and a
//! note of what else it held. Refuses to know whether they belong together.

use std::borrow::Cow;

use nudged_driver_kit::keyfile::{self, Block, Broken, Label};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::error::{CredentialError, FileKind};

/// What a PEM file held, in its order.
#[derive(Default)]
pub struct PemContents {
    pub certificates: Vec<CertificateDer<'static>>,
    pub keys: Vec<PrivateKeyDer<'static>>,
    encrypted: bool,
    other: Option<FileKind>,
}

impl PemContents {
    /// What it mainly is, for messages about what is missing.
    pub fn found(&self) -> FileKind {
        if !self.certificates.is_empty() {
            return FileKind::Certificate;
        }
        if !self.keys.is_empty() || self.encrypted {
            return FileKind::Key;
        }
        self.other.unwrap_or(FileKind::Text)
    }

    /// Whether a key is behind a password.
    pub fn has_encrypted_key(&self) -> bool {
        self.encrypted
    }

    fn add(&mut self, Block { label, der, .. }: Block) {
        match label {
            Label::Certificate => self.certificates.push(der.into()),
            Label::TrustedCertificate => self.certificates.push(alone(der).into()),
            Label::PrivateKey => self.keys.push(PrivatePkcs8KeyDer::from(der).into()),
            Label::RsaPrivateKey => self.keys.push(PrivatePkcs1KeyDer::from(der).into()),
            Label::EcPrivateKey => self.keys.push(PrivateSec1KeyDer::from(der).into()),
            Label::EncryptedPrivateKey => self.encrypted = true,
            Label::Request => self.other = Some(FileKind::SigningRequest),
            Label::PublicKey => self.other = Some(FileKind::PublicKey),
            Label::EcParameters => {}
            _ => self.other = self.other.or(Some(FileKind::OtherPem)),
        }
    }
}

/// The certificate, without what OpenSSL says of its uses behind it.
fn alone(mut der: Vec<u8>) -> Vec<u8> {
    let rest = X509Certificate::from_der(&der).map_or(0, |(rest, _)| rest.len());
    der.truncate(der.len() - rest);
    der
}

/// Whether there is a PEM block at all.
pub fn is_pem(contents: &[u8]) -> bool {
    keyfile::has_block(&text(contents))
}

/// Reads all blocks.
pub fn read(name: &str, contents: &[u8]) -> Result<PemContents, CredentialError> {
    let blocks =
        keyfile::blocks(&text(contents)).map_err(|broken: Broken| CredentialError::BrokenPem {
            name: name.to_owned(),
            broken,
        })?;
    let mut parts = PemContents::default();
    for block in blocks {
        if block.encrypted {
            parts.encrypted = true;
        } else {
            parts.add(block);
        }
    }
    Ok(parts)
}

/// Names between the blocks may be in any alphabet of the last century.
fn text(contents: &[u8]) -> Cow<'_, str> {
    keyfile::text(contents).unwrap_or_else(|| String::from_utf8_lossy(contents))
}
